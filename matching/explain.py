"""Why somebody was left without a partner, and what another choice would cost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matching.people import People, pair_array
from matching.rules import ALL, Rulebook, Rules
from matching.scoring import Scorer, Weights, lot, lots
from matching.solution import Objective, Order, Solution
from matching.solver import solve


@dataclass(frozen=True, slots=True)
class Reason:
    rule: str  # name in matching.rules
    removed: int  # candidates who break this rule
    alone: int  # candidates who break only this one: dropping it would make them possible


@dataclass(frozen=True, slots=True)
class Nobody:
    """`possible` of `candidates` were left by the rules; if any, they are all taken by somebody who comes
    first.

    Rules nobody may be told about (who would rather not) are in `possible`, but not among the `reasons`.
    """

    row: int
    candidates: int
    possible: int
    reasons: tuple[Reason, ...]  # largest first


def entry_of(nobody: Nobody) -> dict[str, Any]:
    """As plain numbers and names, ready for JSON."""
    return {
        "candidates": int(nobody.candidates),
        "possible": int(nobody.possible),
        "reasons": [
            {"rule": r.rule, "removed": int(r.removed), "alone": int(r.alone)} for r in nobody.reasons
        ],
    }


@dataclass(frozen=True, slots=True)
class Alternative:
    """Insisting on this pair costs the whole at least so much. What it costs exactly only `cost` can say."""

    mentor: int
    mentee: int
    score: int
    serves_fewer: bool  # somebody would lose a mentor, or one who waited longer
    lowers_floor: bool  # the worst-off pair would be worse, or somebody would lose a mentor
    costs_at_least: int  # points of the total, where neither of the two holds; 0: may be as good


def why_nobody(
    mentors: People,
    mentees: People,
    rules: Rules,
    *,
    side: Literal["mentors", "mentees"],
    rows: ArrayLike,
    forbidden: ArrayLike | None = None,
) -> list[Nobody]:
    """One entry per person asked for; made for those a solution left out."""
    book = Rulebook(mentors, mentees, rules, forbidden)
    told = [rule for rule in ALL if rule.audience != "nobody"]
    out = []
    for row in np.asarray(rows, np.int64).reshape(-1):
        bits = (book.block([row], None) if side == "mentors" else book.block(None, [row])).ravel()
        counts = [
            (rule.name, int((bits & rule.bit > 0).sum()), int((bits == rule.bit).sum())) for rule in told
        ]
        reasons = sorted((Reason(*count) for count in counts if count[1]), key=lambda r: (-r.removed, r.rule))
        out.append(
            Nobody(
                int(row), len(bits), int((bits & sum(rule.bit for rule in told) == 0).sum()), tuple(reasons)
            )
        )
    return out


def alternatives(
    solution: Solution,
    mentors: People,
    mentees: People,
    rules: Rules,
    weights: Weights,
    *,
    side: Literal["mentors", "mentees"],
    row: int,
    count: int = 5,
    forbidden: ArrayLike | None = None,
) -> list[Alternative]:
    """The next best possible partners of one person, cheapest for everybody first."""
    rows, columns = ([row], None) if side == "mentors" else (None, [row])
    bits = Rulebook(mentors, mentees, rules, forbidden).block(rows, columns).ravel()
    score = Scorer(mentors, mentees, weights).block(rows, columns).ravel().astype(np.int64)
    own, other = (0, 1) if side == "mentors" else (1, 0)
    partners = solution.pairs[solution.pairs[:, own] == row, other]
    bits[partners] = 1
    others = np.flatnonzero(bits == 0)
    mine = np.full(len(others), row)
    mentor, mentee = (mine, others) if side == "mentors" else (others, mine)
    fewer, below, points = _costs(solution, mentors, mentees, mentor, mentee, score[others])
    order = np.lexsort((others, -score[others], points, below, fewer))[:count]
    return [
        Alternative(
            int(mentor[n]),
            int(mentee[n]),
            int(score[others[n]]),
            bool(fewer[n]),
            bool(below[n]),
            int(points[n]),
        )
        for n in order
    ]


def _costs(
    solution: Solution,
    mentors: People,
    mentees: People,
    mentor: NDArray[np.int64],
    mentee: NDArray[np.int64],
    score: NDArray[np.int64],
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.int64]]:
    """What insisting on each of these pairs costs the whole, as the prices bound it: whether somebody loses
    a mentor, whether the floor sinks, and the points of the total at least, where neither holds."""
    prices, served = solution.proof.worth, solution.proof.served
    missing = prices.mentors[mentor] + prices.mentees[mentee]
    fewer = (served.mentors[mentor] + served.mentees[mentee])[:, 0] > 0
    below = (missing[:, 0] > 0) | (score < prices.threshold)
    base = solution.proof.base
    numbers = lot(*(n[at] for n, at in zip(lots(mentors.key, mentees.key), (mentor, mentee), strict=True)))
    points = np.maximum(0, missing[:, -1] - score * base - numbers) // base
    points = np.where(fewer | below | (missing[:, 1:-1] != 0).any(axis=1), 0, points)
    return fewer, below, points


def close_calls(
    solution: Solution,
    mentors: People,
    mentees: People,
    rules: Rules,
    weights: Weights,
    *,
    forbidden: ArrayLike | None = None,
    most: int = 10,
) -> NDArray[np.bool_]:
    """For each pair of the solution whether one of the two could have somebody else who would, as far as the
    prices tell, cost the whole no more than `most` points. Looks at all pairs once, block by block."""
    book, scorer = Rulebook(mentors, mentees, rules, forbidden), Scorer(mentors, mentees, weights)
    near = [np.zeros(len(side), np.bool_) for side in (mentors, mentees)]
    own = solution.pairs[:, 0] * max(1, len(mentees)) + solution.pairs[:, 1]
    step = max(1, 1_000_000 // max(1, len(mentees)))
    for low in range(0, len(mentors), step):
        rows = np.arange(low, min(low + step, len(mentors)))
        i, j = np.nonzero(book.block(rows, None) == 0)
        mentor, mentee = rows[i], j.astype(np.int64)
        other = ~np.isin(mentor * max(1, len(mentees)) + mentee, own)
        i, j, mentor, mentee = i[other], j[other], mentor[other], mentee[other]
        score = scorer.block(rows, None)[i, j].astype(np.int64)
        fewer, below, points = _costs(solution, mentors, mentees, mentor, mentee, score)
        close = ~fewer & ~below & (points <= most)
        near[0][mentor[close]] = True
        near[1][mentee[close]] = True
    return near[0][solution.pairs[:, 0]] | near[1][solution.pairs[:, 1]]


def cost(
    solution: Solution,
    mentors: People,
    mentees: People,
    rules: Rules,
    weights: Weights,
    *,
    pair: tuple[int, int],
    order: Order = Order.FLOOR,
    forbidden: ArrayLike | None = None,
    fixed: ArrayLike | None = None,
) -> Objective:
    """Exactly what insisting on one pair takes from each place of the objective.

    Solves again with the pair fixed, so it takes as long. A fixed pair does not count for the floor; the
    floor here is that of all others, or the pair's own score where that is lower.
    """
    kept = np.concatenate([pair_array(fixed), pair_array([pair])])
    other = solve(mentors, mentees, rules, weights, order=order, forbidden=forbidden, fixed=kept)
    new = other.objective
    if order == Order.FLOOR:
        own = int(other.scores[(other.pairs == pair).all(axis=1)][0])
        new = new._replace(floor=min(new.floor, own) if not other.fixed.all() else own)
    return Objective(*(before - after for before, after in zip(solution.objective, new, strict=True)))


@dataclass(frozen=True, slots=True)
class Help:
    """Under this change alone so many more mentees would have a mentor."""

    change: str  # a name in `loosened`
    more: int


def changes_that_help(
    mentors: People,
    mentees: People,
    rules: Rules,
    weights: Weights,
    *,
    served: int,
    forbidden: ArrayLike | None = None,
    fixed: ArrayLike | None = None,
    seconds: float = 5,
) -> list[Help]:
    """Each rule loosened by one step, by itself, and what it would bring; the largest help first.

    Solves once per change, each at most for `seconds`; what a change brings can then only be more.
    """
    found = []
    for name, looser, one, two in loosened(mentors, mentees, rules):
        other = solve(
            one,
            two,
            looser,
            weights,
            order=Order.TOTAL,
            forbidden=forbidden,
            fixed=fixed,
            seconds=seconds,
        )
        if other.objective.served > served:
            found.append(Help(name, other.objective.served - served))
    return sorted(found, key=lambda help: (-help.more, help.change))


def loosened(mentors: People, mentees: People, rules: Rules) -> list[tuple[str, Rules, People, People]]:
    """The rules that are on, each one step looser; "remote": everybody would also meet by video."""
    steps: list[tuple[str, Rules]] = []
    if rules.grade_gap:
        steps.append(("grade", replace(rules, grade_gap=rules.grade_gap - 1 or None)))
    if rules.other_unit:
        steps.append(("unit", replace(rules, other_unit=False)))
    if rules.other_profession:
        steps.append(("profession", replace(rules, other_profession=False)))
    if rules.language_level > 2:
        steps.append(("language", replace(rules, language_level=2)))
    if rules.common_hours:
        steps.append(("hours", replace(rules, common_hours=rules.common_hours - 1)))
    if rules.line_reach is None or rules.line_reach > 2:
        steps.append(("line", replace(rules, line_reach=2)))
    if rules.earlier != "off":
        steps.append(("earlier", replace(rules, earlier="off")))
    found = [(name, looser, mentors, mentees) for name, looser in steps]
    if not (mentors.remote.all() and mentees.remote.all()):
        everybody = [side.but(remote=np.ones(len(side), np.bool_)) for side in (mentors, mentees)]
        found.append(("remote", rules, *everybody))
    return found


def scarce_topics(mentees: People, unserved: ArrayLike) -> list[tuple[int, int]]:
    """(topic column, how many), most first: what those without a mentor want to learn above all else.

    A mentee who wants several topics equally counts for the first of them.
    """
    rows = np.asarray(unserved, np.int64).reshape(-1)
    wanted = mentees.interest[rows]
    wanted = wanted[wanted.any(axis=1)] if wanted.size else wanted[:0]
    if not wanted.size:
        return []
    topics, counts = np.unique(wanted.argmax(axis=1), return_counts=True)
    order = np.lexsort((topics, -counts))
    return [(int(topics[n]), int(counts[n])) for n in order]
