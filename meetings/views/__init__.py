from meetings.views.accounts import answer, detail, moved, unplanned
from meetings.views.by_mail import by_mail
from meetings.views.log import log, save, tick
from meetings.views.planning import cancel, listing, move, plan
from meetings.views.resources import remove, resource, share
from meetings.views.rhythm import rhythm

__all__ = [
    "answer",
    "by_mail",
    "cancel",
    "detail",
    "listing",
    "log",
    "move",
    "moved",
    "plan",
    "remove",
    "resource",
    "rhythm",
    "save",
    "share",
    "tick",
    "unplanned",
]
