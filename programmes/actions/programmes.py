from datetime import datetime

from django.contrib.admin.models import ADDITION
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from domain.errors import DomainError
from participants.models import Grade, Person
from programmes.actions.history import record
from programmes.models import BriefingPage, Eligibility, GroundRule, Objective, Programme, Role
from programmes.presets import preset as load_preset

GRADES_APART = 2


@transaction.atomic
def create_from_preset(
    *, preset: str, by: Person, name: str = "", name_de: str = "", at: datetime | None = None
) -> Programme:
    """A programme with everything the preset brings, in both languages. `name` stands for both languages
    unless `name_de` is given."""
    content = load_preset(preset).content
    names = {"en": name or content["name"]["en"], "de": name_de or name or content["name"]["de"]}
    if Programme.objects.filter(name_en=names["en"]).exists():
        raise DomainError(_("There is a programme of this name already."), field="name")
    programme = Programme.objects.create(
        form=preset,
        created_at=at or timezone.now(),
        **both("name", names),
        **both("summary", content["summary"]),
    )
    bounds = first_bounds(content["eligibility"])
    for role in Role.values:
        Eligibility.objects.create(programme=programme, role=role, **bounds[role])
    for position, item in enumerate(content["objectives"]):
        Objective.objects.create(
            programme=programme,
            measure=item["measure"],
            dimension=item.get("dimension", ""),
            baseline=item.get("baseline"),
            target=item["target"],
            position=position,
            **both("statement", item["statement"]),
            **both("question", item.get("question", {"en": "", "de": ""})),
        )
    for position, item in enumerate(content["ground_rules"]):
        GroundRule.objects.create(
            programme=programme,
            kind=item["kind"],
            is_mandatory=item.get("mandatory", False),
            position=position,
            **both("text", item["text"]),
        )
    for position, item in enumerate(content["briefing"]):
        BriefingPage.objects.create(
            programme=programme,
            role=item["role"],
            position=position,
            **both("title", item["title"]),
            **both("text", item["text"]),
            **both("question", item["question"]),
        )
    record(programme, by, gettext_noop("Created from a preset."), at, flag=ADDITION)
    return programme


def first_bounds(who: dict[str, str]) -> dict[str, dict[str, Grade]]:
    """Per role the grades a preset's rule begins with. "upper" is the upper half; "lower" ends two grades
    below it, the gap that the matching asks for at first. Without grades in order, everybody."""
    grades = list(Grade.objects.exclude(rank=None).order_by("rank"))
    if len(grades) < 3:
        return {role: {} for role in who}
    lower = (len(grades) - 1) // 2
    upper = min(lower + GRADES_APART, len(grades) - 1)
    bounds = {
        "everybody": {},
        "lower": {"highest_grade": grades[upper - GRADES_APART]},
        "upper": {"lowest_grade": grades[upper if "lower" in who.values() else (len(grades) + 1) // 2]},
    }
    return {role: bounds[word] for role, word in who.items()}


def both(field: str, text: dict[str, str]) -> dict[str, str]:
    return {f"{field}_{language}": text[language].strip() for language in ("en", "de")}
