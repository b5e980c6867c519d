from meetings.forms.accounts import AnswerForm, LogForm, ShareForm
from meetings.forms.planning import (
    DateFormSet,
    PlanForm,
    RhythmDetailsForm,
    RhythmForm,
    TimeForm,
    initial_time,
    local_time,
)

__all__ = [
    "AnswerForm",
    "DateFormSet",
    "LogForm",
    "PlanForm",
    "RhythmDetailsForm",
    "RhythmForm",
    "ShareForm",
    "TimeForm",
    "initial_time",
    "local_time",
]
