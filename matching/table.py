"""Scores and rules of all pairs as one table for the solver, computed tile by tile.

The same numbers as `matching.rules` and `matching.scoring`, which say what they mean; here they are worked out
by `matching.kernel`, about twenty times as fast. The tests compare the two, and the proof is checked with the
plain ones. The table is kept only while it is small.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from matching.kernel import Kernel
from matching.people import People
from matching.rules import Rulebook, Rules
from matching.scoring import Scorer, Weights, overall

T = TypeVar("T")
Rows = NDArray[np.int64] | slice
KEPT = 1 << 26  # pairs, two bytes each
BLOCK = 1 << 21  # pairs handed to a thread at a time
TILE = 1 << 17  # pairs worked out at a time

IMPOSSIBLE = -1
EVERYONE = slice(None)


class Table:
    """`block(rows, columns)` gives the scores of mentors × mentees, `IMPOSSIBLE` where a rule is broken or
    nothing is left to choose."""

    def __init__(
        self,
        mentors: People,
        mentees: People,
        rules: Rules,
        weights: Weights,
        forbidden: NDArray[np.int64],
        fixed: NDArray[np.int64],
        full: tuple[NDArray[np.bool_], NDArray[np.bool_]],
        threads: int | None,
    ) -> None:
        self.shape = (len(mentors), len(mentees))
        self.threads = threads or os.cpu_count() or 1
        # a fixed pair is settled: it cannot be chosen a second time
        self._book = Rulebook(mentors, mentees, rules, np.concatenate([forbidden, fixed]))
        self._scorer = Scorer(mentors, mentees, weights)
        self._weights = weights
        self._kernel = Kernel(mentors, mentees, rules, weights, full, self._scorer)
        codes = self._scorer.wish_codes if weights.wishes else self._scorer.wish_codes[:0]
        self._wished = np.stack(np.divmod(codes, max(1, len(mentees))), axis=1)
        self._wished_scores = self.scored(self._wished)
        self._own = threading.local()
        self._kept: NDArray[np.int16] | None = None

    def keep(self) -> None:
        """Compute the whole table once, if it is small enough to hold."""
        if self.shape[0] * self.shape[1] <= KEPT:
            kept = np.empty(self.shape, np.int16)

            def work(low: int, high: int) -> None:
                self._compute(slice(low, high), EVERYONE, kept[low:high])

            for _ in self.each(work):
                pass
            self._kept = kept

    def scored(self, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
        """Scores of listed pairs, whether or not they are possible."""
        return overall(self._scorer.criteria(pairs), self._weights).astype(np.int64)

    def block(self, rows: Rows, columns: Rows) -> NDArray[np.int16]:
        """To be read at once: the next block of the same thread may take its place."""
        if self._kept is None:
            height, width = (
                len(range(*part.indices(n))) if isinstance(part, slice) else len(part)
                for n, part in zip(self.shape, (rows, columns), strict=True)
            )
            if height * width > BLOCK:
                return self._compute(rows, columns, np.empty((height, width), np.int16))
            if not hasattr(self._own, "out"):
                self._own.out = np.empty(BLOCK, np.int16)
            return self._compute(rows, columns, self._own.out[: height * width].reshape(height, width))
        return self._kept[rows][:, columns]

    def each(
        self, work: Callable[[int, int], T], rows: int | None = None, columns: int | None = None
    ) -> Iterator[T]:
        """Apply `work(low, high)` to stretches of rows on all threads; results come in order."""
        rows = self.shape[0] if rows is None else rows
        step = max(1, BLOCK // max(1, self.shape[1] if columns is None else columns))
        lows = range(0, rows, step)
        if self.threads == 1 or len(lows) <= 1:
            yield from (work(low, min(low + step, rows)) for low in lows)
            return
        with ThreadPoolExecutor(self.threads) as pool:
            waiting = []
            for low in lows:  # a few ahead, so that results do not pile up
                waiting.append(pool.submit(work, low, min(low + step, rows)))
                if len(waiting) > 2 * self.threads:
                    yield waiting.pop(0).result()
            for future in waiting:
                yield future.result()

    def _compute(self, rows: Rows, columns: Rows, out: NDArray[np.int16]) -> NDArray[np.int16]:
        kernel = self._kernel
        a = {name: column[rows] for name, column in kernel.mentors.items()}
        b = {name: column[..., columns] for name, column in kernel.mentees.items()}
        height, width = out.shape
        across = max(1, min(width, 4096))
        down = max(1, TILE // across)
        for left in range(0, width, across):
            part = {name: column[..., left : left + across] for name, column in b.items()}
            for top in range(0, height, down):
                tile = {name: column[top : top + down] for name, column in a.items()}
                kernel.work(tile, part, out[top : top + down, left : left + across])
        one, two = (np.arange(n)[part] for n, part in zip(self.shape, (rows, columns), strict=True))
        self._put_wished(one, two, out)
        row, column, _ = self._book.listed(one, two)
        out[row, column] = IMPOSSIBLE
        return out

    def _put_wished(self, one: NDArray[np.int64], two: NDArray[np.int64], out: NDArray[np.int16]) -> None:
        """The tiles leave wishes out; the few pairs with one get their score here, if they are possible."""
        if not len(self._wished):
            return
        where = np.full(self.shape[0], -1), np.full(self.shape[1], -1)
        where[0][one], where[1][two] = np.arange(len(one)), np.arange(len(two))
        row, column = where[0][self._wished[:, 0]], where[1][self._wished[:, 1]]
        inside = (row >= 0) & (column >= 0)
        row, column = row[inside], column[inside]
        out[row, column] = np.where(out[row, column] < 0, IMPOSSIBLE, self._wished_scores[inside])
