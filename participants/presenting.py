"""What others see of a person: the same wherever they see it, and what the person is shown as preview."""

from dataclasses import dataclass, field
from typing import Any

from participants.forms import language_choices
from participants.models import Part, Person, PersonLanguage, Profession, Profile, Site, Unit


@dataclass(frozen=True)
class Presented:
    """Empty where the person keeps it back. `languages`: [(name in the reader's language, spoken)]."""

    person: Person
    profile: Profile | None
    unit: Unit | None = None
    profession: Profession | None = None
    site: Site | None = None
    time_zone: str = ""
    languages: list[tuple[str, PersonLanguage]] = field(default_factory=list)


def shown(person: Person, part: str) -> Any:
    """One part of a person, None where they keep it back. Where there are many, select their profiles."""
    profile = getattr(person, "profile", None)
    return None if profile and part in profile.hidden else getattr(person, part)


def detail(person: Person) -> str:
    """What stands below a name: “Head of Supply · Hamburg”."""
    return " · ".join(str(part) for part in (person.job_title, shown(person, Part.SITE)) if part)


def presented(person: Person) -> Presented:
    profile = (
        Profile.objects.filter(person=person).prefetch_related("expertise__topic", "interests__topic").first()
    )
    hidden = set(profile.hidden) if profile else set()
    spoken = [] if Part.LANGUAGES in hidden else list(person.languages.all())
    names = dict(language_choices([language.code for language in spoken])) if spoken else {}
    return Presented(
        person=person,
        profile=profile,
        unit=None if Part.UNIT in hidden else person.unit,
        profession=None if Part.PROFESSION in hidden else person.profession,
        site=None if Part.SITE in hidden else person.site,
        time_zone="" if Part.TIME_ZONE in hidden else person.time_zone,
        languages=[(names[language.code], language) for language in spoken],
    )
