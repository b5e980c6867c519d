"""Looking twice: what readers see moves only when enough people differ."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from endings.models import Again, LookBack
from insights import counting, queries, release, tasks
from insights.counting import Health, Outcome
from insights.disclosure import differs_enough
from insights.models import Release, ReleasedMember, ReleasedPerson, ReleasedTally
from insights.queries import Part
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


def seen(cohort, part=None):
    return queries.figures([cohort.pk], part or Part())[cohort.pk]


def accepted(cohort) -> int:
    return seen(cohort, Part(role=Role.MENTOR)).people.steps["accepted"]


def test_nothing_is_known_before_a_worker_has_counted():
    cohort = factories.cohort()
    company.mentorship(cohort, held=1)
    assert (accepted(cohort), seen(cohort).health.total()) == (0, 0)
    assert queries.means([cohort.pk]) == {}
    company.count()
    assert (accepted(cohort), seen(cohort).health.total()) == (1, 1)
    assert queries.means([cohort.pk])[cohort.pk].counted_at == AT


def test_two_who_join_are_seen_only_together_with_others():
    cohort = factories.cohort()
    for _number in range(6):
        company.mentorship(cohort, held=1)
    company.count()
    assert accepted(cohort) == 6
    for number in range(4):
        company.mentorship(cohort)
        company.count(AT + (number + 1) * HOUR)
        # Two people each: from the third new mentorship on six people differ.
        assert accepted(cohort) == (6, 6, 9, 9)[number]
        assert seen(cohort).health.total() == 6
    company.mentorship(cohort)
    company.count(AT + 5 * HOUR)
    assert seen(cohort).health.total() == 11


def test_one_mentorship_that_ends_moves_no_mean_and_no_state():
    cohort = factories.cohort()
    made = [company.mentorship(cohort, held=2) for _number in range(6)]
    for one in made:
        company.goal(one, [0])
    company.count()
    first, means = seen(cohort), queries.means([cohort.pk])[cohort.pk]
    made[0].goals.get().check_ins.create(
        member=factories.member(made[0], Role.MENTOR), due_on=AT.date(), level=2
    )
    Mentorship.objects.filter(pk=made[0].pk).update(state=Mentorship.State.ENDED)
    company.count(AT + HOUR)
    second = queries.means([cohort.pk])[cohort.pk]
    assert seen(cohort) == first
    assert (second.attainment, second.delivery) == (means.attainment, means.delivery)
    for one in made[1:5]:
        one.goals.get().check_ins.create(member=factories.member(one, Role.MENTOR), due_on=AT.date(), level=2)
    company.count(AT + 2 * HOUR)
    assert queries.means([cohort.pk])[cohort.pk].attainment != means.attainment
    assert seen(cohort).tallies["mentor:2"].number == 5
    assert seen(cohort).health == {Health.ON_TRACK: 6}


def test_what_moves_moves_everywhere_and_what_is_gone_is_gone():
    cohort, unit = factories.cohort(), factories.unit()
    made = [company.mentorship(cohort, held=1) for _number in range(6)]
    company.count()
    for one in made[:5]:
        mentor = factories.member(one, Role.MENTOR).enrolment.person
        mentor.unit = unit
        mentor.save()
        company.meeting(one, AT - timedelta(days=3), ["yes"])
        company.meeting(one, AT - timedelta(days=4), cancelled_by="mentee")
    company.count(AT + HOUR)
    part = seen(cohort, Part(units=frozenset([unit.pk])))
    assert (part.people.steps["accepted"], part.health.total()) == (5, 5)
    assert part.tallies[Outcome.HELD].number == 10
    assert seen(cohort).tallies[Outcome.HELD].number == 11
    assert (ReleasedMember.objects.count(), ReleasedPerson.objects.count()) == (12, 12)
    for one in made[:5]:
        one.meetings.all().delete()
    Mentorship.objects.filter(pk__in=[one.pk for one in made[:5]]).update(state="declined")
    company.count(AT + 2 * HOUR)
    assert seen(cohort).tallies == {Outcome.HELD: seen(cohort).tallies[Outcome.HELD]}
    assert seen(cohort).tallies[Outcome.HELD].number == 1
    assert seen(cohort).health.total() == 1
    assert seen(cohort, Part(units=frozenset([unit.pk]))).tallies == {}
    assert ReleasedTally.objects.filter(month=None).count() == 1


def test_refresh_counts_once_an_hour_and_takes_the_same_queries_for_one_cohort_and_three(monkeypatch):
    def queries_of(number, at):
        cohorts = [factories.cohort() for _number in range(number)]
        for cohort in cohorts:
            company.goal(company.mentorship(cohort, held=1), [1])
        with CaptureQueriesContext(connection) as captured:
            assert release.refresh(at) == number
        for cohort in cohorts:
            company.goal(company.mentorship(cohort, held=1), [1])
            for one in Mentorship.objects.filter(cohort=cohort):
                company.meeting(one, AT, ["yes"])
        assert release.refresh(at) == 0
        with CaptureQueriesContext(connection) as again:
            assert release.refresh(at + HOUR) == number
        Release.objects.all().delete()
        type(cohort).objects.update(state="draft")
        return len(captured), len(again)

    assert (queries_of(1, AT), queries_of(3, AT)) == ((48, 24), (48, 24))
    cohort = factories.cohort()
    monkeypatch.setattr(timezone, "now", lambda: AT + 2 * HOUR)
    tasks.refresh()
    assert Release.objects.get(cohort=cohort).checked_at == AT + 2 * HOUR


def test_a_cohort_that_is_a_draft_is_not_counted():
    factories.cohort("draft")
    assert release.refresh(AT) == 0


def test_archived_cohort_keeps_its_figures_and_forgets_what_they_were_before():
    cohort = factories.cohort()
    for _number in range(6):
        company.mentorship(cohort, held=1)
    company.count()
    type(cohort).objects.filter(pk=cohort.pk).update(state="archived")
    Mentorship.objects.all().update(state=Mentorship.State.ENDED)
    company.count(AT + HOUR)
    assert seen(cohort).health == {Health.ON_TRACK: 6}
    assert Release.objects.get().gates == {}
    company.count(AT + 2 * HOUR)
    assert seen(cohort).health == {Health.ON_TRACK: 6}


def test_head_of_a_unit_has_means_of_their_own_with_a_gate_of_their_own():
    head, unit = factories.person(), factories.unit()
    unit.head = head
    unit.save()
    cohort = factories.cohort()
    made = [
        company.mentorship(
            cohort, held=1, people={"mentor": factories.person(unit=unit if number < 6 else None)}
        )
        for number in range(12)
    ]
    release.begin([cohort.pk], head)
    company.count()

    def wait(reader):
        return queries.means([cohort.pk], reader)[cohort.pk].wait.size

    assert (wait(head), wait(None)) == (6, 12)
    assert set(Release.objects.get(reader=head).gates) == set(counting.MEANS)
    # Five of the whole differ, and one of them is of the unit.
    for one in [made[0], *made[8:]]:
        Mentorship.objects.filter(pk=one.pk).update(state="declined")
    company.count(AT + HOUR)
    assert (wait(head), wait(None)) == (6, 7)


def test_who_heads_a_unit_again_is_not_told_anew():
    """Or the mean before and the mean after would tell of the one who joined in between."""
    head, unit = factories.person(), factories.unit()
    cohort = factories.cohort()

    def join():
        company.mentorship(cohort, held=1, people={"mentor": factories.person(unit=unit)})

    def headed_by(person, at):
        unit.head = person
        unit.save()
        company.count(at)

    for _number in range(6):
        join()
    release.begin([cohort.pk], head)
    headed_by(head, AT)
    join()
    headed_by(None, AT + HOUR)
    headed_by(head, AT + 2 * HOUR)
    release.begin([cohort.pk], head)
    company.count(AT + 3 * HOUR)
    assert queries.means([cohort.pk], head)[cohort.pk].wait.size == 6


def test_three_who_enrol_are_three_and_not_six_records():
    cohort = factories.cohort()
    people = [factories.person() for _number in range(8)]
    for person in people:
        factories.invitation(cohort, person)
    company.count()
    for person in people[:3]:
        factories.enrolment(cohort, person)
    company.count(AT + HOUR)
    assert seen(cohort).people.steps == {"invited": 8}


def test_three_who_look_back_are_three_and_not_six_records():
    cohort = factories.cohort()

    def look_back(number):
        for _number in range(number):
            LookBack.objects.create(enrolment=factories.enrolment(cohort), asked_on=AT.date())
            Again.objects.create(cohort=cohort, role=Role.MENTEE, answer=Again.Answer.SAME)

    look_back(6)
    company.count()
    look_back(3)
    company.count(AT + HOUR)
    assert queries.means([cohort.pk])[cohort.pk].looking_back["mentee"] == {"asked": 6, "same": 6}


@pytest.mark.django_db(transaction=True)
def test_two_workers_count_a_cohort_once():
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    from django.db import connections

    cohort = factories.cohort()
    for _number in range(6):
        company.mentorship(cohort, held=1)
    both = Barrier(2)

    def work(_number):
        both.wait()
        try:
            release.refresh(AT)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))
    assert (Release.objects.count(), ReleasedPerson.objects.count()) == (1, 12)
    assert seen(cohort).health.total() == 6
