from meetings.views.accounts import answer, detail, log, resource, share, tick
from meetings.views.calendar_feed import (
    calendar_address,
    feed,
    remove_calendar_address,
    renew_calendar_address,
)
from meetings.views.planning import cancel, listing, move, plan
from meetings.views.rhythms import rhythm

__all__ = [
    "answer",
    "calendar_address",
    "cancel",
    "detail",
    "feed",
    "listing",
    "log",
    "move",
    "plan",
    "remove_calendar_address",
    "renew_calendar_address",
    "resource",
    "rhythm",
    "share",
    "tick",
]
