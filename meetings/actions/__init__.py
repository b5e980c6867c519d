from meetings.actions.accounts import answer, record_log, share, tick
from meetings.actions.planning import cancel, cancel_orphaned, move, plan, plan_all

__all__ = ["answer", "cancel", "cancel_orphaned", "move", "plan", "plan_all", "record_log", "share", "tick"]
