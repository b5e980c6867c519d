"""An attacker who has opened every view, knows the code and everything but the secret, and solves what they
say for the groups that are small. With numbers known exactly from elsewhere."""

from collections import Counter, defaultdict
from itertools import pairwise, product

import numpy as np
import pytest
from django.test import override_settings
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from goals.models import Goal, Level
from insights.counting import Dimension, Health, Outcome, Step, level_kind
from insights.disclosure import AtLeast, Count, Sample
from insights.queries import Figures, Means, Part, People, Ratio
from insights.report import Report
from programmes.models import Cohort, Objective, Role
from tests.insights.company import AT

THRESHOLD = 5
STEPS = (Step.INVITED, Step.ACCEPTED, Step.MATCHED)


def a_cohort(pk: int = 1) -> Cohort:
    return Cohort(pk=pk, name=f"Cohort {pk}", starts_on=AT.date().replace(month=8), ends_on=AT.date())


def report(
    figures: Figures | None = None,
    *,
    part: Part | None = None,
    reads: Part | None = None,
    means: Means | None = None,
) -> Report:
    made = figures or Figures()
    return Report(
        [a_cohort()],
        {1: made},
        made.people,
        {1: means or Means()},
        part or Part(),
        reads or Part(),
        THRESHOLD,
        AT,
    )


class Attacker:
    """Integers not known to him, and what he has learned of their sums."""

    def __init__(self, threshold: int = THRESHOLD) -> None:
        self.threshold = threshold
        self.index: dict[object, int] = {}
        self.rows: list[tuple[dict[int, int], float, float]] = []

    def unknown(self, name: object) -> int:
        return self.index.setdefault(name, len(self.index))

    def learns(self, weights: dict[object, int], low: float, high: float) -> None:
        self.rows.append(({self.unknown(name): weight for name, weight in weights.items()}, low, high))

    def sees(self, cells: list[object], group: object, shown: AtLeast, part: str = "") -> None:
        """A count of the cells less what was held back of the group, which nothing bounds, and of a part of
        the group maybe more."""
        weights: dict[object, int] = dict.fromkeys(cells, 1) | {("held back", group): -1}
        if part:
            weights[("more", group, part)] = -1
        if shown.is_shown:
            self.learns(weights, shown.number, shown.number + self.threshold - 1)
        else:
            self.learns(weights, -np.inf, self.threshold - 1)

    def range_of(self, cells: list[object]) -> tuple[float, float]:
        size = len(self.index)
        matrix = np.zeros((len(self.rows), size))
        for row, (weights, _low, _high) in enumerate(self.rows):
            for unknown, weight in weights.items():
                matrix[row, unknown] = weight
        goal = np.zeros(size)
        goal[[self.index[cell] for cell in cells]] = 1
        ends = []
        for sign in (1, -1):
            found = milp(
                sign * goal,
                constraints=LinearConstraint(
                    matrix, [low for _w, low, _h in self.rows], [high for _w, _l, high in self.rows]
                ),
                bounds=Bounds(0, 400),
                integrality=np.ones(size),
                # With it HiGHS has been seen to call 1 the least where 0 fits.
                options={"presolve": False},
            )
            assert found.success, found.message
            ends.append(round(sign * found.fun))
        return ends[0], ends[1]

    def betrays(self, cells: list[object]) -> bool:
        low, high = self.range_of(cells)
        return low >= 1 and high < self.threshold


def test_the_attacker_would_find_what_plain_rounding_gives_away():
    """The test of the test: ten in all and nine of them, rounded down and nothing held back."""
    attacker = Attacker()
    attacker.sees(["part", "rest"], "whole", AtLeast(10))
    attacker.sees(["part"], "part", AtLeast(5))
    attacker.sees(["rest"], "rest", AtLeast(0))
    assert not attacker.betrays(["rest"])
    for group in ("whole", "part", "rest"):
        attacker.learns({("held back", group): 1}, 0, 0)
    assert attacker.range_of(["rest"]) == (1, 4)
    assert attacker.betrays(["rest"])


person = st.tuples(
    st.sampled_from(Role.values),
    st.sampled_from([10, 10, 10, 11, 11, 12]),
    st.sampled_from([20, 20, 21]),
    st.sampled_from(STEPS),
)
ROLES = ("", *Role.values)
UNITS = (None, frozenset([10]), frozenset([11]), frozenset([12]), frozenset([10, 11]))
SITES = (None, 20, 21)


