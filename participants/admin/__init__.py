from participants.admin.grades import GradeAdmin
from participants.admin.imports import PeopleImportAdmin
from participants.admin.organisation import ProfessionAdmin, SiteAdmin, TopicAdmin, UnitAdmin
from participants.admin.people import DelegationAdmin, PersonAdmin

__all__ = [
    "DelegationAdmin",
    "GradeAdmin",
    "PeopleImportAdmin",
    "PersonAdmin",
    "ProfessionAdmin",
    "SiteAdmin",
    "TopicAdmin",
    "UnitAdmin",
]
