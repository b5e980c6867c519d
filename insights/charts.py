"""What the charts draw: positions in percent of their width, as text, because a language with a decimal comma
would break an SVG. Words stand beside the drawing in HTML, so that they keep their size on a phone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from goals.models import Goal, Level
from insights import words
from insights.disclosure import Span
from insights.queries import Dimension, Health, Outcome, Step
from insights.report import K_DIMENSIONS, KINDS, Measured, Report
from pulses.models import OwnQuestion, Wave

Words = str | Promise
LOWEST, HIGHEST = 1, 5
EDGE = 4.0
"""Percent left free at both ends of a scale, so that a mark at its end is whole."""


def percent(value: float) -> str:
    return f"{value:.2f}%"


@dataclass(frozen=True, slots=True)
class Bar:
    label: Words
    text: str
    is_shown: bool
    sure: str
    """Where the bar that is certain ends, and from there how much more there may be."""
    maybe: str


def bars(cells: Mapping[Words, Span], threshold: int) -> list[Bar]:
    longest = max([span.high or span.low for span in cells.values() if span.is_shown], default=0) or 1
    return [
        Bar(
            label=label,
            text=words.span_text(span, threshold),
            is_shown=span.is_shown,
            sure=percent(100 * span.low / longest),
            maybe=percent(100 * ((span.high or span.low) - span.low) / longest),
        )
        for label, span in cells.items()
    ]


def labelled(table: Mapping[str, Span], labels: Iterable[tuple[str, Words]]) -> dict[Words, Span]:
    return {label: table[value] for value, label in labels if value in table}


def course(report: Report, threshold: int) -> list[Bar]:
    return bars({step.label: report.step(step) for step in Step}, threshold)


def health(report: Report, threshold: int) -> list[Bar]:
    return bars(labelled(report.health, Health.choices), threshold)


def meetings(report: Report, threshold: int) -> list[Bar]:
    return bars(labelled(report.meetings, Outcome.choices), threshold)


def goals(report: Report, threshold: int) -> list[Bar]:
    return bars(labelled(report.goals, Goal.State.choices), threshold)


def levels(report: Report, threshold: int) -> list[Bar]:
    signs = {
        level: f"{level.label} ({'+' if level > 0 else ''}{level.value})".replace("-", "−") for level in Level
    }
    return bars(
        {signs[level]: report.levels[level] for level in reversed(Level) if level in report.levels}, threshold
    )


def participation(table: Mapping[str | None, Span], threshold: int) -> list[Bar]:
    """Only what is shown, the largest first; by name within a span, so that the order tells no more than the
    spans."""
    shown = {name or _("not stated"): span for name, span in table.items() if span.is_shown}
    return bars(dict(sorted(shown.items(), key=lambda one: (-one[1].low, one[0]))), threshold)


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
        words.span_text(mean.size, 0),
    )


def objective(measured: Measured) -> Scale:
    low, high = (0, 100) if words.is_percent(measured.objective) else (LOWEST, HIGHEST)
    marks = []
    if measured.start is not None:
        text = words.measure_text(measured.objective, measured.start)
        marks.append(Mark("circle", position(measured.start, low, high), _("Start"), text))
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
