from programmes.models.cohort import Cohort
from programmes.models.enrolment import Avoidance, Enrolment, Role, Wish
from programmes.models.invitation import Invitation, InvitationLink, InvitationRound
from programmes.models.programme import (
    BriefingPage,
    Eligibility,
    GroundRule,
    Objective,
    Programme,
    ProgrammeRole,
)

__all__ = [
    "Avoidance",
    "BriefingPage",
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
    "Wish",
]