@settings(deadline=None, max_examples=15, phases=[Phase.explicit, Phase.generate])
@given(st.lists(person, min_size=5, max_size=45), st.text(min_size=4, max_size=8), st.data())
def test_all_views_of_the_course_together_betray_no_small_group(people, secret, data):
    """By role, unit and site and every crossing of them, at every step, with the number of all invited known
    exactly, and how many of each role."""
    attacker = Attacker()
    small: dict[tuple, list[object]] = {}
    cells = [
        (role, unit, site, step)
        for role, unit, site, step in product(Role.values, (10, 11, 12), (20, 21), STEPS)
    ]
    with override_settings(SECRET_KEY=secret):
        for role, units, site in product(ROLES, UNITS, SITES):
            inside = [
                cell
                for cell in cells
                if role in ("", cell[0]) and (not units or cell[1] in units) and site in (None, cell[2])
            ]
            counted = People()
            for step in STEPS:
                counted.steps[step] = sum(
                    (*one[:3], later) in inside and one[3] == later
                    for one in people
                    for later in STEPS[STEPS.index(step) :]
                )
            view = report(Figures(counted), part=Part(role, units, None, site))
            for step in STEPS:
                reached = [cell for cell in inside if STEPS.index(cell[3]) >= STEPS.index(step)]
                shown = view.step(step)
                assert shown.number <= counted.steps[step]
                attacker.sees(reached, (role, units, site), shown, step)
                if 0 < counted.steps[step] < THRESHOLD:
                    assert not shown.is_shown
                    small[role, units, site, step] = reached
            for before, after in pairwise(STEPS):
                if 0 < counted.steps[before] - counted.steps[after] < THRESHOLD:
                    place = STEPS.index(before)
                    stopped = [cell for cell in inside if STEPS.index(cell[3]) == place]
                    small[role, units, site, f"stopped at {before}"] = stopped
    for role in Role.values:
        number = sum(one[0] == role for one in people)
        attacker.learns(dict.fromkeys([cell for cell in cells if cell[0] == role], 1), number, number)
        if number < THRESHOLD:
            # Who knows that there are few of a role knows it from elsewhere.
            small = {key: one for key, one in small.items() if key[0] != role}
    for key in data.draw(st.permutations(sorted(small, key=str)))[:4]:
        assert not attacker.betrays(small[key]), key


states = st.lists(
    st.tuples(st.sampled_from([10, 10, 11]), st.sampled_from(Health.values[:4])), min_size=5, max_size=40
)


@settings(deadline=None, max_examples=15, phases=[Phase.explicit, Phase.generate])
@given(states, st.text(min_size=4, max_size=8))
def test_all_views_of_the_mentorships_together_betray_no_small_group(mentorships, secret):
    """By state, of all and of each unit, with the number of all known exactly."""
    attacker = Attacker()
    small = {}
    with override_settings(SECRET_KEY=secret):
        for unit in (None, 10, 11):
            inside = [one for one in mentorships if unit in (None, one[0])]
            figures = Figures(People(steps=Counter({Step.MATCHED: 2 * len(inside)})))
            figures.health.update(health for _unit, health in inside)
            view = report(figures, part=Part(units=frozenset([unit]) if unit else None))
            units = (10, 11) if unit is None else (unit,)
            attacker.sees(list(product(units, Health.values)), (unit, "all"), view.mentorships)
            for health in Health.values:
                cells = [(one, health) for one in units]
                attacker.sees(cells, (unit, health), view.health[health])
                if 0 < figures.health[health] < THRESHOLD:
                    small[unit, health] = cells
    everyone = dict.fromkeys(product((10, 11), Health.values), 1)
    attacker.learns(everyone, len(mentorships), len(mentorships))
    for key, cells in small.items():
        assert not attacker.betrays(cells), key


answers = st.lists(st.integers(1, 5), max_size=9)


@given(st.tuples(answers, answers), st.data())
def test_no_view_of_a_pulse_depends_on_what_a_small_group_answered(groups, data):
    """So no combination of views can: whatever fewer than five of one role answered, all pages stay the
    same."""
    few = data.draw(st.lists(st.integers(1, 5), max_size=THRESHOLD - 1))
    others = data.draw(st.lists(st.integers(1, 5), min_size=len(few), max_size=len(few)))

    def seen(given: list[int]):
        means = Means(
            pulses={
                f"start:{role}:safety": Sample(len(values), len(values), sum(values))
                for role, values in zip(Role.values, (given, groups[1]), strict=True)
            },
            answered={
                f"start:{role}": len(values)
                for role, values in zip(Role.values, (given, groups[1]), strict=True)
            },
        )
        views = [report(means=means, part=Part(role=role)) for role in ROLES]
        return [
            (
                view.pulse("start", Dimension.SAFETY),
                [view.answered("start", role) for role in Role.values],
            )
            for view in views
        ]

    assert seen(few) == seen(others)


