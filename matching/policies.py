"""What a programme asks of a match, as the core takes it."""

from collections.abc import Mapping
from copy import copy
from typing import Any, Literal, cast

from matching.models import MatchingPolicy
from matching.rules import Rules
from matching.scoring import Weights
from participants.models import LanguageLevel
from programmes.models import Programme

# The product asks for four levels of a language, the core compares the six of the Common European Framework.
CEFR = {
    LanguageLevel.BASIC: 2,
    LanguageLevel.WORKING: 4,
    LanguageLevel.FLUENT: 5,
    LanguageLevel.NATIVE: 6,
}
# What a new programme starts with; what is not named has the default of the model.
DEFAULTS: dict[str, dict[str, Any]] = {
    Programme.Form.REVERSE: {},
    Programme.Form.FORMAL: {"grade_gap": 1, "other_unit": False},
    Programme.Form.INFORMAL: {"grade_gap": 0, "other_unit": False, "common_hours": 0},
    Programme.Form.GROUP: {"grade_gap": 0, "other_unit": False},
}
DIRECTION: dict[str, Literal[-1, 0, 1]] = {Programme.Form.REVERSE: 1, Programme.Form.FORMAL: -1}


def policy_for(programme: Programme) -> MatchingPolicy:
    return MatchingPolicy.objects.get_or_create(programme=programme, defaults=DEFAULTS[programme.form])[0]


def rules_of(policy: MatchingPolicy) -> Rules:
    """The policy as the core's rules."""
    return Rules(
        line_reach=policy.line_reach,
        reports_of_reports=policy.reports_of_reports,
        grade_gap=policy.grade_gap or None,
        direction=DIRECTION.get(policy.programme.form, 0),
        other_unit=policy.other_unit,
        other_profession=policy.other_profession,
        language_level=CEFR[LanguageLevel(policy.language_level)],
        common_way=policy.common_way,
        same_site=policy.same_site,
        common_hours=policy.common_hours,
        earlier=cast(Literal["off", "here", "anywhere"], policy.earlier),  # a constraint of the table
    )


def weights_of(policy: MatchingPolicy) -> Weights:
    given = policy.weights()
    return Weights(waiting=given.pop("waited"), **given)


def tried(policy: MatchingPolicy, trial: Mapping[str, Any] | None) -> MatchingPolicy:
    """The policy with what a what-if changes, not saved."""
    policy = copy(policy)
    for name, value in (trial or {}).items():
        setattr(policy, name, value)
    return policy
