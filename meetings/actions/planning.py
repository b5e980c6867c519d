from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.errors import DomainError
from matching.models import Member, Mentorship
from meetings.actions.base import lock, lock_going, refuse_if_cancelled
from meetings.models import Confirmation, Meeting, MeetingChange
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
