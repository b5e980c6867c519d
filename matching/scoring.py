"""How well two people would suit: seven criteria of 0 to 100, and one score of 0 to 1000 from the weights.

Whole numbers only, so that a run is the same on every machine. Protected characteristics are not a criterion
and are not among the columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matching.people import People, pair_array
from matching.rules import common_hours, part, places

LEVEL_POINTS, PRACTICE_POINTS = 15, 4  # level 4 and ten years make 100
NOTHING_ASKED = 50  # a mentee who named no topic suits everybody equally
HOURS_ENOUGH = 10
UNIT_POINTS, PROFESSION_POINTS, SITE_POINTS = 30, 30, 20
YEARS_ENOUGH, YEAR_POINTS = 10, 2
LANGUAGE_POINTS = np.array([0, 10, 30, 50, 70, 90, 100], np.int32)
WISH_POINTS, WISH_STEP = 50, 10  # from each side: 50, 40, 30, 20, 10, 10, ...
STAY_MOST, SCORE_MOST = 250, 1000

CRITERIA = (
    "topics",
    "hours",
    "perspective",
    "language",
    "wishes",
    "experience",
    "waiting",
)


@dataclass(frozen=True, slots=True)
class Weights:
    """0 (plays no part) to 10, per programme."""

    topics: int = 10
    hours: int = 3
    perspective: int = 5
    language: int = 3
    wishes: int = 4
    experience: int = 1
    waiting: int = 2
    stay: int = 0
    """No weight but points of the score, up to 250: what a pair that is offered now has in hand over another,
    so that a new run changes an offer only where it gains more."""

    def __post_init__(self) -> None:
        if not 0 <= self.stay <= STAY_MOST:
            raise ValueError(f"stay: 0 to {STAY_MOST} points.")
        for field in fields(self):
            if field.name != "stay" and not 0 <= getattr(self, field.name) <= 10:
                raise ValueError(f"{field.name}: a weight is 0 to 10.")


class Scorer:
    """The criteria prepared for two sides, so that any part of the pairs can be asked for, block by block."""

    def __init__(self, mentors: People, mentees: People, weights: Weights) -> None:
        self.mentors, self.mentees, self.weights = mentors, mentees, weights
        self.strength, self.interest, self.asked = _topics(mentors, mentees)
        self.wish_codes, self.wish_points = _wishes(mentors, mentees)
        self.stay_codes = _stays(mentors, mentees) if weights.stay else np.zeros(0, np.int64)
        self.wish_starts = np.searchsorted(
            self.wish_codes, np.arange(len(mentors) + 1) * max(1, len(mentees))
        )

    def block(self, rows: ArrayLike | slice | None, columns: ArrayLike | slice | None) -> NDArray[np.int16]:
        one, two = part(rows, len(self.mentors)), part(columns, len(self.mentees))
        parts = self._plain(one[:, None], two[None, :])
        parts["topics"] = _mean(self.strength[one] @ self.interest[two].T, self.asked[two])
        codes = one[:, None] * max(1, len(self.mentees)) + two[None, :]
        parts["wishes"], parts["stay"] = self._wished(codes), self._stays(codes)
        return overall(parts, self.weights)

    def criteria(self, pairs: ArrayLike) -> dict[str, NDArray[np.uint8]]:
        one, two = pair_array(pairs).T
        parts = self._plain(one, two)
        sums = np.zeros(len(one), np.float32)
        for topic in range(self.strength.shape[1]):
            sums += self.strength[one, topic] * self.interest[two, topic]
        parts["topics"] = _mean(sums, self.asked[two])
        codes = one * max(1, len(self.mentees)) + two
        parts["wishes"], parts["stay"] = self._wished(codes), self._stays(codes)
        return {name: parts[name].astype(np.uint8) for name in (*CRITERIA, "stay")}

    def exceptions(self) -> NDArray[np.int64]:
        """Codes (row × mentees + column) of the few pairs with points of their own, sorted."""
        wished = self.wish_codes if self.weights.wishes else self.wish_codes[:0]
        return np.union1d(wished, self.stay_codes)

    def _stays(self, codes: NDArray[np.int64]) -> NDArray[np.int32]:
        return (np.isin(codes, self.stay_codes) * self.weights.stay).astype(np.int32)

    def _wished(self, codes: NDArray[np.int64]) -> NDArray[np.int32]:
        if not len(self.wish_codes):
            return np.zeros(codes.shape, np.int32)
        at = np.minimum(np.searchsorted(self.wish_codes, codes), len(self.wish_codes) - 1)
        return np.where(self.wish_codes[at] == codes, self.wish_points[at], 0).astype(np.int32)

    def _plain(self, i: NDArray[np.int64], j: NDArray[np.int64]) -> dict[str, NDArray[np.int32]]:
        a, b = self.mentors, self.mentees
        hours = np.minimum(common_hours(a, b, i, j), HOURS_ENOUGH).astype(np.int32) * (100 // HOURS_ENOUGH)
        perspective = np.minimum(np.abs(a.years[i].astype(np.int32) - b.years[j]), YEARS_ENOUGH) * YEAR_POINTS
        for name, points in [
            ("unit", UNIT_POINTS),
            ("site", SITE_POINTS),
            ("profession", PROFESSION_POINTS),
        ]:
            one, two = getattr(a, name)[i], getattr(b, name)[j]
            perspective = perspective + points * ((one != two) & (one >= 0) & (two >= 0))
        level = np.zeros(perspective.shape, np.uint8)
        for language in range(min(a.languages.shape[1], b.languages.shape[1])):
            np.maximum(
                level,
                np.minimum(a.languages[i, language], b.languages[j, language]),
                out=level,
            )
        experience = np.minimum(np.maximum(a.experience[i], b.experience[j]), 4).astype(np.int32) * 25
        waiting = (np.clip(a.waited[i], 0, 2).astype(np.int32) + np.clip(b.waited[j], 0, 2)) * 25
        return {
            "hours": hours,
            "perspective": perspective,
            "language": LANGUAGE_POINTS[level],
            "experience": experience,
            "waiting": waiting,
        }


def _topics(a: People, b: People) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int32]]:
    """Strength of each mentor and priority of each mentee per topic; their products stay exact in float32."""
    topics = min(a.expertise.shape[1], b.interest.shape[1])
    level = a.expertise[:, :topics].astype(np.int32)
    years = (
        np.minimum(a.practice[:, :topics], 10).astype(np.int32) if a.practice.size else np.zeros_like(level)
    )
    strength = np.where(level > 0, LEVEL_POINTS * level + PRACTICE_POINTS * years, 0)
    interest = b.interest[:, :topics]
    return (
        strength.astype(np.float32),
        interest.astype(np.float32),
        interest.sum(axis=1, dtype=np.int32),
    )


def _mean(sums: NDArray[np.float32], asked: NDArray[np.int32]) -> NDArray[np.int32]:
    whole = sums.astype(np.int32) // np.maximum(asked, 1)
    return np.where(asked > 0, whole, NOTHING_ASKED)


def _wishes(a: People, b: People) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Points of the pairs in which at least one wishes for the other, by code (row × mentees + column)."""
    codes, points = [], []
    for side, other, flip in [(a, b, False), (b, a, True)]:
        owner, wished = side.wishes.owners(), places(other.key, side.wishes.values)
        point = np.maximum(WISH_POINTS - WISH_STEP * side.wishes.ranks(), WISH_STEP)
        known = wished >= 0
        i, j = (wished, owner) if flip else (owner, wished)
        code = (i * max(1, len(b)) + j)[known]
        code, first = np.unique(code, return_index=True)  # somebody named twice counts where named first
        codes.append(code)
        points.append(point[known][first])
    both, place = np.unique(np.concatenate(codes), return_inverse=True)
    total = np.zeros(len(both), np.int32)
    np.add.at(total, place, np.concatenate(points).astype(np.int32))
    return both, total


