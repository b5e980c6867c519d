"""What participants see and send."""

import pytest
from django.urls import reverse
from django.utils import timezone

from programmes.models import Cohort, Enrolment
from tests import factories
from tests.factories import open_now

pytestmark = pytest.mark.django_db
State = Enrolment.State


@pytest.fixture
def person(client):
    someone = factories.person("Aylin Demir")
    client.force_login(someone)
    return someone


def url(name, obj):
    return reverse(f"programmes:{name}", args=[obj.uuid])


def test_list_without_a_programme_teaches(client, person):
    page = client.get(reverse("programmes:list"))
    assert "No programme is open to you" in page.content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_list_costs_the_same_with_one_row_and_with_three(client, person, rows, django_assert_num_queries):
    for _ in range(rows):
        factories.invitation(open_now(), person, created_at=timezone.now())
        factories.enrolment(factories.cohort(), person)
        open_now()
    client.get(reverse("programmes:list"))
    with django_assert_num_queries(LIST_QUERIES):
        page = client.get(reverse("programmes:list"))
    assert [len(page.context[name]) for name in ("invitations", "enrolments", "cohorts")] == [rows] * 3


@pytest.mark.parametrize("rows", [1, 3])
def test_detail_costs_the_same_with_one_row_and_with_three(client, person, rows, django_assert_num_queries):
    cohort = open_now()
    for number in range(rows):
        cohort.programme.objectives.create(statement_en=f"Objective {number}", measure="goals", target=70)
        cohort.programme.ground_rules.create(text_en=f"Rule {number}", kind="conduct")
    client.get(url("detail", cohort))
    with django_assert_num_queries(DETAIL_QUERIES):
        client.get(url("detail", cohort))


LIST_QUERIES = 8
DETAIL_QUERIES = 12


def test_a_stranger_finds_no_cohort_that_is_not_open_to_them(client, person):
    running = factories.cohort()
    closed_to_them = open_now()
    closed_to_them.programme.eligibility.all().delete()
    draft = factories.cohort(Cohort.State.DRAFT)
    for cohort in (running, closed_to_them, draft):
        assert client.get(url("detail", cohort)).status_code == 404
        assert client.get(url("enrol", cohort)).status_code == 404
        for step in ("part", "topics", "time", "people", "send"):
            there = reverse("programmes:enrol-step", args=[cohort.uuid, step])
            assert client.get(there).status_code == client.post(there).status_code == 404
    assert Enrolment.objects.count() == 0


@pytest.mark.parametrize("state", ["matching", "running", "closed"])
def test_who_could_have_enrolled_and_comes_too_late_is_told_so_and_led_on(client, person, state):
    late = factories.cohort(state)
    factories.eligibility(late.programme, "mentee")
    open_cohort = open_now()
    page = client.get(url("detail", late)).content.decode()
    assert "Enrolment in this cohort is over" in page
    assert url("detail", open_cohort) in page
    answer = client.get(url("enrol", late), follow=True)
    assert answer.redirect_chain and "Enrolment in this cohort is over" in answer.content.decode()
    assert not Enrolment.objects.exists()


def test_a_stranger_reaches_neither_invitation_nor_enrolment_of_others(client, person):
    cohort = open_now()
    invitation = factories.invitation(cohort, factories.person())
    enrolment = factories.enrolment(cohort)
    for name, obj in [("decline", invitation), ("withdraw", enrolment), ("discard", enrolment)]:
        assert client.get(url(name, obj)).status_code == 404
        assert client.post(url(name, obj)).status_code == 404
    assert client.get(url("briefing", enrolment)).status_code == 404
    invitation.refresh_from_db(), enrolment.refresh_from_db()
    assert (invitation.declined_at, enrolment.state, enrolment.briefed_at) == (None, State.ACCEPTED, None)


def test_hr_withdraws_nobody_from_the_participants_page(client):
    client.force_login(factories.hr_admin())
    assert client.post(url("withdraw", factories.enrolment(open_now()))).status_code == 404


def test_declining_asks_first_and_then_answers(client, person):
    invitation = factories.invitation(open_now(), person)
    client.get(url("decline", invitation))
    invitation.refresh_from_db()
    assert invitation.declined_at is None
    assert client.post(url("decline", invitation)).url == reverse("programmes:list")
    invitation.refresh_from_db()
    assert invitation.declined_at is not None


def test_withdrawing_asks_first_and_then_withdraws(client, person):
    enrolment = factories.enrolment(open_now(), person)
    assert client.get(url("withdraw", enrolment)).status_code == 200
    client.post(url("withdraw", enrolment))
    enrolment.refresh_from_db()
    assert enrolment.state == State.WITHDRAWN
