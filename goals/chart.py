"""A goal over time, as coordinates of a drawing; templates/goals/_chart.html draws it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from goals.models import CheckIn, Goal, Level
from matching.models import Member

WIDTH, HEIGHT = 360, 180
LEFT, RIGHT, TOP, BOTTOM = 30, 350, 12, 148


@dataclass(frozen=True)
class Point:
    x: int
    y: int
    level: int
    day: date


@dataclass(frozen=True)
class Line:
    number: int
    """Which colour of the series."""
    name: str
    points: list[Point]

    @property
    def path(self) -> str:
        return " ".join(f"{point.x},{point.y}" for point in self.points)


@dataclass(frozen=True)
class Chart:
    lines: list[Line]
    levels: list[tuple[int, int]]
    """Each level with its height."""
    days: list[tuple[int, date, str]]
    """Where the first and the last day stand, and how their text is anchored."""
    width: int = WIDTH
    height: int = HEIGHT


def chart(
    goal: Goal,
    started_on: date,
    ends_on: date,
    members: Sequence[tuple[Member, str]],
    seen: Sequence[CheckIn],
) -> Chart:
    """Every member's line begins where the goal stood when it was set. `seen` is what the reader may see."""
    days = max(1, (ends_on - started_on).days)

    def point(day: date, level: int) -> Point:
        share = min(1, max(0, (day - started_on).days / days))
        height = (Level.MUCH_MORE - level) / (Level.MUCH_MORE - Level.MUCH_LESS)
        return Point(round(LEFT + share * (RIGHT - LEFT)), round(TOP + height * (BOTTOM - TOP)), level, day)

    lines = []
    for number, (member, name) in enumerate(members, start=1):
        reports = [one for one in seen if one.member_id == member.pk]
        if reports:
            start = point(started_on, goal.baseline)
            lines.append(Line(min(number, 5), name, [start, *(point(o.due_on, o.level) for o in reports)]))
    levels = [(level.value, point(started_on, level).y) for level in sorted(Level, reverse=True)]
    return Chart(lines, levels, [(LEFT, started_on, "start"), (RIGHT, ends_on, "end")])
