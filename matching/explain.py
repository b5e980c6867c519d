"""Why somebody was left without a partner, and what another choice would cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from numpy.typing import ArrayLike

from matching.people import People
from matching.rules import Rules
from matching.scoring import Weights
from matching.solution import Objective, Order, Solution


@dataclass(frozen=True, slots=True)
class Reason:
    rule: str  # name in matching.rules
    removed: int  # candidates who break this rule
    alone: int  # candidates who break only this one: dropping it would make them possible


@dataclass(frozen=True, slots=True)
class Nobody:
    """`possible` of `candidates` were left by the rules; if any, they are all taken by somebody who comes first.

    Rules nobody may be told about (who would rather not) are in `possible`, but not among the `reasons`.
    """

    row: int
    candidates: int
    possible: int
    reasons: tuple[Reason, ...]  # largest first


@dataclass(frozen=True, slots=True)
class Alternative:
    mentor: int
    mentee: int
    score: int
    costs_at_least: int  # points of the total, from the prices; 0: may be as good


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
    raise NotImplementedError


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
    raise NotImplementedError


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
    """Exactly what insisting on one pair changes, place by place of the objective; solves again, so it takes as long."""
    raise NotImplementedError
