from meetings.actions.accounts import answer, log_unplanned, took_place_at
from meetings.actions.leaving import release_leavers
from meetings.actions.log import OutdatedLog, record_log, tick
from meetings.actions.planning import cancel, cancel_orphaned, check_briefed, move, plan, plan_all
from meetings.actions.resources import remove, share

__all__ = [
    "OutdatedLog",
    "answer",
    "cancel",
    "cancel_orphaned",
    "check_briefed",
    "log_unplanned",
    "move",
    "plan",
    "plan_all",
    "record_log",
    "release_leavers",
    "remove",
    "share",
    "tick",
    "took_place_at",
]
