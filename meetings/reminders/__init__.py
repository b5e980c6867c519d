"""What the sweep says about meetings. Each has a window and a key, so that neither a day without a worker
nor a second run matters."""

from datetime import datetime

from meetings.reminders import accounts, planning
from meetings.reminders.accounts import to_ask_about
from meetings.reminders.planning import to_remind

__all__ = ["post_due", "to_ask_about", "to_remind"]


def post_due(at: datetime) -> int:
    return planning.post_due(at) + accounts.post_due(at)
