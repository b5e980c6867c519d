from programmes.models.briefing import BriefingStep
from programmes.models.cohort import Cohort
from programmes.models.enrolment import Avoidance, Enrolment, Role, Wish
from programmes.models.invitation import Invitation, InvitationLink, InvitationRound
from programmes.models.programme import (
    BriefingPage,
    Eligibility,
    GroundRule,
    Objective,
    Programme,
)
from programmes.models.programme_role import ProgrammeRole
from programmes.models.time_request import TimeRequest
from programmes.models.wording import Wording

__all__ = [
    "Avoidance",
    "BriefingPage",
    "BriefingStep",
    "Cohort",
    "Eligibility",
    "Enrolment",
    "GroundRule",
    "Invitation",
    "InvitationLink",
    "InvitationRound",
    "Objective",
    "Programme",
    "ProgrammeRole",
    "Role",
    "TimeRequest",
    "Wish",
    "Wording",
]
