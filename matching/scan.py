"""Looks at all pairs: once for a list of likely ones, then for any that beats the prices found on it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.flow import Pairs
from matching.scoring import lot
from matching.solution import Cancelled
from matching.table import BLOCK, EVERYONE, IMPOSSIBLE, TILE, Table

LISTED = 16  # likely pairs per person to begin with
ADDED = 8  # pairs per person that may join after a scan
SEEN = 1 << 15  # pairs beating the prices that are looked at in one stretch
SAMPLE = 1024  # people of the other side by whom it is guessed which pairs are likely
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
    since: Since
    partly: bool  # so many beat the prices that only some were looked at, and the surplus is not all


@dataclass(frozen=True, slots=True, eq=False)
class Since:
    """The prices of an earlier scan, and the mentors of whose pairs it did not pass on all that beat them."""

    prices: list
    cut_short: NDArray[np.int64]


class Scanner:
    def __init__(self, table: Table, lots: Lots, base: int, clock: Clock) -> None:
        self.table, self.lots, self.base, self.clock = table, lots, base, clock

    def gain(self, level: Level, pairs: Pairs) -> NDArray[np.int64]:
        return level.points[pairs.score] + pairs.lot * level.lots

    def shortlist(self) -> Pairs:
        """The best few pairs of every person, found in one pass over all pairs.

        What counts as best is first guessed from a sample; a person for whom too few pass gets a look of
        their own.
        """
        mentors, mentees = self.table.shape
        if not mentors or not mentees:
            self.caps = np.full(mentors, IMPOSSIBLE), np.full(mentees, IMPOSSIBLE)
            return self.listed(*np.zeros((3, 0), np.int64))
        some_rows, some_columns = (np.arange(0, n, max(1, n // SAMPLE)) for n in (mentors, mentees))
        stretches = np.array_split(np.arange(mentees), 1 + mentees * len(some_rows) // BLOCK)
        column_cut = np.concatenate([cut(self.ranked(some_rows, part).T, mentors) for part in stretches])

        def work(stretch: tuple[int, int]) -> tuple:
            own = np.arange(*stretch)
            scores = self.table.block(slice(*stretch), EVERYONE)
            numbers = lot(self.lots[0][own][:, None], self.lots[1][some_columns][None, :])
            row_cut = cut(
                (scores[:, some_columns].astype(np.int32) << 16) + numbers.astype(np.int32), mentees
            )
            able = scores >= (row_cut >> 16).astype(np.int16)[:, None]
            able |= scores >= (column_cut >> 16).astype(np.int16)[None, :]
            i, j = np.divmod(np.flatnonzero(able), mentees)
            score = scores[i, j].astype(np.int64)
            number = (score << 16) + lot(self.lots[0][own[i]], self.lots[1][j])
            good = (score >= 0) & (number >= row_cut[i])
            few = (np.bincount(i[good], minlength=len(own)) < LISTED) & (row_cut > 0)
            keep = good | ((score >= 0) & (number >= column_cut[j]))
            return own[i[keep]], j[keep], score[keep], own[few]

        found: list[Sequence[NDArray[np.int64]]] = []
        too_few = []
        step = max(1, BLOCK // mentees)
        jobs = [(low, min(low + step, mentors)) for low in range(0, mentors, step)]
        for done, (*part, few) in enumerate(self.table.each(work, jobs)):
            found.append(part)
            too_few.append(few)
            self.clock.tell("list", (done + 1) / len(jobs))
        mentor, mentee, score = (np.concatenate(column) for column in zip(*found, strict=True))
        number = (score << 16) + lot(self.lots[0][mentor], self.lots[1][mentee])
        enough = np.bincount(mentee[number >= column_cut[mentee]], minlength=mentees) >= LISTED
        for flip, few in [(0, np.concatenate(too_few)), (1, np.flatnonzero(~enough & (column_cut > 0)))]:
            parts = np.array_split(few, 1 + len(few) * self.table.shape[1 - flip] // BLOCK)
            found += [self.top(own, flip) for own in parts if len(own)]  # the guess was too high for these
        mentor, mentee, score = (np.concatenate(column) for column in zip(*found, strict=True))
        none = self.listed(*np.zeros((3, 0), np.int64))
        pairs, _ = self.listed(mentor, mentee, score).merged(none, mentors)
        number = (pairs.score << 16) + pairs.lot
        by_mentor, by_mentee = rank(pairs.mentor, -number), rank(pairs.mentee, -number)
        self.caps = np.full(mentors, IMPOSSIBLE), np.full(mentees, IMPOSSIBLE)
        for cap, person, place in [(0, pairs.mentor, by_mentor), (1, pairs.mentee, by_mentee)]:
            last = place == LISTED - 1
            self.caps[cap][person[last]] = pairs.score[last]
        return pairs.where((by_mentor < LISTED) | (by_mentee < LISTED))

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

    def scan(
        self,
        pairs: Pairs,
        prices: list,
        threshold: int,
        levels: list[Level],
        since: Since | None = None,
        few: int | None = None,
    ) -> Beaten:
        """Of all pairs from `threshold` up those not listed that beat the prices, the best few per person.

        Most pairs need no look. A pair that is not listed is no better than the worst of the list of either;
        and after a scan only those can have come to beat the prices for whom one of the two has become
        cheaper. Where a stretch has more than `few` candidates it is enough to look at some, unless none of
        them will do.
        """
        few = SEEN if few is None else few
        profit = self.profit(pairs, prices, levels)
        surplus, partly = profit[leading(profit) > 0].sum(axis=0), []
        codes = pairs.mentee * self.table.shape[0] + pairs.mentor
        mentors, mentees = (np.ones(count, np.bool_) for count in self.table.shape)
        regions = [(mentors, mentees)]
        if since is not None:
            cheaper = [
                leading(
                    np.stack([a[side] - b[side] for a, b in zip(prices, since.prices, strict=True)], axis=1)
                )
                < 0
                for side in (0, 1)
            ]
            cheaper[0][since.cut_short] = True
            regions = [(cheaper[0], mentees), (~cheaper[0], cheaper[1])]
        asks = self.asks(prices, levels)
        found = []
        for rows, columns in regions:
            for part, new, unseen in self.look(rows, columns, threshold, asks, codes, prices, levels, few):
                surplus = surplus + part
                found.append(new)
                partly.append(unseen)
        none = np.zeros(0, np.int64)
        new = self.listed(
            *(np.concatenate([none, *(getattr(p, n) for p in found)]) for n in ("mentor", "mentee", "score"))
        )
        partial = any(len(part) for part in partly)
        if partial and not len(new):
            return self.scan(
                pairs, prices, threshold, levels, since, self.table.shape[0] * self.table.shape[1]
            )
        level, order = self.urgency(new, prices, levels)
        keep = (rank(new.mentor, order) < ADDED) | (rank(new.mentee, order) < ADDED)
        cut_short = np.unique(np.concatenate([new.mentor[~keep], *partly]))
        return Beaten(
            new.where(keep),
            int(level.min(initial=len(levels) - 1)),
            tuple(int(n) for n in surplus),
            Since(list(prices), cut_short.astype(np.int64)),
            partial,
        )

    def look(
        self,
        rows: NDArray[np.bool_],
        columns: NDArray[np.bool_],
        threshold: int,
        asks: tuple,
        codes: NDArray[np.int64],
        prices: list,
        levels: list[Level],
        few: int,
    ) -> Iterator[tuple[NDArray[np.int64], Pairs, NDArray[np.int64]]]:
        """Go through one region of the pairs, leaving out what cannot matter.

        Stretch by stretch: the surplus and the pairs that beat the prices, and mentors with pairs left
        unseen.
        """
        one, two, has = asks
        caps = self.caps if has is None else (has[self.caps[0]], has[self.caps[1]])
        own = [
            np.flatnonzero(part & (cap >= threshold))
            for part, cap in zip((rows, columns), self.caps, strict=True)
        ]
        if not len(own[0]) or not len(own[1]):
            return
        # sorted so that what a stretch of people has to look at is a stretch from the other side's start
        room = caps[0][own[0]] - one[own[0]], caps[1][own[1]] - two[own[1]]
        asked = np.sort(one[own[0]]), np.sort(two[own[1]])
        reach = [np.searchsorted(asked[1 - side], room[side], side="right") for side in (0, 1)]
        side = 0 if reach[0].sum() <= reach[1].sum() else 1
        order = [np.argsort(one[own[0]], kind="stable"), np.argsort(two[own[1]], kind="stable")]
        order[side] = np.argsort(-reach[side], kind="stable")
        reach = reach[side][order[side]]
        own = [own[0][order[0]], own[1][order[1]]]
        one, two = one[own[0]], two[own[1]]
        view = self.table.arranged(*own)

        def work(job: tuple[slice, slice]) -> tuple[NDArray[np.int64], Pairs, NDArray[np.int64]]:
            scores, ask_one, ask_two = view.block(*job), one[job[0]], two[job[1]]
            height, width = scores.shape
            step = max(1, TILE // width)
            asked, open_ = np.empty((step, width), one.dtype), np.empty((step, width), np.bool_)
            places = []
            for top in range(0, height, step):  # in the cache, and in the same memory each time
                part = scores[top : top + step]
                ask, good = asked[: len(part)], open_[: len(part)]
                np.add(ask_one[top : top + len(part), None], ask_two, out=ask)
                if has is None:
                    np.greater_equal(part, np.maximum(ask, threshold, out=ask), out=good)
                else:
                    np.greater_equal(has[part], ask, out=good)
                    good &= part >= threshold
                places.append(np.flatnonzero(good) + top * width)
            place = np.concatenate(places)
            unseen = own[0][job[0]] if len(place) > few else own[0][:0]
            if len(place) > few:  # any few of them will do; spread, so that not all get the same partners
                place = place[spread(len(place), few)]
            i, j = np.divmod(place, width)
            seen = self.listed(own[0][job[0]][i], own[1][job[1]][j], scores[i, j].astype(np.int64))
            return *self.beating(seen, codes, prices, levels), unseen

        jobs, low = [], 0
        while low < len(reach) and reach[low]:
            high = min(len(reach), low + max(1, BLOCK // int(reach[low])), low + 256)
            stretch = slice(low, high), slice(0, int(reach[low]))
            jobs.append(stretch if side == 0 else stretch[::-1])
            low = high
        for done, answer in enumerate(self.table.each(work, jobs)):
            self.clock.tell("scan", (done + 1) / len(jobs))
            yield answer

    def profit(self, pairs: Pairs, prices: list, levels: list[Level]) -> NDArray[np.int64]:
        """What pairs gain above the prices of their two people, level by level."""
        each = [
            self.gain(level, pairs) - one[pairs.mentor] - two[pairs.mentee]
            for level, (one, two) in zip(levels, prices, strict=True)
        ]
        return np.stack(each, axis=1)

    def urgency(self, pairs: Pairs, prices: list, levels: list[Level]) -> tuple[NDArray, NDArray]:
        """The first level at which pairs gain, and their places if those that gain most come first."""
        profit = self.profit(pairs, prices, levels)
        level = np.argmax(profit != 0, axis=1)
        order = np.empty(len(level), np.int64)
        # at the first level many gain the same: lots spread them over more people than scores would
        order[np.lexsort((-pairs.lot, -leading(profit), level))] = np.arange(len(level))
        return level, order

    def beating(
        self, seen: Pairs, codes: NDArray[np.int64], prices: list, levels: list[Level]
    ) -> tuple[NDArray[np.int64], Pairs]:
        """Of the pairs seen, those that beat the prices and are not listed, and their surplus."""
        profit = self.profit(seen, prices, levels)
        code = seen.mentee * self.table.shape[0] + seen.mentor
        at = np.minimum(np.searchsorted(codes, code), max(0, len(codes) - 1))
        beats = leading(profit) > 0
        if len(codes):
            beats &= codes[at] != code
        return profit[beats].sum(axis=0), seen.where(beats)

    def asks(self, prices: list, levels: list[Level]) -> tuple[NDArray, NDArray, NDArray | None]:
        """One number per person, and what a pair of each score sets against the sum of two (None: its score).

        A pair for which that is less than the sum cannot beat the prices; the rest get a closer look. All
        levels are put in one number, each weighing more than everything below it; a point of score outweighs
        all lots.
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


def spread(count: int, few: int) -> NDArray[np.int64]:
    """About `few` of `count` places, irregular but always the same ones (multiples of the golden ratio)."""
    steps = np.arange(few, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(32)
    return np.unique(steps * np.uint64(count) >> np.uint64(32)).astype(np.int64)


def cut(sample: NDArray[np.int32], count: int) -> NDArray[np.int32]:
    """Per row of a sample of `count` values a value that more than LISTED of all will most likely reach, or
    0."""
    size = sample.shape[1]
    place = int(1.5 * LISTED * size / count) + 2
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