def test_nothing_is_told_of_a_part_but_counts():
    """The mean of a part could be subtracted from that of the whole."""
    sample = Sample(40, 40, 120)
    means = Means(
        wait=sample,
        attainment={"mentor": sample},
        pulses={"start:mentor:safety": sample},
        asked={"start:mentor": 60},
        answered={"start:mentor": 40},
        looking_back={"mentor": {"asked": 40, "same": 40}},
    )

    def told(view: Report):
        return [
            view.wait,
            view.attainment("mentor"),
            view.pulse("start", "safety"),
            view.would_do_it_again,
            view.response_rate("start", "mentor"),
        ]

    units = frozenset([1])
    assert None not in told(report(means=means))
    assert None not in told(report(means=means, part=Part(role="mentor")))
    for part in (Part(units=units), Part(grade=1), Part(site=1), Part("mentor", units)):
        assert told(report(means=means, part=part)) == [None] * 5
    # Of the units of a head all that is not an answer, of a part of them nothing.
    assert told(report(means=means, part=Part(units=units), reads=Part(units=units)))[2:] == [None] * 3
    assert report(means=means, part=Part(units=units), reads=Part(units=units)).wait
    assert not report(means=means, part=Part(units=units, site=1), reads=Part(units=units)).wait


@pytest.mark.parametrize("size", [0, 1, 4])
def test_means_of_few_are_not_told(size):
    sample = Sample(size, size, 9.0 * size)
    view = report(means=Means(wait=sample, attainment={"mentor": sample}))
    assert (view.wait, view.attainment("mentor")) == (None, None)


def test_a_mean_is_told_where_its_size_is(no_coin):
    """With another rule for means a hidden one would say that few are behind it."""
    view = report(means=Means(wait=Sample(5, 5, 50)))
    assert view.wait and view.wait.size == AtLeast(5)


def test_meetings_and_goals_of_few_mentorships_are_hidden_however_many(no_coin):
    figures = Figures(
        tallies={
            Outcome.HELD: Count(30, 12),
            Outcome.MISSED: Count(9, 3),
            Outcome.BY_MENTEE: Count(5, 5),
            Goal.State.OPEN: Count(20, 12),
            Goal.State.ATTAINED: Count(6, 4),
            level_kind("mentor", 0): Count(12, 9),
            level_kind("mentor", 1): Count(5, 3),
        }
    )
    view = report(figures)
    meetings = view.meetings(None, "")
    assert {key: one.number for key, one in meetings.items() if one.is_shown} == {
        Outcome.HELD: 30,
        Outcome.BY_MENTEE: 5,
    }
    assert {key for key, one in view.goals.items() if one.is_shown} == {Goal.State.OPEN}
    assert {key for key, one in view.levels("mentor").items() if one.is_shown} == {Level.EXPECTED}


def test_every_state_has_a_cell_so_that_an_absent_one_tells_nothing():
    view = report()
    assert set(view.health) == set(Health.values)
    assert set(Outcome.values) <= set(view.meetings(None, ""))
    assert set(view.goals) == set(Goal.State.values)
    assert set(view.levels("mentor")) == set(Level.values)


def test_the_same_people_are_told_the_same_however_they_were_asked_for():
    """Or whoever asks in many ways would see past the coin."""
    figures = Figures(People(steps=defaultdict(int, {Step.ACCEPTED: 57})))
    figures.health[Health.ON_TRACK] = 23
    by_role = [report(figures, part=Part(role=role)) for role in ROLES]
    assert len({view.mentorships for view in by_role}) == 1
    units = [report(figures, part=Part(units=frozenset(some))) for some in ([3, 1, 2], [1, 2, 3])]
    assert len({view.step(Step.ACCEPTED) for view in units}) == 1
    means = Means(pulses={"start:mentor:safety": Sample(9, 9, 30)}, answered={"start:mentor": 9})
    told = [report(means=means, part=Part(role=role)) for role in ("", "mentor")]
    assert len({view.answered("start", "mentor") for view in told}) == 1
    assert len({view.pulse("start", "safety", ["mentor"]) for view in told}) == 1


@pytest.mark.parametrize(
    ("steps", "sticks_at"),
    [
        ((40, 40, 40, 40, 20, 20), Step.SIGNED),
        ((40, 25, 25, 10, 10, 10), Step.MATCHED),
        ((40, 35, 35, 35, 35, 35), ""),
        # Five fewer may be the coin's.
        ((14, 14, 14, 14, 9, 9), ""),
        ((14, 14, 14, 0, 0, 0), ""),
    ],
)
def test_people_get_stuck_where_more_are_lost_than_the_coin_may_take(no_coin, steps, sticks_at):
    view = report(Figures(People(steps=Counter(dict(zip(Step.values, steps, strict=False))))))
    assert view.sticks_at == sticks_at


