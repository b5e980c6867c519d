from meetings.forms.accounts import AnswerForm, LogForm, ShareForm
from meetings.forms.planning import PlanForm, TimeForm, initial_time

__all__ = ["AnswerForm", "LogForm", "PlanForm", "ShareForm", "TimeForm", "initial_time"]
