"""An attacker who has opened every view of a programme, knows how counts are rounded, and solves what they
say.

The unknowns are the exact numbers of each cohort. Every figure of every view bounds a sum of them; a
mixed-integer program then asks for the smallest and largest number each unknown, and each difference of
steps, can be. A group of one to four is betrayed when both lie within one to four.
"""

from collections import Counter
from datetime import date
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from endings.models import Again
from goals.models import Goal, Level
from insights.disclosure import Count, Sample, Span
from insights.queries import CohortFigures, Dimension, Health, Lateness, Outcome, Step
from insights.report import CANCELLED, Report, publish, publish_groups
from programmes.models import Cohort, Programme, Role

THRESHOLD = 5
STEPS = Step.values[:4]
small = st.sampled_from([0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 14, 19, 20])


def a_cohort() -> Cohort:
    return Cohort(
        programme=Programme(name="Reverse"),
        starts_on=date(2026, 8, 3),
        ends_on=date(2027, 1, 31),
        weeks_between=4,
        meetings_planned=6,
    )


@st.composite
def figures(draw) -> CohortFigures:
    made = CohortFigures(a_cohort())
    for role in Role.values:
        counts = sorted((draw(small) for _step in STEPS), reverse=True)
        made.course[role] = Counter(dict(zip(STEPS, counts, strict=True)))
    made.health = Counter({state: draw(small) for state in Health.values})
    return made


def with_health(*numbers: int) -> CohortFigures:
    made = CohortFigures(a_cohort())
    made.health = Counter(dict(zip(Health.values, numbers, strict=True)))
    return made


def views(cohorts: list[CohortFigures]) -> list[tuple[list[int], list[str], Report]]:
    """All that can be opened: each cohort, those of each period, all of them; each role and both."""
    published = [publish(one, THRESHOLD) for one in cohorts]
    places = range(len(cohorts))
    chosen = [list(some) for size in (1, 2, 3) for some in combinations(places, size)]
    return [
        (
            positions,
            [role] if role else list(Role.values),
            Report([published[one] for one in positions], role),
        )
        for positions in chosen
        for role in ("", *Role.values)
    ]


class Attacker:
    def __init__(self, unknowns: int) -> None:
        self.unknowns = unknowns
        self.rows: list[np.ndarray] = []
        self.low: list[float] = []
        self.high: list[float] = []

    def learns(self, weights: dict[int, int], low: float, high: float) -> None:
        row = np.zeros(self.unknowns)
        for unknown, weight in weights.items():
            row[unknown] = weight
        self.rows.append(row)
        self.low.append(low)
        self.high.append(high)

    def sees(self, unknowns: list[int], span: Span) -> None:
        self.learns(dict.fromkeys(unknowns, 1), span.low, np.inf if span.high is None else span.high)

    def range_of(self, weights: dict[int, int]) -> tuple[float, float]:
        goal = np.zeros(self.unknowns)
        for unknown, weight in weights.items():
            goal[unknown] = weight
        ends = []
        for sign in (1, -1):
            found = milp(
                sign * goal,
                constraints=LinearConstraint(np.array(self.rows), self.low, self.high),
                bounds=Bounds(0, 500),
                integrality=np.ones(self.unknowns),
                # With it HiGHS has been seen to call 1 the least where 0 fits.
                options={"presolve": False},
            )
            assert found.success, found.message
            ends.append(round(sign * found.fun))
        return ends[0], ends[1]

    def betrays(self, weights: dict[int, int]) -> bool:
        low, high = self.range_of(weights)
        return low >= 1 and high < THRESHOLD


