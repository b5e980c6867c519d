from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid4

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.errors import DomainError
from matching.models import Member, Mentorship
from meetings import files
from meetings.actions.base import lock, lock_going, refuse_if_cancelled
from meetings.models import Confirmation, Meeting, MeetingLog, NextStep, PrivateNote, Resource


@transaction.atomic
def answer(*, meeting: Meeting, member: Member, answer: str, at: datetime | None = None) -> Confirmation:
    """Say whether the meeting took place, or otherwise than before: the last word of each member counts."""
    at = at or timezone.now()
    meeting = lock(meeting)
    refuse_if_cancelled(meeting)
    if meeting.starts_at > at:
        raise DomainError(_("This meeting has not begun yet. You can answer once it has."))
    given, created = Confirmation.objects.get_or_create(
        meeting=meeting, member=member, defaults={"answer": answer, "answered_at": at}
    )
    if not created and given.answer != answer:
        given.answer, given.answered_at = answer, at
        given.save(update_fields=["answer", "answered_at"])
    return given


@transaction.atomic
def record_log(
    *,
    meeting: Meeting,
    member: Member,
    topics: str = "",
    progress: str = "",
    challenges: str = "",
    successes: str = "",
    next_steps: Iterable[str] = (),
    private_note: str = "",
    at: datetime | None = None,
) -> MeetingLog:
    """Write the member's account of a meeting, which also says that it took place. Sent again, it replaces
    what the same member wrote before."""
    at = at or timezone.now()
    meeting = lock(meeting)
    if meeting.starts_at > at:
        raise DomainError(_("This meeting has not begun yet. You can write the log once it has."))
    answer(meeting=meeting, member=member, answer=Confirmation.Answer.YES, at=at)
    texts = {"topics": topics, "progress": progress, "challenges": challenges, "successes": successes}
    log, _created = MeetingLog.objects.update_or_create(
        meeting=meeting,
        member=member,
        defaults={**texts, "updated_at": at},
        create_defaults={**texts, "created_at": at, "updated_at": at},
    )
    record_next_steps(meeting, member, next_steps, at)
    record_private_note(meeting, member, private_note, at)
    return log


def record_next_steps(meeting: Meeting, member: Member, texts: Iterable[str], at: datetime) -> None:
    """Make the member's open steps those in `texts`; steps that are done stay."""
    wanted = dict.fromkeys(text.strip()[:300] for text in texts if text.strip())
    own = NextStep.objects.filter(meeting=meeting, member=member)
    own.filter(done_at=None).exclude(text__in=wanted).delete()
    kept = set(own.values_list("text", flat=True))
    NextStep.objects.bulk_create(
        NextStep(meeting=meeting, member=member, text=text, created_at=at)
        for text in wanted
        if text not in kept
    )


def record_private_note(meeting: Meeting, member: Member, text: str, at: datetime) -> None:
    notes = PrivateNote.objects.filter(meeting=meeting, member=member)
    if text.strip():
        notes.update_or_create(meeting=meeting, member=member, defaults={"text": text, "updated_at": at})
    else:
        notes.delete()


def tick(*, step: NextStep, done: bool, at: datetime | None = None) -> bool:
    """Mark a next step as done, or as open again. False where it was so already."""
    return bool(
        NextStep.objects.filter(pk=step.pk, done_at__isnull=done).update(
            done_at=(at or timezone.now()) if done else None
        )
    )


@transaction.atomic
def share(
    *,
    mentorship: Mentorship,
    member: Member,
    title: str,
    link: str = "",
    file: UploadedFile | None = None,
    meeting: Meeting | None = None,
    request_key: UUID | None = None,
    at: datetime | None = None,
) -> Resource:
    """Share a link or a file with the other members, once per `request_key`."""
    at = at or timezone.now()
    mentorship = lock_going(mentorship)
    request_key = request_key or uuid4()
    if shared := mentorship.resources.filter(uuid=request_key).first():
        return shared
    if bool(link) == bool(file):
        raise DomainError(_("Share either a link or a file."), field="link")
    if file:
        files.check(file)
    return Resource.objects.create(
        uuid=request_key,
        mentorship=mentorship,
        meeting=meeting,
        member=member,
        title=title,
        link=link,
        file=file or "",
        shared_at=at,
    )
