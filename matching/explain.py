"""Why somebody was left without a partner, and what another choice would cost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from matching.people import People, pair_array
from matching.rules import ALL, TOLD, Rulebook, Rules
from matching.scoring import Scorer, Weights, lot, lots
from matching.solution import Objective, Order, Solution
from matching.solver import solve

Side = Literal["mentors", "mentees"]

BANDS = (300, 400, 500)


@dataclass(frozen=True, slots=True)
class Reason:
    rule: str  # name in matching.rules
    removed: int  # candidates who break this rule
    alone: int  # candidates who break only this one: dropping it would make them possible


@dataclass(frozen=True, slots=True)
class Nobody:
    """`possible` of `candidates` were left by the rules; if any, they are all taken by somebody who comes
    first.

    Rules nobody may be told about (who would rather not) count in none of it.
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
    side: Side,
    rows: ArrayLike,
    forbidden: ArrayLike | None = None,
) -> list[Nobody]:
    """One entry per person asked for; made for those a solution left out."""
    book = Rulebook(mentors, mentees, rules, forbidden)
    told = [rule for rule in ALL if rule.audience != "nobody"]
    out = []
    for row in np.asarray(rows, np.int64).reshape(-1):
        bits = (book.block([row], None) if side == "mentors" else book.block(None, [row])).ravel() & TOLD
        counts = [
            (rule.name, int((bits & rule.bit > 0).sum()), int((bits == rule.bit).sum())) for rule in told
        ]
        reasons = sorted((Reason(*count) for count in counts if count[1]), key=lambda r: (-r.removed, r.rule))
        out.append(Nobody(int(row), len(bits), int((bits == 0).sum()), tuple(reasons)))
    return out


def rivals(
    solution: Solution,
    mentors: People,
    mentees: People,
    rules: Rules,
    weights: Weights,
    *,
    rows: ArrayLike,
    forbidden: ArrayLike | None = None,
) -> list[list[int]]:
    """For each of these mentees who has the mentors that the rules leave them, as rows, the best suited
    mentor's first. Rules nobody may be told about do not count, so that the answer tells nothing of them.
    """
    book, scorer = Rulebook(mentors, mentees, rules, forbidden), Scorer(mentors, mentees, weights)
    holders: dict[int, list[int]] = {}
    for mentor, mentee in solution.pairs.tolist():
        holders.setdefault(mentor, []).append(mentee)
    found = []
    for row in np.asarray(rows, np.int64).reshape(-1).tolist():
        able = np.flatnonzero(book.block(None, [row]).ravel() & TOLD == 0)
        able = able[np.argsort(-scorer.block(able, [row]).ravel(), kind="stable")]
        found.append(
            list(dict.fromkeys(other for mentor in able.tolist() for other in holders.get(mentor, [])))
        )
    return found


def alternatives(
    solution: Solution,
    mentors: People,
    mentees: People,
    rules: Rules,
    weights: Weights,
    *,
    side: Side,
    row: int,
    count: int = 5,
    forbidden: ArrayLike | None = None,
) -> list[Alternative]:
    """The next best partners of one person, cheapest for everybody first. Rules nobody may be told about do
    not count, so that who is not among them tells nothing; who is may turn out not to be possible."""
    rows, columns = ([row], None) if side == "mentors" else (None, [row])
    bits = Rulebook(mentors, mentees, rules, forbidden).block(rows, columns).ravel() & TOLD
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


