"""What may be shown of groups so that nobody in them can be recognised. Plain Python; no figure reaches a
page except through this file.

The guarantee, for a threshold k (5, or more where the programme says so):

1. No count is shown as it is. A reader learns the span it lies in: under k, k to 2k−1, 2k to 3k−1, and so on.
   A zero is treated as any other count under k, because "none" says something of everybody.
2. A group under k enters no mean and no share, neither its own nor that of a larger group.
3. For every group of 1 to k−1, all that is shown of its table, in all views together and with the exact total
   of a breakdown known from elsewhere, still fits a group of nobody or a group of k and more. So no such
   group can be computed, and not even its existence be proved.
4. What is shown changes only when at least k people or mentorships differ from all that was ever shown before
   (`differs_enough`), so that looking twice, before and after somebody joins or leaves, isolates nobody.

Each span holds k numbers, so the difference of two counts, one of them known exactly, never lies within 1 to
k−1. What more `protect` has to do is said there. Larger groups are sums of the spans of their parts, never
counted anew: a view that only adds up what other views show cannot tell more than they do.
`docs/decisions/small-groups.md` has the reasoning.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from math import floor, inf
from typing import TypeVar

SMALLEST = 5
Key = TypeVar("Key", bound=Hashable)
Part = TypeVar("Part", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Span:
    """A count as it may be shown: `low` to `high`, both possible. `high` is None where nothing bounds it."""

    low: int
    high: int | None

    @property
    def is_shown(self) -> bool:
        return self.low > 0

    @property
    def middle(self) -> float:
        return (self.low + (self.low if self.high is None else self.high)) / 2

    def __add__(self, other: "Span") -> "Span":
        unbounded = self.high is None or other.high is None
        return Span(self.low + other.low, None if unbounded else (self.high or 0) + (other.high or 0))


NOTHING = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Count:
    """How many, and how many are behind it: ten missed meetings may be those of one mentorship."""

    number: int
    behind: int

    @classmethod
    def of(cls, number: int) -> "Count":
        """For a count of the people or mentorships themselves."""
        return cls(number, number)


@dataclass(frozen=True, slots=True)
class Sample:
    """What `size` people or mentorships gave: the sum of `values` values, one or more from each."""

    size: int
    values: int
    total: float


@dataclass(frozen=True, slots=True)
class Mean:
    """`bound` is "low" or "high" where the mean lies beyond the limit that is `value`."""

    size: Span
    value: float
    bound: str = ""


def span(number: int, threshold: int) -> Span:
    """Where a count lies."""
    if threshold < SMALLEST:
        raise ValueError(f"groups under {SMALLEST} are never shown")
    low = number // threshold * threshold
    return Span(low, low + threshold - 1)


def protect(table: Mapping[Key, Count], threshold: int, *, events: bool = False) -> dict[Key, Span]:
    """The cells of a table whose total may be known exactly.

    A cell with fewer than `threshold` behind it is hidden. That the hidden cells are small, and the spans of
    the shown ones, may together leave them too little room: with 9 shown as "5 to 9" of 10, the other cannot
    be empty. Then the smallest shown cell is hidden too (with all of its size, so that the choice does not
    depend on the order of the cells), and a reader cannot tell which of the hidden ones is the small one.

    `events`: the numbers are not those of the groups but of what happened in them, and not bounded by their
    size.
    """
    hidden = {key for key, count in table.items() if count.behind < threshold}
    shown = {key: span(count.number, threshold) for key, count in table.items() if key not in hidden}
    total = sum(count.number for count in table.values())
    room = (len(table) - 1) * (threshold - 1)
    largest = max((count.number for count in table.values()), default=0)
    if not events and room < total < room + threshold and largest < 2 * threshold:
        # With this total all cells may be small, and then none is empty. So nothing is told, be they small or
        # not.
        return dict.fromkeys(table, Span(0, None))
    unknown = Span(0, None if events else threshold - 1)
    least = total - sum(one.high or 0 for one in shown.values())
    others = len(hidden) - 1
    crowded = least > others * (threshold - 1) and not (events and others)
    if hidden and shown and crowded:
        smallest = min(table[key].number for key in shown)
        hidden |= {key for key in shown if table[key].number == smallest}
        unknown = Span(0, None)
    return {key: unknown if key in hidden else shown[key] for key in table}


def within(table: Mapping[Key, Span], most: float) -> dict[Key, Span]:
    """Another breakdown of people whose shown groups hold at most `most`: its smallest cells are hidden until
    what is left fits into those, or it would prove that the groups hidden there are not empty."""
    kept = dict(table)
    while sum(one.low for one in kept.values()) > most:
        smallest = min(one.low for one in kept.values() if one.is_shown)
        kept = {key: Span(0, None) if one.low == smallest else one for key, one in kept.items()}
    return kept


def room(table: Mapping[Key, Span]) -> float:
    """How many people the cells can hold while any small one among the hidden is empty."""
    hidden = [one for one in table.values() if not one.is_shown]
    if any(one.high is None for one in table.values()):
        return inf
    most = sum(one.high or 0 for one in table.values())
    return most - max((one.high or 0 for one in hidden), default=0)


def together(
    tables: Mapping[Part, Mapping[Key, int]], threshold: int, other: Iterable[Span] = ()
) -> dict[Part, dict[Key, Span]]:
    """Several breakdowns of the same people, as by unit, by grade and by site; `other` is one that is shown
    already. Each is protected by itself, and then cells are hidden until the people whom one breakdown shows
    fit into every other one with any of its small groups empty, and into no more than `other` is sure of: so
    its own small groups may all be empty, whatever steps before or after this one say."""
    shown = {
        part: protect({key: Count.of(number) for key, number in table.items()}, threshold)
        for part, table in tables.items()
    }
    stands = list(other)
    there = sum(one.low for one in stands) if stands else inf
    while True:
        most = min([there, *(room(table) for table in shown.values() if table)])
        fitting = {part: within(table, most) for part, table in shown.items()}
        if fitting == shown:
            return shown
        shown = fitting


def narrowing(
    steps: Iterable[Mapping[Part, Mapping[Key, Span]]],
) -> list[dict[Part, dict[Key, Span]]]:
    """Breakdowns of fewer and fewer of the same people. Whoever is shown at a step was there at all steps
    before, so a cell that was hidden once stays hidden."""
    found: list[dict[Part, dict[Key, Span]]] = []
    for step in steps:
        before = found[-1] if found else {}
        found.append(
            {
                part: {
                    key: one
                    if (last := before.get(part, {}).get(key)) is None or last.is_shown or not one.is_shown
                    else Span(0, None)
                    for key, one in table.items()
                }
                for part, table in step.items()
            }
        )
    return found


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


def add(spans: Iterable[Span]) -> Span:
    return sum(spans, NOTHING)


def add_tables(tables: Iterable[Mapping[Key, Span]]) -> dict[Key, Span]:
    added: dict[Key, Span] = {}
    for table in tables:
        for key, one in table.items():
            added[key] = added.get(key, NOTHING) + one
    return added


Limits = tuple[float | None, float | None]
"""The lowest and the highest mean that are told: beyond them everybody might have given the same answer."""


def mean(sample: Sample, threshold: int, *, step: float = 0.1, limits: Limits = (None, None)) -> Mean | None:
    """The mean to the nearest `step`, or None for a group under the threshold."""
    if sample.size < threshold:
        return None
    return limited(span(sample.size, threshold), sample.total / sample.values, step, limits)


def limited(size: Span, value: float, step: float, limits: Limits) -> Mean:
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
    if not shown:
        return None
    if len(shown) == 1:
        return shown[0]
    weights = sum(one.size.middle for one in shown)
    value = sum(one.size.middle * one.value for one in shown) / weights
    return limited(add(one.size for one in shown), value, step, limits)


def share(part: Span, whole: Span) -> int | None:
    """Percent, in fives, from the middles of what is shown; None where either is not shown."""
    if not part.is_shown or not whole.is_shown:
        return None
    return min(100, 5 * floor(20 * part.middle / whole.middle + 0.5))