def test_delivery_is_held_of_planned_among_those_that_ought_to_meet(no_coin):
    october = AT.date().replace(day=1)
    assert a_cohort().meetings_due(AT) == 2
    view = report(means=Means(delivery=Ratio(20, 0, {october: 24}, {october: 16})))
    # 24 of 40, and 22 of 42 as the middles of what is shown.
    assert view.delivery and (view.delivery.value, view.delivery.size) == (50, AtLeast(40))
    assert report(means=Means(delivery=Ratio(4, 0, {october: 8}, {october: 4}))).delivery is None
    # Of a part from what is shown: 24 held, of 40 planned.
    people = People(steps=Counter({Step.MATCHED: 20}))
    part = report(Figures(people, expected=20, delivered=Count(24, 16)), part=Part(site=1))
    assert part.delivery and (part.delivery.value, part.delivery.size) == (50, AtLeast(40))
    assert report(Figures(expected=4, delivered=Count(8, 4)), part=Part(site=1)).delivery is None


@pytest.mark.parametrize("no", [1, 2, 4])
def test_the_share_of_who_would_do_it_again_does_not_give_away_how_few_would_not(no_coin, no):
    def told(no):
        said = {"asked": 10, "same": 10 - no, "no": no}
        return report(means=Means(looking_back={"mentor": said})).would_do_it_again.value

    assert told(no) == told(5)


@pytest.mark.parametrize("held", [1, 2, 4])
def test_no_share_of_whole_cohorts_gives_away_how_few_have_met_or_attained(held):
    """Who knows that there are six mentorships, of which two meetings each were due and which have a goal
    each, would read "8 %" as one meeting of one of them: a share told exactly is a count told exactly."""
    september = AT.date().replace(day=1, month=9)

    def told(number):
        ratio = Ratio(6, 6, {september: number} if number else {}, {september: number} if number else {})
        view = report(means=Means(delivery=ratio, attained=ratio))
        aims = [Objective(measure=one, target=60) for one in ("meetings", "goals")]
        return [view.delivery, view.attained, *(view.trend(one) for one in aims)]

    assert told(held) == told(0)


def test_many_mentorships_of_one_person_are_not_a_group(no_coin):
    """A unit with one mentor, who has six mentees: what is told of its mentorships would be told of them."""
    figures = Figures(People(steps=Counter({Step.MATCHED: 1})), tallies={Outcome.MISSED: Count(9, 6)})
    figures.health[Health.QUIET] = 6
    view = report(figures, part=Part(units=frozenset([1])))
    assert not view.mentorships.is_shown
    assert not view.health[Health.QUIET].is_shown
    assert not view.tally(Outcome.MISSED).is_shown


@pytest.mark.parametrize(("level", "told"), [(30, (35, "low")), (70, (65, "high")), (48, (48, ""))])
def test_attainment_does_not_say_that_everybody_reported_the_same_end_of_the_scale(no_coin, level, told):
    view = report(means=Means(attainment={"mentor": Sample(6, 6, 6.0 * level)}))
    assert (view.attainment("mentor").value, view.attainment("mentor").bound) == told


def test_a_wait_of_no_days_is_not_told(no_coin):
    view = report(means=Means(wait=Sample(6, 6, 0)))
    assert (view.wait.value, view.wait.bound) == (1, "low")


def test_trend_adds_up_month_by_month(no_coin):
    september, october = (AT.date().replace(day=1, month=month) for month in (9, 10))
    view = report(
        means=Means(
            delivery=Ratio(10, 0, {september: 10, october: 5}, {september: 10}),
            attained=Ratio(9, 20, {september: 5, october: 6}, {september: 5, october: 2}),
        )
    )
    goals = view.trend(Objective(measure="goals", target=60))
    assert [(point.day.isoformat(), point.value.value) for point in goals] == [
        ("2026-09-30", 30),
        ("2026-10-20", 55),
    ]
    meetings = view.trend(Objective(measure="meetings", target=80))
    # One meeting planned by the end of September, two by today.
    assert [(point.day.isoformat(), point.value.value) for point in meetings] == [
        ("2026-09-30", 100),
        ("2026-10-20", 75),
    ]


def test_trend_of_a_pulse_has_each_cohort_when_it_closed(no_coin):
    means = Means(
        pulses={"start:mentor:safety": Sample(6, 6, 18), "end:mentor:safety": Sample(6, 6, 24)},
        closed={"end": AT.date(), "start": AT.date().replace(month=8)},
    )
    points = report(means=means).trend(Objective(measure="pulse", dimension="safety", target=4))
    assert [(point.of, point.day.month, point.value.value) for point in points] == [
        ("Cohort 1", 8, 3.0),
        ("Cohort 1", 10, 4.0),
    ]
