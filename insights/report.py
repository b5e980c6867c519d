"""What is published of programmes: the exact figures of each cohort pass through `disclosure` once, and every
view adds up what was published of its cohorts. So no view, and no difference of views, can tell more than
`Published`."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from endings.models import Again
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
    narrowing,
    pool,
    protect,
    share,
    span,
    together,
    within,
)
from insights.queries import (
    PARTS,
    CohortFigures,
    Dimension,
    Health,
    Lateness,
    Outcome,
    Step,
    WaitingConcerns,
)
from programmes.models import Cohort, Objective, Role
from pulses.models import Wave

KINDS = (Wave.Kind.START, Wave.Kind.MIDDLE, Wave.Kind.END)
PULSE_LIMITS = (1.2, 4.8)
GOES_ON = 80
"""Percent of a step from which on nobody would say that people get stuck there."""
DELIVERY_STEP = 5.0
DELIVERY_LIMITS = (5.0, None)
NOBODY = Count(0, 0)
CANCELLED = (Outcome.BY_MENTOR, Outcome.BY_MENTEE, Outcome.CANCELLED)


@dataclass(frozen=True, slots=True)
class Published:
    """All that anybody can learn of one cohort."""

    cohort: Cohort
    course: Mapping[tuple[str, str], Span]
    """By role and step."""
    groups: Mapping[tuple[str, str], Mapping[str, int]]
    """By part of the company and step, exactly: published by `publish_groups` alone, for all cohorts
    together."""
    offered: Mapping[str, Span]
    took: Mapping[str, Span]
    again: Mapping[str, Span]
    """By role."""
    mentorships: Span
    health: Mapping[str, Span]
    """How many there are, and in which state; `protect` reckons with the total being known."""
    meetings: Mapping[str, Span]
    delivery: Mean | None
    """Meetings held of those expected to date, in percent, over the mentorships that ought to meet."""
    due: int
    """How many meetings the rhythm of the cohort expects of each mentorship by then; its dates are no
    secret."""
    lateness: Mapping[str, Span]
    wait: Mean | None
    """Days from being confirmed to the first meeting."""
    goals: Mapping[str, Span]
    levels: Mapping[tuple[str, int], Span]
    attainment: Mapping[str, Mean | None]
    """By role and level, and by role."""
    looking_back: Mapping[str, Span]
    looked_back: Mapping[str, Span]
    answers: Mapping[tuple[str, str], Span]
    """Who was asked whether they would do it again and who answered, by role, and what they said."""
    asked: Mapping[tuple[str, str], Span]
    answered: Mapping[tuple[str, str], Span]
    """By kind of pulse and role."""
    pulses: Mapping[tuple[str, str, str], Mean | None]
    """By kind of pulse, role and dimension."""
    checked_at: datetime | None = None
    """When it was last counted."""


def publish(figures: CohortFigures, threshold: int) -> Published:
    due = figures.meetings_due
    ought = figures.expected_to_meet
    delivered = Sample(ought, ought, 100 * figures.delivered / due if due else 0)
    waves = [(kind, role) for kind in KINDS for role in Role.values]
    meetings = protect(
        {one: figures.meetings.get(one, NOBODY) for one in Outcome.values}, threshold, events=True
    )
    return Published(
        cohort=figures.cohort,
        course={
            (role, step): span(figures.course[role][step], threshold)
            for role in Role.values
            for step in Step.values
        },
        groups=figures.groups,
        offered={role: span(figures.offered[role], threshold) for role in Role.values},
        took={role: span(figures.took[role], threshold) for role in Role.values},
        again={role: span(figures.again[role], threshold) for role in Role.values},
        mentorships=span(figures.health.total(), threshold),
        health=protect({one: Count.of(figures.health[one]) for one in Health.values}, threshold),
        meetings=meetings,
        delivery=mean(delivered, threshold, step=DELIVERY_STEP, limits=DELIVERY_LIMITS) if due else None,
        due=due,
        lateness=within(
            protect(
                {one: figures.lateness.get(one, NOBODY) for one in Lateness.values}, threshold, events=True
            ),
            sum(meetings[one].high or 0 for one in CANCELLED if meetings[one].is_shown),
        ),
        wait=mean(figures.waits, threshold, step=1),
        goals=protect(
            {one: figures.goals.get(one, NOBODY) for one in Goal.State.values}, threshold, events=True
        ),
        levels={
            (role, level): one
            for role in Role.values
            for level, one in protect(
                {level: figures.levels.get((role, level), NOBODY) for level in Level.values},
                threshold,
                events=True,
            ).items()
        },
        attainment={
            role: mean(figures.attainment.get(role, Sample(0, 0, 0)), threshold, step=1)
            for role in Role.values
        },
        looking_back={role: span(figures.looking_back[role], threshold) for role in Role.values},
        looked_back={
            role: span(sum(figures.answers[role, answer] for answer in Again.Answer.values), threshold)
            for role in Role.values
        },
        answers={
            (role, answer): one
            for role in Role.values
            for answer, one in protect(
                {answer: Count.of(figures.answers[role, answer]) for answer in Again.Answer.values},
                threshold,
            ).items()
        },
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
    middle: Mean | None = None
    """Where the end has been measured too."""

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
        self.lateness = add_tables(one.lateness for one in cohorts)
        self.goals = add_tables(one.goals for one in cohorts)
        self._levels = add_tables(one.levels for one in cohorts)
        self._answers = add_tables(one.answers for one in cohorts)
        self.delivery = pool((one.delivery for one in cohorts), step=DELIVERY_STEP, limits=DELIVERY_LIMITS)
        self.wait = pool((one.wait for one in cohorts), step=1)

    def step(self, step: str) -> Span:
        return add(one.course[role, step] for one in self.cohorts for role in self.roles)

    @property
    def is_due(self) -> bool:
        return any(one.due for one in self.cohorts)

    @property
    def planned_for_each(self) -> tuple[int, int]:
        """The fewest and the most meetings planned to date for a mentorship, by the rhythms of the cohorts.
        Not how many that makes: the number of those that ought to meet would tell how many rest or ended."""
        due = [one.due for one in self.cohorts if one.due]
        return min(due, default=0), max(due, default=0)

    @property
    def offered(self) -> Span:
        return add(one.offered[role] for one in self.cohorts for role in self.roles)

    @property
    def took(self) -> Span:
        return add(one.took[role] for one in self.cohorts for role in self.roles)

    @property
    def again(self) -> Span:
        return add(one.again[role] for one in self.cohorts for role in self.roles)

    @property
    def match_rate(self) -> int | None:
        return share(self.step(Step.MATCHED), self.step(Step.ACCEPTED))

    @property
    def acceptance(self) -> int | None:
        return share(self.took, self.offered)

    def of_the_step_before(self, step: str) -> int | None:
        """Percent, in fives; None for the first step and where either is not shown."""
        place = Step.values.index(step)
        return share(self.step(step), self.step(Step.values[place - 1])) if place else None

    @property
    def sticks_at(self) -> str:
        """The step that the smallest share of those before it have taken, or "" where most always go on."""
        rates = {step: rate for step in Step.values if (rate := self.of_the_step_before(step)) is not None}
        lowest = min(rates, key=lambda step: rates[step], default="")
        return lowest if lowest and rates[lowest] < GOES_ON else ""

    def levels(self, role: str) -> dict[int, Span]:
        return {level: self._levels.get((role, level), NOTHING) for level in Level.values}

    def attainment(self, role: str) -> Mean | None:
        return pool((one.attainment[role] for one in self.cohorts), step=1)

    @property
    def looking_back(self) -> Span:
        return add(one.looking_back[role] for one in self.cohorts for role in self.roles)

    @property
    def looked_back(self) -> Span:
        return add(one.looked_back[role] for one in self.cohorts for role in self.roles)

    @property
    def answers(self) -> dict[str, Span]:
        return {
            answer: add(self._answers.get((role, answer), NOTHING) for role in self.roles)
            for answer in Again.Answer.values
        }

    @property
    def would_do_it_again(self) -> Mean | None:
        """In percent, in either role, of those who answered; from what is shown of the answers."""
        yes = add(one for answer, one in self.answers.items() if answer in YES and one.is_shown)
        percent = share(yes, self.looked_back)
        return None if percent is None else Mean(self.looked_back, percent)

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
        middle = None
        match objective.measure:
            case Objective.Measure.MEETINGS:
                today = self.delivery
            case Objective.Measure.GOALS:
                today = self.attained
            case _:
                asked = objective.measure == Objective.Measure.QUESTION
                dimension = f"objective-{objective.pk}" if asked else objective.dimension
                first, today = self.change(dimension)
                if self.pulse(Wave.Kind.END, dimension):
                    middle = self.pulse(Wave.Kind.MIDDLE, dimension)
                start = first.value if start is None and first else start
        return Measured(objective, start, today, float(objective.target), middle)


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


Groups = Mapping[str, Mapping[str, Mapping[str, Span]]]
"""By step, by part of the company ("unit") and by its name."""


def publish_groups(cohorts: Collection[Published], threshold: int) -> Groups:
    """The course by unit, grade and site, of all cohorts together and in no other view: by cohort and role
    most groups would be small. The same people are shown by cohort and role as well."""
    exact: dict[str, dict[str, dict[str, int]]] = {step: {part: {} for part in PARTS} for step in Step.values}
    for one in cohorts:
        for (part, name), steps in one.groups.items():
            for step in Step.values:
                table = exact[step][part]
                table[name] = table.get(name, 0) + steps.get(step, 0)
    shown = narrowing(
        together(
            exact[step],
            threshold,
            [one.course[role, step] for one in cohorts for role in Role.values],
        )
        for step in Step.values
    )
    return dict(zip(Step.values, shown, strict=True))


YES = (Again.Answer.SAME, Again.Answer.OTHER)
K_DIMENSIONS = tuple(one for one in Dimension if one != Dimension.SAFETY)
