from meetings.views.accounts import answer, detail, moved, unplanned
from meetings.views.by_mail import by_mail
from meetings.views.calendar_feed import (
    calendar_address,
    feed,
    remove_calendar_address,
    renew_calendar_address,
)
from meetings.views.log import log, save, tick
from meetings.views.planning import cancel, listing, move, plan
from meetings.views.resources import remove, resource, share
from meetings.views.rhythms import rhythm

__all__ = [
    "answer",
    "by_mail",
    "calendar_address",
    "cancel",
    "detail",
    "feed",
    "listing",
    "log",
    "move",
    "moved",
    "plan",
    "remove",
    "remove_calendar_address",
    "renew_calendar_address",
    "resource",
    "rhythm",
    "save",
    "share",
    "tick",
    "unplanned",
]
