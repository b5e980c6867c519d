"""What the sweep says about meetings. Each has a window and a key, so that neither a day without a worker
nor a second run matters."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.urls import reverse

from matching.models import Mentorship
from meetings.models import Meeting, MeetingQuerySet
from notices.outbox import Message, post_all

BEFORE_START = timedelta(hours=24)
AFTER_END = timedelta(days=14)


def to_remind(at: datetime) -> MeetingQuerySet:
    """Those that begin within a day, until they begin."""
    return going().starting_between(at, at + BEFORE_START)


def to_ask_about(at: datetime) -> MeetingQuerySet:
    """Those that are over and of which nobody has said anything, for two weeks."""
    return going().to_confirm(at).filter(ends_at__gt=at - AFTER_END)


def going() -> MeetingQuerySet:
    return Meeting.objects.filter(mentorship__state__in=[Mentorship.State.CONFIRMED, Mentorship.State.ACTIVE])


def post_due(at: datetime) -> int:
    return post_all(messages("meeting-reminder", to_remind(at), "meetings:detail"), at=at) + post_all(
        messages("meeting-to-confirm", to_ask_about(at), "meetings:answer"), at=at
    )


def messages(kind: str, meetings: MeetingQuerySet, page: str) -> Iterator[Message]:
    """One to each member. The key holds the start: a meeting that was moved is spoken of anew."""
    for meeting in meetings.with_people().iterator(chunk_size=500):
        for member in meeting.mentorship.members.all():
            yield Message(
                kind=kind,
                to=member.person,
                key=f"{kind}:{meeting.pk}:{member.pk}:{meeting.starts_at:%Y-%m-%dT%H:%M}",
                context={
                    "meeting": meeting,
                    "others": meeting.mentorship.names_of_others(member.person),
                },
                url=reverse(page, args=[meeting.uuid]),
            )
