from programmes.models.cohort import Cohort
from programmes.models.enrolment import Avoidance, Enrolment, Invitation, Role, Wish
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
    "Objective",
    "Programme",
    "ProgrammeRole",
    "Role",
    "Wish",
]
