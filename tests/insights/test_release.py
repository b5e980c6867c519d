"""Looking twice: what readers see moves only when enough people differ."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from insights import queries, release, tasks
from insights.disclosure import differs_enough
from insights.models import Release
from insights.queries import Health
from matching.models import Mentorship
from programmes.models import Role
from tests import factories
from tests.insights import company
from tests.insights.company import AT

HOUR = timedelta(hours=1)
people = st.dictionaries(st.sampled_from("abcdefghijklmnop"), st.sampled_from(["on track", "quiet"]))


def steps_between(one: dict, other: dict) -> int:
    return sum(one.get(key, "") != other.get(key, "") for key in one.keys() | other.keys())


@given(st.lists(people, min_size=2, max_size=12), st.integers(5, 7))
def test_of_all_that_was_ever_released_no_two_differ_in_fewer_than_the_threshold(states, threshold):
    """Also not the first and a later one, after some have gone back to what they were."""
    shown, before = [states[0]], []
    for state in states[1:]:
        if differs_enough(state, shown[-1], before, threshold):
            replaced = {
                key: shown[-1].get(key, "")
                for key in shown[-1].keys() | state.keys()
                if shown[-1].get(key, "") != state.get(key, "")
            }
            before = [replaced, *before]
            shown.append(state)
    for number, one in enumerate(shown):
        for other in shown[number:]:
            assert not 0 < steps_between(one, other) < threshold


@given(st.lists(people, min_size=1, max_size=5), st.integers(1, 4), st.integers(5, 7))
def test_joining_leaving_or_moving_on_by_fewer_than_the_threshold_changes_nothing(states, few, threshold):
    last = states[-1]
    changed = dict(last)
    for key in "abcdefghijklmnop"[:few]:
        changed[key] = "ended"
    assert not differs_enough(changed, last, [], threshold)


pytestmark = pytest.mark.django_db


def seen(cohort, at=AT):
    ((figures, _checked),) = release.released([cohort], at)
    return figures


def test_released_says_exactly_what_was_counted():
    cohort = factories.cohort()
    for number in range(6):
        one = company.mentorship(cohort, held=number % 3)
        company.meeting(one, AT, cancelled_by="mentee")
        company.goal(one, [0, 1])
    exact = queries.standing([cohort], AT)[cohort.pk]
    seen(cohort)
    again = seen(cohort)
    for fields in release.SECTIONS.values():
        for name in fields:
            assert getattr(again, name) == getattr(exact, name), name
    assert again.waits.size == 4


def test_two_who_join_are_seen_only_together_with_others():
    cohort = factories.cohort()
    for _number in range(6):
        company.mentorship(cohort, held=1)
    assert seen(cohort).course[Role.MENTOR]["accepted"] == 6
    for number in range(4):
        company.mentorship(cohort)
        release.refresh(AT + (number + 1) * HOUR)
        # Two people each: from the third new mentorship on six people differ.
        assert seen(cohort).course[Role.MENTOR]["accepted"] == (6, 6, 9, 9)[number]
        assert seen(cohort).health.total() == 6
    company.mentorship(cohort)
    release.refresh(AT + 5 * HOUR)
    assert seen(cohort).health.total() == 11


def test_one_mentorship_that_ends_moves_no_mean_and_no_state():
    cohort = factories.cohort()
    made = [company.mentorship(cohort, held=2) for _number in range(6)]
    for one in made:
        company.goal(one, [0])
    first = seen(cohort)
    made[0].goals.get().check_ins.create(
        member=factories.member(made[0], Role.MENTOR), due_on=AT.date(), level=2
    )
    Mentorship.objects.filter(pk=made[0].pk).update(state=Mentorship.State.ENDED)
    release.refresh(AT + HOUR)
    second = seen(cohort)
    assert (second.attainment, second.levels) == (first.attainment, first.levels)
    assert (second.delivered, second.expected_to_meet) == (12, 6)
    assert second.health == {Health.ON_TRACK: 6}
    for one in made[1:5]:
        one.goals.get().check_ins.create(member=factories.member(one, Role.MENTOR), due_on=AT.date(), level=2)
    release.refresh(AT + 2 * HOUR)
    third = seen(cohort)
    assert third.attainment != first.attainment
    assert third.health == {Health.ON_TRACK: 6}


def test_time_alone_moves_what_was_planned_to_date():
    cohort = factories.cohort()
    for _number in range(6):
        company.mentorship(cohort, held=2)
    assert seen(cohort).meetings_due == 2
    release.refresh(AT + timedelta(weeks=2))
    assert seen(cohort).meetings_due == 3


def test_refresh_counts_once_an_hour_and_takes_the_same_queries_for_one_cohort_and_three(monkeypatch):
    def queries_of(number, at):
        cohorts = [factories.cohort() for _number in range(number)]
        for cohort in cohorts:
            company.goal(company.mentorship(cohort, held=1), [1])
            release.released([cohort], at)
        with CaptureQueriesContext(connection) as captured:
            assert release.refresh(at + HOUR) == number
        assert release.refresh(at + HOUR) == 0
        Release.objects.all().delete()
        return len(captured)

    assert (queries_of(1, AT), queries_of(3, AT)) == (24, 24)
    seen(factories.cohort())
    monkeypatch.setattr(timezone, "now", lambda: AT + 2 * HOUR)
    tasks.refresh()
    assert Release.objects.get().checked_at == AT + 2 * HOUR


def test_archived_cohort_keeps_its_figures_and_forgets_what_they_were_made_of():
    cohort = factories.cohort()
    for _number in range(6):
        company.mentorship(cohort, held=1)
    seen(cohort)
    type(cohort).objects.filter(pk=cohort.pk).update(state="archived")
    Mentorship.objects.all().update(state=Mentorship.State.ENDED)
    release.refresh(AT + HOUR)
    assert seen(cohort).health == {Health.ON_TRACK: 6}
    assert {str(one["records"]) for one in Release.objects.get().sections.values()} == {"{}"}


def test_head_of_a_unit_has_a_release_of_their_own():
    head, unit = factories.person(), factories.unit()
    unit.head = head
    unit.save()
    cohort = factories.cohort()
    for number in range(12):
        factories.enrolment(cohort, factories.person(unit=unit if number < 7 else None))
    ((part, _checked),) = release.released([cohort], AT, frozenset([unit.pk]), head)
    assert sum(steps["accepted"] for steps in part.course.values()) == 7
    assert sum(steps["accepted"] for steps in seen(cohort).course.values()) == 12
    release.refresh(AT + HOUR)
    assert Release.objects.get(reader=head).checked_at == AT + HOUR
