"""Best flows on a list of pairs, level by level, with the prices that prove each level.

The network is a circulation: origin → mentee (a first mentor, or a further one) → mentor → origin. A level
gives every arc a gain; a later level may only use what is free at all earlier ones. An arc is free at a level
where its gain equals the prices at its ends; where it is more the arc is used to the full, where it is less
not at all. OR-Tools finds the flow; the prices come from shortest paths on what the flow leaves (OR-Tools
shows none).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import min_cost_flow

Ints = NDArray[np.int64]
FAR = np.int64(1) << 61


@dataclass(frozen=True, slots=True, eq=False)
class Sides:
    """Who can take how many; a mentee's first mentor is worth more than any further one."""

    mentors: Ints  # room
    first: Ints  # 1 for a mentee still without a mentor and with room, else 0
    further: Ints  # room beyond the first
    need: Ints  # worth of a first mentor; a further one is worth 1


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    chosen: NDArray[np.bool_]  # per pair
    first: Ints  # per mentee
    further: Ints


class Pairs:
    """Pairs in use, sorted by mentee and mentor: how they were found makes no difference."""

    def __init__(self, mentor: Ints, mentee: Ints, score: Ints, lot: Ints) -> None:
        self.mentor, self.mentee, self.score, self.lot = mentor, mentee, score, lot

    def __len__(self) -> int:
        return len(self.mentor)

    def where(self, mask: NDArray[np.bool_]) -> Pairs:
        return Pairs(self.mentor[mask], self.mentee[mask], self.score[mask], self.lot[mask])

    def merged(self, other: Pairs, mentors: int) -> tuple[Pairs, NDArray[np.bool_]]:
        """Both together, each pair once, and which of them are of this list."""
        code = np.concatenate([self.mentee * mentors + self.mentor, other.mentee * mentors + other.mentor])
        code, at = np.unique(code, return_index=True)
        both = Pairs(
            code % mentors,
            code // mentors,
            np.concatenate([self.score, other.score])[at],
            np.concatenate([self.lot, other.lot])[at],
        )
        return both, at < len(self)


def best_flow(
    sides: Sides,
    pairs: Pairs,
    gain: Ints,
    free: tuple[Ints, Ints, Ints, Ints],
    total: int | None,
) -> Flow:
    """The flow of most gain that keeps to the earlier levels.

    `free` is per pair, first arc, further arc and mentor: 0 free, 1 used to the full, -1 not used. `total` is
    how much flows, known from the first level; on the first level itself it is None, the arcs from the origin
    carry the worth of a mentor, and as much as possible flows.
    """
    on, first_on, further_on, mentor_on = free
    mentees, mentors = len(sides.first), len(sides.mentors)
    source, sink = mentees + mentors, mentees + mentors + 1
    use = np.flatnonzero(on == 0)
    chosen = on > 0
    forced_first, forced_further = sides.first * (first_on > 0), sides.further * (further_on > 0)
    room_first, room_further = sides.first * (first_on == 0), sides.further * (further_on == 0)
    room_mentor, forced_mentor = sides.mentors * (mentor_on == 0), sides.mentors * (mentor_on > 0)

    supply = np.zeros(mentees + mentors + 2, np.int64)
    supply[:mentees] = forced_first + forced_further - np.bincount(pairs.mentee[chosen], minlength=mentees)
    supply[mentees : mentees + mentors] = np.bincount(pairs.mentor[chosen], minlength=mentors) - forced_mentor

    node = np.arange(mentees)
    worth = sides.need if total is None else np.zeros(mentees, np.int64)
    one, two = np.flatnonzero(room_first), np.flatnonzero(room_further)
    three = np.flatnonzero(room_mentor)
    tails = np.concatenate([pairs.mentee[use], np.full(len(one) + len(two), source), mentees + three])
    heads = np.concatenate([mentees + pairs.mentor[use], node[one], node[two], np.full(len(three), sink)])
    rooms = np.concatenate(
        [np.ones(len(use), np.int64), room_first[one], room_further[two], room_mentor[three]]
    )
    costs = np.concatenate(
        [
            -gain[use],
            -worth[one],
            np.full(len(two), -1 if total is None else 0),
            np.zeros(len(three), np.int64),
        ]
    )
    solver = min_cost_flow.SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(
        tails.astype(np.int32), heads.astype(np.int32), rooms.astype(np.int64), costs.astype(np.int64)
    )
    if total is None:
        supply[source] = room_first.sum() + room_further.sum()
        supply[sink] = -supply[source]
    else:
        supply[source] = total - forced_first.sum() - forced_further.sum()
        supply[sink] = forced_mentor.sum() - total
    solver.set_nodes_supplies(np.arange(len(supply), dtype=np.int32), supply)
    status = solver.solve_max_flow_with_min_cost() if total is None else solver.solve()
    if status != solver.OPTIMAL:
        raise ArithmeticError(f"min-cost flow: {status}")
    flows = np.asarray(solver.flows(arcs))
    chosen[use] = flows[: len(use)] > 0
    at = len(use)
    forced_first[one] = flows[at : at + len(one)]
    forced_further[two] = flows[at + len(one) : at + len(one) + len(two)]
    return Flow(chosen, forced_first, forced_further)


