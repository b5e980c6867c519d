"""Best flows on a list of pairs, level by level, with the prices that prove each level.

The network is a circulation: origin → mentee (a first mentor, or a further one) → mentor → origin. A level gives
every arc a gain; a later level may only use what is free at all earlier ones. An arc is free at a level where its
gain equals the prices at its ends; where it is more the arc is used to the full, where it is less not at all.
OR-Tools finds the flow; the prices come from shortest paths on what the flow leaves (OR-Tools shows none).
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
    """Pairs in use, sorted by mentee and mentor, so that the result does not depend on how they were found."""

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
    need: bool,
    free: tuple[Ints, Ints, Ints, Ints],
) -> Flow:
    """The flow of most gain that keeps to the earlier levels.

    `free` is per pair, first arc, further arc and mentor: 0 free, 1 used to the full, -1 not used. With `need` the
    arcs from the origin carry the worth of a mentor, and as much as possible flows.
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
    worth = sides.need if need else np.zeros(mentees, np.int64)
    one, two = np.flatnonzero(room_first), np.flatnonzero(room_further)
    three = np.flatnonzero(room_mentor)
    tails = np.concatenate([pairs.mentee[use], np.full(len(one) + len(two), source), mentees + three])
    heads = np.concatenate([mentees + pairs.mentor[use], node[one], node[two], np.full(len(three), sink)])
    rooms = np.concatenate([np.ones(len(use), np.int64), room_first[one], room_further[two], room_mentor[three]])
    costs = np.concatenate(
        [-gain[use], -worth[one], np.full(len(two), -1 if need else 0), np.zeros(len(three), np.int64)]
    )
    solver = min_cost_flow.SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(
        tails.astype(np.int32), heads.astype(np.int32), rooms.astype(np.int64), costs.astype(np.int64)
    )
    if need:
        supply[source] = room_first.sum() + room_further.sum()
        supply[sink] = -supply[source]
        solver.set_nodes_supplies(np.arange(len(supply), dtype=np.int32), supply)
        status = solver.solve_max_flow_with_min_cost()
    else:
        raise NotImplementedError
    if status != solver.OPTIMAL:
        raise ArithmeticError(f"min-cost flow: {status}")
    flows = np.asarray(solver.flows(arcs))
    chosen[use] = flows[: len(use)] > 0
    at = len(use)
    forced_first[one] = flows[at : at + len(one)]
    forced_further[two] = flows[at + len(one) : at + len(one) + len(two)]
    return Flow(chosen, forced_first, forced_further)
