"""What a run answers: the pairs, their worth, and the prices that prove it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Order(StrEnum):
    FLOOR = "floor"  # the worst-off pair is as good as it can be, then the total
    TOTAL = "total"  # the total
    BANDS = "bands"  # fewest pairs below 300, then below 400, below 500, then the total


class Status(StrEnum):
    OPTIMAL = "optimal"
    TIME_LIMIT = "time limit"


class Objective(NamedTuple):
    """Compared from left to right; larger is better. What an order does not look at is 0."""

    served: int  # mentees with at least one mentor
    waited: int  # rounds they waited, summed over the served
    pairs: int
    below_300: int  # minus the number of pairs, with BANDS only
    below_400: int
    below_500: int
    floor: int  # score of the worst pair that was not fixed, with FLOOR only
    total: int
    tie: int


class Cancelled(Exception):
    """The caller's `cancelled` said so."""


class FixedPairError(ValueError):
    """A fixed pair breaks a rule; `pairs` holds (mentor row, mentee row, bits)."""

    def __init__(self, pairs: list[tuple[int, int, int]]) -> None:
        super().__init__("A fixed pair breaks a rule.")
        self.pairs = pairs


@dataclass(frozen=True, slots=True, eq=False)
class Prices:
    """Dual prices, several levels per person, compared from left to right.

    Together with the pairs of at least `threshold` they bound what any set of mentorships can reach.
    """

    threshold: int
    mentors: NDArray[np.int64]  # (n, levels), never negative
    mentees: NDArray[np.int64]  # (m, levels)


@dataclass(frozen=True, slots=True, eq=False)
class Proof:
    served: Prices  # one level, over all pairs: nobody more can have a mentor
    floor: Prices | None  # one level, over the pairs above the floor: they do not serve as many
    worth: Prices  # all levels, over the pairs from the floor up: nothing is better in the order's sense
    base: int  # the last level counts this for a point of score and 1 for a point of lot


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    pairs: NDArray[np.int64]  # (k, 2): mentor row, mentee row, sorted
    scores: NDArray[np.int16]
    fixed: NDArray[np.bool_]
    status: Status
    objective: Objective
    bound: Objective  # nothing can be better; equals `objective` when optimal
    proof: Proof

    @property
    def gap(self) -> int:
        """Points of total score that may be missing at most, given everything before it in the order."""
        return self.bound.total - self.objective.total