@settings(deadline=None, max_examples=40)
@given(st.lists(figures(), min_size=1, max_size=3))
def test_all_views_of_the_course_together_betray_no_small_group(cohorts):
    """Nor those who stopped between two steps, with the number invited known exactly from elsewhere."""
    places = [(one, role, step) for one in range(len(cohorts)) for role in Role.values for step in STEPS]
    index = {place: number for number, place in enumerate(places)}
    attacker = Attacker(len(places))
    for positions, roles, report in views(cohorts):
        for step in STEPS:
            attacker.sees([index[one, role, step] for one in positions for role in roles], report.step(step))
    differences = []
    for one, role, _first in places[:: len(STEPS)]:
        invited = cohorts[one].course[role][Step.INVITED]
        attacker.learns({index[one, role, Step.INVITED]: 1}, invited, invited)
        for before, after in pairwise(STEPS):
            stopped = {index[one, role, before]: 1, index[one, role, after]: -1}
            attacker.learns(stopped, 0, np.inf)
            differences.append(
                (stopped, cohorts[one].course[role][before] - cohorts[one].course[role][after])
            )
    for place, number in index.items():
        one, role, step = place
        if step != Step.INVITED and 0 < cohorts[one].course[role][step] < THRESHOLD:
            assert not attacker.betrays({number: 1}), place
    for stopped, number in differences:
        if 0 < number < THRESHOLD:
            assert not attacker.betrays(stopped)


@settings(deadline=None, max_examples=50)
@given(st.lists(figures(), min_size=1, max_size=3))
@example([with_health(19, 9, 14, 9, 9, 1)])
@example([with_health(19, 9, 14, 9, 9, 1), with_health(9, 9, 9, 9, 9, 4)])
@example([with_health(4, 4, 4, 4, 4, 4)])
def test_all_views_of_the_mentorships_together_betray_no_small_group(cohorts):
    """With the number of mentorships of each cohort of five and more known exactly from elsewhere."""
    states = Health.values
    index = {
        (one, state): one * len(states) + n for one in range(len(cohorts)) for n, state in enumerate(states)
    }
    attacker = Attacker(len(index))
    for positions, _roles, report in views(cohorts):
        for state in states:
            attacker.sees([index[one, state] for one in positions], report.health[state])
        attacker.sees([index[one, state] for one in positions for state in states], report.mentorships)
    for one, figures in enumerate(cohorts):
        total = figures.health.total()
        if total >= THRESHOLD:
            attacker.learns({index[one, state]: 1 for state in states}, total, total)
    for (one, state), number in index.items():
        if 0 < cohorts[one].health[state] < THRESHOLD:
            assert not attacker.betrays({number: 1}), state


events = st.builds(lambda behind, more: Count(behind + more if behind else 0, behind), small, small)


@settings(deadline=None, max_examples=60)
@given(st.lists(events, min_size=3, max_size=3), st.lists(st.integers(0, 2), min_size=1, max_size=30))
def test_sides_and_times_of_cancellations_together_betray_no_small_group(sides, times):
    """Each cancelled meeting has a side and a time; how late, seen beside who, must not prove that one of few
    was cancelled at all."""
    cancelled = sum(one.number for one in sides)
    late = Counter(times[number % len(times)] for number in range(cancelled))
    made = CohortFigures(a_cohort())
    made.meetings = dict(zip(CANCELLED, sides, strict=True))
    made.lateness = {
        one: Count(late[number], min(late[number], sum(side.behind for side in sides)))
        for number, one in enumerate(Lateness.values)
    }
    published = publish(made, THRESHOLD)
    attacker = Attacker(6)
    for number, one in enumerate(CANCELLED):
        attacker.sees([number], published.meetings[one])
    for number, one in enumerate(Lateness.values):
        attacker.sees([3 + number], published.lateness[one])
    attacker.learns({0: 1, 1: 1, 2: 1, 3: -1, 4: -1, 5: -1}, 0, 0)
    cells = [*sides, *(made.lateness[one] for one in Lateness.values)]
    for number, cell in enumerate(cells):
        if 0 < cell.behind < THRESHOLD:
            assert attacker.range_of({number: 1})[0] == 0


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 12), min_size=4, max_size=4), st.integers(1, 9))
def test_what_was_said_looking_back_betrays_no_few_who_said_it(numbers, silent):
    """With the number of those who answered known exactly."""
    made = CohortFigures(a_cohort())
    made.answers = Counter({("mentor", one): n for one, n in zip(Again.Answer.values, numbers, strict=True)})
    made.looking_back = Counter({"mentor": sum(numbers) + silent})
    published = publish(made, THRESHOLD)
    attacker = Attacker(4)
    for number, one in enumerate(Again.Answer.values):
        attacker.sees([number], published.answers["mentor", one])
    if sum(numbers) >= THRESHOLD:
        attacker.learns(dict.fromkeys(range(4), 1), sum(numbers), sum(numbers))
    for number, exact in enumerate(numbers):
        if 0 < exact < THRESHOLD:
            assert not attacker.betrays({number: 1})


