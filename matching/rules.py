"""The hard rules: who may not be matched with whom, and the sentence that says why.

Arrays in, bits out; knows nothing of Django. Every rule has a bit, a name, a switch or value in `Rules`, and an
English sentence that is also its message id, with the rule's values as named placeholders.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matching.people import People, Ragged, pair_array


def gettext_noop(text: str) -> str:
    """Marks a sentence for translation where it is written; whoever shows it translates it."""
    return text


@dataclass(frozen=True, slots=True)
class Rules:
    """What a programme asks of every mentorship. The defaults are those of reverse mentoring."""

    line_reach: int | None = (
        None  # levels up and down the reporting line; None: all of them, 0: off
    )
    reports_of_reports: bool = (
        True  # the mentor does not report to one of the mentee's direct reports
    )
    grade_gap: int | None = 2  # at least so many grades apart; None: off
    direction: Literal[-1, 0, 1] = (
        1  # 1: the mentee is senior, -1: the mentor is, 0: either
    )
    other_unit: bool = True
    other_profession: bool = False
    language_level: int = (
        4  # both speak one language at least so well (1 to 6 for A1 to C2); 0: off
    )
    common_way: bool = True  # both by video, or both on site
    same_site: bool = True  # where only on site is possible, it is one site
    common_hours: int = 2  # in a week; 0: off
    earlier: Literal["off", "here", "anywhere"] = "here"


@dataclass(frozen=True, slots=True)
class Rule:
    name: str
    bit: int
    label: str
    sentence: str
    audience: Literal["anybody", "staff", "nobody"] = (
        "anybody"  # who may be told that this rule was the reason
    )


_ = gettext_noop
ALL = tuple(
    Rule(name, 1 << place, *rest)
    for place, (name, *rest) in enumerate(
        [
            ("same_person", _("Two people"), _("Nobody can mentor themselves.")),
            (
                "line",
                _("No reporting line"),
                _("One of the two is in the other's reporting line."),
            ),
            (
                "reports",
                _("Not under a direct report"),
                _("The mentor reports to one of the mentee's direct reports."),
            ),
            (
                "grade",
                _("Seniority"),
                _(
                    "The two are not at least %(grade_gap)s grades apart in the right direction."
                ),
            ),
            ("unit", _("Another unit"), _("Both work in the same unit.")),
            (
                "profession",
                _("Another profession"),
                _("Both have the same profession."),
            ),
            (
                "language",
                _("A common language"),
                _("They share no language that both can work in."),
            ),
            (
                "way",
                _("A way to meet"),
                _("One would only meet by video, the other only on site."),
            ),
            (
                "site",
                _("The same site"),
                _("They can only meet on site, and work at different sites."),
            ),
            (
                "hours",
                _("Common hours"),
                _("They have fewer than %(common_hours)s hours a week in common."),
            ),
            (
                "capacity",
                _("Capacity"),
                _("One of the two has no room for another partner."),
            ),
            (
                "avoid",
                _("Personal reasons"),
                _("This mentorship is not possible."),
                "nobody",
            ),
            ("earlier", _("Somebody new"), _("They have been together before.")),
            (
                "blocked",
                _("Set by a coordinator"),
                _("A coordinator ruled this mentorship out."),
                "staff",
            ),
        ]
    )
)
BY_NAME = {rule.name: rule for rule in ALL}


def broken(bits: int) -> list[Rule]:
    """The rules behind the bits of one pair."""
    return [rule for rule in ALL if bits & rule.bit]


def values(rules: Rules) -> dict[str, int | None]:
    """What the placeholders of the sentences stand for."""
    return {"grade_gap": rules.grade_gap, "common_hours": rules.common_hours}


def blocked(
    mentors: People,
    mentees: People,
    rules: Rules,
    *,
    forbidden: ArrayLike | None = None,
    rows: ArrayLike | slice | None = None,
    columns: ArrayLike | slice | None = None,
) -> NDArray[np.uint16]:
    """For every mentor (row) and mentee (column) the bits of all rules they break together; 0 is possible.

    `forbidden` are (mentor row, mentee row) ruled out by a coordinator; `rows` and `columns` ask for a part.
    """
    raise NotImplementedError


def blocked_pairs(
    mentors: People,
    mentees: People,
    rules: Rules,
    pairs: ArrayLike,
    *,
    forbidden: ArrayLike | None = None,
) -> NDArray[np.uint16]:
    """The same for listed pairs (mentor row, mentee row)."""
    raise NotImplementedError


def matchable_with_nobody(
    mentors: People,
    mentees: People,
    rules: Rules,
    *,
    forbidden: ArrayLike | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of mentors and of mentees whom the rules leave nobody; to be said before a run, not after."""
    raise NotImplementedError
