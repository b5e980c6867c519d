"""Trying who can be put together: counted, limited, and in the history of the cohort."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from domain.errors import DomainError
from matching.attempts import BY_HAND, BY_RUNNING, MOST, attempt
from programmes.actions import history_of, told
from programmes.models import Avoidance
from tests import factories
from tests.matching import people
from tests.matching.people import AT
from tests.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort():
    return people.cohort()


@pytest.fixture
def coordinator(cohort):
    someone = factories.person("Carla")
    factories.programme_role(cohort.programme, someone, "coordinator")
    return someone


def tries(cohort, by, count, at=AT, what=BY_HAND):
    for _try in range(count):
        attempt(cohort=cohort, by=by, what=what, at=at)


def test_too_many_within_an_hour_are_refused_and_one_fits_after_an_hour(cohort, coordinator):
    tries(cohort, coordinator, MOST)
    later = AT + timedelta(minutes=59)
    with pytest.raises(DomainError, match=f"{MOST} matches within an hour"):
        attempt(cohort=cohort, by=coordinator, what=BY_HAND, at=later)
    attempt(cohort=cohort, by=coordinator, what=BY_HAND, at=AT + timedelta(hours=1, seconds=1))


def test_by_hand_and_by_running_count_together_and_over_all_cohorts(cohort, coordinator):
    tries(cohort, coordinator, MOST - 1)
    tries(people.cohort(), coordinator, 1, what=BY_RUNNING)
    with pytest.raises(DomainError):
        attempt(cohort=cohort, by=coordinator, what=BY_HAND, at=AT)


def test_attempts_of_others_and_other_lines_of_the_history_do_not_count(cohort, coordinator):
    tries(cohort, coordinator, MOST)
    LogEntry.objects.filter(pk=LogEntry.objects.first().pk).update(change_message="Confirmed.")
    attempt(cohort=cohort, by=factories.hr_admin(), what=BY_HAND, at=AT)
    attempt(cohort=cohort, by=coordinator, what=BY_HAND, at=AT)


@pytest.mark.django_db(transaction=True)
def test_attempts_at_the_same_moment_do_not_pass_the_limit():
    cohort, by = people.cohort(), factories.hr_admin()
    tries(cohort, by, MOST - 1)
    results = at_once(*[lambda: attempt(cohort=cohort, by=by, what=BY_HAND, at=AT)] * 3)
    assert sorted(type(result).__name__ for result in results) == ["DomainError", "DomainError", "NoneType"]


# --- On the pages ---


@pytest.fixture
def run(cohort):
    mentor, mentee = people.mentor(cohort), people.mentee(cohort)
    run = people.finished_run(cohort)
    people.proposal(run, mentor, mentee)
    return run


def url(name, *args):
    return reverse(f"admin:matching_matchrun_{name}", args=args)


def test_refused_pair_is_in_the_history_without_a_name(run, cohort, coordinator, client):
    mentor, mentee = people.mentor(cohort), people.mentee(cohort)
    Avoidance.objects.create(enrolment=mentor, person=mentee.person)
    client.force_login(coordinator)
    sent = {"revision": run.revision, "mentor": mentor.pk, "mentee": mentee.pk}
    assert client.post(url("pair", run.pk), sent).status_code == 200
    [line] = history_of(cohort.programme)
    assert (line.user, line.object_id, told(line)) == (coordinator, str(cohort.pk), BY_HAND)
    assert mentor.person.name not in f"{line.object_repr} {line.change_message}"


def test_pair_swap_and_its_preview_count_and_are_refused_when_too_many(run, cohort, coordinator, client):
    other = people.mentee(cohort)
    proposal = run.proposals.get()
    client.force_login(coordinator)
    swap = url("swap", run.pk, proposal.pk, proposal.mentor_id, other.pk)
    sent = {"revision": run.revision, "mentor": proposal.mentor_id, "mentee": other.pk}
    for ask in (lambda: client.get(swap), lambda: client.post(url("pair", run.pk), {**sent, "revision": 99})):
        ask()
    assert LogEntry.objects.filter(change_message=BY_HAND, user=coordinator).count() == 2
    tries(cohort, coordinator, MOST - 2, at=None)
    assert "Please wait an hour" in client.post(url("pair", run.pk), sent).content.decode()
    assert "Please wait an hour" in client.get(swap, follow=True).content.decode()
    assert "Please wait an hour" in client.post(swap, {"revision": 0}, follow=True).content.decode()
    asked = client.post(url("request", cohort.pk), follow=True).content.decode()
    assert "Please wait an hour" in asked
    assert (run.proposals.count(), cohort.match_runs.count()) == (1, 1)
