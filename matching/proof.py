"""Checks a solution without trusting the solver: shares no code with it, only the rules and the scores.

Weak duality: for prices u ≥ 0 (mentors) and v (mentees) no set of mentorships is worth more than the bound
they give over all possible pairs. A solution worth as much as the bound is therefore best. See
docs/matching.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matching.people import People, pair_array
from matching.rules import Rulebook, Rules
from matching.scoring import LOT_MOST, Scorer, Weights, lot, lots, overall
from matching.solution import Order, Prices, Solution, Status


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
    """Raises `ProofError` if a rule or room is broken, a number is wrong, or the prices prove nothing."""
    rules, weights = rules or Rules(), weights or Weights()
    _hold(len(solution.pairs) == len(solution.scores) == len(solution.fixed), "A column is too short.")
    forbidden, fixed = pair_array(forbidden), pair_array(fixed)
    case = _Case(mentors, mentees, rules, weights, Order(order), forbidden, fixed, solution)
    case.check_pairs()
    case.check_objective()
    claims = case.claims()
    bounds = case.bounds(claims)
    return case.verdict(claims, bounds)


@dataclass(frozen=True, slots=True, eq=False)
class _Claim:
    """Prices, and the gain of a pair of each score at each of their levels (the last adds lots)."""

    prices: Prices
    gains: NDArray[np.int64]  # (levels, 1001)
    lots: bool


class _Case:
    def __init__(
        self,
        mentors: People,
        mentees: People,
        rules: Rules,
        weights: Weights,
        order: Order,
        forbidden: NDArray[np.int64],
        fixed: NDArray[np.int64],
        solution: Solution,
    ) -> None:
        self.mentors, self.mentees, self.order, self.solution = mentors, mentees, order, solution
        self.book, self.scorer = (
            Rulebook(mentors, mentees, rules, forbidden),
            Scorer(mentors, mentees, weights),
        )
        self.forbidden, self.fixed = forbidden, fixed
        self.free = solution.pairs[~solution.fixed]
        self.lots = lots(mentors.key, mentees.key)
        self.room = mentors.capacity - np.bincount(fixed[:, 0], minlength=len(mentors))
        self.wanted = mentees.capacity - np.bincount(fixed[:, 1], minlength=len(mentees))
        self.has = np.isin(np.arange(len(mentees)), fixed[:, 1])
        self.waited = np.maximum(mentees.waited, 0).astype(np.int64)

    def check_pairs(self) -> None:
        pairs, told = self.solution.pairs, self.solution.scores
        _hold(len(np.unique(pairs, axis=0)) == len(pairs), "A pair comes up twice.")
        _hold(not self.book.pairs(pairs).any(), "A pair breaks a rule.")
        ours = np.unique(pairs[self.solution.fixed], axis=0)
        _hold(np.array_equal(ours, np.unique(self.fixed, axis=0)), "The fixed pairs are not those asked for.")
        for column, side in [(0, self.mentors), (1, self.mentees)]:
            load = np.bincount(pairs[:, column], minlength=len(side))
            _hold((load <= side.capacity).all(), "Somebody has more partners than room.")
        real = overall(self.scorer.criteria(pairs), self.scorer.weights)
        _hold(np.array_equal(real, told), "A score is not what the criteria add up to.")

    def check_objective(self) -> None:
        pairs, scores = self.solution.pairs, self.solution.scores
        served = np.unique(pairs[:, 1])
        free = scores[~self.solution.fixed]
        bands = [-int((scores < band).sum()) if self.order is Order.BANDS else 0 for band in (300, 400, 500)]
        floor = int(free.min()) if self.order is Order.FLOOR and len(free) else 0
        tie = int(lot(self.lots[0][pairs[:, 0]], self.lots[1][pairs[:, 1]]).sum(dtype=np.int64))
        real = (
            len(served),
            int(self.waited[served].sum()),
            len(pairs),
            *bands,
            floor,
            int(scores.sum(dtype=np.int64)),
            tie,
        )
        _hold(tuple(self.solution.objective) == real, "The objective is not what the pairs add up to.")

    def claims(self) -> dict[str, _Claim]:
        proof, score = self.solution.proof, np.arange(1001)
        most = min(int(self.mentors.capacity.sum()), int(self.mentees.capacity.sum()))
        _hold(proof.base > LOT_MOST * most, "Lots could outweigh a point of score.")
        nothing = np.zeros((1, 1001), np.int64)
        out = {"served": _Claim(proof.served, nothing, False)}
        if proof.floor is not None:
            out["floor"] = _Claim(proof.floor, nothing, False)
        bands = (
            [np.where(score < band, -1, 0) for band in (300, 400, 500)] if self.order is Order.BANDS else []
        )
        out["worth"] = _Claim(proof.worth, np.stack([nothing[0], *bands, score * proof.base]), True)
        for claim in out.values():
            shapes = (len(self.mentors), len(claim.gains)), (len(self.mentees), len(claim.gains))
            _hold((claim.prices.mentors.shape, claim.prices.mentees.shape) == shapes, "Prices are missing.")
            _hold(not (_sign(claim.prices.mentors) < 0).any(), "A mentor's price is below nothing.")
        return out

    def bounds(self, claims: dict[str, _Claim]) -> dict[str, tuple[int, ...]]:
        """For each claim the most that any set of mentorships can be worth: rooms at their prices, and what
        pairs have above the prices of their two people."""
        bounds = {}
        for name, claim in claims.items():
            sums = _sums(self.room, claim.prices.mentors)
            first = np.where(self.has, 0, np.minimum(self.wanted, 1))
            for count, worth in [(first, 2 + self.waited), (self.wanted - first, np.ones_like(self.waited))]:
                profit = claim.prices.mentees.copy()
                profit[:, 0] += worth
                sums = [
                    a + b
                    for a, b in zip(
                        sums, _sums(count, np.where(_sign(profit)[:, None] > 0, profit, 0)), strict=True
                    )
                ]
            bounds[name] = sums
        step = max(1, (1 << 20) // max(1, len(self.mentees)))
        for low in range(0, len(self.mentors), step):
            rows = np.arange(low, min(low + step, len(self.mentors)))
            scores = self.scorer.block(rows, None)
            possible = self.book.block(rows, None) == 0
            possible &= (self.room[rows] > 0)[:, None] & (self.wanted > 0)[None, :]
            inside = (self.fixed[:, 0] >= low) & (self.fixed[:, 0] < low + len(rows))
            possible[self.fixed[inside, 0] - low, self.fixed[inside, 1]] = False
            for name, claim in claims.items():
                above = self._above(claim, rows, scores, possible & (scores >= claim.prices.threshold))
                bounds[name] = [a + b for a, b in zip(bounds[name], above, strict=True)]
        return {name: tuple(bound) for name, bound in bounds.items()}

    def _above(
        self, claim: _Claim, rows: NDArray[np.int64], scores: NDArray[np.int16], possible: NDArray[np.bool_]
    ) -> list[int]:
        """What the pairs have above their prices, for those that have, summed level by level."""
        one, two = claim.prices.mentors[rows], claim.prices.mentees
        last = len(claim.gains) - 1
        open_ = possible & (one[:, :1] + two[:, 0] <= 0)  # a pair gains nothing at the first level
        i, j = np.nonzero(open_)
        profit = claim.gains[:, scores[i, j]].T - one[i] - two[j]
        if claim.lots:
            profit[:, last] += lot(self.lots[0][rows[i]], self.lots[1][j])
        profit = profit[_sign(profit) > 0]
        return [int(value) for value in profit.sum(axis=0)]

    def verdict(self, claims: dict[str, _Claim], bounds: dict[str, tuple[int, ...]]) -> Verdict:
        solution, pairs = self.solution, self.free
        load = np.bincount(pairs[:, 1], minlength=len(self.mentees))
        first = np.where(self.has, 0, np.minimum(load, 1))
        need = int((first * (2 + self.waited)).sum() + (load - first).sum())
        scores = solution.scores[~solution.fixed]
        claim = claims["worth"]
        have = [need, *(int(gain[scores].sum()) for gain in claim.gains[1:])]
        have[-1] += int(lot(self.lots[0][pairs[:, 0]], self.lots[1][pairs[:, 1]]).sum(dtype=np.int64))
        for name in ("served", "worth"):
            _hold(
                bounds[name] >= tuple(have[: len(bounds[name])]),
                f"The prices of {name!r} are too low to be true.",
            )
        best = bounds["served"] == (need,) and bounds["worth"] == tuple(have)
        if self.order is Order.FLOOR and len(scores):
            floor = int(scores.min())
            best &= claims["worth"].prices.threshold == floor
            best &= floor >= 1000 or (
                "floor" in bounds
                and claims["floor"].prices.threshold == floor + 1
                and bounds["floor"] < (need,)
            )
        else:
            best &= claim.prices.threshold <= 0 or not len(scores)
        best &= claims["served"].prices.threshold <= 0
        if solution.status is Status.OPTIMAL:
            _hold(best, "The prices do not prove that nothing is better.")
            _hold(solution.bound == solution.objective, "The bound is not the objective.")
        return Verdict(bool(best), len(self.mentors) * len(self.mentees), solution.bound.total)


def _hold(true: bool | np.bool_, sentence: str) -> None:
    if not true:
        raise ProofError(sentence)


def _sign(table: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of each row, read from left to right: the sign of the first entry that is not 0."""
    sign = np.zeros(len(table), np.int64)
    for column in table.T:
        sign = np.where(sign == 0, np.sign(column), sign)
    return sign


def _sums(count: NDArray[np.int64], table: NDArray[np.int64]) -> list[int]:
    """In Python's own integers, which cannot overflow."""
    return [
        sum(int(n) * int(value) for n, value in zip(count, column, strict=True) if n) for column in table.T
    ]
