from participants.models.organisation import Grade, Profession, Site, Unit
from participants.models.person import Delegation, LanguageLevel, Person, PersonLanguage
from participants.models.profile import (
    Expertise,
    ExpertiseLevel,
    Interest,
    InterestPriority,
    Profile,
    Topic,
)

__all__ = [
    "Delegation",
    "Expertise",
    "ExpertiseLevel",
    "Grade",
    "Interest",
    "InterestPriority",
    "LanguageLevel",
    "Person",
    "PersonLanguage",
    "Profession",
    "Profile",
    "Site",
    "Topic",
    "Unit",
]