def margins(
    solution: Solution,
    mentors: People,
    mentees: People,
    rules: Rules,
    weights: Weights,
    *,
    forbidden: ArrayLike | None = None,
    most: int = 10,
) -> NDArray[np.int64]:
    """For each pair of the solution how many points the whole loses where these two are not together and all
    others are rearranged as well as possible; `most` + 1 where it is more, or a mentee or the floor is lost.

    That is the shortest way round from a mentor's place back to it, each mentee taking the next one's,
    measured by what pairs lack to the prices; lots may move it by a point. Where a mentee has several
    mentors it may be less. Keeps tables of all pairs: meant for up to a million combinations.
    """
    prices, base = solution.proof.worth, solution.proof.base
    limit = (most + 1) * base - 1
    lack = _lacks(solution, mentors, mentees, rules, weights, forbidden)
    load = [
        np.bincount(solution.pairs[:, side], minlength=len(of)) for side, of in enumerate((mentors, mentees))
    ]
    at = np.flatnonzero(~solution.fixed)
    one, two = solution.pairs[at].T
    count = len(at)
    if not count:
        return np.full(len(solution.pairs), most + 1, np.int64)
    # places of pairs, and one more node for the places nobody has and the mentees who have none
    way = np.full((count + 1, count + 1), np.inf)
    way[:count, :count] = lack[np.ix_(one, two)].T
    way[:count, :count][one[:, None] == one[None, :]] = np.inf
    spare = np.flatnonzero(load[0] < mentors.capacity)
    alone = np.flatnonzero((load[1] == 0) & (mentees.capacity == 1))
    worth = prices.mentees.astype(np.float64)
    worth[:, 0] += 2 + np.clip(mentees.waited, 0, None)
    even = (worth[:, :-1] == 0).all(axis=1)
    if len(spare):
        taken = lack[np.ix_(spare, two)]
        taken[spare[:, None] == one[None, :]] = np.inf
        way[:count, count] = taken.min(axis=0)
    single = even[two] & (mentees.capacity[two] == 1)
    way[:count, count] = np.minimum(way[:count, count], np.where(single, worth[two, -1], np.inf))
    empty = (prices.mentors[one, :-1] == 0).all(axis=1)
    way[count, :count] = np.where(empty, prices.mentors[one, -1], np.inf)
    alone = alone[even[alone]]
    if len(alone):
        entering = (lack[np.ix_(one, alone)] - worth[alone, -1]).min(axis=1)
        way[count, :count] = np.minimum(way[count, :count], entering)
    way[:count] += np.where(np.isfinite(lack[one, two]), -lack[one, two], np.inf)[:, None]  # what is given up
    way = np.where(way <= limit, np.maximum(way, 0) + 1, np.inf)  # 1 more: a way of no cost is a way
    near = np.isfinite(way)
    graph = csr_array((way[near], np.nonzero(near)), shape=way.shape)
    round_trip = np.full(count, np.inf)
    for low in range(0, count, 200):
        rows = np.arange(low, min(low + 200, count))
        out = dijkstra(graph, indices=rows, limit=limit + count + 1)
        round_trip[rows] = [(out[n] + way[:, row]).min() for n, row in enumerate(rows)]
    found = np.full(len(solution.pairs), most + 1, np.int64)
    found[at] = np.minimum(round_trip, limit + 1) // base
    return found


def _lacks(
    solution: Solution,
    mentors: People,
    mentees: People,
    rules: Rules,
    weights: Weights,
    forbidden: ArrayLike | None,
) -> NDArray[np.float64]:
    """What each pair lacks to the prices of its two, at the last level; endless where it lacks something
    before that, is below the floor, or breaks a rule. Those of the solution lack nothing, or less."""
    prices, base = solution.proof.worth, solution.proof.base
    score = Scorer(mentors, mentees, weights).block(None, None).astype(np.int64)
    open_ = Rulebook(mentors, mentees, rules, forbidden).block(None, None) == 0
    open_ &= score >= prices.threshold
    levels = prices.mentors.shape[1]
    for level in range(levels - 1):
        above = prices.mentors[:, level][:, None] + prices.mentees[:, level][None, :]
        gain = -(score < BANDS[level - 1]).astype(np.int64) if level else 0
        open_ &= above == gain
    numbers = lot(
        *(n[at] for n, at in zip(lots(mentors.key, mentees.key), np.indices(score.shape), strict=True))
    )
    above = prices.mentors[:, -1][:, None] + prices.mentees[:, -1][None, :]
    return np.where(open_, above - score * base - numbers, np.inf)


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
        mentors, mentees = (side.but(remote=np.ones(len(side), np.bool_)) for side in (mentors, mentees))
        found.append(("remote", rules, mentors, mentees))
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
