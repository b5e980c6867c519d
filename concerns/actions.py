"""Confiding in somebody outside the reporting line. No notice says what was written, or by whom."""

from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from concerns.models import Concern, ConcernMessage
from concerns.queries import confidants_for
from domain.errors import DomainError
from matching import actions as mentorships
from matching.models import Mentorship
from notices.outbox import Message, post
from participants.models import Person


@transaction.atomic
def raise_concern(
    *,
    mentorship: Mentorship,
    by: Person,
    topic: str,
    text: str,
    urgency: str = Concern.Urgency.SOON,
    may_contact: bool = True,
    contact: str = "",
    request_key: UUID | None = None,
    at: datetime | None = None,
) -> Concern:
    """Store it encrypted and tell every confidant who may read it that something waits.

    Raises DomainError where nobody may read it: a concern must not be written into the void.
    """
    at = at or timezone.now()
    readers = confidants_for(mentorship)
    if not readers:
        raise DomainError(
            _("Nobody outside your reporting lines could read this. Please speak to HR directly.")
        )
    concern, created = Concern.objects.get_or_create(
        request_key=request_key or uuid4(),
        defaults={
            "programme": mentorship.cohort.programme,
            "mentorship": mentorship,
            "raised_by": by,
            "topic": topic,
            "urgency": urgency,
            "text": text.strip(),
            "may_contact": may_contact,
            "contact": contact.strip() or None if may_contact else None,
            "raised_at": at,
        },
    )
    if created:
        for confidant in readers:
            post(**vars(raised(concern, confidant)), at=at)
    return concern


def raised(concern: Concern, confidant: Person) -> Message:
    return Message(
        "concern-raised",
        to=confidant,
        key=f"concern-raised:{concern.pk}:{confidant.pk}",
        context={"concern": concern},
        url=reverse("concerns:detail", args=[concern.uuid]),
    )


@transaction.atomic
def take(*, concern: Concern, by: Person, at: datetime | None = None) -> bool:
    """One confidant takes it into their care; of two at once, one. Returns False where `by` had done so.

    From somebody who may not read it any more another takes it over.
    """
    at = at or timezone.now()
    taken = concern.move_to(Concern.State.IN_CARE, confidant=by, taken_at=at)
    if not taken and is_forsaken(concern):
        before = Concern.objects.filter(pk=concern.pk, confidant=concern.confidant_id)
        taken = bool(before.update(confidant=by, taken_at=at))
    if not taken:
        concern.refresh_from_db()
        if concern.confidant_id != by.pk:
            raise DomainError(_("Another confidant has taken this into their care already."))
    return taken


def is_forsaken(concern: Concern) -> bool:
    """In the care of somebody who has left, or may not read it any more."""
    if concern.state != Concern.State.IN_CARE or concern.mentorship is None:
        return False
    return concern.confidant_id not in {one.pk for one in confidants_for(concern.mentorship)}


@transaction.atomic
def reply(
    *, concern: Concern, by: Person, text: str, request_key: UUID | None = None, at: datetime | None = None
) -> ConcernMessage:
    """Write to the other side. The same `request_key` is stored once.

    A confidant who answers first takes it into their care by that. Raises DomainError once it is settled.
    """
    at = at or timezone.now()
    sent = concern.messages.filter(request_key=request_key).first() if request_key else None
    if sent:
        return sent
    if concern.state == Concern.State.SETTLED:
        raise DomainError(_("This concern is settled. If something new has happened, raise a new one."))
    message, created = ConcernMessage.objects.get_or_create(
        request_key=request_key or uuid4(),
        defaults={"concern": concern, "author": by, "text": text.strip(), "written_at": at},
    )
    cared_for = concern.state == Concern.State.IN_CARE and not is_forsaken(concern)
    if created and by.pk != concern.raised_by_id and not cared_for:
        # Whoever answers cares for it; otherwise it would go on counting as waiting.
        take(concern=concern, by=by, at=at)
    if created:
        for reader in readers_of(message):
            post(
                "concern-answered",
                to=reader,
                key=f"concern-answered:{message.pk}:{reader.pk}",
                context={"for_confidant": reader.pk != concern.raised_by_id},
                url=reverse("concerns:detail", args=[concern.uuid]),
                at=at,
            )
    return message


def readers_of(message: ConcernMessage) -> list[Person]:
    """From a confidant to whoever raised it; from them to who has it in care, or to all who could take it."""
    concern = message.concern
    if message.author_id != concern.raised_by_id:
        return [concern.raised_by]
    readable = confidants_for(concern.mentorship) if concern.mentorship else []
    in_care = [reader for reader in readable if reader.pk == concern.confidant_id]
    return in_care or readable


def settle(*, concern: Concern, by: Person, at: datetime | None = None) -> bool:
    """Whoever raised it and who cares for it may say that it is settled. Returns False if it was already."""
    return concern.move_to(Concern.State.SETTLED, settled_at=at or timezone.now())


def pause(*, concern: Concern, by: Person, at: datetime | None = None) -> Mentorship:
    """Let the mentorship rest while the concern is open. The others are told that it is paused, and no more.

    Whoever raised it may, and the confidant who cares for it, on their behalf. It goes on when whoever raised
    it says so, as any pause does for whoever asked for it.
    """
    if by.pk not in (concern.raised_by_id, concern.confidant_id):
        raise DomainError(_("Take this into your care first; then you can pause the mentorship."))
    if concern.state == Concern.State.SETTLED or concern.mentorship is None:
        raise DomainError(_("This concern is settled, so nothing is paused because of it."))
    return mentorships.pause(mentorship=concern.mentorship, person=concern.raised_by, by=by, at=at)
