"""What may be shown of groups so that nobody in them can be recognised. Plain Python; no figure reaches a
page except through this file.

The guarantee, for a threshold k (5, or more where the programme says so), against a reader who opens every
view and file, knows these rules and this code, and everything but the secret of the installation:

1. A count is shown as a lower bound. From the true number a few are held back, by a coin: one for each time
   it falls on heads before it falls on tails; what is left is rounded down to a multiple of k. How many
   depends on the figure, the view and the secret alone, so asking again gives the same answer, and nothing
   bounds it: no count has an upper bound.
2. A group under k is not shown, nor is one of nobody, and neither can be told from a larger one of which more
   was held back. A group under k enters no mean and no share, neither its own nor that of a larger group.
3. For every group of 1 to k−1 that any combination of filters can name, all that is shown in all views still
   fits a group of nobody or a group of k and more, also for who knows totals from elsewhere. So no such
   group can be computed: to prove that somebody is left, a part would have to be known to end somewhere.
4. Means are told of fixed groups, all that a reader may read of a cohort by role, and of no part of them: the
   difference of two means would be the mean of those between.
5. What is shown changes only when at least k people or mentorships differ from all that was ever shown before
   (`differs_enough`), so that looking twice, before and after somebody joins or leaves, isolates nobody.

The rounding is that of "fixed random rounding", by which statistical offices let tables be asked freely
(Fraser and Wooton 2005, "A proposed method for confidentialising tabular output to protect against
differencing"), made one-sided: unbiased rounding would show four as five. The reasoning is in
`docs/decisions/small-groups.md`.
"""

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import floor
from typing import Literal

SMALLEST = 5


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A count as it may be shown: there are so many or more. 0 where nothing is shown."""

    number: int = 0

    @property
    def is_shown(self) -> bool:
        return self.number > 0


NOTHING = AtLeast()


@dataclass(frozen=True, slots=True)
class Count:
    """How many, and how many are behind it: ten missed meetings may be those of one mentorship."""

    number: int = 0
    behind: int = 0

    @classmethod
    def of(cls, number: int) -> "Count":
        """For a count of the people or mentorships themselves."""
        return cls(number, number)

    def __add__(self, other: "Count") -> "Count":
        """Of two groups that have nobody in common."""
        return Count(self.number + other.number, self.behind + other.behind)


@dataclass(frozen=True, slots=True)
class Sample:
    """What `size` people or mentorships gave: the sum of `values` values, one or more from each."""

    size: int = 0
    values: int = 0
    total: float = 0


Bound = Literal["", "low", "high"]


@dataclass(frozen=True, slots=True)
class Mean:
    """`bound` is "low" or "high" where the mean lies beyond the limit that is `value`."""

    size: AtLeast
    value: float
    bound: Bound = ""


@lru_cache(1 << 14)
def heads(secret: bytes, name: str) -> int:
    """How often the coin falls on heads in a row: the zeros at the end of a keyed hash."""
    digest = hmac.digest(secret, name.encode(), "sha256")
    bits = int.from_bytes(digest)
    return (bits & -bits).bit_length() - 1 if bits else len(digest) * 8


@dataclass(frozen=True, slots=True)
class Veil:
    """The counts of one view. `view` names whom it is about, the same however it was asked for."""

    view: str
    threshold: int
    secret: bytes

    def __post_init__(self) -> None:
        if self.threshold < SMALLEST:
            raise ValueError(f"groups under {SMALLEST} are never shown")

    def held_back(self, group: str, part: str = "") -> int:
        """Of a `part` of the group what is held back of all of it, and now and then more (one for each time
        two coins both fall on heads): so that shares come out about right, and yet nobody who knows how many
        all are knows what is held back of the part."""
        name = f"{self.view}|{group}"
        return heads(self.secret, name) + (heads(self.secret, f"{name}|{part}") // 2 if part else 0)

    def count(self, group: str, count: Count | int, part: str = "") -> AtLeast:
        """Of events as many are held back as those held back have on average."""
        if isinstance(count, int):
            count = Count.of(count)
        left = count.behind - self.held_back(group, part)
        if left < self.threshold:
            return NOTHING
        return AtLeast(count.number * left // count.behind // self.threshold * self.threshold)

    def share(self, part: AtLeast, whole: AtLeast) -> int | None:
        """Percent, in fives, from what is shown of two counts of one group; None where either is not."""
        if not part.is_shown or not whole.is_shown:
            return None
        return min(100, 5 * floor(20 * self.middle(part) / self.middle(whole) + 0.5))

    def middle(self, count: AtLeast) -> float:
        """Of the numbers that are rounded down to it."""
        return count.number + (self.threshold - 1) / 2


Limits = tuple[float | None, float | None]
"""The lowest and the highest mean that are told: beyond them everybody might have given the same answer."""


def mean(sample: Sample, size: AtLeast, *, step: float = 0.1, limits: Limits = (None, None)) -> Mean | None:
    """The mean to the nearest `step`, or None where the `size` of the sample is not shown."""
    return limited(size, sample.total / sample.values, step, limits) if size.is_shown else None


def limited(size: AtLeast, value: float, step: float, limits: Limits) -> Mean:
    low, high = limits
    value = round(floor(value / step + 0.5) * step, 6)
    if low is not None and value <= low:
        return Mean(size, low, "low")
    if high is not None and value >= high:
        return Mean(size, high, "high")
    return Mean(size, value)


def pool(means: Iterable[Mean | None], *, step: float = 0.1, limits: Limits = (None, None)) -> Mean | None:
    """The mean of several groups from what is shown of each; groups that are not shown have no part in it."""
    shown = [one for one in means if one]
    if len(shown) < 2:
        return shown[0] if shown else None
    size = sum(one.size.number for one in shown)
    value = sum(one.size.number * one.value for one in shown) / size
    return limited(AtLeast(size), value, step, limits)


Records = Mapping[str, str]
"""What is counted of each person or mentorship, by an id."""


def differs_enough(now: Records, released: Records, before: Iterable[Records], threshold: int) -> bool:
    """Whether figures of `now` may take the place of those released: that at least `threshold` people differ
    from every state that was ever released, or none. Else whoever looks twice, before and after somebody
    joined, left or moved on, would learn from the difference what is counted of a few.

    `before`: for each release from the newest back, the records that it replaced, as they were until then
    ("" for one that was not there).
    """
    past = dict(released)
    for replaced in [{}, *before]:
        past.update(replaced)
        differ = sum(now.get(key, "") != past.get(key, "") for key in now.keys() | past.keys())
        if 0 < differ < threshold:
            return False
    return True