def test_the_attacker_would_find_what_exact_totals_give_away():
    """The test of the test: 9 shown as "5 to 9" beside a hidden cell, of 10 together."""
    attacker = Attacker(2)
    attacker.sees([0], Span(5, 9))
    attacker.sees([1], Span(0, 4))
    attacker.learns({0: 1, 1: 1}, 10, 10)
    assert attacker.betrays({1: 1})


answers = st.lists(st.integers(1, 5), max_size=9)


@given(st.lists(st.tuples(answers, answers), min_size=1, max_size=3), st.integers(0, 2), st.data())
def test_no_view_of_a_pulse_depends_on_what_a_small_group_answered(groups, position, data):
    """So no combination of views can: whatever fewer than five of one role answered, all pages stay the
    same."""
    position %= len(groups)
    mentees = groups[position][1]
    few = data.draw(st.lists(st.integers(1, 5), max_size=THRESHOLD - 1))
    others = data.draw(st.lists(st.integers(1, 5), min_size=len(few), max_size=len(few)))

    def seen(given: list[int]):
        cohorts = []
        for number, pair in enumerate(groups):
            made = CohortFigures(a_cohort())
            for role, values in zip(
                Role.values, (given, mentees) if number == position else pair, strict=True
            ):
                made.pulses["start", role, Dimension.SAFETY] = Sample(len(values), len(values), sum(values))
                made.answered["start", role] = len(values)
            cohorts.append(made)
        return [
            (
                report.pulse("start", Dimension.SAFETY),
                [report.answered("start", role) for role in Role.values],
            )
            for _positions, _roles, report in views(cohorts)
        ]

    assert seen(few) == seen(others)


@pytest.mark.parametrize("size", [0, 1, 4])
def test_means_of_few_are_not_published(size):
    made = CohortFigures(a_cohort())
    made.expected_to_meet, made.delivered, made.meetings_due = size, 2 * size, 2
    made.attainment = {"mentor": Sample(size, size, 55.0 * size)}
    made.waits = Sample(size, size, 9.0 * size)
    published = publish(made, THRESHOLD)
    assert (published.delivery, published.wait) == (None, None)
    assert published.attainment == {"mentor": None, "mentee": None}


def test_meetings_and_goals_of_few_mentorships_are_hidden_however_many():
    made = CohortFigures(a_cohort())
    made.meetings = {Outcome.HELD: Count(30, 12), Outcome.MISSED: Count(9, 3), Outcome.BY_MENTEE: Count(5, 5)}
    made.goals = {Goal.State.OPEN: Count(20, 12), Goal.State.ATTAINED: Count(6, 4)}
    made.levels = {("mentor", Level.EXPECTED): Count(12, 9), ("mentor", Level.MORE): Count(5, 3)}
    published = publish(made, THRESHOLD)
    assert {key: one for key, one in published.meetings.items() if one.is_shown} == {
        Outcome.HELD: Span(30, 34),
        Outcome.BY_MENTEE: Span(5, 9),
    }
    assert {key for key, one in published.goals.items() if one.is_shown} == {Goal.State.OPEN}
    assert {key for key, one in published.levels.items() if one.is_shown} == {("mentor", Level.EXPECTED)}


def with_groups(*people: tuple[str, str, str, int]) -> CohortFigures:
    """Of people with their role, unit and site and the number of steps they took."""
    made = CohortFigures(a_cohort())
    for role, unit, site, steps in people:
        for step in STEPS[:steps]:
            made.course[role][step] += 1
            made.groups["unit", unit][step] += 1
            made.groups["site", site][step] += 1
    return made


def groups_of(cohorts: list[CohortFigures]):
    return publish_groups([publish(one, THRESHOLD) for one in cohorts], THRESHOLD)


