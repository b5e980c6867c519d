"""Confiding in somebody outside the reporting line. No notice says what was written, or by whom."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from concerns.models import Concern, ConcernMessage, Reader
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
    """Store it encrypted, for the confidants of today and no later ones, and tell each that something waits.

    Raises DomainError where nobody may read it: a concern must not be written into the void.
    """
    at = at or timezone.now()
    confidants = confidants_for(mentorship)
    if not confidants:
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
            "waits_since": at,
        },
    )
    if created:
        Reader.objects.bulk_create(
            [Reader(concern=concern, person=confidant, since=at) for confidant in confidants]
        )
        for confidant in confidants:
            post(
                "concern-raised",
                to=confidant,
                key=f"concern-raised:{concern.pk}:{confidant.pk}",
                context={"concern": concern},
                url=url_of(concern),
                at=at,
            )
    return concern


def url_of(concern: Concern) -> str:
    return reverse("concerns:detail", args=[concern.uuid])


@transaction.atomic
def take(*, concern: Concern, by: Person, at: datetime | None = None) -> bool:
    """One reader takes it into their care; of two at once, one. Returns False where `by` had done so.

    From somebody who may not read it any more another takes it over.
    """
    at = at or timezone.now()
    hold(concern)
    readers = concern.readers_now()
    if by not in readers:
        raise DomainError(_("Only those who read it can do this."))
    if concern.state == Concern.State.SETTLED:
        raise DomainError(_("This concern is settled. Only whoever raised it can open it again."))
    if concern.state == Concern.State.IN_CARE:
        if concern.confidant_id == by.pk:
            return False
        if concern.confidant in readers:
            raise DomainError(_("Another confidant has taken this into their care already."))
        concern.move_to(Concern.State.OPEN)
    return concern.move_to(Concern.State.IN_CARE, confidant=by, taken_at=at, waits_since=None)


def hold(concern: Concern) -> None:
    """As it really stands, until the transaction ends: of two who write at once one waits for the other."""
    concern.refresh_from_db(from_queryset=Concern.objects.select_for_update())


@transaction.atomic
def reply(
    *, concern: Concern, by: Person, text: str, request_key: UUID | None = None, at: datetime | None = None
) -> ConcernMessage:
    """Write to the other side. The same `request_key` is stored once.

    A reader who answers what nobody cares for takes it into their care. An author who writes to a settled
    one opens it again, for the same readers. Raises DomainError where nobody would read it.
    """
    at = at or timezone.now()
    hold(concern)
    sent = concern.messages.filter(request_key=request_key).first() if request_key else None
    if sent:
        return sent
    readers = concern.readers_now()
    if by.pk == concern.raised_by_id:
        refuse_unread(readers)
        recipients = [reader for reader in readers if reader.pk == concern.confidant_id] or readers
    else:
        refuse_to_answer(concern, by, readers)
        recipients = [concern.raised_by]
    message = ConcernMessage.objects.create(
        concern=concern, author=by, text=text.strip(), request_key=request_key or uuid4(), written_at=at
    )
    if by.pk == concern.raised_by_id:
        wait_again(concern, readers, at)
    elif concern.state == Concern.State.OPEN or concern.confidant not in readers:
        take(concern=concern, by=by, at=at)
    else:
        Concern.objects.filter(pk=concern.pk).update(waits_since=None)
    for recipient in recipients:
        post(
            "concern-answered",
            to=recipient,
            key=f"concern-answered:{message.pk}:{recipient.pk}",
            context={"for_confidant": recipient.pk != concern.raised_by_id},
            url=url_of(concern),
            at=at,
        )
    return message


def refuse_unread(readers: list[Person]) -> None:
    if not readers:
        raise DomainError(
            _("Nobody can read this at the moment. Choose a confidant who should read it first.")
        )


def refuse_to_answer(concern: Concern, by: Person, readers: list[Person]) -> None:
    if by not in readers:
        raise DomainError(_("Only those who read it can do this."))
    if concern.raised_by.erased_at:
        raise DomainError(_("Whoever wrote this was erased at their own wish. Nobody is left to answer."))
    if concern.state == Concern.State.SETTLED:
        raise DomainError(_("This concern is settled. Only whoever raised it can open it again."))


def wait_again(concern: Concern, readers: list[Person], at: datetime) -> None:
    """Its author has written: somebody owes an answer since then, or since before."""
    if concern.state != Concern.State.SETTLED:
        Concern.objects.filter(pk=concern.pk, waits_since=None).update(waits_since=at)
    elif concern.confidant in readers:
        concern.move_to(Concern.State.IN_CARE, settled_at=None, waits_since=at)
    else:
        concern.move_to(Concern.State.OPEN, confidant=None, taken_at=None, settled_at=None, waits_since=at)


@transaction.atomic
def settle(*, concern: Concern, by: Person, at: datetime | None = None) -> bool:
    """Whoever raised it and who reads it may say that it is settled; where a reader does, its author is told.
    Returns False if it was already."""
    at = at or timezone.now()
    if not concern.move_to(Concern.State.SETTLED, settled_at=at, waits_since=None):
        return False
    if by.pk != concern.raised_by_id and not concern.raised_by.erased_at:
        post(
            "concern-settled",
            to=concern.raised_by,
            key=f"concern-settled:{concern.pk}:{at.isoformat()}",
            context={"reader": by.name},
            url=url_of(concern),
            at=at,
        )
    return True


def successors(concern: Concern, readers: Collection[Person]) -> list[Person]:
    """To whom it could be handed over: confidants of today who are not among its readers of now."""
    if concern.mentorship is None or concern.raised_by.erased_at:
        return []
    return [confidant for confidant in confidants_for(concern.mentorship) if confidant not in readers]


@transaction.atomic
def hand_over(*, concern: Concern, by: Person, to: Person, at: datetime | None = None) -> bool:
    """Let another confidant read it, too. Its author may, and whoever reads it; no staff, no later confidant.

    The author is told by name. One that was in the care of `by`, or of nobody who may read it, waits for
    somebody again. Returns False where `to` reads it already.
    """
    at = at or timezone.now()
    hold(concern)
    is_author = by.pk == concern.raised_by_id
    readers = concern.readers_now()
    if not is_author and (by not in readers or concern.state == Concern.State.SETTLED):
        raise DomainError(
            _("Only whoever raised it, and those who read it while it is open, can hand it over.")
        )
    if to in readers:
        return False
    if to not in successors(concern, readers):
        raise DomainError(_("%(name)s cannot listen here: choose one of the confidants.") % {"name": to.name})
    reader, _created = Reader.objects.get_or_create(
        concern=concern, person=to, defaults={"since": at, "handed_over_by": by}
    )
    if concern.state == Concern.State.IN_CARE and (
        concern.confidant_id == by.pk or concern.confidant not in readers
    ):
        concern.move_to(
            Concern.State.OPEN, confidant=None, taken_at=None, waits_since=concern.waits_since or at
        )
    post(
        "concern-handed-over",
        to=to,
        key=f"concern-handed-over:{reader.pk}",
        context={},
        url=url_of(concern),
        at=at,
    )
    if not is_author:
        post(**vars(readers_changed(concern, f"{reader.pk}", giver=by, reader=to)), at=at)
    return True


def readers_changed(
    concern: Concern, key: str, *, giver: Person | None = None, reader: Person | None = None
) -> Message:
    """To its author: who reads it from now on, or that nobody does."""
    return Message(
        "concern-readers",
        to=concern.raised_by,
        key=f"concern-readers:{concern.pk}:{key}",
        context={"giver": giver and giver.name, "reader": reader and reader.name},
        url=url_of(concern),
    )


def pause(*, concern: Concern, by: Person, at: datetime | None = None) -> Mentorship:
    """Let the mentorship rest while the concern is open. The others are told that it is paused, and no more.

    Whoever raised it may, and the confidant who cares for it, on their behalf. It goes on when whoever raised
    it says so, as any pause does for whoever asked for it.
    """
    cares = by.pk == concern.confidant_id and by in concern.readers_now()
    if by.pk != concern.raised_by_id and not cares:
        raise DomainError(_("Take this into your care first; then you can pause the mentorship."))
    if concern.state == Concern.State.SETTLED or concern.mentorship is None:
        raise DomainError(_("This concern is settled, so nothing is paused because of it."))
    return mentorships.pause(mentorship=concern.mentorship, person=concern.raised_by, by=by, at=at)
