"""The best set of mentorships over all possible pairs, with prices that prove it.

Best means, in this order: most mentees with a mentor (who waited longest first), most further mentors wanted,
the programme's order of worth, and a fixed tie-break drawn from the people's keys. See docs/matching.md.

The way: a list of likely pairs, the best flow on it level by level (`matching.flow`), then a scan of all
pairs for any that beats the prices. Those join the list, and so on until none is left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from threadpoolctl import threadpool_limits

from matching.flow import Flow, Pairs, Sides, best_flow, best_prices, standing
from matching.people import People, pair_array
from matching.rules import BY_NAME, Rules, blocked_pairs
from matching.scan import TOP, Clock, Level, Scanner, leading, rank
from matching.scoring import LOT_MOST, Weights, lot, lots
from matching.solution import (
    Cancelled,
    FixedPairError,
    Objective,
    Order,
    Prices,
    Proof,
    Solution,
    Status,
)
from matching.table import Table

__all__ = [
    "Cancelled",
    "FixedPairError",
    "Objective",
    "Order",
    "Prices",
    "Proof",
    "Solution",
    "Status",
    "solve",
]


def solve(
    mentors: People,
    mentees: People,
    rules: Rules | None = None,
    weights: Weights | None = None,
    *,
    order: Order = Order.FLOOR,
    forbidden: ArrayLike | None = None,
    fixed: ArrayLike | None = None,
    seconds: float | None = None,
    progress: Callable[[str, float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    threads: int | None = None,
) -> Solution:
    """Match the two sides.

    `forbidden` and `fixed` are (mentor row, mentee row). Fixed pairs are kept whatever they score, use up
    capacity, and do not count for the floor; one that breaks a rule raises `FixedPairError`. After `seconds`
    the best set found so far comes back with what could at most be missing. `progress(stage, share done)` is
    called now and then, `cancelled()` asked as often: answering True raises `Cancelled`.
    """
    rules, weights = rules or Rules(), weights or Weights()
    forbidden, fixed = pair_array(forbidden), pair_array(fixed)
    bits = blocked_pairs(mentors, mentees, rules, fixed, forbidden=forbidden)
    taken_a = np.bincount(fixed[:, 0], minlength=len(mentors))
    taken_b = np.bincount(fixed[:, 1], minlength=len(mentees))
    over = (taken_a > mentors.capacity)[fixed[:, 0]] | (taken_b > mentees.capacity)[fixed[:, 1]]
    bits |= np.where(over, BY_NAME["capacity"].bit, 0).astype(np.uint16)
    if bits.any():
        raise FixedPairError(
            [(int(i), int(j), int(bit)) for (i, j), bit in zip(fixed, bits, strict=True) if bit]
        )
    if len(np.unique(fixed, axis=0)) < len(fixed):
        raise ValueError("A pair is fixed twice.")
    # the lists are put in the order of the keys: where they stood must not matter
    order_a, order_b = np.argsort(mentors.key), np.argsort(mentees.key)
    place_a, place_b = np.argsort(order_a), np.argsort(order_b)

    def sort(pairs: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.stack([place_a[pairs[:, 0]], place_b[pairs[:, 1]]], axis=1)

    clock = Clock(seconds, progress, cancelled)
    run = Run(
        mentors.take(order_a),
        mentees.take(order_b),
        rules,
        weights,
        sort(forbidden),
        sort(fixed),
        clock,
        threads,
    )
    with threadpool_limits(1, "blas"):  # its own threads and ours would wait for each other
        solution = run.solve(Order(order))
    pairs = np.stack([order_a[solution.pairs[:, 0]], order_b[solution.pairs[:, 1]]], axis=1)
    listed = np.lexsort((pairs[:, 0], pairs[:, 1]))

    def unsort(prices: Prices) -> Prices:
        return Prices(prices.threshold, prices.mentors[place_a], prices.mentees[place_b])

    proof = solution.proof
    return replace(
        solution,
        pairs=pairs[listed],
        scores=solution.scores[listed],
        fixed=solution.fixed[listed],
        proof=replace(
            proof,
            served=unsort(proof.served),
            floor=proof.floor and unsort(proof.floor),
            worth=unsort(proof.worth),
        ),
    )


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """A best flow on the pairs listed, and prices; proven when no pair at all beats the prices."""

    pairs: Pairs
    flow: Flow
    prices: list[tuple[NDArray[np.int64], NDArray[np.int64]]]
    proven: bool
    bound: tuple[int, ...] | None  # over all pairs, level by level


class Run:
    def __init__(
        self,
        mentors: People,
        mentees: People,
        rules: Rules,
        weights: Weights,
        forbidden: NDArray[np.int64],
        fixed: NDArray[np.int64],
        clock: Clock,
        threads: int | None,
    ) -> None:
        self.mentors, self.mentees, self.fixed, self.clock = mentors, mentees, fixed, clock
        room = mentors.capacity - np.bincount(fixed[:, 0], minlength=len(mentors))
        wanted = mentees.capacity - np.bincount(fixed[:, 1], minlength=len(mentees))
        self.has = np.bincount(fixed[:, 1], minlength=len(mentees)) > 0
        first = np.where(self.has, 0, np.minimum(wanted, 1))
        need = 2 + np.clip(mentees.waited, 0, None).astype(np.int64)
        self.sides = Sides(room.astype(np.int64), first.astype(np.int64), wanted - first, need)
        self.table = Table(
            mentors, mentees, rules, weights, forbidden, fixed, (room == 0, wanted == 0), threads
        )
        self.lots = lots(mentors.key, mentees.key)
        most = int(min(mentors.capacity.sum(), mentees.capacity.sum()))
        self.base = 1 << (LOT_MOST * max(1, most)).bit_length()
        self.fixed_scores = self.table.scored(fixed)
        self.scanner = Scanner(self.table, self.lots, self.base, clock)

    def solve(self, order: Order) -> Solution:
        self.table.keep()
        served = self.climb(self.scanner.shortlist(), 0, [NEED])
        best, above, ceiling = served, None, 0
        if order is Order.FLOOR:
            best, above, ceiling = self.raise_floor(served)
        threshold = self.lowest(best) if order is Order.FLOOR else 0
        worth = self.climb(best.pairs, threshold, worth_levels(order, self.base))
        return self.answer(order, served, above, ceiling, worth, threshold)

    def lowest(self, state: State) -> int:
        return int(state.pairs.score[state.flow.chosen].min(initial=TOP))

    def raise_floor(self, served: State) -> tuple[State, State | None, int]:
        """The highest floor that serves as many, the proof that one more does not, and what it could be at
        most."""
        goal = self.worth(served, [NEED])
        best = served
        if not served.proven:
            return best, None, TOP
        while True:
            low, high, step = self.lowest(best), self.hoped(best) + 1, 1
            middle = high - 1
            while high - low > 1:  # on the pairs listed
                if not low < middle < high:
                    middle = (low + high) // 2
                self.clock.tell("floor", 1 - (high - low) / (TOP + 1))
                found = self.climb(best.pairs, middle, [NEED], goal, look=False)
                if self.worth(found, [NEED]) == goal:
                    best = State(best.pairs, self.widened(found, best.pairs), found.prices, False, None)
                    low = self.lowest(best)
                else:
                    high = middle
                    middle, step = middle - step, 2 * step
            if low >= TOP or not best.flow.chosen.any():
                return best, None, low
            above = self.climb(best.pairs, low + 1, [NEED], goal)
            pairs, _ = best.pairs.merged(above.pairs, len(self.mentors))
            if self.worth(above, [NEED]) < goal:
                best = State(pairs, self.widened(best, pairs), best.prices, False, None)
                return best, above if above.proven else None, low if above.proven else TOP
            best = State(pairs, self.widened(above, pairs), above.prices, False, None)

    def hoped(self, state: State) -> int:
        """The highest floor the listed pairs allow: where everybody on a side gets as many partners as they
        can have at all, nobody's worst partner is better than the last of their best."""
        pairs, most = state.pairs, TOP
        rooms = self.sides.mentors, self.sides.first + self.sides.further
        for person, room in zip((pairs.mentor, pairs.mentee), rooms, strict=True):
            can = np.minimum(room, np.bincount(person, minlength=len(room)))
            if (np.bincount(person[state.flow.chosen], minlength=len(room)) == can).all():
                last = rank(person, -pairs.score) == can[person] - 1
                most = min(most, int(pairs.score[last].min(initial=TOP)))
        return most

    def widened(self, state: State, pairs: Pairs) -> Flow:
        """The same flow on a longer list."""
        mentors = len(self.mentors)
        mine = (state.pairs.mentee * mentors + state.pairs.mentor)[state.flow.chosen]
        return replace(state.flow, chosen=np.isin(pairs.mentee * mentors + pairs.mentor, mine))

    def climb(
        self,
        pairs: Pairs,
        threshold: int,
        levels: list[Level],
        goal: tuple[int, ...] | None = None,
        look: bool = True,
    ) -> State:
        """Best flow over all pairs of at least `threshold`, or until it is worth `goal`; `look` False: over
        those listed."""
        pairs = pairs.where(pairs.score >= threshold)
        prices: list[Any] = [None] * len(levels)
        total = again = 0
        since = None
        while True:
            gains = [self.scanner.gain(level, pairs) for level in levels]
            for k in range(again, len(levels)):
                free = standing(self.sides, pairs, gains[:k], prices[:k])
                flow = best_flow(self.sides, pairs, gains[k], free, None if k == 0 else total)
                if k == 0:
                    total = int(flow.first.sum() + flow.further.sum())
                    if goal and (not look or self.worth(State(pairs, flow, [], False, None), levels) == goal):
                        return State(pairs, flow, [], False, None)
                    if total == self.sides.first.sum() + self.sides.further.sum():
                        prices[0] = (
                            np.zeros(len(self.mentors), np.int64),
                            np.zeros(len(self.mentees), np.int64),
                        )
                        continue
                prices[k] = best_prices(self.sides, pairs, gains[k], free, flow, k == 0, prices[k])
            if len(levels) == 1 and not prices[0][0].any() and not prices[0][1].any():
                return State(pairs, flow, prices, True, self.bound(prices, (0,)))
            beaten = self.scanner.scan(pairs, prices, threshold, levels, since)
            bound = None if beaten.partly else self.bound(prices, beaten.surplus)
            if not len(beaten.pairs) or self.clock.late():
                return State(pairs, flow, list(prices), not len(beaten.pairs), bound)
            again, since = beaten.level, beaten.since
            pairs, _ = pairs.merged(beaten.pairs, len(self.mentors))

    def worth(self, state: State, levels: list[Level]) -> tuple[int, ...]:
        """Level by level, without the fixed pairs."""
        need = int((state.flow.first * self.sides.need).sum() + state.flow.further.sum())
        chosen = state.pairs.where(state.flow.chosen)
        return (need, *(int(self.scanner.gain(level, chosen).sum()) for level in levels[1:]))

    def bound(self, prices: list[Any], surplus: tuple[int, ...]) -> tuple[int, ...]:
        """What no flow can exceed, from the prices and what all pairs have above them."""
        one, two = (np.stack([pair[side] for pair in prices], axis=1) for side in (0, 1))
        total = np.array(surplus) + self.sides.mentors @ one
        for count, worth in [(self.sides.first, self.sides.need), (self.sides.further, 1)]:
            profit = two.copy()
            profit[:, 0] += worth
            total = total + count @ np.where(leading(profit)[:, None] > 0, profit, 0)
        return tuple(int(value) for value in total)

    def answer(
        self, order: Order, served: State, above: State | None, ceiling: int, worth: State, threshold: int
    ) -> Solution:
        chosen = worth.pairs.where(worth.flow.chosen)
        pairs = np.concatenate([np.stack([chosen.mentor, chosen.mentee], axis=1), self.fixed])
        scores = np.concatenate([chosen.score, self.fixed_scores])
        numbers = lot(self.lots[0][pairs[:, 0]], self.lots[1][pairs[:, 1]]).astype(np.int64)
        with_mentor = self.has | (worth.flow.first > 0)
        low = [-int((scores < band).sum()) if order is Order.BANDS else 0 for band in (300, 400, 500)]
        objective = Objective(
            served=int(with_mentor.sum()),
            waited=int(np.clip(self.mentees.waited, 0, None)[with_mentor].sum()),
            pairs=len(pairs),
            below_300=low[0],
            below_400=low[1],
            below_500=low[2],
            floor=int(chosen.score.min(initial=TOP)) if order is Order.FLOOR and len(chosen) else 0,
            total=int(scores.sum()),
            tie=int(numbers.sum()),
        )
        bound = self.limit(order, objective, served, ceiling, worth)
        return Solution(
            pairs=pairs,
            scores=scores.astype(np.int16),
            fixed=np.arange(len(pairs)) >= len(chosen),
            status=Status.OPTIMAL if bound == objective else Status.TIME_LIMIT,
            objective=objective,
            bound=bound,
            proof=Proof(
                as_prices(0, served.prices),
                as_prices(threshold + 1, above.prices) if above else None,
                as_prices(threshold, worth.prices),
                self.base,
            ),
        )

    def limit(self, order: Order, found: Objective, served: State, ceiling: int, worth: State) -> Objective:
        """The objective that the prices leave possible; where they say nothing, what the rooms leave
        possible."""
        bound, have = worth.bound, self.worth(worth, worth_levels(order, self.base))
        if not served.proven:
            most = min(self.sides.mentors.sum(), self.sides.first.sum() + self.sides.further.sum())
            return Objective(
                served=int(self.has.sum() + self.sides.first.sum()),
                waited=int(np.clip(self.mentees.waited, 0, None).sum()),
                pairs=len(self.fixed) + int(most),
                below_300=0,
                below_400=0,
                below_500=0,
                floor=TOP if order is Order.FLOOR else 0,
                total=int(self.fixed_scores.sum() + TOP * most),
                tie=LOT_MOST * (len(self.fixed) + int(most)),
            )
        if order is Order.FLOOR and worth.flow.chosen.any():
            found = found._replace(floor=ceiling)
        if bound is None:
            return found._replace(
                below_300=0,
                below_400=0,
                below_500=0,
                total=int(self.fixed_scores.sum()) + TOP * (found.pairs - len(self.fixed)),
                tie=LOT_MOST * found.pairs,
            )
        more = [most - got for most, got in zip(bound[1:], have[1:], strict=True)]
        for name, extra in zip(("below_300", "below_400", "below_500"), more[:-1], strict=False):
            if extra:  # a better band first: nothing follows about what comes after it
                return found._replace(**{name: getattr(found, name) + extra}, total=TOP * found.pairs)
            found = found._replace(**{name: getattr(found, name) + extra})
        fixed = found.total * self.base + found.tie - have[-1]
        total, tie = divmod(bound[-1] + fixed, self.base)
        return found._replace(total=total, tie=tie)


def worth_levels(order: Order, base: int) -> list[Level]:
    return [NEED, *(BANDS if order is Order.BANDS else []), Level(np.arange(TOP + 1) * base, lots=True)]


def as_prices(threshold: int, prices: list[Any]) -> Prices:
    return Prices(threshold, *(np.stack([pair[side] for pair in prices], axis=1) for side in (0, 1)))


NEED = Level(np.zeros(TOP + 1, np.int64))
BANDS = [Level(np.where(np.arange(TOP + 1) < band, -1, 0)) for band in (300, 400, 500)]