def _stays(a: People, b: People) -> NDArray[np.int64]:
    mentee = places(b.key, a.stays.values)
    return np.unique((a.stays.owners() * max(1, len(b)) + mentee)[mentee >= 0])


def scores(
    mentors: People,
    mentees: People,
    weights: Weights,
    *,
    rows: ArrayLike | slice | None = None,
    columns: ArrayLike | slice | None = None,
) -> NDArray[np.int16]:
    """0 to 1000 for every mentor (row) and mentee (column), whether or not a rule allows the pair."""
    return Scorer(mentors, mentees, weights).block(rows, columns)


def criteria(mentors: People, mentees: People, pairs: ArrayLike) -> dict[str, NDArray[np.uint8]]:
    """0 to 100 per criterion for listed pairs (mentor row, mentee row), and 0 for "stay"."""
    return Scorer(mentors, mentees, Weights()).criteria(pairs)


def overall(parts: Mapping[str, NDArray[Any]], weights: Weights) -> NDArray[np.int16]:
    """The score of 0 to 1000 that the criteria add up to, with what an offered pair has in hand."""
    used = {name: getattr(weights, name) for name in CRITERIA if getattr(weights, name)}
    whole = sum(used.values())
    score = np.zeros(next(iter(parts.values())).shape, np.int32)
    if whole:
        total = sum(weight * parts[name].astype(np.int32) for name, weight in used.items())
        score += (10 * total + whole // 2) // whole
    if weights.stay:
        score += parts["stay"].astype(np.int32)
    return np.minimum(score, SCORE_MOST).astype(np.int16)


def lots(
    mentor_keys: NDArray[np.int64], mentee_keys: NDArray[np.int64]
) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """One number per person to draw lots with, see `lot`; from their keys, so the order of the lists
    is no matter."""
    return _mixed(mentor_keys, 1), _mixed(mentee_keys, 2)


def lot(one: NDArray[np.uint32], two: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """What breaks a tie between sets of mentorships of equal worth: the larger sum of these (0 to 65535)."""
    return (one * two) >> np.uint32(16)


LOT_MOST = 65535


def _mixed(keys: NDArray[np.int64], salt: int) -> NDArray[np.uint32]:
    """Odd numbers that look random, the same everywhere (the finaliser of the SplitMix64 generator)."""
    with np.errstate(over="ignore"):
        x = keys.astype(np.uint64) + np.uint64(salt * 0x9E3779B97F4A7C15 % 2**64)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        x = x ^ (x >> np.uint64(31))
    return (x >> np.uint64(32)).astype(np.uint32) | np.uint32(1)
