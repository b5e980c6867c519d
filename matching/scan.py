"""Looks at all pairs: once for a list of likely ones, then for any that beats the prices found on the list."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.flow import Pairs
from matching.scoring import lot
from matching.solution import Cancelled
from matching.table import BLOCK, EVERYONE, TILE, Table

LISTED = 16  # likely pairs per person to begin with
ADDED = 8  # pairs per person that may join after a scan
SAMPLE = 512  # people of the other side by whom it is guessed which pairs are likely
TOP = 1000  # the best score

Lots = tuple[NDArray[np.uint32], NDArray[np.uint32]]


class Clock:
    """Asks whether to go on, and tells how far things are."""

    def __init__(
        self,
        seconds: float | None,
        progress: Callable[[str, float], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self.deadline = None if seconds is None else time.monotonic() + seconds
        self.progress, self.cancelled = progress, cancelled

    def tell(self, stage: str, share: float) -> None:
        if self.cancelled and self.cancelled():
            raise Cancelled
        if self.progress:
            self.progress(stage, share)

    def late(self) -> bool:
        return self.deadline is not None and time.monotonic() >= self.deadline


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """What a pair of each score gains at one level; `lots` are added to tell equals apart."""

    points: NDArray[np.int64]  # by score, 0 to TOP
    lots: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Beaten:
    """What a scan of all pairs found against some prices."""

    pairs: Pairs
    level: int
    surplus: tuple[int, ...]


class Scanner:
    def __init__(self, table: Table, lots: Lots, base: int, clock: Clock) -> None:
        self.table, self.lots, self.base, self.clock = table, lots, base, clock

    def gain(self, level: Level, pairs: Pairs) -> NDArray[np.int64]:
        return level.points[pairs.score] + pairs.lot * level.lots

    def shortlist(self) -> Pairs:
        """The best few pairs of every person, found in one pass over all pairs.

        What counts as best is first guessed from a sample; a person for whom too few pass gets a look of their own.
        """
        mentors, mentees = self.table.shape
        if not mentors or not mentees:
            return self.listed(*np.zeros((3, 0), np.int64))
        some_rows, some_columns = (np.arange(0, n, max(1, n // SAMPLE)) for n in (mentors, mentees))
        by_column = np.concatenate(
            [
                self.ranked(some_rows, part)
                for part in np.array_split(np.arange(mentees), 1 + mentees * len(some_rows) // 2**22)
            ],
            axis=1,
        )
        column_cut = cut(by_column.T, mentors)

        def work(low: int, high: int) -> tuple:
            rows = slice(low, high)
            scores = self.table.block(rows, slice(None))
            own = np.arange(low, high)
            sample = (scores[:, some_columns].astype(np.int32) << 16) + lot(
                self.lots[0][own][:, None], self.lots[1][some_columns][None, :]
            ).astype(np.int32)
            row_cut = cut(sample, mentees)
            able = scores >= (row_cut >> 16).astype(np.int16)[:, None]
            able |= scores >= (column_cut >> 16).astype(np.int16)[None, :]
            i, j = np.divmod(np.flatnonzero(able), mentees)
            score = scores[i, j].astype(np.int64)
            number = (score << 16) + lot(self.lots[0][low + i], self.lots[1][j])
            keep = (score >= 0) & ((number >= row_cut[i]) | (number >= column_cut[j]))
            return low + i[keep], j[keep], score[keep]

        found, done = [], 0
        for part in self.table.each(work):
            found.append(part)
            done += 1
            self.clock.tell("list", min(1.0, done * BLOCK / (mentors * mentees)))
        for flip, count in [(0, mentors), (1, mentees)]:  # the guess was too high for these
            few = np.bincount(np.concatenate([part[flip] for part in found]), minlength=count) < LISTED
            for own in np.array_split(
                np.flatnonzero(few), 1 + int(few.sum()) * max(mentors, mentees) // 2**22
            ):
                if len(own):
                    found.append(self.top(own, flip))
        mentor, mentee, score = (np.concatenate(column) for column in zip(*found, strict=True))
        pairs = self.listed(mentor, mentee, score)
        pairs, _ = pairs.merged(self.listed(*np.zeros((3, 0), np.int64)), mentors)
        number = (pairs.score << 16) + pairs.lot
        return pairs.where((rank(pairs.mentor, -number) < LISTED) | (rank(pairs.mentee, -number) < LISTED))

    def ranked(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.int32]:
        """Scores with lots behind the point; negative where impossible."""
        numbers = lot(self.lots[0][rows][:, None], self.lots[1][columns][None, :])
        return (self.table.block(rows, columns).astype(np.int32) << 16) + numbers.astype(np.int32)

    def top(self, own: NDArray[np.int64], flip: int) -> tuple:
        """The best few pairs of some mentors, or with `flip` of some mentees."""
        others = np.arange(self.table.shape[1 - flip])
        ranked = self.ranked(others, own).T if flip else self.ranked(own, others)
        few = min(LISTED, len(others))
        best = np.argpartition(ranked, len(others) - few, axis=1)[:, len(others) - few :]
        score = np.take_along_axis(ranked, best, axis=1).ravel() >> 16
        able = score >= 0
        one, two = np.repeat(own, few)[able], best.ravel()[able]
        return (two, one, score[able].astype(np.int64)) if flip else (one, two, score[able].astype(np.int64))

    def listed(self, mentor: NDArray[np.int64], mentee: NDArray[np.int64], score: NDArray[np.int64]) -> Pairs:
        return Pairs(mentor, mentee, score, lot(self.lots[0][mentor], self.lots[1][mentee]).astype(np.int64))

    def scan(self, pairs: Pairs, prices: list, threshold: int, levels: list[Level]) -> Beaten:
        """All pairs of at least `threshold` that beat the prices, and the best few of each mentor's not yet listed."""
        mentors, mentees = self.table.shape
        codes = pairs.mentee * mentors + pairs.mentor
        rows, columns = np.arange(mentors), np.arange(mentees)
        if len(levels) == 1:  # only those can gain whose prices leave something
            ((one, two),) = prices
            rows = np.flatnonzero(one < -two.min(initial=0))
            columns = np.flatnonzero(two < -one.min(initial=0))
        all_rows, all_columns = len(rows) == mentors, len(columns) == mentees
        asks_one, asks_two, has = self.asks(prices, levels)
        asks_one, asks_two = asks_one[rows], asks_two[columns]
        surplus, found, level = np.zeros(len(levels), np.int64), [], len(levels) - 1

        def work(low: int, high: int) -> tuple:
            scores = self.table.block(
                slice(low, high) if all_rows else rows[low:high], EVERYONE if all_columns else columns
            )
            places = []
            step = max(1, TILE // len(columns))
            asked, open_ = (
                np.empty((step, len(columns)), asks_one.dtype),
                np.empty((step, len(columns)), np.bool_),
            )
            for top in range(0, high - low, step):  # in the cache, and in the same memory each time
                part = scores[top : top + step]
                ask, good = asked[: len(part)], open_[: len(part)]
                np.add(asks_one[low + top : low + top + len(part), None], asks_two, out=ask)
                if has is None:
                    np.greater_equal(part, np.maximum(ask, threshold, out=ask), out=good)
                else:
                    np.greater_equal(has[part], ask, out=good)
                    good &= part >= threshold
                places.append(np.flatnonzero(good) + top * len(columns))
            i, j = np.divmod(np.concatenate(places), len(columns))
            seen = self.listed(rows[low + i], columns[j], scores[i, j].astype(np.int64))
            return self.beating(seen, codes, prices, levels)

        if len(columns) and len(rows):
            done = 0
            for part, new, lowest in self.table.each(work, len(rows), len(columns)):
                surplus = surplus + part
                found.append(new)
                level, done = min(level, lowest), done + 1
                self.clock.tell("scan", min(1.0, done * BLOCK / (len(rows) * len(columns))))
        none = np.zeros(0, np.int64)
        every = (
            np.concatenate([none, *(getattr(p, n) for p in found)]) for n in ("mentor", "mentee", "score")
        )
        return Beaten(self.listed(*every), level, tuple(int(value) for value in surplus))

    def beating(self, seen: Pairs, codes: NDArray[np.int64], prices: list, levels: list[Level]) -> tuple:
        """The surplus of all that beat the prices, the best few per mentor of the unlisted, and their lowest level."""
        profit = np.stack(
            [
                self.gain(level, seen) - one[seen.mentor] - two[seen.mentee]
                for level, (one, two) in zip(levels, prices, strict=True)
            ],
            axis=1,
        )
        beats = leading(profit) > 0
        seen, profit = seen.where(beats), profit[beats]
        surplus = profit.sum(axis=0)
        code = seen.mentee * self.table.shape[0] + seen.mentor
        at = np.minimum(np.searchsorted(codes, code), max(0, len(codes) - 1))
        new = codes[at] != code if len(codes) else np.ones(len(code), np.bool_)
        seen, profit = seen.where(new), profit[new]
        level = np.argmax(profit != 0, axis=1)
        lead = profit[np.arange(len(level)), level]
        order = np.lexsort((-lead, level, seen.mentor))
        mentor = seen.mentor[order]
        keep = order[np.arange(len(order)) - np.searchsorted(mentor, mentor) < ADDED]
        return surplus, seen.where(keep), int(level.min(initial=len(levels) - 1))

    def asks(self, prices: list, levels: list[Level]) -> tuple[NDArray, NDArray, NDArray | None]:
        """One number per person, and what a pair of each score has to set against the sum of two (None: its score).

        A pair for which that is less than the sum cannot beat the prices; the rest get a closer look. All levels
        are put in one number, each weighing more than everything below it; a point of score outweighs all lots.
        """
        last = len(levels) - 1
        whole = [
            [*pair[:-1], pair[-1] // self.base] if last else list(pair) for pair in zip(*prices, strict=True)
        ]
        most = [max(int(np.abs(side[k]).max(initial=0)) for side in whole) for k in range(last + 1)]
        radix = 4 * (max(most[1:], default=0) + TOP + 1)
        if (most[0] + 1) * radix ** max(1, last) >= 1 << 61:  # nothing but the first level is looked at here
            whole, last, radix = [side[:1] for side in whole], 0, 1
        one, two = (sum(side[k] * radix ** (max(1, last) - k) for k in range(last + 1)) for side in whole)
        if len(levels) == 1:
            one = one + radix // 2  # equal is not more
        narrow = np.int32 if 2 * (most[0] + 1) * radix ** max(1, last) < 1 << 31 else np.int64
        has = None
        if last > 1:
            middle = [level.points * radix ** (last - k) for k, level in enumerate(levels[1:-1], 1)]
            has = np.append(sum(middle) + np.arange(TOP + 1), -(1 << 62))  # the last is read for IMPOSSIBLE
        return one.astype(narrow), two.astype(narrow), has


def cut(sample: NDArray[np.int32], count: int) -> NDArray[np.int32]:
    """Per row of a sample of `count` values a value that about 1.5 × LISTED of all will reach; at least 0."""
    size = sample.shape[1]
    place = int(1.5 * LISTED * size / count) + 1
    if place >= size:
        return np.zeros(len(sample), np.int32)
    return np.maximum(np.partition(sample, size - place, axis=1)[:, size - place], 0)


def rank(group: NDArray[np.int64], value: NDArray[np.int64]) -> NDArray[np.int64]:
    """The place of each value within its group, from 0."""
    order = np.lexsort((value, group))
    placed = group[order]
    out = np.empty(len(group), np.int64)
    out[order] = np.arange(len(order)) - np.searchsorted(placed, placed)
    return out


def leading(table: NDArray[np.int64]) -> NDArray[np.int64]:
    """Per row the first entry that is not 0."""
    return table[np.arange(len(table)), np.argmax(table != 0, axis=1)]
