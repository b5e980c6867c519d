from datetime import datetime, timedelta

from meetings.models import MeetingQuerySet
from meetings.reminders.base import going, messages
from notices.outbox import post_all

BEFORE_START = timedelta(hours=24)


def to_remind(at: datetime) -> MeetingQuerySet:
    """Those that begin within a day, until they begin."""
    return going().starting_between(at, at + BEFORE_START)


def post_due(at: datetime) -> int:
    return post_all(messages("meeting-reminder", to_remind(at), "meetings:detail"), at=at)
