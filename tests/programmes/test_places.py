"""Who gets a place, and in which order, also when things happen at once."""

from datetime import timedelta

import pytest

from notices.models import Notice
from programmes import actions
from programmes.models import Cohort, Enrolment, Role
from programmes.tasks import sweep
from tests import factories
from tests.factories import NOW, open_now
from tests.threads import at_once

State = Enrolment.State


def full_cohort(places: int, waiting: int, **fields) -> tuple[Cohort, list[Enrolment], list[Enrolment]]:
    cohort = factories.enrolling(places=places, **fields)
    taken = [factories.enrolment(cohort, role=Role.MENTOR) for _ in range(places)]
    queue = [
        factories.enrolment(
            cohort, role=Role.MENTOR, state=State.WAITLISTED, applied_at=NOW + timedelta(hours=number)
        )
        for number in range(waiting)
    ]
    return cohort, taken, queue


def states(enrolments: list[Enrolment]) -> list[str]:
    found = Enrolment.objects.in_bulk([enrolment.pk for enrolment in enrolments])
    return [found[enrolment.pk].state for enrolment in enrolments]


@pytest.mark.django_db
def test_raised_places_are_given_in_the_order_of_applying():
    cohort, _taken, queue = full_cohort(1, 3)
    Cohort.objects.filter(pk=cohort.pk).update(places=3)
    assert [actions.move_up(cohort=cohort, at=NOW), actions.move_up(cohort=cohort, at=NOW)] == [2, 0]
    assert states(queue) == [State.ACCEPTED, State.ACCEPTED, State.WAITLISTED]
    told = Notice.objects.filter(kind="enrolment-decided").values_list("recipient", "subject")
    assert sorted(pk for pk, _subject in told) == sorted(e.person_id for e in queue[:2])
    assert all(subject.startswith("A place has become free") for _pk, subject in told)


@pytest.mark.django_db
def test_the_sweep_gives_the_place_of_somebody_who_left_the_company():
    _cohort, taken, queue = full_cohort(1, 1)
    sweep()
    assert states(queue) == [State.WAITLISTED]
    taken[0].person.is_active = False
    taken[0].person.save()
    sweep(), sweep()
    assert states(queue) == [State.ACCEPTED]
    assert Notice.objects.filter(kind="enrolment-decided").count() == 1


@pytest.mark.django_db
def test_who_has_left_the_company_is_passed_over():
    _cohort, taken, queue = full_cohort(1, 2)
    queue[0].person.is_active = False
    queue[0].person.save()
    actions.withdraw(enrolment=taken[0], by=taken[0].person, at=NOW)
    assert states(queue) == [State.WAITLISTED, State.ACCEPTED]


@pytest.mark.django_db
def test_a_newcomer_stands_behind_those_who_wait():
    cohort, _taken, queue = full_cohort(1, 1)
    Cohort.objects.filter(pk=cohort.pk).update(places=2)  # and the sweep has not come by yet
    newcomer = actions.enrol(
        cohort=cohort, person=factories.person(), role=Role.MENTOR, weekly_hours=[9], at=NOW
    )
    assert states([*queue, newcomer]) == [State.ACCEPTED, State.WAITLISTED]


@pytest.mark.django_db
def test_nobody_moves_up_into_a_running_cohort():
    cohort, taken, queue = full_cohort(1, 1)
    Cohort.objects.filter(pk=cohort.pk).update(state=Cohort.State.RUNNING)
    actions.withdraw(enrolment=taken[0], by=taken[0].person, at=NOW)
    assert states(queue) == [State.WAITLISTED]


@pytest.mark.django_db(transaction=True)
def test_two_withdrawals_at_once_let_two_move_up():
    _cohort, taken, queue = full_cohort(3, 3)
    results = at_once(
        *(
            lambda enrolment=enrolment: actions.withdraw(enrolment=enrolment, by=enrolment.person, at=NOW)
            for enrolment in taken[:2]
        )
    )
    assert results == [True, True]
    assert states(queue) == [State.ACCEPTED, State.ACCEPTED, State.WAITLISTED]
    assert Notice.objects.filter(kind="enrolment-decided").count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_last_place_is_given_once():
    cohort = open_now(places=1)
    people = [factories.person() for _ in range(4)]
    at_once(
        *(
            lambda person=person: actions.enrol(
                cohort=cohort, person=person, role=Role.MENTOR, weekly_hours=[9]
            )
            for person in people
        )
    )
    assert sorted(Enrolment.objects.values_list("state", flat=True)) == ["accepted", *["waitlisted"] * 3]


@pytest.mark.django_db(transaction=True)
def test_moving_up_and_stepping_back_at_once_leaves_no_place_empty():
    """Whoever is next withdraws in the moment in which their place opens."""
    _cohort, taken, queue = full_cohort(1, 2)
    at_once(
        lambda: actions.withdraw(enrolment=taken[0], by=taken[0].person, at=NOW),
        lambda: actions.withdraw(enrolment=queue[0], by=queue[0].person, at=NOW),
    )
    assert states([*taken, *queue]) == [State.WITHDRAWN, State.WITHDRAWN, State.ACCEPTED]


@pytest.mark.django_db(transaction=True)
def test_one_draft_sent_from_two_windows_is_one_enrolment():
    cohort, person = open_now(), factories.person()
    draft = actions.begin(cohort=cohort, person=person, role=Role.MENTOR)
    actions.keep(enrolment=draft, weekly_hours=[9])
    windows = [Enrolment.objects.get(pk=draft.pk) for _ in range(2)]
    results = at_once(*(lambda window=window: actions.submit(enrolment=window) for window in windows))
    assert sorted(results) == [False, True]
    assert Notice.objects.filter(kind="enrolment-decided").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_windows_beginning_at_once_make_one_draft():
    cohort, person = open_now(), factories.person()
    results = at_once(*[lambda: actions.begin(cohort=cohort, person=person, role=Role.MENTOR)] * 2)
    assert len({enrolment.pk for enrolment in results}) == 1
