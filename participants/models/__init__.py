from participants.models.delegation import Delegation
from participants.models.erasure import Erased, ErasureRequest
from participants.models.organisation import Grade, Profession, Site, Unit
from participants.models.people_import import ColumnMapping, ImportRow, PeopleImport
from participants.models.person import LanguageLevel, Person, PersonLanguage
from participants.models.profile import (
    Expertise,
    ExpertiseLevel,
    Interest,
    InterestPriority,
    Part,
    Profile,
    Topic,
)

__all__ = [
    "ColumnMapping",
    "Delegation",
    "Erased",
    "ErasureRequest",
    "Expertise",
    "ExpertiseLevel",
    "Grade",
    "ImportRow",
    "Interest",
    "InterestPriority",
    "LanguageLevel",
    "Part",
    "PeopleImport",
    "Person",
    "PersonLanguage",
    "Profession",
    "Profile",
    "Site",
    "Topic",
    "Unit",
]
