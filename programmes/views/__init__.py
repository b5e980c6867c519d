from programmes.views.briefing import briefing, briefing_page
from programmes.views.enrolling import enrol, enrol_step
from programmes.views.leaving import decline, discard, withdraw
from programmes.views.managers import time
from programmes.views.programmes import detail, programmes

__all__ = [
    "briefing",
    "briefing_page",
    "decline",
    "detail",
    "discard",
    "enrol",
    "enrol_step",
    "programmes",
    "time",
    "withdraw",
]
