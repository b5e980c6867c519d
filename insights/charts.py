"""What the charts draw: positions in percent of their width, as text, because a language with a decimal comma
would break an SVG. Words stand beside the drawing in HTML, so that they keep their size on a phone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from endings.models import Again
from goals.models import Goal, Level
from insights import words
from insights.counting import Dimension, Health, Lateness, Outcome, Step
from insights.disclosure import AtLeast
from insights.report import K_DIMENSIONS, KINDS, Measured, Point, Report, months_of
from pulses.models import OwnQuestion, Wave

Words = str | Promise
LOWEST, HIGHEST = 1, 5
MISSING_LISTED = 6
EDGE = 4.0
"""Percent left free at both ends of a scale, so that a mark at its end is whole."""


def percent(value: float) -> str:
    return f"{value:.2f}%"


@dataclass(frozen=True, slots=True)
class Bar:
    label: Words
    text: str
    is_shown: bool
    width: str
    note: str = ""
    url: str = ""
    """The list behind it, for who may see one."""


def bars(
    cells: Mapping[Words, AtLeast],
    *,
    notes: Mapping[Words, str] | None = None,
    urls: Mapping[Words, str] | None = None,
) -> list[Bar]:
    longest = max((one.number for one in cells.values()), default=0) or 1
    return [
        Bar(
            label=label,
            text=words.count_text(one),
            is_shown=one.is_shown,
            width=percent(100 * one.number / longest),
            note=(notes or {}).get(label, ""),
            url=(urls or {}).get(label, ""),
        )
        for label, one in cells.items()
    ]


def labelled(table: Mapping[str, AtLeast], labels: Iterable[tuple[str, Words]]) -> dict[Words, AtLeast]:
    return {label: table[value] for value, label in labels if value in table}


Links = Mapping[str, str]
"""The list behind a cell."""


def course(report: Report, links: Links) -> list[Bar]:
    return bars(
        {step.label: report.step(step) for step in Step},
        notes={step.label: words.step_text(report.of_the_step_before(step)) for step in Step},
        urls={step.label: links.get(step, "") for step in Step},
    )


def health(report: Report, links: Links) -> list[Bar]:
    urls: dict[Words, str] = {one.label: links.get(one, "") for one in Health}
    return bars(labelled(report.health, Health.choices), urls=urls)


def meetings(table: Mapping[str, AtLeast]) -> list[Bar]:
    return bars(labelled(table, Outcome.choices))


def lateness(table: Mapping[str, AtLeast]) -> list[Bar]:
    return bars(labelled(table, Lateness.choices))


MONTHS_DRAWN = 12


def months(report: Report, first: date, last: date) -> list[Bar]:
    """Meetings held, the last twelve months of those from `first` to `last`."""
    drawn = [one for one in months_of(report.cohorts, report.at) if first <= one <= last][-MONTHS_DRAWN:]
    labels = {one: date_format(one, pgettext("date format: Jan 2027", "M Y")) for one in drawn}
    return bars({labels[one]: report.held_in(one) for one in drawn})


def answers(report: Report) -> list[Bar]:
    return bars(labelled(report.answers, Again.Answer.choices))


def goals(report: Report) -> list[Bar]:
    return bars(labelled(report.goals, Goal.State.choices))


def levels(report: Report, role: str) -> list[Bar]:
    signs = {
        level: f"{level.label} ({'+' if level > 0 else ''}{level.value})".replace("-", "−") for level in Level
    }
    found = report.levels(role)
    return bars({signs[level]: found[level] for level in reversed(Level)})


MOST_ROWS = 25


@dataclass(frozen=True, slots=True)
class Reached:
    """A part of the company: its share of all people and of those who take part."""

    key: int
    bar: Bar
    in_company: str
    among: str


@dataclass(frozen=True, slots=True)
class Reach:
    by: str
    label: Words
    rows: list[Reached]
    missing: list[str]
    """The largest parts of which nothing is shown: few take part, or nobody."""
    others: int
    """How many more such parts there are."""


def reach(
    by: str,
    label: Words,
    names: Mapping[int, str],
    company: Mapping[int, int],
    shown: Mapping[int, AtLeast],
    taking_part: AtLeast,
    report: Report,
    urls: Mapping[int, str],
) -> Reach:
    """The largest first; by name where the same is shown, so that the order tells no more."""
    threshold = report.threshold
    order = sorted(
        (pk for pk, one in shown.items() if one.is_shown), key=lambda pk: (-shown[pk].number, names[pk])
    )[:MOST_ROWS]
    drawn = bars({str(pk): shown[pk] for pk in order})
    total = sum(company.values())
    rows = [
        Reached(
            pk,
            replace(bar, label=names[pk], url=urls.get(pk, "")),
            words.share_text(company[pk], total, threshold),
            words.rate_text(report.of_people.share(shown[pk], taking_part)),
        )
        for pk, bar in zip(order, drawn, strict=True)
    ]
    large = [pk for pk, number in company.items() if number >= threshold and not shown[pk].is_shown]
    missing = [names[pk] for pk in sorted(large, key=lambda pk: (-company[pk], names[pk]))]
    return Reach(by, label, rows, missing[:MISSING_LISTED], max(0, len(missing) - MISSING_LISTED))


@dataclass(frozen=True, slots=True)
class Mark:
    """`shape` is a circle, a diamond or a square: the times are told apart without colour."""

    shape: str
    at: str
    label: Words
    text: str
    short: str = ""
    """The text where there is little room."""
    size: str = ""
    """Of the group the mark is about."""
    up: str = ""
    """How high it stands, where time runs across."""


@dataclass(frozen=True, slots=True)
class Scale:
    label: Words
    marks: list[Mark]
    target: Mark | None = None

    @property
    def line(self) -> tuple[str, str] | None:
        """From the first mark to the last."""
        return (self.marks[0].at, self.marks[-1].at) if len(self.marks) > 1 else None


START, MIDDLE, END = KINDS
TIMES = {
    START: ("circle", _("Start")),
    MIDDLE: ("diamond", _("Middle")),
    END: ("square", _("End")),
}


def position(value: float, low: float, high: float) -> str:
    return percent(EDGE + (100 - 2 * EDGE) * min(1.0, max(0.0, (value - low) / (high - low))))


PULSE_GRID = [(number, position(number, LOWEST, HIGHEST)) for number in range(LOWEST, HIGHEST + 1)]
PERCENT_GRID = [(number, position(number, 0, 100)) for number in range(0, 101, 25)]


def profile(report: Report, role: str, own: Iterable[OwnQuestion] = ()) -> list[Scale]:
    """The five K's and feeling safe, then the programme's own questions, at the start, the middle and the
    end."""
    asked = [(dimension.value, dimension.label) for dimension in (*K_DIMENSIONS, Dimension.SAFETY)]
    asked += [(question.key, question.text) for question in own]
    return [
        Scale(label, [mark for kind in KINDS if (mark := pulse_mark(report, role, kind, key))])
        for key, label in asked
    ]


def pulse_mark(report: Report, role: str, kind: str, dimension: str) -> Mark | None:
    mean = report.pulse(kind, dimension, [role])
    if mean is None:
        return None
    shape, label = TIMES[Wave.Kind(kind)]
    return Mark(
        shape,
        position(mean.value, LOWEST, HIGHEST),
        label,
        words.mean_text(mean),
        words.short_mean(mean),
        words.count_text(mean.size),
    )


def objective(measured: Measured) -> Scale:
    low, high = (0, 100) if words.is_percent(measured.objective) else (LOWEST, HIGHEST)
    marks = []
    if measured.start is not None:
        text = words.measure_text(measured.objective, measured.start)
        marks.append(Mark("circle", position(measured.start, low, high), _("Start"), text))
    if measured.middle is not None:
        text = words.mean_text(measured.middle)
        marks.append(Mark("diamond", position(measured.middle.value, low, high), _("Middle"), text))
    if measured.today is not None:
        text = (
            words.percent_text(measured.today)
            if words.is_percent(measured.objective)
            else words.mean_text(measured.today)
        )
        marks.append(Mark("square", position(measured.today.value, low, high), _("Today"), text))
    target = Mark(
        "flag",
        position(measured.target, low, high),
        _("Target"),
        words.measure_text(measured.objective, measured.target),
    )
    return Scale(measured.objective.statement, marks, target)


@dataclass(frozen=True, slots=True)
class Line:
    """Of one cohort, or of all together; told apart by the shape of its marks."""

    label: str
    shape: str
    series: int
    marks: list[Mark]
    segments: list[tuple[Mark, Mark]]


@dataclass(frozen=True, slots=True)
class Trend:
    """An objective over time. Marks have a place across (`at`) and up (`up`), in percent of the drawing."""

    lines: list[Line]
    target: str
    ticks: list[tuple[str, str]]
    """Of the time: its words and where they stand."""
    levels: list[tuple[int, str]]
    rows: list[tuple[str, str, str]]
    """The table behind it: when, whose, what."""

    @property
    def is_by_cohort(self) -> bool:
        return any(line.label for line in self.lines)


SHAPES = ("circle", "diamond", "square")
MOST_LINES = 5


def trend(measured: Measured, points: list[Point]) -> Trend | None:
    """Where there are at least two points in time."""
    in_order = sorted(points, key=lambda point: point.day)
    days = sorted({point.day for point in points})
    if len(days) < 2:
        return None
    is_percent = words.is_percent(measured.objective)
    low, high = (0, 100) if is_percent else (LOWEST, HIGHEST)
    first, last = days[0], days[-1]

    def across(day: date) -> str:
        return position((day - first) / timedelta(days=1), 0, (last - first) / timedelta(days=1))

    def up(value: float) -> str:
        return percent(100 - float(position(value, low, high).rstrip("%")))

    def text(point: Point) -> str:
        return words.percent_text(point.value) if is_percent else words.mean_text(point.value)

    def mark(point: Point, shape: str) -> Mark:
        return Mark(shape, across(point.day), day_text(point.day), text(point), up=up(point.value.value))

    lines = []
    for number, name in enumerate(dict.fromkeys(point.of for point in in_order)):
        shape = SHAPES[number % len(SHAPES)]
        marks = [mark(point, shape) for point in in_order if point.of == name]
        lines.append(Line(name, shape, number % MOST_LINES + 1, marks, list(pairwise(marks))))
    middle = next((day for day in days if 0.3 <= (day - first) / (last - first) <= 0.7), None)
    chosen = [first, middle, last] if middle else [first, last]
    return Trend(
        lines[:MOST_LINES],
        up(measured.target),
        [(day_text(day), across(day)) for day in chosen],
        [
            (number, up(number))
            for number in (range(0, 101, 25) if is_percent else range(LOWEST, HIGHEST + 1))
        ],
        [(day_text(point.day), point.of, text(point)) for point in in_order],
    )


def day_text(day: date) -> str:
    return date_format(day, pgettext("date format: Jan 2027", "M Y"))