def best_prices(
    sides: Sides,
    pairs: Pairs,
    gain: Ints,
    free: tuple[Ints, Ints, Ints, Ints],
    flow: Flow,
    first_level: bool,
    start: tuple[Ints, Ints] | None = None,
) -> tuple[Ints, Ints]:
    """Prices of mentors and mentees that prove `flow` best among the free arcs of this level.

    They are shortest distances in the residual network, found by passing on what got shorter until nothing
    does. From `start`, earlier prices, it is quicker when few pairs are new.
    """
    on, first_on, further_on, mentor_on = free
    mentees, mentors = len(sides.first), len(sides.mentors)
    worth_first = sides.need if first_level else np.zeros(mentees, np.int64)
    worth_further = 1 if first_level else 0
    load = np.bincount(pairs.mentor[flow.chosen], minlength=mentors)

    # origin → mentee costs `down`, mentee → origin costs `up`, where the arc is there at all
    down, up = np.full(mentees, FAR), np.full(mentees, FAR)
    is_free, used = first_on == 0, flow.first > 0
    np.minimum(down, -worth_first, out=down, where=is_free & (flow.first < sides.first))
    np.minimum(up, worth_first, out=up, where=is_free & used)
    is_free, used = further_on == 0, flow.further > 0
    np.minimum(down, -worth_further, out=down, where=is_free & (flow.further < sides.further))
    np.minimum(up, worth_further, out=up, where=is_free & used)
    to_origin = (mentor_on == 0) & (load < sides.mentors)
    from_origin = (mentor_on == 0) & (load > 0)

    use = (on == 0) & ~flow.chosen
    tail, head, cost = pairs.mentee[use], pairs.mentor[use], -gain[use]
    starts = np.searchsorted(tail, np.arange(mentees + 1))
    back = (on == 0) & flow.chosen
    back_tail, back_head, back_cost = pairs.mentor[back], pairs.mentee[back], gain[back]

    at_mentor = np.zeros(mentors, np.int64) if start is None else -start[0]
    at_mentee = np.zeros(mentees, np.int64) if start is None else start[1].copy()
    at_origin = 0
    changed = np.arange(mentees)
    fresh = True
    for _ in range(4 * (mentees + mentors) + 8):
        before = at_mentor.copy()
        if len(changed) > mentees // 4:
            np.minimum.at(at_mentor, head, at_mentee[tail] + cost)
        elif len(changed):
            counts = starts[changed + 1] - starts[changed]
            ends = np.cumsum(counts)
            arc = np.arange(ends[-1]) + np.repeat(starts[changed] - ends + counts, counts)
            np.minimum.at(at_mentor, head[arc], np.repeat(at_mentee[changed], counts) + cost[arc])
        nearer = min(
            int(at_mentor[to_origin].min(initial=FAR)),
            int((at_mentee + up)[up < FAR].min(initial=FAR)),
            at_origin,
        )
        moved, at_origin = nearer < at_origin or fresh, nearer
        old = at_mentee.copy()
        if moved:
            np.minimum(at_mentor, at_origin, out=at_mentor, where=from_origin)
            np.minimum(at_mentee, at_origin + down, out=at_mentee, where=down < FAR)
        if fresh or (at_mentor < before).any():
            np.minimum.at(at_mentee, back_head, at_mentor[back_tail] + back_cost)
        changed = np.flatnonzero(at_mentee < old)
        if not len(changed) and not moved and not fresh:
            break
        fresh = False
    else:
        raise ArithmeticError("min-cost flow: the flow is not best")
    prices = at_origin - at_mentor, at_mentee - at_origin
    # nobody pays less than nothing for a mentor with room left
    return np.where(mentor_on == 0, np.maximum(prices[0], 0), prices[0]), prices[1]


def standing(
    sides: Sides, pairs: Pairs, gains: list[Ints], prices: list[tuple[Ints, Ints]]
) -> tuple[Ints, Ints, Ints, Ints]:
    """What earlier levels leave free, see `best_flow`: the sign of the first level that is not in balance."""
    on = np.zeros(len(pairs), np.int64)
    first_on, further_on = np.zeros(len(sides.first), np.int64), np.zeros(len(sides.first), np.int64)
    mentor_on = np.zeros(len(sides.mentors), np.int64)
    for level, (gain, (one, two)) in enumerate(zip(gains, prices, strict=False)):
        settle(on, gain - one[pairs.mentor] - two[pairs.mentee])
        settle(first_on, (sides.need if level == 0 else 0) + two)
        settle(further_on, (1 if level == 0 else 0) + two)
        settle(mentor_on, one)
    return on, first_on, further_on, mentor_on


def settle(sign: Ints, surplus: Ints) -> None:
    np.copyto(sign, np.sign(surplus), where=sign == 0)
