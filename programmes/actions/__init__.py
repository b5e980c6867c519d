"""The verbs of a cohort's life: inviting, enrolling, deciding, and the steps from draft to closed."""

from programmes.actions.briefings import complete_briefing
from programmes.actions.cohorts import begin_matching, close, open_enrolment, start
from programmes.actions.enrolments import accept, decline, enrol, refuse, withdraw
from programmes.actions.history import record
from programmes.actions.invitations import decline_invitation, invite
from programmes.actions.programmes import create_from_preset

__all__ = [
    "accept",
    "begin_matching",
    "close",
    "complete_briefing",
    "create_from_preset",
    "decline",
    "decline_invitation",
    "enrol",
    "invite",
    "open_enrolment",
    "record",
    "refuse",
    "start",
    "withdraw",
]
