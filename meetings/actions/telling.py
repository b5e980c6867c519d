"""What members hear of what is planned, and what their calendars get. See docs/calendars.md."""

from datetime import datetime
from uuid import UUID

from django.urls import reverse

from matching.models import Mentorship
from meetings import calendar
from meetings.models import Meeting
from notices.outbox import post
from participants.models import Person


def tell(meeting: Meeting, kind: str, by: Person | None, at: datetime) -> None:
    """The other members a notice with the calendar part; who did it themselves the calendar part alone."""
    meeting.mentorship = with_members(meeting)
    for member in meeting.mentorship.members.all():
        send(meeting, "meeting-calendar" if member.person == by else kind, member.person, by, at)


def tell_of_all(meetings: list[Meeting], by: Person, request_key: UUID, at: datetime) -> None:
    """One notice of all dates to the others, and each date for everybody's calendar."""
    mentorship = with_members(meetings[0])
    for meeting in meetings:
        meeting.mentorship = mentorship
        for member in mentorship.members.all():
            send(meeting, "meeting-calendar", member.person, by, at)
    for member in mentorship.others(by):
        post(
            "meetings-planned",
            to=member.person,
            key=f"meetings-planned:{request_key}:{meetings[-1].pk}:{member.pk}",
            context={
                "meetings": meetings,
                "others": mentorship.names_of_others(member.person),
                "actor": by.first_name,
            },
            url=reverse("meetings:list"),
            at=at,
        )


def send(meeting: Meeting, kind: str, to: Person, by: Person | None, at: datetime) -> None:
    """Keyed by the revision, so that every change reaches each person once."""
    if meeting.cancelled_at:
        text = calendar.cancellation(meeting, to=to, at=at)
    else:
        text = calendar.request(meeting, to=to, by=by, at=at)
    post(
        kind,
        to=to,
        key=f"{kind}:{meeting.pk}:{meeting.sequence}:{to.pk}",
        context={
            "meeting": meeting,
            "others": meeting.mentorship.names_of_others(to),
            "actor": by.first_name if by else "",
        },
        url=reverse("meetings:detail", args=[meeting.uuid]),
        calendar=text,
        at=at,
    )


def with_members(meeting: Meeting) -> Mentorship:
    return Mentorship.objects.with_members().get(pk=meeting.mentorship_id)
