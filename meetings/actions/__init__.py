from meetings.actions.accounts import answer, record_log, share, tick
from meetings.actions.planning import cancel, move, plan

__all__ = ["answer", "cancel", "move", "plan", "record_log", "share", "tick"]
