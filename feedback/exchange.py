"""Topics offered and taken up: what flows in which direction."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.errors import DomainError
from feedback.models import TopicOffer
from matching.models import Member, Mentorship
from notices.outbox import post
from participants.models import Expertise, Person

COURSE = Prefetch("topic_offers", TopicOffer.objects.with_people())
"""What `sides` reads, to be prefetched where several mentorships are shown."""
OPEN_AT_ONCE = 10


@transaction.atomic
def offer(
    *,
    mentorship: Mentorship,
    member: Member,
    title: str,
    note: str = "",
    request_key: UUID | None = None,
    at: datetime | None = None,
) -> TopicOffer:
    """Offer a topic to the others, who are told. Sent twice with one `request_key` it is stored once."""
    at = at or timezone.now()
    locked = Mentorship.objects.select_for_update().get(pk=mentorship.pk)
    sent = TopicOffer.objects.filter(request_key=request_key).first() if request_key else None
    if sent:
        return sent
    if member.mentorship_id != locked.pk:
        raise DomainError(_("Topics are offered within a mentorship, by its members."))
    if not locked.is_live:
        raise DomainError(_("This mentorship is over, so nothing new is offered in it."))
    locked.refuse_while_paused()
    mine = TopicOffer.objects.filter(mentorship=locked, member=member, state=TopicOffer.State.OFFERED)
    if twin := mine.filter(title__iexact=title.strip()).first():
        return twin
    if mine.count() >= OPEN_AT_ONCE:
        raise DomainError(_("Ten topics are on offer already. Withdraw one before you add another."))
    made = TopicOffer.objects.create(
        mentorship=locked,
        member=member,
        title=title.strip(),
        note=note.strip(),
        request_key=request_key or uuid4(),
        offered_at=at,
    )
    for other in Mentorship.objects.with_members().get(pk=locked.pk).others(member.person):
        tell("topic-offered", made, other, about=member, at=at)
    return made


@transaction.atomic
def take_up(*, topic: TopicOffer, member: Member, at: datetime | None = None) -> bool:
    """Say yes to a topic that another member offers, who is told. Of two at once, one takes it up."""
    at = at or timezone.now()
    if member.mentorship_id != topic.mentorship_id or member.pk == topic.member_id:
        raise DomainError(_("A topic is taken up by another member of the mentorship."))
    if not topic.mentorship.is_live:
        raise DomainError(_("This mentorship is over."))
    topic.mentorship.refuse_while_paused()
    taken = topic.move_to(TopicOffer.State.TAKEN_UP, taken_up_by=member, taken_up_at=at)
    if taken:
        tell("topic-taken-up", topic, topic.member, about=member, at=at)
    return taken


def withdraw(*, topic: TopicOffer, member: Member) -> bool:
    if member.pk != topic.member_id:
        raise DomainError(_("Only whoever offered a topic can withdraw it."))
    return topic.move_to(TopicOffer.State.WITHDRAWN)


def tell(kind: str, topic: TopicOffer, to: Member, *, about: Member, at: datetime) -> None:
    post(
        kind,
        to=to.person,
        key=f"{kind}:{topic.pk}:{to.pk}",
        context={"topic": topic, "name": about.person.first_name},
        url=reverse("feedback:exchange", args=[topic.mentorship.uuid]),
        at=at,
    )


@dataclass(frozen=True)
class Side:
    """What one member offers, from what is not withdrawn."""

    member: Member
    name: str
    is_mine: bool
    offered: list[TopicOffer]
    taken_up: list[TopicOffer]


def sides(mentorship: Mentorship, person: Person) -> list[Side]:
    """Everybody's, the reader's own first. No query where the members and `COURSE` are prefetched."""
    topics = list(mentorship.topic_offers.all())

    def side(member: Member, name: str) -> Side:
        own = [one for one in topics if one.member_id == member.pk]
        return Side(
            member,
            name,
            member.enrolment.person_id == person.pk,
            [one for one in own if one.state == TopicOffer.State.OFFERED],
            [one for one in own if one.state == TopicOffer.State.TAKEN_UP],
        )

    others = [side(one, one.person.first_name) for one in mentorship.others(person)]
    return [side(mentorship.membership_of(person), _("You")), *others]


def suggestions(person: Person, topics: Iterable[TopicOffer]) -> list[str]:
    """What the person says they know, in their profile, and has not offered here."""
    offered = {one.title.casefold() for one in topics}
    known = Expertise.objects.filter(profile__person=person).select_related("topic")
    return [name for one in known if (name := str(one.topic)).casefold() not in offered]
