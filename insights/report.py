"""What is told of one view. All that a page or a file says of people passes through here once: counts as
lower bounds, means of whole groups, shares of what is shown.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise

from django.conf import settings
from django.utils.crypto import salted_hmac

from endings.models import Again
from goals.models import Goal, Level
from insights.counting import Dimension, Health, Lateness, Outcome, Step, level_kind
from insights.disclosure import (
    AtLeast,
    Count,
    Limits,
    Mean,
    Sample,
    Veil,
    mean,
    pool,
)
from insights.queries import Figures, Means, Part, People, Ratio, add
from programmes.models import Cohort, Objective, Role
from pulses.models import Wave

KINDS = (Wave.Kind.START, Wave.Kind.MIDDLE, Wave.Kind.END)
PULSE_LIMITS: Limits = (1.2, 4.8)
PERCENT = 5.0
"""Shares are told in fives."""
ATTAINMENT_LIMITS: Limits = (35.0, 65.0)
"""T-scores; one goal whose levels are all the lowest has 30, the highest 70."""
WAIT_LIMITS: Limits = (1.0, None)
"""A mean of no days would say that nobody waited."""
GOES_ON = 80
"""Percent of a step from which on nobody would say that people get stuck there."""
AT_ONCE = (Step.INVITED, Step.ENROLLED, Step.ACCEPTED, Step.MATCHED, Step.SIGNED, Step.FIRST)
"""The steps that follow each other without waiting for time to pass."""
YES = (Again.Answer.SAME, Again.Answer.OTHER)
K_DIMENSIONS = tuple(one for one in Dimension if one != Dimension.SAFETY)


@cache
def secret_of(key: str) -> bytes:
    return salted_hmac("insights.disclosure", "held back", secret=key, algorithm="sha256").digest()


def veil_of(cohorts: Iterable[Cohort], part: Part, threshold: int) -> Veil:
    """The same for the same people, however they were asked for."""
    names = ",".join(str(pk) for pk in sorted(cohort.pk for cohort in cohorts))
    return Veil(f"{names}|{part.name}", threshold, secret_of(settings.SECRET_KEY))


def came_to(veil: Veil, steps: Mapping[str, int], step: str) -> AtLeast:
    """Of a course. Never more than of a step before it."""
    taken = Step.values[: Step.values.index(step) + 1]
    return min((veil.count("people", steps[one], one) for one in taken), key=by_number)


@dataclass(frozen=True, slots=True)
class Point:
    """Of a trend: `of` says whose, where several cohorts have one of their own."""

    day: date
    value: Mean
    of: str = ""


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


def by_number(count: AtLeast) -> int:
    return count.number


class Report:
    """Some cohorts, and a part of their people and mentorships.

    `reads` is the part that the reader may read: means are told where the view is all of it, apart from the
    role. `figures` and `means` are those of each cohort, `people` those of all together.
    """

    def __init__(
        self,
        cohorts: Sequence[Cohort],
        figures: Mapping[int, Figures],
        people: People,
        means: Mapping[int, Means],
        part: Part,
        reads: Part,
        threshold: int,
        at: datetime,
    ) -> None:
        self.cohorts = cohorts
        self.each = figures
        self.figures = add((figures[cohort.pk] for cohort in cohorts), people)
        self.means = means
        self.part = part
        self.reads = reads
        self.threshold = threshold
        self.at = at
        self.roles: list[str] = [part.role] if part.role else list(Role.values)
        self.tells_means = part.of_role("") == reads
        self.tells_answers = self.tells_means and reads.is_whole
        self.of_people = self.veil(cohorts, part)
        self.of_mentorships = self.veil(cohorts, part.of_role("") if part.is_whole else part)
        """The role alone leaves no mentorship out."""

    def veil(self, cohorts: Iterable[Cohort], part: Part) -> Veil:
        return veil_of(cohorts, part, self.threshold)

    def of_one(self, cohort: Cohort) -> "Report":
        """The same part of one of the cohorts."""
        own = self.each[cohort.pk]
        return Report(
            [cohort], self.each, own.people, self.means, self.part, self.reads, self.threshold, self.at
        )

    # --- The course ---

    def step(self, step: str) -> AtLeast:
        return came_to(self.of_people, self.figures.people.steps, step)

    @property
    def again(self) -> AtLeast:
        return self.of_people.count("again", self.figures.people.again)

    @property
    def match_rate(self) -> int | None:
        return self.of_people.share(self.step(Step.MATCHED), self.step(Step.ACCEPTED))

    @property
    def acceptance(self) -> int | None:
        people = self.figures.people
        took = self.of_people.count("offers", people.took, "took")
        return self.of_people.share(took, self.of_people.count("offers", people.was_offered))

    def of_the_step_before(self, step: str) -> int | None:
        """Percent, in fives; None for the first step and where either is not shown."""
        place = Step.values.index(step)
        before = Step.values[place - 1]
        return self.of_people.share(self.step(step), self.step(before)) if place else None

    @property
    def sticks_at(self) -> str:
        """The step of those behind us that the fewest take, or "" where people go on, or where it may be no
        more than the coin. Half of the meetings and the end are a matter of time."""
        rates: dict[str, int] = {}
        for before, step in pairwise(AT_ONCE):
            rate = self.of_the_step_before(step)
            lost = self.step(before).number - self.step(step).number
            if rate is not None and rate < GOES_ON and lost >= 2 * self.threshold:
                rates[step] = rate
        return min(rates, key=lambda step: rates[step], default="")

    # --- Mentorships ---

    def of_pairs(self, group: str, count: Count, part: str = "") -> AtLeast:
        """Behind the mentorships of a part are no more than its people: five of one mentor are one mentor."""
        if not self.part.is_whole:
            count = Count(count.number, min(count.behind, self.figures.people.steps[Step.MATCHED]))
        return self.of_mentorships.count(group, count, part)

    @property
    def mentorships(self) -> AtLeast:
        return self.of_pairs("mentorships", Count.of(self.figures.health.total()))

    @property
    def health(self) -> dict[str, AtLeast]:
        return {one: self.of_pairs(one, Count.of(self.figures.health[one])) for one in Health.values}

    def tally(self, kind: str) -> AtLeast:
        return self.of_pairs(kind, self.figures.tallies.get(kind, Count()))

    def meetings(self, counts: Mapping[str, Count] | None, months: str) -> dict[str, AtLeast]:
        """By outcome and lateness: of the `months` asked for, or of all time."""
        if counts is None:
            return {one: self.tally(one) for one in [*Outcome.values, *Lateness.values]}
        return {
            one: self.of_pairs(f"{one}:{months}", counts.get(one, Count()))
            for one in [*Outcome.values, *Lateness.values]
        }

    @property
    def goals(self) -> dict[str, AtLeast]:
        return {state: self.tally(state) for state in Goal.State.values}

    def levels(self, role: str) -> dict[int, AtLeast]:
        return {level: self.tally(level_kind(role, level)) for level in Level.values}

    @property
    def planned_for_each(self) -> tuple[int, int]:
        """The fewest and the most meetings planned to date for a mentorship, by the rhythms of the cohorts,
        whose dates are no secret."""
        due = [number for cohort in self.cohorts if (number := cohort.meetings_due(self.at))]
        return min(due, default=0), max(due, default=0)

    @property
    def is_due(self) -> bool:
        return self.planned_for_each[1] > 0

    @property
    def delivery(self) -> Mean | None:
        """Meetings held of those planned to date, in percent, over the mentorships that ought to meet, from
        what is shown of both."""
        if self.tells_means:
            return self.delivered_by(self.at)
        due = {cohort.pk: number for cohort in self.cohorts if (number := cohort.meetings_due(self.at))}
        held = sum((self.each[pk].delivered for pk in due), Count())
        each = (Count(number * self.each[pk].expected, self.each[pk].expected) for pk, number in due.items())
        planned = self.of_pairs("delivery", sum(each, Count()))
        percent = self.of_mentorships.share(self.of_pairs("delivery", held, "held"), planned)
        return None if percent is None else Mean(planned, percent)

    # --- What is told of whole cohorts, by role ---

    def of_cohort(
        self,
        cohort: Cohort,
        role: str,
        group: str,
        sample: Sample | None,
        *,
        step: float = 0.1,
        limits: Limits = (None, None),
    ) -> Mean | None:
        if not sample or not self.tells_means:
            return None
        size = self.veil([cohort], self.reads.of_role(role)).count(group, sample.size, "answered")
        return mean(sample, size, step=step, limits=limits)

    @property
    def wait(self) -> Mean | None:
        """Days from being confirmed to the first meeting."""
        each = (
            self.of_cohort(one, "", "waits", self.means[one.pk].wait, step=1, limits=WAIT_LIMITS)
            for one in self.cohorts
        )
        return pool(each, step=1, limits=WAIT_LIMITS)

    def delivered_by(self, moment: datetime) -> Mean | None:
        each = []
        for cohort in self.cohorts:
            delivery = self.means[cohort.pk].delivery
            if due := cohort.meetings_due(moment):
                planned = Count(due * delivery.size, delivery.size)
                each.append(self.share_by(moment, cohort, "delivery", delivery, planned))
        return pool(each, step=PERCENT)

    @property
    def attained(self) -> Mean | None:
        """Goals attained of those attained or open, in percent."""
        return self.attained_by(self.at)

    def attained_by(self, moment: datetime) -> Mean | None:
        """Of the goals there are today, also of those set later."""
        each = []
        for cohort in self.cohorts:
            goals = self.means[cohort.pk].attained
            each.append(self.share_by(moment, cohort, "attained", goals, Count(goals.whole, goals.size)))
        return pool(each, step=PERCENT)

    def share_by(
        self, moment: datetime, cohort: Cohort, group: str, ratio: Ratio, whole: Count
    ) -> Mean | None:
        """From what is shown of both. Told exactly, 10 % of the ten meetings of five mentorships would be one
        meeting of one of them, and the difference of two months a count of the few that met in between. What
        was reached by a month is never less than by one before it."""
        if not self.tells_means:
            return None
        veil = self.veil([cohort], self.reads)
        planned = veil.count(group, whole)
        reached = (
            veil.count(group, ratio.until(month), f"by {month}") for month in months_of([cohort], moment)
        )
        percent = veil.share(max(reached, key=by_number), planned)
        return None if percent is None else Mean(planned, percent)

    def attainment(self, role: str) -> Mean | None:
        each = (
            self.of_cohort(
                one,
                role,
                "attainment",
                self.means[one.pk].attainment.get(role),
                step=1,
                limits=ATTAINMENT_LIMITS,
            )
            for one in self.cohorts
        )
        return pool(each, step=1, limits=ATTAINMENT_LIMITS)

    def pulse_of(self, cohort: Cohort, kind: str, dimension: str, role: str) -> Mean | None:
        if not self.tells_answers:
            return None
        sample = self.means[cohort.pk].pulses.get(f"{kind}:{role}:{dimension}")
        return self.of_cohort(cohort, role, f"pulse:{kind}", sample, limits=PULSE_LIMITS)

    def pulse_in(self, cohort: Cohort, kind: str, dimension: str) -> Mean | None:
        each = (self.pulse_of(cohort, kind, dimension, role) for role in self.roles)
        return pool(each, limits=PULSE_LIMITS)

    def pulse(self, kind: str, dimension: str, roles: Collection[str] | None = None) -> Mean | None:
        each = (
            self.pulse_of(one, kind, dimension, role)
            for one in self.cohorts
            for role in (self.roles if roles is None else roles)
        )
        return pool(each, limits=PULSE_LIMITS)

    def change(self, dimension: str) -> tuple[Mean | None, Mean | None]:
        """The mean at the start and the newest one, over the same groups: a cohort that has only begun would
        move the start without having a today."""

        def newest(cohort: Cohort, role: str) -> Mean | None:
            end = self.pulse_of(cohort, Wave.Kind.END, dimension, role)
            return end or self.pulse_of(cohort, Wave.Kind.MIDDLE, dimension, role)

        groups = [
            (self.pulse_of(cohort, Wave.Kind.START, dimension, role), today)
            for cohort in self.cohorts
            for role in self.roles
            if (today := newest(cohort, role))
        ]
        if not groups:
            return self.pulse(Wave.Kind.START, dimension), None
        starts, ends = zip(*groups, strict=True)
        return pool(starts, limits=PULSE_LIMITS), pool(ends, limits=PULSE_LIMITS)

    def asked(self, kind: str, role: str) -> AtLeast:
        return self.answers_of(kind, role, [means.asked for means in self.means_told])

    def answered(self, kind: str, role: str) -> AtLeast:
        return self.answers_of(kind, role, [means.answered for means in self.means_told], "answered")

    def answers_of(
        self, kind: str, role: str, counts: Iterable[Mapping[str, int]], part: str = ""
    ) -> AtLeast:
        """Of the cohorts in which this pulse has closed."""
        number = sum(one.get(f"{kind}:{role}", 0) for one in counts)
        asked = [cohort for cohort in self.cohorts if kind in self.means[cohort.pk].closed]
        return self.veil(asked, self.reads.of_role(role)).count(f"pulse:{kind}", number, part)

    def response_rate(self, kind: str, role: str) -> int | None:
        return self.of_people.share(self.answered(kind, role), self.asked(kind, role))

    @property
    def means_told(self) -> list[Means]:
        return [self.means[cohort.pk] for cohort in self.cohorts] if self.tells_answers else []

    def looked_back(self, *answers: str) -> int:
        return sum(
            means.looking_back.get(role, {}).get(answer, 0)
            for means in self.means_told
            for role in self.roles
            for answer in answers
        )

    @property
    def looking_back(self) -> AtLeast:
        return self.of_people.count("looking back", self.looked_back("asked"))

    @property
    def looked(self) -> AtLeast:
        return self.of_people.count("looking back", self.looked_back(*Again.Answer.values), "answered")

    @property
    def would_do_it_again(self) -> Mean | None:
        """In percent of those who answered, from what is shown of both: exactly told, 90 % of ten would be
        one no."""
        each: list[Mean | None] = []
        for cohort in self.cohorts if self.tells_answers else ():
            for role in self.roles:
                said = self.means[cohort.pk].looking_back.get(role, {})
                answered = sum(said.get(answer, 0) for answer in Again.Answer.values)
                yes = sum(said.get(answer, 0) for answer in YES)
                veil = self.veil([cohort], self.reads.of_role(role))
                size = veil.count("looking back", answered, "answered")
                percent = veil.share(veil.count("looking back", yes, "yes"), size)
                each.append(None if percent is None else Mean(size, percent))
        return pool(each, step=PERCENT)

    @property
    def answers(self) -> dict[str, AtLeast]:
        return {
            answer: self.of_people.count(f"said {answer}", self.looked_back(answer))
            for answer in Again.Answer.values
        }

    # --- Against the goals set at the start ---

    def measured(self, objective: Objective) -> Measured:
        start = None if objective.baseline is None else float(objective.baseline)
        middle = None
        match objective.measure:
            case Objective.Measure.MEETINGS:
                today = self.delivery
            case Objective.Measure.GOALS:
                today = self.attained
            case _:
                dimension = dimension_of(objective)
                first, today = self.change(dimension)
                if self.pulse(Wave.Kind.END, dimension):
                    middle = self.pulse(Wave.Kind.MIDDLE, dimension)
                start = first.value if start is None and first else start
        return Measured(objective, start, today, float(objective.target), middle)

    def trend(self, objective: Objective) -> list[Point]:
        """Month by month what its measure was at the end of the month; of pulses, each cohort when they
        closed."""
        match objective.measure:
            case Objective.Measure.MEETINGS:
                return self.by_month(self.delivered_by)
            case Objective.Measure.GOALS:
                return self.by_month(self.attained_by)
        dimension = dimension_of(objective)
        return [
            Point(day, value, cohort.name)
            for cohort in self.cohorts
            for kind, day in sorted(self.means[cohort.pk].closed.items(), key=lambda one: one[1])
            if (value := self.pulse_in(cohort, kind, dimension))
        ]

    def by_month(self, value_at: Callable[[datetime], Mean | None]) -> list[Point]:
        """At the end of each month, and now."""
        found = []
        for month in months_of(self.cohorts, self.at):
            last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
            end = min(self.at, datetime.combine(last, time.max, tzinfo=UTC))
            if value := value_at(end):
                found.append(Point(end.date(), value))
        return found

    def held_in(self, month: date) -> AtLeast:
        return self.of_pairs(f"held in {month}", self.figures.held.get(month, Count()))


def months_of(cohorts: Collection[Cohort], at: datetime) -> list[date]:
    """The first days of the months since cohorts began, at most three years."""
    found = [at.date().replace(day=1)]
    begins = min((cohort.starts_on for cohort in cohorts), default=found[0])
    while found[0] > begins and len(found) < 36:
        found.insert(0, (found[0] - timedelta(days=1)).replace(day=1))
    return found


def dimension_of(objective: Objective) -> str:
    asked = objective.measure == Objective.Measure.QUESTION
    return f"objective-{objective.pk}" if asked else objective.dimension