def test_units_are_hidden_that_would_prove_a_small_group_of_the_course():
    """All twenty people come from one site: shown as 20 to 24 beside 15 to 19 mentees, it would prove a
    mentor."""
    people = [("mentee", "Finance" if number < 11 else "Legal", "Hamburg", 3) for number in range(19)]
    people.append(("mentor", "Finance", "Hamburg", 3))
    shown = groups_of([with_groups(*people)])[Step.ACCEPTED]
    assert shown["site"] == {"Hamburg": Span(0, None)}
    assert shown["unit"] == {"Finance": Span(10, 14), "Legal": Span(5, 9)}


def test_a_group_once_hidden_stays_hidden_at_later_steps():
    """Nine of ten are shown as 5 to 9 at no step, because the other would be proved by it."""
    people = [("mentee", "Finance", "Hamburg", 3 if number < 6 else 2) for number in range(9)]
    people.append(("mentee", "Legal", "Hamburg", 3))
    shown = groups_of([with_groups(*people)])
    assert [shown[step]["unit"]["Finance"] for step in STEPS[1:3]] == [Span(0, None), Span(0, None)]


populations = st.lists(
    st.tuples(
        st.sampled_from(Role.values),
        st.sampled_from(["A", "A", "A", "B", "B", "C"]),
        st.sampled_from(["X", "X", "X", "Y"]),
        st.sampled_from([1, 2, 3, 3, 4, 4]),
    ),
    min_size=5,
    max_size=36,
)


@settings(deadline=None, max_examples=15)
@given(st.lists(populations, min_size=1, max_size=2))
@example(
    [
        [("mentor", "A", "X", 1)] * 3 + [("mentor", "A", "X", 3)] * 2,
        [("mentee", "A", "X", 2)] * 2 + [("mentee", "A", "X", 3)] * 3,
    ]
)
def test_course_by_role_unit_and_site_together_betray_no_small_group(cohorts):
    """Every view of the course with the numbers of all invited, of each cohort, known exactly: by role, by
    unit and by site, at each step."""
    figures = [with_groups(*people) for people in cohorts]
    shown = groups_of(figures)
    index: dict[tuple, int] = {}
    true: dict[tuple, int] = {}
    for step in STEPS:
        for number, one in enumerate(figures):
            for role in Role.values:
                true["role", (number, role), step] = one.course[role][step]
        for part in ("unit", "site"):
            for name in shown[step].get(part, {}):
                true[part, name, step] = sum(one.groups[part, name][step] for one in figures)
    index = {key: position for position, key in enumerate(true)}
    attacker = Attacker(len(index))
    for number, one in enumerate(figures):
        published = publish(one, THRESHOLD)
        for role in Role.values:
            for step in STEPS:
                attacker.sees([index["role", (number, role), step]], published.course[role, step])
    for part in ("unit", "site"):
        for step in STEPS:
            for name, seen in shown[step][part].items():
                attacker.sees([index[part, name, step]], seen)
            both = {index[key]: 1 for key in true if key[0] == "role" and key[2] == step}
            both |= {index[key]: -1 for key in true if key[0] == part and key[2] == step}
            attacker.learns(both, 0, 0)
    for part, name, before in true:
        if before != STEPS[-1]:
            after = STEPS[STEPS.index(before) + 1]
            attacker.learns({index[part, name, before]: 1, index[part, name, after]: -1}, 0, np.inf)
    for key, number in true.items():
        if 0 < number < THRESHOLD:
            assert not attacker.betrays({index[key]: 1}), (key, cohorts)


def test_every_state_has_a_cell_so_that_an_absent_one_tells_nothing():
    published = publish(CohortFigures(a_cohort()), THRESHOLD)
    assert set(published.health) == set(Health.values)
    assert set(published.meetings) == set(Outcome.values)
    assert set(published.goals) == set(Goal.State.values)
    assert set(published.levels) == {(role, level) for role in Role.values for level in Level.values}
    assert set(published.lateness) == set(Lateness.values)
    assert set(published.answers) == {(role, one) for role in Role.values for one in Again.Answer.values}
