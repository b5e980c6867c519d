"""Scores and rules of all pairs as one table for the solver, computed tile by tile.

The same numbers as `matching.rules` and `matching.scoring`, which say what they mean; here they are worked
out by `matching.kernel`, about twenty times as fast. The tests compare the two, and the proof is checked with
the plain ones. The table is kept only while it is small.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from matching.kernel import Kernel
from matching.people import People
from matching.rules import Rulebook, Rules
from matching.scoring import Scorer, Weights, overall

S = TypeVar("S")
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
        self.book = Rulebook(mentors, mentees, rules, np.concatenate([forbidden, fixed]))
        self._scorer = Scorer(mentors, mentees, weights)
        self._weights = weights
        self.kernel = Kernel(mentors, mentees, rules, weights, full, self._scorer)
        self.wished = np.stack(np.divmod(self._scorer.exceptions(), max(1, len(mentees))), axis=1)
        self.wished_scores = self.scored(self.wished)
        self.own = threading.local()
        self.kept: NDArray[np.int16] | None = None

    def keep(self) -> None:
        """Compute the whole table once, if it is small enough to hold."""
        if self.shape[0] * self.shape[1] <= KEPT:
            kept = np.empty(self.shape, np.int16)
            view, step = self.arranged(EVERYONE, EVERYONE), max(1, BLOCK // max(1, self.shape[1]))

            def work(low: int) -> None:
                view.fill(slice(low, low + step), EVERYONE, kept[low : low + step])

            for _ in self.each(work, range(0, self.shape[0], step)):
                pass
            self.kept = kept

    def scored(self, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
        """Scores of listed pairs, whether or not they are possible."""
        return overall(self._scorer.criteria(pairs), self._weights).astype(np.int64)

    def arranged(self, rows: Rows, columns: Rows) -> Arranged:
        """The same table, or part of it, in another order."""
        return Arranged(self, rows, columns)

    def block(self, rows: Rows, columns: Rows) -> NDArray[np.int16]:
        """To be read at once: the next block of the same thread may take its place."""
        return self.arranged(rows, columns).block(EVERYONE, EVERYONE)

    def each(self, work: Callable[[S], T], jobs: Sequence[S]) -> Iterator[T]:
        """Apply `work` to each job, on all threads; results come in order."""
        if self.threads == 1 or len(jobs) <= 1:
            yield from map(work, jobs)
            return
        with ThreadPoolExecutor(self.threads) as pool:
            waiting = []
            for job in jobs:  # a few ahead, so that results do not pile up
                waiting.append(pool.submit(work, job))
                if len(waiting) > 2 * self.threads:
                    yield waiting.pop(0).result()
            for future in waiting:
                yield future.result()

    def put_wished(self, one: NDArray[np.int64], two: NDArray[np.int64], out: NDArray[np.int16]) -> None:
        """The tiles leave wishes and offers out; the few pairs with one get their score here, if possible."""
        if not len(self.wished):
            return
        where = np.full(self.shape[0], -1), np.full(self.shape[1], -1)
        where[0][one], where[1][two] = np.arange(len(one)), np.arange(len(two))
        row, column = where[0][self.wished[:, 0]], where[1][self.wished[:, 1]]
        inside = (row >= 0) & (column >= 0)
        row, column = row[inside], column[inside]
        out[row, column] = np.where(out[row, column] < 0, IMPOSSIBLE, self.wished_scores[inside])


class Arranged:
    """A table in the order, and of the part, that was asked for; columns are sorted once and then cut."""

    def __init__(self, table: Table, rows: Rows, columns: Rows) -> None:
        self.table = table
        self.rows, self.columns = (
            np.arange(n)[part] for n, part in zip(table.shape, (rows, columns), strict=True)
        )
        if table.kept is not None:
            whole = isinstance(rows, slice) and isinstance(columns, slice)
            self.kept = table.kept[rows, columns] if whole else None  # else picked block by block
            return
        self.a = {name: column[rows] for name, column in table.kernel.mentors.items()}
        self.b = {name: column[..., columns] for name, column in table.kernel.mentees.items()}

    def block(self, rows: slice, columns: slice) -> NDArray[np.int16]:
        table = self.table
        if table.kept is not None:
            if self.kept is not None:
                return self.kept[rows, columns]
            return table.kept[np.ix_(self.rows[rows], self.columns[columns])]
        height, width = len(self.rows[rows]), len(self.columns[columns])
        if height * width > BLOCK:
            return self.fill(rows, columns, np.empty((height, width), np.int16))
        if not hasattr(table.own, "out"):
            table.own.out = np.empty(BLOCK, np.int16)
        return self.fill(rows, columns, table.own.out[: height * width].reshape(height, width))

    def fill(self, rows: slice, columns: slice, out: NDArray[np.int16]) -> NDArray[np.int16]:
        table, one, two = self.table, self.rows[rows], self.columns[columns]
        a = {name: column[rows] for name, column in self.a.items()}
        b = {name: column[..., columns] for name, column in self.b.items()}
        across = max(1, min(len(two), 4096))
        down = max(1, TILE // across)
        for left in range(0, len(two), across):
            part = {name: column[..., left : left + across] for name, column in b.items()}
            for top in range(0, len(one), down):
                tile = {name: column[top : top + down] for name, column in a.items()}
                table.kernel.work(tile, part, out[top : top + down, left : left + across])
        table.put_wished(one, two, out)
        row, column, _ = table.book.listed(one, two)
        out[row, column] = IMPOSSIBLE
        return out
