from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.errors import DomainError
from matching.models import Member, Mentorship
from meetings import files
from meetings.models import (
    Confirmation,
    Meeting,
    MeetingChange,
    MeetingLog,
    NextStep,
    PrivateNote,
    Resource,
)
from notices.outbox import post
from participants.models import Person


@transaction.atomic
def plan(
    *,
    mentorship: Mentorship,
    by: Person,
    starts_at: datetime,
    minutes: int,
    place: str = "",
    link: str = "",
    agenda: str = "",
    request_key: UUID | None = None,
    at: datetime | None = None,
) -> Meeting:
    """Plan a meeting, once per `request_key`, and tell the other members."""
    at = at or timezone.now()
    mentorship = lock_going(mentorship)
    member = arranging_member(mentorship, by)
    request_key = request_key or uuid4()
    if planned := mentorship.meetings.filter(request_key=request_key).first():
        return planned
    ends_at = check_time(mentorship, starts_at, minutes, at)
    meeting = Meeting.objects.create(
        mentorship=mentorship,
        request_key=request_key,
        starts_at=starts_at,
        ends_at=ends_at,
        place=place,
        link=link,
        agenda=agenda,
        planned_by=by,
        planned_at=at,
    )
    note_change(meeting, MeetingChange.Kind.PLANNED, by, member, starts_at, at)
    tell_others(meeting, "meeting-planned", by, at)
    return meeting


@transaction.atomic
def move(
    *,
    meeting: Meeting,
    by: Person,
    starts_at: datetime,
    minutes: int,
    place: str | None = None,
    link: str | None = None,
    at: datetime | None = None,
) -> Meeting:
    """Give a meeting another time, and with it another place or link where they are given.

    Answers that it did not take place fall away, for they spoke of the earlier time. Without a change
    nothing is done.
    """
    at = at or timezone.now()
    mentorship = lock_going(meeting.mentorship)
    member = arranging_member(mentorship, by)
    meeting = lock(meeting)
    place = meeting.place if place is None else place
    link = meeting.link if link is None else link
    after = (starts_at, minutes, place, link)
    if (meeting.starts_at, meeting.minutes, meeting.place, meeting.link) == after:
        return meeting
    refuse_if_cancelled(meeting)
    if meeting.confirmations.filter(answer=Confirmation.Answer.YES).exists():
        raise DomainError(_("This meeting has taken place. Plan a new one instead."))
    ends_at = check_time(mentorship, starts_at, minutes, at, but=meeting)
    before = meeting.starts_at
    meeting.starts_at, meeting.ends_at, meeting.place, meeting.link = starts_at, ends_at, place, link
    meeting.sequence += 1
    meeting.save(update_fields=["starts_at", "ends_at", "place", "link", "sequence"])
    meeting.confirmations.all().delete()
    note_change(meeting, MeetingChange.Kind.MOVED, by, member, before, at)
    tell_others(meeting, "meeting-moved", by, at)
    return meeting


@transaction.atomic
def cancel(*, meeting: Meeting, by: Person, at: datetime | None = None) -> Meeting:
    """Call off a meeting that has not begun, once, and tell the other members."""
    at = at or timezone.now()
    member = arranging_member(meeting.mentorship, by)
    meeting = lock(meeting)
    if meeting.cancelled_at:
        return meeting
    if meeting.starts_at <= at:
        raise DomainError(_("This meeting's time has come already. Say instead whether you met."))
    meeting.cancelled_at, meeting.cancelled_by = at, member
    meeting.sequence += 1
    meeting.save(update_fields=["cancelled_at", "cancelled_by", "sequence"])
    note_change(meeting, MeetingChange.Kind.CANCELLED, by, member, meeting.starts_at, at)
    tell_others(meeting, "meeting-cancelled", by, at)
    return meeting


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


# --- What they stand on ----------------------------------------------------------------


def lock_going(mentorship: Mentorship) -> Mentorship:
    """Hold the mentorship until the act is done: what its members plan comes one after the other."""
    mentorship = Mentorship.objects.with_members().select_for_update(of=["self"]).get(pk=mentorship.pk)
    if mentorship.state not in (Mentorship.State.CONFIRMED, Mentorship.State.ACTIVE):
        raise DomainError(
            _("This mentorship is “%(state)s”. Once it goes on, you can plan here again.")
            % {"state": mentorship.get_state_display()}
        )
    return mentorship


def lock(meeting: Meeting) -> Meeting:
    return Meeting.objects.select_for_update().get(pk=meeting.pk)


def refuse_if_cancelled(meeting: Meeting) -> None:
    if meeting.cancelled_at:
        raise DomainError(_("This meeting was cancelled. Plan a new one instead."))


def arranging_member(mentorship: Mentorship, by: Person) -> Member:
    """The member who arranges: `by`, or the one whose delegate `by` is."""
    members = mentorship.members.filter(enrolment__person=by) or mentorship.members.filter(
        enrolment__person__delegations__delegate=by
    )
    if not members:
        raise DomainError(_("Only the members and their delegates arrange these meetings."))
    return members[0]


def check_time(
    mentorship: Mentorship, starts_at: datetime, minutes: int, at: datetime, but: Meeting | None = None
) -> datetime:
    """When it ends. Raises DomainError for a time in the past, or at which the same people meet already."""
    if not 10 <= minutes <= 240:
        raise DomainError(_("A meeting takes between 10 minutes and 4 hours."), field="minutes")
    if starts_at <= at:
        raise DomainError(_("This time has passed. Choose one that lies ahead."), field="day")
    ends_at = starts_at + timedelta(minutes=minutes)
    others = mentorship.meetings.uncancelled().exclude(pk=but and but.pk)
    if others.filter(starts_at__lt=ends_at, ends_at__gt=starts_at).exists():
        raise DomainError(_("You have planned a meeting at this time already."), field="day")
    return ends_at


def note_change(
    meeting: Meeting, kind: str, by: Person, member: Member, starts_at: datetime, at: datetime
) -> None:
    MeetingChange.objects.create(
        meeting=meeting, kind=kind, at=at, by=by, on_behalf_of=member, starts_at=starts_at
    )


def tell_others(meeting: Meeting, kind: str, by: Person, at: datetime) -> None:
    mentorship = Mentorship.objects.with_members().get(pk=meeting.mentorship_id)
    for member in mentorship.others(by):
        post(
            kind,
            to=member.person,
            key=f"{kind}:{meeting.pk}:{meeting.sequence}:{member.pk}",
            context={
                "meeting": meeting,
                "others": mentorship.names_of_others(member.person),
                "actor": by.first_name,
            },
            url=reverse("meetings:detail", args=[meeting.uuid]),
            at=at,
        )
