"""Scores and rules of all pairs as one table for the solver, computed in blocks and kept only while it is small."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from matching.people import People
from matching.rules import Rulebook, Rules
from matching.scoring import Scorer, Weights, overall

T = TypeVar("T")
KEPT = 1 << 26  # pairs, two bytes each
BLOCK = 1 << 20  # pairs at a time

IMPOSSIBLE = -1


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
        self._book, self._scorer = (
            Rulebook(mentors, mentees, rules, forbidden),
            Scorer(mentors, mentees, weights),
        )
        self._fixed, self._full = fixed, full
        self._kept: NDArray[np.int16] | None = None

    def keep(self) -> None:
        """Compute the whole table once, if it is small enough to hold."""
        if self.shape[0] * self.shape[1] <= KEPT:
            parts = self.each(lambda low, high: self._compute(np.arange(low, high), np.arange(self.shape[1])))
            self._kept = np.concatenate([np.zeros((0, self.shape[1]), np.int16), *parts])

    def scored(self, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
        """Scores of listed pairs, whether or not they are possible."""
        return overall(self._scorer.criteria(pairs), self._scorer.weights).astype(np.int64)

    def block(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.int16]:
        if self._kept is None:
            return self._compute(rows, columns)
        whole = self._kept[rows] if len(rows) < self.shape[0] else self._kept
        return whole[:, columns] if len(columns) < self.shape[1] else whole

    def each(
        self, work: Callable[[int, int], T], rows: int | None = None, columns: int | None = None
    ) -> Iterator[T]:
        """Apply `work(low, high)` to stretches of rows on all threads; results come in order."""
        rows = self.shape[0] if rows is None else rows
        step = max(1, BLOCK // max(1, self.shape[1] if columns is None else columns))
        lows = range(0, rows, step)
        if self.threads == 1 or len(lows) == 1:
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

    def _compute(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.int16]:
        out = self._scorer.block(rows, columns)
        out[self._book.block(rows, columns) != 0] = IMPOSSIBLE
        out[self._full[0][rows]] = IMPOSSIBLE
        out[:, self._full[1][columns]] = IMPOSSIBLE
        for one, two in self._fixed:  # settled: cannot be chosen a second time
            out[np.ix_(rows == one, columns == two)] = IMPOSSIBLE
        return out
