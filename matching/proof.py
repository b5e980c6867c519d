"""Checks a solution without trusting the solver: shares no code with it, only the rules and the scores.

Weak duality: for prices u ≥ 0 (mentors) and v (mentees) no set of mentorships is worth more than the bound they
give over all possible pairs. A solution worth as much as the bound is therefore best. See docs/matching.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike

from matching.people import People
from matching.rules import Rules
from matching.scoring import Weights
from matching.solver import Order, Solution


class ProofError(Exception):
    """What was claimed does not hold."""


@dataclass(frozen=True, slots=True)
class Verdict:
    optimal: bool
    pairs_checked: int
    bound_total: int


def check(
    solution: Solution,
    mentors: People,
    mentees: People,
    rules: Rules | None = None,
    weights: Weights | None = None,
    *,
    order: Order = Order.FLOOR,
    forbidden: ArrayLike | None = None,
    fixed: ArrayLike | None = None,
) -> Verdict:
    """Raises `ProofError` if a rule or capacity is broken, a number is wrong, or the prices do not prove it."""
    raise NotImplementedError
