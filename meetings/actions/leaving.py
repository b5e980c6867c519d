"""A member leaves a group that goes on: the coming meetings leave their calendar, and stay for the others."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from matching.models import Member
from meetings import calendar
from meetings.actions.telling import send, with_members
from meetings.models import Meeting, MeetingChange
from notices.outbox import post

logger = logging.getLogger(__name__)
WITHIN = timedelta(days=14)


def release_leavers(*, at: datetime | None = None) -> int:
    """Take what comes out of the calendars of those who left a group, and say how many meetings that were."""
    at = at or timezone.now()
    count = 0
    left = Member.of_all_time.filter(left_at__gt=at - WITHIN).select_related("enrolment__person")
    for member in left:
        for pk in still_in_calendar(member, at).values_list("pk", flat=True):
            try:
                count += release(pk, member, at)
            except Exception:
                logger.exception("Meeting %s is still in the calendar of member %s", pk, member.pk)
    return count


def still_in_calendar(member: Member, at: datetime) -> QuerySet[Meeting]:
    """The coming meetings the member was told of, and not yet that they are off."""
    known = MeetingChange.objects.filter(
        meeting=OuterRef("pk"), kind=MeetingChange.Kind.LEFT, on_behalf_of=member
    )
    return Meeting.objects.filter(
        Q(cancelled_at=None) | Q(cancelled_at__gt=member.left_at),
        ~Exists(known),
        mentorship=member.mentorship_id,
        planned_at__lte=member.left_at,
        starts_at__gt=at,
    )


@transaction.atomic
def release(pk: int, member: Member, at: datetime) -> bool:
    """The one who left gets a cancellation, the others the meeting without their name. False where another
    sweep has it."""
    meeting = still_in_calendar(member, at).select_for_update(skip_locked=True).filter(pk=pk).first()
    if meeting is None:
        return False
    meeting.mentorship = with_members(meeting)
    meeting.sequence += 1
    meeting.save(update_fields=["sequence"])
    MeetingChange.objects.create(
        meeting=meeting,
        kind=MeetingChange.Kind.LEFT,
        at=at,
        on_behalf_of=member,
        starts_at=meeting.starts_at,
    )
    if not meeting.cancelled_at:
        for other in meeting.mentorship.people():
            send(meeting, "meeting-calendar", other, None, at)
    post(
        "meeting-called-off",
        to=member.person,
        key=f"meeting-called-off:{meeting.pk}:left:{member.pk}",
        context={
            "meeting": meeting,
            "others": meeting.mentorship.names_of_others(member.person),
            "left": True,
        },
        url=reverse("meetings:list"),
        calendar=calendar.cancellation(meeting, to=member.person, at=at),
        at=at,
    )
    return True
