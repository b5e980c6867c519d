from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.errors import DomainError
from matching.models import Member
from meetings.actions.accounts import answer
from meetings.actions.base import lock, refuse_if_cancelled
from meetings.models import Confirmation, Meeting, MeetingLog, NextStep, PrivateNote

TEXTS = ("topics", "progress", "challenges", "successes")


class OutdatedLog(DomainError):
    """The same member wrote something else meanwhile, in another tab or on another device."""


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
    revision: int | None = None,
    editor: UUID | None = None,
    edit: int = 0,
    finished: bool = True,
    at: datetime | None = None,
) -> MeetingLog:
    """Write the member's account of a meeting, which also says that it took place. It replaces what the same
    member wrote before, and sent again it changes nothing.

    `revision` is the one the writer had before them; another one in the database means that they wrote
    elsewhere meanwhile, and raises OutdatedLog. `editor` names the open page and `edit` counts what it sent
    (from 1): a page never contradicts itself, and what arrives late does not undo what came after it.
    Unless `finished`, they are still typing: what is said stays theirs for the time being, see `Draft`, and
    an answer they gave before stays.
    """
    at = at or timezone.now()
    meeting = lock(meeting)
    refuse_if_cancelled(meeting)
    if meeting.starts_at > at:
        raise DomainError(_("This meeting has not begun yet. You can write the log once it has."))
    answer(meeting=meeting, member=member, answer=Confirmation.Answer.YES, once=not finished, at=at)
    log = MeetingLog.objects.filter(meeting=meeting, member=member).first() or MeetingLog(
        meeting=meeting, member=member, created_at=at, updated_at=at
    )
    texts = dict(zip(TEXTS, (topics, progress, challenges, successes), strict=True))
    steps = list(dict.fromkeys(text.strip()[:300] for text in next_steps if text.strip()))
    said = {name: getattr(log, name) for name in TEXTS} != texts or open_steps(meeting, member) != steps
    noted = note_of(meeting, member) != private_note.strip()
    if log.pk and not (said or noted):
        return shown(log) if finished else log
    if log.pk and editor is not None and editor == log.editor:
        if 0 < edit <= log.edit:
            return log
    elif log.pk and revision is not None and revision != log.revision:
        raise OutdatedLog(
            _("You wrote more of this log elsewhere meanwhile. Nothing is lost: compare the two, then save.")
        )
    for name, text in texts.items():
        setattr(log, name, text)
    log.revision, log.editor, log.edit = log.revision + 1, editor, edit
    if said:
        log.updated_at, log.is_draft = at, not finished
    log.save()
    record_next_steps(meeting, member, steps, at)
    record_private_note(meeting, member, private_note, at)
    return shown(log) if finished else log


def shown(log: MeetingLog) -> MeetingLog:
    """Whoever is finished lets the others read it."""
    for drafts in (
        MeetingLog.objects.filter(pk=log.pk, is_draft=True),
        NextStep.objects.filter(meeting=log.meeting_id, member=log.member_id, is_draft=True),
    ):
        drafts.update(is_draft=False)
    log.is_draft = False
    return log


def open_steps(meeting: Meeting, member: Member) -> list[str]:
    steps = NextStep.objects.filter(meeting=meeting, member=member, done_at=None)
    return list(steps.values_list("text", flat=True))


def note_of(meeting: Meeting, member: Member) -> str:
    note = PrivateNote.objects.filter(meeting=meeting, member=member).first()
    return note.text.strip() if note else ""


def record_next_steps(meeting: Meeting, member: Member, wanted: list[str], at: datetime) -> None:
    """Make the member's open steps those in `wanted`; steps that are done stay."""
    own = NextStep.objects.filter(meeting=meeting, member=member)
    own.filter(done_at=None).exclude(text__in=wanted).delete()
    kept = set(own.values_list("text", flat=True))
    NextStep.objects.bulk_create(
        NextStep(meeting=meeting, member=member, text=text, created_at=at, is_draft=True)
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
