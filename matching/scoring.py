"""How well two people would suit: seven criteria of 0 to 100, and one score of 0 to 1000 from the weights.

Whole numbers only, so that a run is the same on every machine. Protected characteristics are not a criterion
and are not among the columns.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matching.people import People

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

    def __post_init__(self) -> None:
        for field in fields(self):
            if not 0 <= getattr(self, field.name) <= 10:
                raise ValueError(f"{field.name}: a weight is 0 to 10.")


def scores(
    mentors: People,
    mentees: People,
    weights: Weights,
    *,
    rows: ArrayLike | slice | None = None,
    columns: ArrayLike | slice | None = None,
) -> NDArray[np.int16]:
    """0 to 1000 for every mentor (row) and mentee (column), whether or not a rule allows the pair."""
    raise NotImplementedError


def criteria(
    mentors: People, mentees: People, pairs: ArrayLike
) -> dict[str, NDArray[np.uint8]]:
    """0 to 100 per criterion for listed pairs (mentor row, mentee row)."""
    raise NotImplementedError


def overall(parts: dict[str, NDArray[np.uint8]], weights: Weights) -> NDArray[np.int16]:
    """The score of 0 to 1000 that the criteria add up to."""
    raise NotImplementedError
