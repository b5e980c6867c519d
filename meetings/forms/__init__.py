from meetings.forms.accounts import AnswerForm, LogForm, PastForm, RevisionForm, ShareForm, UnplannedForm
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
    "PastForm",
    "PlanForm",
    "RevisionForm",
    "RhythmDetailsForm",
    "RhythmForm",
    "ShareForm",
    "TimeForm",
    "UnplannedForm",
    "initial_time",
    "local_time",
]
