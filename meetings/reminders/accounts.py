from datetime import datetime, timedelta

from meetings.models import MeetingQuerySet
from meetings.reminders.base import going, messages
from notices.outbox import post_all

AFTER_END = timedelta(days=14)


def to_ask_about(at: datetime) -> MeetingQuerySet:
    """Those that are over and of which nobody has said anything, for two weeks."""
    return going().to_confirm(at).filter(ends_at__gt=at - AFTER_END)


def post_due(at: datetime) -> int:
    return post_all(messages("meeting-to-confirm", to_ask_about(at), "meetings:answer"), at=at)
