"""Scores of a tile of pairs in the narrowest types, a tile that stays in the processor's cache.

What the numbers mean is said in `matching.rules` and `matching.scoring`; the tests compare the two number by
number. Rows are mentors, columns mentees. Wishes, and pairs ruled out one by one, are not dealt with here.
"""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from matching import scoring
from matching.people import People
from matching.rules import Rules
from matching.scoring import LANGUAGE_POINTS, Scorer, Weights

Columns = dict[str, NDArray]
LARGE = 1 << 26  # bytes that the points by kind of mentor may take


class Kernel:
    """`work(a, b, out)` fills `out` from stretches of `mentors` (first axis) and `mentees` (last axis)."""

    def __init__(
        self,
        mentors: People,
        mentees: People,
        rules: Rules,
        weights: Weights,
        full: tuple[NDArray[np.bool_], NDArray[np.bool_]],
        scorer: Scorer,
    ) -> None:
        self.rules, self.weights = rules, weights
        self._own = threading.local()
        whole = sum(getattr(weights, name) for name in scoring.CRITERIA)
        # a quotient is a whole number or at least 1/whole away from one: half of that covers the rounding
        self.scale = (np.float32(10 / whole), np.float32((whole // 2 + 0.5) / whole)) if whole else (0, 0)
        self.unknown: dict[str, bool] = {}
        self.mentors: Columns = {"full": full[0] | (mentors.capacity == 0)}
        self.mentees: Columns = {"full": full[1] | (mentees.capacity == 0)}
        self._codes(mentors, mentees)
        self._topics(scorer)
        self._kinds(mentors, mentees)
        for columns, people in [(self.mentors, mentors), (self.mentees, mentees)]:
            columns["remote"], columns["onsite"] = people.remote, people.onsite
            columns["waited"] = (np.clip(people.waited, 0, 2) * 25 * weights.waiting).astype(np.int16)
            columns["grade"] = people.grade.astype(np.int32)
        self.mentors["hours"] = mentors.hours
        self.mentees["hours"] = np.ascontiguousarray(mentees.hours.T)

    def _codes(self, mentors: People, mentees: People) -> None:
        """Units, professions and sites as small numbers; an unknown one equals nothing on the other side."""
        for name in ("unit", "profession", "site"):
            one, two = getattr(mentors, name), getattr(mentees, name)
            known, code = np.unique(np.concatenate([one, two]), return_inverse=True)
            narrow = np.min_scalar_type(len(known) + 1)
            code = np.where(np.concatenate([one, two]) < 0, len(known), code).astype(narrow)
            code[len(one) :][two < 0] += 1
            self.mentors[name], self.mentees[name] = code[: len(one)], code[len(one) :]
            self.unknown[name] = bool((one < 0).any() or (two < 0).any())
            self.mentors["has_" + name], self.mentees["has_" + name] = one >= 0, two >= 0

    def _topics(self, scorer: Scorer) -> None:
        """Strengths and shares of interest, so that their product is the mean of the points plus half of the
        smallest step: what the floats lose is less, and cutting off the fraction rounds down as integers do.
        """
        named = int((scorer.interest > 0).sum(axis=1).max(initial=0))
        self.real = exact = np.float32 if named <= 100 else np.float64
        asked = np.maximum(scorer.asked, 1).astype(np.float64)
        none = scorer.asked == 0
        half = np.where(none, scoring.NOTHING_ASKED + 0.5, 0.5 / asked)
        self.mentors["strength"] = np.column_stack([scorer.strength, np.ones(len(scorer.strength))]).astype(
            exact
        )
        self.mentees["interest"] = np.vstack([scorer.interest.T / asked, half]).astype(exact)

    def _kinds(self, mentors: People, mentees: People) -> None:
        """Points against every mentee for each kind of mentor, where there are few kinds: a row to copy."""
        few = max(1, LARGE // max(1, 2 * len(mentees)))
        level = LANGUAGE_POINTS[mentors.languages].astype(np.uint8)
        other = LANGUAGE_POINTS[mentees.languages].astype(np.uint8)
        kinds, kind = np.unique(level, axis=0, return_inverse=True)
        self.mentors["language"], self.mentees["language"] = level, np.ascontiguousarray(other.T)
        self.languages_by_kind = len(kinds) <= few and level.shape[1] > 0
        if self.languages_by_kind:
            points = np.zeros((len(kinds), len(mentees)), np.uint8)
            for one, two in zip(kinds.T, other.T, strict=False):
                np.maximum(points, np.minimum(one[:, None], two[None, :]), out=points)
            self.mentors["language"], self.mentees["language"] = kind.reshape(-1), points
        years, self.mentors["years"] = np.unique(mentors.years, return_inverse=True)
        apart = np.abs(years[:, None].astype(np.int32) - mentees.years[None, :])
        apart = np.minimum(apart, scoring.YEARS_ENOUGH) * scoring.YEAR_POINTS
        self.mentees["years"] = (apart * self.weights.perspective).astype(np.int16)
        steps = np.arange(5)[:, None] * 25
        self.mentors["experience"] = np.clip(mentors.experience, 0, 4).astype(np.int64)
        own = np.clip(mentees.experience, 0, 4) * 25
        self.mentees["experience"] = (np.maximum(steps, own) * self.weights.experience).astype(np.int16)

    def work(self, a: Columns, b: Columns, out: NDArray[np.int16]) -> None:
        rules, weights, shape = self.rules, self.weights, out.shape
        bad, test, points, other, term, word, real = self._space(shape)
        bad[...] = False

        def column(name: str) -> tuple[NDArray, NDArray]:
            return a[name][:, None], b[name][None, :]

        def add(weight: int) -> None:
            if weight:
                np.multiply(points, np.int16(weight), out=term, dtype=np.int16)
                np.add(out, term, out=out)

        out[...] = 0
        if weights.topics:
            np.matmul(a["strength"], b["interest"], out=real)
            np.copyto(out, real, casting="unsafe")
            np.multiply(out, np.int16(weights.topics), out=out)
        if weights.hours or rules.common_hours:
            for part in range(3):
                np.bitwise_and(a["hours"][:, part, None], b["hours"][part], out=word)
                np.bitwise_count(word, out=other if part else points)
                if part:
                    np.add(points, other, out=points)
            if rules.common_hours:
                np.less(points, np.uint8(rules.common_hours), out=bad)
            np.minimum(points, np.uint8(scoring.HOURS_ENOUGH), out=points)
            add(weights.hours * (100 // scoring.HOURS_ENOUGH))
        if weights.language or rules.language_level:
            if self.languages_by_kind:
                np.take(b["language"], a["language"], axis=0, out=points, mode="clip")
            else:
                points[...] = 0
                for one, two in zip(a["language"].T, b["language"], strict=False):
                    np.maximum(points, np.minimum(one[:, None], two, out=other), out=points)
            if rules.language_level:
                np.less(points, np.uint8(LANGUAGE_POINTS[rules.language_level]), out=test)
                np.logical_or(bad, test, out=bad)
            add(weights.language)
        if weights.perspective:
            points[...] = 0
            for name, worth in _DIFFERENCES:
                np.not_equal(*column(name), out=test)
                if self.unknown[name]:
                    test &= np.logical_and(*column("has_" + name))
                np.multiply(test.view(np.uint8), np.uint8(worth), out=other)
                np.add(points, other, out=points)
            add(weights.perspective)
        for name, weight in [("years", weights.perspective), ("experience", weights.experience)]:
            if weight:
                np.take(b[name], a[name], axis=0, out=term, mode="clip")
                np.add(out, term, out=out)
        if weights.waiting:
            np.add(out, a["waited"][:, None], out=out)
            np.add(out, b["waited"][None, :], out=out)

        for name, asked in [("unit", rules.other_unit), ("profession", rules.other_profession)]:
            if asked:
                np.logical_or(bad, np.equal(*column(name), out=test), out=bad)
        self._meeting(a, b, test, bad)
        self._grades(a, b, test, bad)
        np.logical_or(bad, a["full"][:, None], out=bad)
        np.logical_or(bad, b["full"][None, :], out=bad)

        np.multiply(out, self.scale[0], out=real, dtype=real.dtype)
        np.add(real, self.scale[1], out=real)
        np.copyto(out, real, casting="unsafe")
        np.negative(bad.view(np.int8), out=bad.view(np.int8))  # every bit set makes -1, which is IMPOSSIBLE
        np.copyto(term, bad.view(np.int8))
        np.bitwise_or(out, term, out=out)

    def _space(self, shape: tuple[int, int]) -> list[NDArray]:
        """Scratch arrays of this thread, the same memory each time: fresh memory costs more than the sums."""
        size = shape[0] * shape[1]
        if getattr(self._own, "size", 0) < size:
            kinds = [np.bool_, np.bool_, np.uint8, np.uint8, np.int16, np.uint64, self.real]
            self._own.size, self._own.space = size, [np.empty(size, kind) for kind in kinds]
        return [flat[:size].reshape(shape) for flat in self._own.space]

    def _meeting(self, a: Columns, b: Columns, test: NDArray[np.bool_], bad: NDArray[np.bool_]) -> None:
        if not (self.rules.common_way or self.rules.same_site):
            return
        no_video = ~np.logical_and(a["remote"][:, None], b["remote"][None, :])
        onsite = np.logical_and(a["onsite"][:, None], b["onsite"][None, :])
        if self.rules.common_way:
            np.logical_or(bad, np.greater(no_video, onsite, out=test), out=bad)
        if self.rules.same_site:
            np.not_equal(a["site"][:, None], b["site"][None, :], out=test)
            test &= onsite
            test &= no_video
            np.logical_or(bad, test, out=bad)

    def _grades(self, a: Columns, b: Columns, test: NDArray[np.bool_], bad: NDArray[np.bool_]) -> None:
        gap, one, two = self.rules.grade_gap, a["grade"][:, None], b["grade"][None, :]
        if gap is None:
            return
        if self.rules.direction == 0:
            np.less(np.abs(two - one), gap, out=test)
        elif self.rules.direction > 0:
            np.less(two, one + gap, out=test)
        else:
            np.greater(two, one - gap, out=test)
        np.logical_or(bad, test, out=bad)


_DIFFERENCES = [
    ("unit", scoring.UNIT_POINTS),
    ("profession", scoring.PROFESSION_POINTS),
    ("site", scoring.SITE_POINTS),
]
