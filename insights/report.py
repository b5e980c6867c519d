"""What is published of programmes: the exact figures of each cohort pass through `disclosure` once, and every
view adds up what was published of its cohorts. So no view, and no difference of views, can tell more than
`Published`."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from goals.models import Goal, Level
from insights.disclosure import (
    NOTHING,
    Count,
    Mean,
    Sample,
    Span,
    add,
    add_tables,
    mean,
    pool,
    protect,
    share,
    span,
    within,
)
from insights.queries import CohortFigures, Dimension, Health, Outcome, Step, WaitingConcerns
from programmes.models import Cohort, Objective, Role
from pulses.models import Wave

KINDS = (Wave.Kind.START, Wave.Kind.MIDDLE, Wave.Kind.END)
PULSE_LIMITS = (1.2, 4.8)
DELIVERY_STEP = 5.0
DELIVERY_LIMITS = (5.0, None)
NOBODY = Count(0, 0)


@dataclass(frozen=True, slots=True)
class Published:
    """All that anybody can learn of one cohort."""

    cohort: Cohort
    course: Mapping[tuple[str, str], Span]
    """By role and step."""
    mentorships: Span
    health: Mapping[str, Span]
    """How many there are, and in which state; `protect` reckons with the total being known."""
    meetings: Mapping[str, Span]
    delivery: Mean | None
    """Meetings held of those expected to date, in percent, over the mentorships that ought to meet."""
    is_due: bool
    """Whether the rhythm of the cohort expects a meeting by now; its dates are no secret."""
    goals: Mapping[str, Span]
    levels: Mapping[int, Span]
    attainment: Mean | None
    asked: Mapping[tuple[str, str], Span]
    answered: Mapping[tuple[str, str], Span]
    """By kind of pulse and role."""
    pulses: Mapping[tuple[str, str, str], Mean | None]
    """By kind of pulse, role and dimension."""


def publish(figures: CohortFigures, threshold: int, at: datetime) -> Published:
    due = figures.cohort.meetings_due(at)
    ought = figures.expected_to_meet
    delivered = Sample(ought, ought, 100 * figures.delivered / due if due else 0)
    waves = [(kind, role) for kind in KINDS for role in Role.values]
    return Published(
        cohort=figures.cohort,
        course={
            (role, step): span(figures.course[role][step], threshold)
            for role in Role.values
            for step in Step.values
        },
        mentorships=span(figures.health.total(), threshold),
        health=protect({one: Count.of(figures.health[one]) for one in Health.values}, threshold),
        meetings=protect(
            {one: figures.meetings.get(one, NOBODY) for one in Outcome.values}, threshold, events=True
        ),
        delivery=mean(delivered, threshold, step=DELIVERY_STEP, limits=DELIVERY_LIMITS) if due else None,
        is_due=due > 0,
        goals=protect(
            {one: figures.goals.get(one, NOBODY) for one in Goal.State.values}, threshold, events=True
        ),
        levels=protect(
            {one: figures.levels.get(one, NOBODY) for one in Level.values}, threshold, events=True
        ),
        attainment=mean(figures.attainment, threshold, step=1),
        asked={wave: span(figures.asked[wave], threshold) for wave in waves},
        answered={wave: span(figures.answered[wave], threshold) for wave in waves},
        pulses={key: mean(sample, threshold, limits=PULSE_LIMITS) for key, sample in figures.pulses.items()},
    )


@dataclass(frozen=True, slots=True)
class Measured:
    """An objective against its start. `start` and `today` are None where there is nothing to show."""

    objective: Objective
    start: float | None
    today: Mean | None
    target: float

    @property
    def is_reached(self) -> bool:
        return self.today is not None and self._towards(self.today.value - self.target) >= 0

    @property
    def has_moved(self) -> bool:
        return (
            self.today is not None
            and self.start is not None
            and self._towards(self.today.value - self.start) > 0
        )

    def _towards(self, change: float) -> float:
        """A target below the start is reached by falling."""
        return -change if self.start is not None and self.target < self.start else change


def newest_pulse(published: Published, role: str, dimension: str) -> Mean | None:
    return published.pulses.get((Wave.Kind.END, role, dimension)) or published.pulses.get(
        (Wave.Kind.MIDDLE, role, dimension)
    )


class Report:
    """One view: some cohorts, both roles or one of them. Knows only what is published of each cohort."""

    def __init__(self, cohorts: Collection[Published], role: str = "") -> None:
        self.cohorts = cohorts
        self.roles: list[str] = [role] if role else list(Role.values)
        self.mentorships = add(one.mentorships for one in cohorts)
        self.health = add_tables(one.health for one in cohorts)
        self.meetings = add_tables(one.meetings for one in cohorts)
        self.goals = add_tables(one.goals for one in cohorts)
        self.levels = add_tables(one.levels for one in cohorts)
        self.delivery = pool((one.delivery for one in cohorts), step=DELIVERY_STEP, limits=DELIVERY_LIMITS)
        self.attainment = pool((one.attainment for one in cohorts), step=1)

    def step(self, step: str) -> Span:
        return add(one.course[role, step] for one in self.cohorts for role in self.roles)

    @property
    def is_due(self) -> bool:
        return any(one.is_due for one in self.cohorts)

    def asked(self, kind: str, role: str) -> Span:
        return add(one.asked[kind, role] for one in self.cohorts)

    def answered(self, kind: str, role: str) -> Span:
        return add(one.answered[kind, role] for one in self.cohorts)

    def response_rate(self, kind: str, role: str) -> int | None:
        return share(self.answered(kind, role), self.asked(kind, role))

    def pulse(self, kind: str, dimension: str, roles: Iterable[str] | None = None) -> Mean | None:
        return pool(
            (
                one.pulses.get((kind, role, dimension))
                for one in self.cohorts
                for role in (self.roles if roles is None else roles)
            ),
            limits=PULSE_LIMITS,
        )

    def change(self, dimension: str) -> tuple[Mean | None, Mean | None]:
        """The mean at the start and the newest one, over the same groups: a cohort that has only begun would
        move the start without having a today."""
        groups = [
            (one.pulses.get((Wave.Kind.START, role, dimension)), newest)
            for one in self.cohorts
            for role in self.roles
            if (newest := newest_pulse(one, role, dimension))
        ]
        if not groups:
            return self.pulse(Wave.Kind.START, dimension), None
        first, today = zip(*groups, strict=True)
        return pool(first, limits=PULSE_LIMITS), pool(today, limits=PULSE_LIMITS)

    @property
    def attained(self) -> Mean | None:
        """Goals attained of those attained or open, in percent, from what is shown of both."""
        attained = self.goals.get(Goal.State.ATTAINED, NOTHING)
        either = attained + self.goals.get(Goal.State.OPEN, NOTHING)
        percent = share(attained, either)
        return None if percent is None else Mean(either, percent)

    def measured(self, objective: Objective) -> Measured:
        start = None if objective.baseline is None else float(objective.baseline)
        match objective.measure:
            case Objective.Measure.MEETINGS:
                today = self.delivery
            case Objective.Measure.GOALS:
                today = self.attained
            case _:
                asked = objective.measure == Objective.Measure.QUESTION
                first, today = self.change(f"objective-{objective.pk}" if asked else objective.dimension)
                start = first.value if start is None and first else start
        return Measured(objective, start, today, float(objective.target))


@dataclass(frozen=True, slots=True)
class Concerns:
    """How many wait for a confidant, and in whole weeks how long the oldest has; for staff alone.

    The wait is told although it is that of one person, because nobody else would notice that a confidant does
    not answer; under a week it is not told apart from there being none.
    """

    waiting: Span
    weeks: int


def publish_concerns(waiting: WaitingConcerns | None, threshold: int, at: datetime) -> Concerns:
    if waiting is None or waiting.oldest is None:
        return Concerns(span(0, threshold), 0)
    return Concerns(span(waiting.number, threshold), max(0, (at - waiting.oldest).days // 7))


def publish_participation(
    parts: Mapping[str, Mapping[str | None, int]], threshold: int, cohorts: Iterable[Published]
) -> dict[str, dict[str | None, Span]]:
    """Of all cohorts together, and in no other view: by cohort most groups would be small. The people are
    those accepted in `cohorts`, of whom roles and cohorts are shown as well."""
    accepted = (one.course[role, Step.ACCEPTED] for one in cohorts for role in Role.values)
    most = sum(one.high or 0 for one in accepted if one.is_shown)
    return {
        part: within(protect({name: Count.of(number) for name, number in table.items()}, threshold), most)
        for part, table in parts.items()
    }


K_DIMENSIONS = tuple(one for one in Dimension if one != Dimension.SAFETY)
