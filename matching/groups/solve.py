"""Seed, polish, bound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from matching.groups.case import Case, Group, Sizes, case_of
from matching.groups.model import Model
from matching.groups.seed import seed
from matching.people import People
from matching.rules import Rules
from matching.scoring import Weights

WHOLE = 20_000  # pairs in all slots, up to which everything is one model
GROUPS_AT_ONCE = 3
BESIDE = (6, 12)  # mentors and mentees without a group, taken along
ROUND_EFFORT = 2.0


class Worth(NamedTuple):
    """In this order: more is better."""

    placed: int  # people who are in a group
    floor: int  # the score of the worst group; 0 without a group
    total: int  # over all pairs of mentor and mentee in a group
    evenness: int  # minus the number of mentees in the largest group


@dataclass(frozen=True, slots=True, eq=False)
class Grouping:
    """`bound` is what nothing can exceed: exact where it is `proven`. Of a goal that comes after one without
    a proof, only the most there is."""

    groups: list[Group]
    worth: Worth
    bound: Worth
    proven: bool
    case: Case


class Cancelled(Exception):
    """The caller asked to stop."""


def worth_of(case: Case, groups: Sequence[Group]) -> Worth:
    people = {(side, row) for g in groups for side, rows in enumerate((g.mentors, g.mentees)) for row in rows}
    return Worth(
        len(people),
        min((g.score for g in groups), default=0),
        sum(case.total(g.theme, g.mentors, g.mentees) for g in groups),
        -max((len(g.mentees) for g in groups), default=0),
    )


def form_groups(
    mentors: People,
    mentees: People,
    rules: Rules,
    weights: Weights,
    sizes: Sizes,
    *,
    themes: Sequence[int] | None = None,
    apart: ArrayLike | None = None,
    together: ArrayLike | None = None,
    effort: float = 30.0,
    progress: Callable[[str, float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Grouping:
    """Groups of `sizes.mentors` mentors and `sizes.least` to `sizes.most` mentees around one theme each.

    Everybody of a group can meet in at least `rules.common_hours` common hours of the week, in one language
    at the level of the rules and in one way; between mentors and mentees all rules for two hold, and within
    each side those on reporting lines and on whom people avoid. Nobody is in more groups than their capacity,
    and no mentor has a mentee in two of them.

    `themes` are columns of expertise and interest (default: all); a mentor fits one they know, a mentee one
    they want. `apart` holds pairs of keys a coordinator ruled out, (n, 2), `together` pairs
    who are in the same groups or in none. `effort` limits the search in
    CP-SAT's deterministic seconds, so that the same people give the same groups on every machine, whatever
    their order. Sought in this order: most people placed, the worst group as good as can be, the highest
    total, and then even sizes. Raises Cancelled when `cancelled` says so, and ValueError for sizes that are
    none.
    """
    order = np.argsort(mentors.key), np.argsort(mentees.key)
    held: dict[str, Any] = {"themes": themes, "apart": apart, "together": together}
    case = case_of(mentors.take(order[0]), mentees.take(order[1]), rules, weights, sizes, **held)

    def tell(stage: str, share: float) -> None:
        if cancelled and cancelled():
            raise Cancelled
        if progress:
            progress(stage, share)

    tell("seed", 0.02)
    groups = seed(case)
    slots, bound, proven = _slots(case), _loose(case), False
    if sum(len(case.fits[t][0]) * len(case.fits[t][1]) for t in slots) <= WHOLE:
        tell("whole", 0.1)
        rows = [sorted({r for t in slots for r in case.fits[t][side].tolist()}) for side in (0, 1)]
        outcome = Model(case, (rows[0], rows[1]), slots).solve(groups, effort / 2)
        groups = max(groups, outcome.groups, key=lambda found: worth_of(case, found))
        bound, proven = _lower(bound, Worth(*outcome.bounds)), outcome.proven
    if not proven:
        groups = _polish(case, groups, effort / 2, tell)
    worth = worth_of(case, groups)
    back = case_of(mentors, mentees, rules, weights, sizes, **held)
    named = sorted(groups)
    found = [
        Group(
            tuple(sorted(order[0][list(g.mentors)].tolist())),
            tuple(sorted(order[1][list(g.mentees)].tolist())),
            g.theme,
            g.score,
        )
        for g in named
    ]
    bound = Worth(*(max(have, most) for have, most in zip(worth, bound, strict=True)))
    return Grouping(found, worth, bound, proven or worth == bound, back)


def _slots(case: Case) -> list[int]:
    """For each theme as many groups as its people could fill."""
    slots = []
    for theme in case.themes:
        places = [int(case.room[side][case.fits[theme][side]].sum()) for side in (0, 1)]
        slots += [theme] * min(places[0] // case.sizes.mentors, places[1] // case.sizes.least)
    return slots


def _polish(
    case: Case, groups: list[Group], effort: float, tell: Callable[[str, float], None]
) -> list[Group]:
    """A few groups at a time, with some who have none, formed anew; kept where that is better. Better for
    the few is better for all: nobody else is touched, and the worst of all is not worse."""
    rounds, quiet = max(1, int(effort / ROUND_EFFORT)), 0
    for turn in range(rounds):
        tell("polish", 0.5 + 0.45 * turn / rounds)
        groups = sorted(groups, key=lambda g: (g.score, g))
        if quiet >= max(1, len(groups)):
            break
        few = _neighbours(case, groups, turn)
        others = [g for g in groups if g not in few]
        left = _without(case, others)
        rows, extra = _beside(left, few, groups)
        outcome = Model(left, rows, [*(g.theme for g in few), *extra]).solve(few, ROUND_EFFORT)
        if worth_of(case, outcome.groups) > worth_of(case, few):
            groups, quiet = others + outcome.groups, 0
        else:
            quiet += 1
    return groups


def _neighbours(case: Case, groups: list[Group], turn: int) -> list[Group]:
    """One group, the worst first, and those whose people could change places with it."""
    if not groups:
        return []
    first = groups[turn % len(groups)]

    def near(other: Group) -> tuple[int, int]:
        fits = set(case.fits[first.theme][1].tolist())
        return -(other.theme == first.theme), -len(fits & set(other.mentees))

    others = sorted((g for g in groups if g != first), key=near)
    start = turn // max(1, len(groups)) * (GROUPS_AT_ONCE - 1)
    others = others[start:] + others[:start]
    return [first, *others[: GROUPS_AT_ONCE - 1]]


def _beside(
    case: Case, few: list[Group], groups: list[Group]
) -> tuple[tuple[list[int], list[int]], list[int]]:
    """Rows of the few groups and of some without one, and a theme in which those could meet."""
    placed = [{r for g in groups for r in (g.mentors, g.mentees)[side]} for side in (0, 1)]
    free = [
        [r for r in range(len(case.room[side])) if case.room[side][r] and r not in placed[side]]
        for side in (0, 1)
    ]
    counts = {
        t: tuple(len(set(free[side]) & set(case.fits[t][side].tolist())) for side in (0, 1))
        for t in case.themes
    }
    extra = max(case.themes, key=lambda t: (min(counts[t]), sum(counts[t]), -t), default=None)
    themes = {*(g.theme for g in few), *([extra] if extra is not None else [])}
    rows: list[list[int]] = []
    for side in (0, 1):
        mine = {r for g in few for r in (g.mentors, g.mentees)[side]}
        fitting = {r for t in themes for r in case.fits[t][side].tolist()}
        rows.append(sorted(mine | set([r for r in free[side] if r in fitting][: BESIDE[side]])))
    for kept in case.together:  # none of them can be placed without the others
        if any(row in rows[side] for side, row in kept):
            for side, row in kept:
                if row not in rows[side] and row in free[side]:
                    rows[side] = sorted([*rows[side], row])
    return (rows[0], rows[1]), [extra] if extra is not None else []


def _without(case: Case, groups: Sequence[Group]) -> Case:
    """What is left to choose beside these groups."""
    room, across = [side.copy() for side in case.room], case.across.copy()
    for group in groups:
        room[0][list(group.mentors)] -= 1
        room[1][list(group.mentees)] -= 1
        across[np.ix_(group.mentors, group.mentees)] = False
    return replace(
        case,
        mentors=case.mentors.but(capacity=room[0]),
        mentees=case.mentees.but(capacity=room[1]),
        across=across,
    )


def _lower(one: Worth, two: Worth) -> Worth:
    """The tighter of two bounds, goal by goal."""
    return Worth(*map(min, one, two))


def _loose(case: Case) -> Worth:
    """What no set of groups can exceed, from numbers of people alone."""
    able = [np.zeros(len(case.room[side]), np.bool_) for side in (0, 1)]
    top = 0
    for theme in case.themes:
        mentors, mentees = case.fits[theme]
        possible = case.across[np.ix_(mentors, mentees)]
        able[0][mentors[possible.sum(axis=1) >= case.sizes.least]] = True
        able[1][mentees[possible.sum(axis=0) >= case.sizes.mentors]] = True
        top = max(top, int((case.scores[theme][np.ix_(mentors, mentees)] * possible).max(initial=0)))
    places = [int(case.room[side][able[side]].sum()) for side in (0, 1)]
    count = min(places[0] // case.sizes.mentors, places[1] // case.sizes.least)
    placed = min(int(able[0].sum()), count * case.sizes.mentors) + min(
        int(able[1].sum()), count * case.sizes.most
    )
    pairs = case.sizes.mentors * min(places[1], count * case.sizes.most)
    return Worth(placed, top if count else 0, top * pairs, -case.sizes.least if count else 0)
