"""What the charts draw: positions in percent of their width, as text, because a language with a decimal comma
would break an SVG. Words stand beside the drawing in HTML, so that they keep their size on a phone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from endings.models import Again
from goals.models import Goal, Level
from insights import words
from insights.disclosure import Span, share
from insights.queries import Dimension, Health, Lateness, Outcome, Step
from insights.report import K_DIMENSIONS, KINDS, Groups, Measured, Report
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
    sure: str
    """Where the bar that is certain ends, and from there how much more there may be."""
    maybe: str
    note: str = ""
    url: str = ""
    """The list behind it, for who may see one."""


def bars(
    cells: Mapping[Words, Span],
    threshold: int,
    *,
    notes: Mapping[Words, str] | None = None,
    urls: Mapping[Words, str] | None = None,
) -> list[Bar]:
    longest = max([span.high or span.low for span in cells.values() if span.is_shown], default=0) or 1
    return [
        Bar(
            label=label,
            text=words.span_text(span, threshold),
            is_shown=span.is_shown,
            sure=percent(100 * span.low / longest),
            maybe=percent(100 * ((span.high or span.low) - span.low) / longest),
            note=(notes or {}).get(label, ""),
            url=(urls or {}).get(label, ""),
        )
        for label, span in cells.items()
    ]


def labelled(table: Mapping[str, Span], labels: Iterable[tuple[str, Words]]) -> dict[Words, Span]:
    return {label: table[value] for value, label in labels if value in table}


Links = Mapping[str, str]
"""The list behind a cell."""


def course(report: Report, threshold: int, links: Links) -> list[Bar]:
    return bars(
        {step.label: report.step(step) for step in Step},
        threshold,
        notes={step.label: words.step_text(report.of_the_step_before(step)) for step in Step},
        urls={step.label: links.get(step, "") for step in Step},
    )


def course_of_group(groups: Groups, part: str, name: str, threshold: int) -> list[Bar]:
    return bars({step.label: groups[step][part].get(name, UNKNOWN) for step in Step}, threshold)


def health(report: Report, threshold: int, links: Links) -> list[Bar]:
    urls = {one.label: links.get(one, "") for one in Health}
    return bars(labelled(report.health, Health.choices), threshold, urls=urls)


def meetings(report: Report, threshold: int) -> list[Bar]:
    return bars(labelled(report.meetings, Outcome.choices), threshold)


def lateness(report: Report, threshold: int) -> list[Bar]:
    return bars(labelled(report.lateness, Lateness.choices), threshold)


def answers(report: Report, threshold: int) -> list[Bar]:
    return bars(labelled(report.answers, Again.Answer.choices), threshold)


def goals(report: Report, threshold: int) -> list[Bar]:
    return bars(labelled(report.goals, Goal.State.choices), threshold)


def levels(report: Report, role: str, threshold: int) -> list[Bar]:
    signs = {
        level: f"{level.label} ({'+' if level > 0 else ''}{level.value})".replace("-", "−") for level in Level
    }
    found = report.levels(role)
    return bars({signs[level]: found[level] for level in reversed(Level)}, threshold)


MOST_ROWS = 25
UNKNOWN = Span(0, None)


@dataclass(frozen=True, slots=True)
class Reached:
    """A part of the company: its share of all people and of those who take part."""

    bar: Bar
    in_company: str
    among: str


@dataclass(frozen=True, slots=True)
class Reach:
    label: Words
    rows: list[Reached]
    missing: list[str]
    """The largest parts in which fewer than the threshold take part, or nobody."""
    others: int
    """How many more such parts there are."""


def reach(
    label: Words, company: Mapping[str, int], table: Mapping[str, Span], taking_part: Span, threshold: int
) -> Reach:
    """The largest first; by name within a span, so that the order tells no more than the spans."""
    shown = {name: one for name, one in table.items() if one.is_shown}
    drawn = bars(dict(sorted(shown.items(), key=lambda one: (-one[1].low, one[0]))[:MOST_ROWS]), threshold)
    total = sum(company.values())
    rows = [
        Reached(
            replace(bar, label=bar.label or _("not stated")),
            words.share_text(company.get(str(bar.label), 0), total, threshold),
            words.rate_text(share(shown[str(bar.label)], taking_part)),
        )
        for bar in drawn
    ]
    large = [name for name, number in company.items() if name and number >= threshold and name not in shown]
    large.sort(key=lambda name: (-company[name], name))
    return Reach(label, rows, large[:MISSING_LISTED], max(0, len(large) - MISSING_LISTED))


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
