"""A goal over time, as coordinates of a drawing; templates/goals/_chart.html draws it.

Everything is in percent of the drawing, so that it stretches beside the words of the levels and needs no
inline style.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from goals.models import CheckIn, Goal, Level
from matching.models import Member

LEFT, RIGHT = 3.0, 97.0
COLOURS = 5


@dataclass(frozen=True)
class Point:
    x: float
    y: float
    level: int
    day: date


@dataclass(frozen=True)
class Line:
    series: int
    """Which colour."""
    is_dashed: bool
    name: str
    points: list[Point]

    @property
    def segments(self) -> list[tuple[Point, Point]]:
        return list(pairwise(self.points))


@dataclass(frozen=True)
class Row:
    """A level, its words, and at which height it lies."""

    level: int
    words: str
    y: float


@dataclass(frozen=True)
class Chart:
    lines: list[Line]
    rows: list[Row]
    starts_on: date
    ends_on: date


def chart(
    goal: Goal,
    started_on: date,
    ends_on: date,
    members: Sequence[tuple[Member, str]],
    seen: Sequence[CheckIn],
    words: dict[int, str],
) -> Chart:
    """Every member's line begins where the goal stood when it was set. `seen` is what the reader may see."""
    days = max(1, (ends_on - started_on).days)

    def height(level: int) -> float:
        """In the middle of the level's row."""
        return (Level.MUCH_MORE - level + 0.5) * 100 / len(Level)

    def point(day: date, level: int) -> Point:
        share = min(1, max(0, (day - started_on).days / days))
        return Point(round(LEFT + share * (RIGHT - LEFT), 2), height(level), level, day)

    lines: list[Line] = []
    for number, (member, name) in enumerate(members):
        reports = [one for one in seen if one.member_id == member.pk]
        if reports:
            start = point(started_on, goal.baseline)
            points = [start, *(point(one.due_on, one.level) for one in reports)]
            lines.append(Line(number % COLOURS + 1, bool(lines), name, points))
    rows = [Row(level.value, words[level], height(level)) for level in sorted(Level, reverse=True)]
    return Chart(lines, rows, started_on, ends_on)
