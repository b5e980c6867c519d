import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.db import transaction
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from domain import dates
from domain.errors import DomainError
from matching.models import Member, Mentorship
from meetings import agenda as agendas
from meetings.actions.base import lock, lock_going, refuse_if_cancelled
from meetings.actions.telling import tell, tell_of_all
from meetings.models import Confirmation, Meeting, MeetingChange, MeetingQuerySet
from participants.models import Person

logger = logging.getLogger(__name__)
AT_A_TIME = 500


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
    """Plan a meeting, once per `request_key`, tell the other members, and put it into all calendars."""
    at = at or timezone.now()
    mentorship = lock_going(mentorship)
    member = arranging_member(mentorship, by)
    request_key = request_key or uuid4()
    if planned := mentorship.meetings.filter(request_key=request_key).first():
        return planned
    check_briefed(mentorship, by)
    meeting = put_down(
        mentorship,
        member,
        by,
        at,
        request_key=request_key,
        starts_at=starts_at,
        ends_at=check_time(mentorship, starts_at, minutes, at),
        place=place,
        link=link,
        agenda=agenda,
    )
    tell(meeting, "meeting-planned", by, at)
    return meeting


@transaction.atomic
def plan_all(
    *,
    mentorship: Mentorship,
    by: Person,
    starts: Iterable[datetime],
    minutes: int,
    place: str = "",
    link: str = "",
    request_key: UUID | None = None,
    at: datetime | None = None,
) -> tuple[list[Meeting], list[datetime]]:
    """Plan several meetings in one go: those made, and the times left out because one is there already.

    Once per `request_key`: sent again, the same times plan nothing more. The others get one notice of all
    dates, and everybody each date for their calendar. Raises DomainError for a time in the past or outside
    the cohort, and then plans none.
    """
    at = at or timezone.now()
    mentorship = lock_going(mentorship)
    member = arranging_member(mentorship, by)
    check_briefed(mentorship, by)
    request_key = request_key or uuid4()
    made, left_out = [], []
    for start in sorted(set(starts)):
        key = uuid5(request_key, start.isoformat())
        if planned := mentorship.meetings.filter(request_key=key).first():
            made.append(planned)
            continue
        check_within_cohort(mentorship, start)
        if overlapping(mentorship, start, start + timedelta(minutes=minutes)).exists():
            left_out.append(start)
            continue
        template = agendas.template(agendas.kind_of_next(mentorship))
        meeting = put_down(
            mentorship,
            member,
            by,
            at,
            request_key=key,
            starts_at=start,
            ends_at=check_time(mentorship, start, minutes, at),
            place=place,
            link=link,
            agenda="\n".join(template),
        )
        made.append(meeting)
    if made:
        tell_of_all(made, by, request_key, at)
    return made, left_out


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
    if any(given.answer == Confirmation.Answer.YES for given in meeting.counting()):
        raise DomainError(_("This meeting has taken place. Plan a new one instead."))
    ends_at = check_time(mentorship, starts_at, minutes, at, but=meeting)
    before = meeting.starts_at
    meeting.starts_at, meeting.ends_at, meeting.place, meeting.link = starts_at, ends_at, place, link
    meeting.sequence += 1
    meeting.save(update_fields=["starts_at", "ends_at", "place", "link", "sequence"])
    meeting.confirmations.all().delete()
    note_change(meeting, MeetingChange.Kind.MOVED, by, member, before, at)
    tell(meeting, "meeting-moved", by, at)
    return meeting


@transaction.atomic
def cancel(*, meeting: Meeting, by: Person, at: datetime | None = None) -> Meeting:
    """Call off a meeting that has not begun, once, tell the other members, and clear all calendars."""
    at = at or timezone.now()
    member = arranging_member(meeting.mentorship, by)
    meeting = lock(meeting)
    if meeting.cancelled_at:
        return meeting
    if meeting.starts_at <= at:
        raise DomainError(_("This meeting's time has come already. Say instead whether you met."))
    call_off(meeting, by, member, "meeting-cancelled", at)
    return meeting


def cancel_orphaned(*, at: datetime | None = None) -> int:
    """Call off what is planned in mentorships that do not go on, and say how many meetings that were.

    Each commits by itself, so that one that cannot be told of keeps no other back. Nobody is named as the
    cause, neither in the notice nor in what is kept.
    """
    at = at or timezone.now()
    count = 0
    for pk in Meeting.objects.orphaned(at).values_list("pk", flat=True)[:AT_A_TIME]:
        try:
            count += call_off_orphan(pk, at)
        except Exception:
            logger.exception("Meeting %s could not be called off", pk)
    return count


