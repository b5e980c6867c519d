"""Why somebody is in no group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from matching.explain import Reason, why_nobody
from matching.groups.case import Case, Group
from matching.groups.model import Model

Cause = Literal["theme", "partners", "together", "best"]
EFFORT = 0.5


@dataclass(frozen=True, slots=True)
class Left:
    """The first that holds:

    - "theme": too few people for a group share any theme with them;
    - "partners": the rules leave `possible` of the `needed` people of the other role who share a theme;
    - "together": there are enough by twos, but no group in which all can meet and all rules hold, whether or
      not they may be told of;
    - "best": a group around them would be possible, but not in the result that is best for all.
    """

    row: int
    cause: Cause
    possible: int
    needed: int
    reasons: tuple[Reason, ...]


def why_left(case: Case, groups: Sequence[Group], *, side: Literal["mentors", "mentees"]) -> list[Left]:
    """One entry per person with room who is in no group, by row."""
    own = 0 if side == "mentors" else 1
    placed = {row for group in groups for row in (group.mentors, group.mentees)[own]}
    rows = [row for row in range(len(case.room[own])) if case.room[own][row] and row not in placed]
    return [_why(case, row, own, groups) for row in rows]


def _why(case: Case, row: int, own: int, groups: Sequence[Group]) -> Left:
    needed = case.sizes.least if own == 0 else case.sizes.mentors
    mine = [t for t in case.themes if row in case.fits[t][own]]
    if not mine:
        return Left(row, "theme", 0, needed, ())
    told = case.told if own == 0 else case.told.T
    counts = {t: int(told[row, case.fits[t][1 - own]].sum()) for t in mine}
    best = max(counts.values())
    if best < needed:
        others = np.unique(np.concatenate([case.fits[t][1 - own] for t in mine]))
        mentors, mentees = case.mentors, case.mentees
        if own == 0:
            [entry] = why_nobody(mentors, mentees.take(others), case.rules, side="mentors", rows=[row])
        else:
            [entry] = why_nobody(mentors.take(others), mentees, case.rules, side="mentees", rows=[row])
        return Left(row, "partners", best, needed, entry.reasons)
    cause: Cause = "best" if any(_possible(case, row, own, t, groups) for t in mine) else "together"
    return Left(row, cause, best, needed, ())


def _could_join(case: Case, row: int, own: int, group: Group) -> bool:
    """Whether they could be in this group instead of one of their own role."""
    sides = [group.mentors, group.mentees]
    if case.companions(own, row):
        return False
    for leaving in sides[own]:
        stay = [other for other in sides[own] if other != leaving]
        members = [[*stay, row] if side == own else list(sides[side]) for side in (0, 1)]
        if case.can_sit_together(*members):
            return True
    return False


def _possible(case: Case, row: int, own: int, theme: int, groups: Sequence[Group]) -> bool:
    """Whether one group with this person could be formed, were everybody else free."""
    if any(_could_join(case, row, own, group) for group in groups if group.theme == theme):
        return True
    rows = tuple(case.fits[theme][side].tolist() for side in (0, 1))
    model = Model(case, (rows[0], rows[1]), [theme])
    model.model.add(model.x[own][row, 0] == 1)
    return model.is_feasible(EFFORT)
