"""What the matching core knows of people: columns of numbers, one row per person, no Django.

A row stands for one person in one role. People refer to each other by `key`, an integer that belongs to the
person and not to their place in the list (a primary key does). The same person on both sides has one key.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

HOURS = 168
_LEFT_OUT: Any = None  # columns are complete once the object is there


@dataclass(frozen=True, slots=True, eq=False)
class Ragged:
    """Rows of different length: row i is `values[starts[i]:starts[i + 1]]`."""

    values: NDArray[np.int64]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, rows: Iterable[Sequence[int]]) -> Ragged:
        arrays = [np.asarray(row, np.int64).reshape(-1) for row in rows]
        starts = np.zeros(len(arrays) + 1, np.int64)
        np.cumsum([len(row) for row in arrays], out=starts[1:])
        return cls(np.concatenate(arrays) if arrays else np.zeros(0, np.int64), starts)

    @classmethod
    def empty(cls, count: int) -> Ragged:
        return cls(np.zeros(0, np.int64), np.zeros(count + 1, np.int64))

    def __len__(self) -> int:
        return len(self.starts) - 1

    def row(self, index: int) -> NDArray[np.int64]:
        return self.values[self.starts[index] : self.starts[index + 1]]

    def owners(self) -> NDArray[np.int64]:
        """The row each value stands in."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def ranks(self) -> NDArray[np.int64]:
        """The place of each value in its row, from 0."""
        return np.arange(len(self.values)) - np.repeat(self.starts[:-1], np.diff(self.starts))

    def take(self, rows: NDArray[np.int64]) -> Ragged:
        counts = np.diff(self.starts)[rows]
        starts = np.concatenate([[0], np.cumsum(counts)])
        at = np.arange(starts[-1]) + np.repeat(self.starts[:-1][rows] - starts[:-1], counts)
        return Ragged(self.values[at], starts)


@dataclass(frozen=True, eq=False)
class People:
    """One side of a cohort. Only `key` must be given; what is left out means "nothing known, nothing asked".

    Unknown units, professions and sites are -1: an unknown value is never "the same" and never "another".
    """

    key: NDArray[np.int64]
    grade: NDArray[np.int16] = _LEFT_OUT  # rank, higher is more senior
    unit: NDArray[np.int32] = _LEFT_OUT
    profession: NDArray[np.int32] = _LEFT_OUT
    site: NDArray[np.int32] = _LEFT_OUT
    years: NDArray[np.int16] = _LEFT_OUT  # in the company, whole years
    languages: NDArray[np.uint8] = _LEFT_OUT  # (n, languages): 0 none, 1 to 6 for A1 to C2
    hours: NDArray[np.uint64] = _LEFT_OUT  # (n, 3): bit h of the week from Monday 00:00 UTC, see `week`
    remote: NDArray[np.bool_] = _LEFT_OUT  # would meet by video
    onsite: NDArray[np.bool_] = _LEFT_OUT  # would meet at their site
    expertise: NDArray[np.uint8] = _LEFT_OUT  # (n, topics): 0 none, 1 to 4
    practice: NDArray[np.uint8] = _LEFT_OUT  # (n, topics): years of it
    interest: NDArray[np.uint8] = _LEFT_OUT  # (n, topics): 0 none, 1 to 3, 3 matters most
    line: Ragged = _LEFT_OUT  # keys of managers, from the top down to the direct manager
    capacity: NDArray[np.int32] = _LEFT_OUT  # partners at the same time
    wishes: Ragged = _LEFT_OUT  # keys, the most wished first
    avoids: Ragged = _LEFT_OUT  # keys
    together: Ragged = _LEFT_OUT  # keys of partners now, and of those they parted from
    earlier: Ragged = _LEFT_OUT  # keys of partners in this programme
    elsewhere: Ragged = _LEFT_OUT  # keys of partners in other programmes
    stays: Ragged = _LEFT_OUT  # keys of those they are offered to now, see `Weights.stay`; mentors only
    waited: NDArray[np.int16] = _LEFT_OUT  # rounds left without a partner
    experience: NDArray[np.int16] = _LEFT_OUT  # mentorships seen through

    def __post_init__(self) -> None:
        key = np.asarray(self.key, np.int64).reshape(-1)
        count = len(key)
        if len(np.unique(key)) != count:
            raise ValueError("Each person may stand on a side only once.")
        object.__setattr__(self, "key", key)
        for name, (dtype, default, width) in _COLUMNS.items():
            value = getattr(self, name)
            shape = (count,) if width is None else (count, width)
            array: NDArray[Any] = (
                np.full(shape, default, dtype) if value is None else np.ascontiguousarray(value, dtype)
            )
            if width is not None and array.ndim == 1 and not count:
                array = array.reshape(0, width)
            if len(array) != count or array.ndim != len(shape):
                raise ValueError(f"{name}: one row per person is needed.")
            object.__setattr__(self, name, array)
        for name in _RAGGED:
            value = getattr(self, name)
            value = Ragged.empty(count) if value is None else value
            value = value if isinstance(value, Ragged) else Ragged.of(value)
            if len(value) != count:
                raise ValueError(f"{name}: one row per person is needed.")
            object.__setattr__(self, name, value)
        if (self.capacity < 0).any():
            raise ValueError("capacity: nobody can take fewer than no partners.")
        for name, top in _TOPS.items():
            if getattr(self, name).size and int(getattr(self, name).max()) > top:
                raise ValueError(f"{name}: at most {top}.")

    def __len__(self) -> int:
        return len(self.key)

    def take(self, rows: ArrayLike) -> People:
        """The same people in another order, or some of them."""
        rows = np.asarray(rows, np.int64)
        columns: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        taken: dict[str, Any] = {
            name: column.take(rows) if isinstance(column, Ragged) else column[rows]
            for name, column in columns.items()
        }
        return People(**taken)

    def but(self, **columns: Any) -> People:
        return replace(self, **columns)


# dtype, what an omitted column means, width of a table that was left out
_COLUMNS: dict[str, tuple[type, int, int | None]] = {
    "grade": (np.int16, 0, None),
    "unit": (np.int32, -1, None),
    "profession": (np.int32, -1, None),
    "site": (np.int32, -1, None),
    "years": (np.int16, 0, None),
    "languages": (np.uint8, 0, 0),
    "hours": (np.uint64, 0, 3),
    "remote": (np.bool_, 1, None),
    "onsite": (np.bool_, 1, None),
    "expertise": (np.uint8, 0, 0),
    "practice": (np.uint8, 0, 0),
    "interest": (np.uint8, 0, 0),
    "capacity": (np.int32, 1, None),
    "waited": (np.int16, 0, None),
    "experience": (np.int16, 0, None),
}
_RAGGED = ("line", "wishes", "avoids", "together", "earlier", "elsewhere", "stays")
_TOPS = {"languages": 6, "expertise": 4, "interest": 3, "practice": 100}


def week(hours: Iterable[int]) -> NDArray[np.uint64]:
    """The three words of `People.hours` for a set of hours, 0 (Monday 00:00 UTC) to 167."""
    words = [0, 0, 0]
    for hour in hours:
        word, bit = divmod(hour % HOURS, 64)
        words[word] |= 1 << bit
    return np.array(words, np.uint64)


def pair_array(pairs: ArrayLike | None) -> NDArray[np.int64]:
    """Pairs as an array of (mentor row, mentee row)."""
    return np.zeros((0, 2), np.int64) if pairs is None else np.asarray(pairs, np.int64).reshape(-1, 2)