@transaction.atomic
def call_off_orphan(pk: int, at: datetime) -> bool:
    """False where another sweep has it, where somebody acts on the mentorship just now, or where it goes on.

    The mentorship is locked first, as by everybody who plans, pauses or resumes; what the sweep saw before
    the lock may be over.
    """
    mentorship = Mentorship.objects.select_for_update(skip_locked=True).filter(meetings=pk).first()
    if mentorship is None:
        return False
    orphaned = Meeting.objects.orphaned(at, of=mentorship)
    meeting = orphaned.select_for_update(of=["self"], skip_locked=True).filter(pk=pk).first()
    if meeting is None:
        return False
    call_off(meeting, None, None, "meeting-called-off", at)
    return True


# --- What they stand on ----------------------------------------------------------------


def arranging_member(mentorship: Mentorship, by: Person) -> Member:
    """The member who arranges: `by`, or the one whose delegate `by` is."""
    members = mentorship.members.filter(enrolment__person=by) or mentorship.members.filter(
        enrolment__person__delegations__delegate=by
    )
    if not members:
        raise DomainError(_("Only the members and their delegates arrange these meetings."))
    return members[0]


def put_down(mentorship: Mentorship, member: Member, by: Person, at: datetime, **fields: Any) -> Meeting:
    meeting = Meeting.objects.create(mentorship=mentorship, planned_by=by, planned_at=at, **fields)
    note_change(meeting, MeetingChange.Kind.PLANNED, by, member, meeting.starts_at, at)
    return meeting


def call_off(meeting: Meeting, by: Person | None, member: Member | None, kind: str, at: datetime) -> None:
    meeting.cancelled_at, meeting.cancelled_by = at, member
    meeting.sequence += 1
    meeting.save(update_fields=["cancelled_at", "cancelled_by", "sequence"])
    note_change(meeting, MeetingChange.Kind.CANCELLED, by, member, meeting.starts_at, at)
    tell(meeting, kind, by, at)


def check_time(
    mentorship: Mentorship, starts_at: datetime, minutes: int, at: datetime, but: Meeting | None = None
) -> datetime:
    """When it ends. Raises DomainError for a time in the past, or at which the same people meet already."""
    if not 10 <= minutes <= 240:
        raise DomainError(_("A meeting takes between 10 minutes and 4 hours."), field="minutes")
    if starts_at <= at:
        raise DomainError(_("This time has passed. Choose one that lies ahead."), field="day")
    ends_at = starts_at + timedelta(minutes=minutes)
    if overlapping(mentorship, starts_at, ends_at, but=but).exists():
        raise DomainError(_("You have planned a meeting at this time already."), field="day")
    return ends_at


def check_briefed(mentorship: Mentorship, by: Person) -> None:
    """The first meeting waits until all members have worked through their briefing, or HR has waived it."""
    if mentorship.meetings.uncancelled().exists():
        return
    preparing = [member.person for member in mentorship.unbriefed_members()]
    if by in preparing:
        raise DomainError(
            _("Your briefing comes before the first meeting. It takes about ten minutes; then you can plan.")
        )
    if preparing:
        names = get_text_list([person.first_name for person in preparing], _("and"))
        raise DomainError(
            _("The first meeting can be planned once everybody is prepared. %(names)s will be soon.")
            % {"names": names}
        )


def overlapping(
    mentorship: Mentorship, starts_at: datetime, ends_at: datetime, but: Meeting | None = None
) -> MeetingQuerySet:
    found = mentorship.meetings.uncancelled().filter(starts_at__lt=ends_at, ends_at__gt=starts_at)
    return found.exclude(pk=but.pk) if but else found


def check_within_cohort(mentorship: Mentorship, start: datetime) -> None:
    cohort = mentorship.cohort
    if not cohort.starts_on <= start.astimezone(cohort.zone).date() <= cohort.ends_on:
        raise DomainError(
            _("%(day)s lies outside the time of your cohort, which ends on %(end)s.")
            % {"day": dates.day(start), "end": dates.full_day(cohort.ends_on)},
            field="day",
        )


def note_change(
    meeting: Meeting,
    kind: str,
    by: Person | None,
    member: Member | None,
    starts_at: datetime,
    at: datetime,
) -> None:
    MeetingChange.objects.create(
        meeting=meeting, kind=kind, at=at, by=by, on_behalf_of=member, starts_at=starts_at
    )
