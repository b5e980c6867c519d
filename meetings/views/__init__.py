from meetings.views.accounts import answer, detail, log, resource, share, tick
from meetings.views.planning import cancel, listing, move, plan
from meetings.views.rhythm import rhythm

__all__ = [
    "answer",
    "cancel",
    "detail",
    "listing",
    "log",
    "move",
    "plan",
    "resource",
    "rhythm",
    "share",
    "tick",
]
