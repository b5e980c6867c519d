"""The home page, the page of a mentorship, and what HR is told first."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from mentoring.attention import attention
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def mentorships_of(person, count):
    return [factories.mentorship(mentor=person) for _number in range(count)]


def page_of(mentorship):
    return reverse("mentorship", args=[mentorship.uuid])


def queries_of(client, path, captured):
    with captured as context:
        assert client.get(path).status_code == 200
    return len(context)


@pytest.fixture
def captured():
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    return lambda: CaptureQueriesContext(connection)


def test_home_costs_the_same_for_two_mentorships_and_four(client, captured):
    """From two on: one mentorship alone has its sentence about the role, and no more queries for it."""
    person = factories.person()
    client.force_login(person)
    mentorships_of(person, 2)
    two = queries_of(client, "/", captured())
    mentorships_of(person, 2)
    assert queries_of(client, "/", captured()) == two


def test_home_of_somebody_without_anything_says_what_will_be_here(client):
    client.force_login(factories.person())
    response = client.get("/")
    assert response.context["next_step"] is None
    assert "Nothing waits for you" in response.content.decode()


def test_home_opens_with_the_most_urgent_thing(client):
    person = factories.person()
    [mentorship] = mentorships_of(person, 1)
    client.force_login(person)
    urgencies = [client.get("/").context["next_step"].urgency]
    assert urgencies == [min(thing.urgency for thing in everything_waiting(person))]
    assert str(mentorship.names_of_others(person)) in client.get("/").context["mentorships"][0].title


def everything_waiting(person):
    from django.utils import timezone

    from mentoring.home import waiting_for

    return waiting_for(person, timezone.now())


def test_home_asks_a_stranger_to_sign_in(client):
    assert client.get("/").url.startswith(reverse("account_login"))


def test_mentorship_is_open_to_its_members_and_to_nobody_else(client):
    mentorship = factories.mentorship()
    coordinator = factories.person()
    factories.programme_role(mentorship.cohort.programme, coordinator, "coordinator")
    seen = {}
    for name, person in {
        "mentor": factories.member(mentorship, "mentor").person,
        "mentee": factories.member(mentorship, "mentee").person,
        "coordinator": coordinator,
        "hr": factories.hr_admin(),
        "stranger": factories.person(),
    }.items():
        client.force_login(person)
        seen[name] = client.get(page_of(mentorship)).status_code
    assert seen == {"mentor": 200, "mentee": 200, "coordinator": 404, "hr": 404, "stranger": 404}


@pytest.mark.parametrize("state", ["proposed", "declined"])
def test_mentorship_that_was_never_shared_is_not_there(client, state):
    mentorship = factories.mentorship(state=state)
    client.force_login(factories.member(mentorship, "mentor").person)
    assert client.get(page_of(mentorship)).status_code == 404


def test_mentorship_names_a_confidant_outside_the_line_and_no_other(client):
    boss = factories.person("In Line")
    mentorship = factories.mentorship(mentor=factories.person(manager=boss))
    outside = factories.person("Out Side")
    for confidant in (boss, outside):
        factories.programme_role(mentorship.cohort.programme, confidant, "confidant")
    client.force_login(factories.member(mentorship, "mentor").person)
    text = client.get(page_of(mentorship)).context["confidant"]["text"]
    assert ("Out Side" in text, "In Line" in text) == (True, False)


def test_ended_mentorship_offers_no_planning(client):
    mentorship = factories.mentorship(state="ended")
    client.force_login(factories.member(mentorship, "mentor").person)
    assert (
        reverse("meetings:plan", args=[mentorship.uuid])
        not in client.get(page_of(mentorship)).content.decode()
    )


def titles(person):
    return [item.title for item in attention(person, NOW)]


def test_attention_tells_hr_of_unordered_grades_and_coordinators_not():
    programme = factories.programme()
    coordinator = factories.person()
    factories.programme_role(programme, coordinator, "coordinator")
    from participants.models import Grade

    Grade.objects.create(name="Nowhere yet")
    stays = f"{programme} has no cohort yet"
    assert titles(factories.hr_admin()) == ["Put the grades in order", stays]
    assert titles(coordinator) == [stays]


def test_attention_shows_coordinators_their_own_cohorts_alone():
    mine, other = factories.cohort("matching"), factories.cohort("matching")
    coordinator = factories.person()
    factories.programme_role(mine.programme, coordinator, "coordinator")
    assert titles(coordinator) == [
        f"{mine} waits for its matching",
        f"{mine.programme} has no confidant",
    ]
    for programme in (mine.programme, other.programme):
        factories.programme_role(programme, factories.person(), "confidant")
    assert titles(coordinator) == [f"{mine} waits for its matching"]
    assert len(titles(factories.hr_admin())) == 2
    assert titles(factories.person()) == []
    assert other.programme != mine.programme


def test_attention_counts_who_has_nobody_and_offers_that_came_back():
    running, matching = factories.cohort("running"), factories.cohort("matching")
    informal = factories.cohort("running", programme=factories.programme(form="informal"))
    for cohort in (running, informal):
        factories.enrolment(cohort, factories.person(), "mentor")
    for _number in range(2):
        factories.mentorship(in_cohort=running)
    factories.mentorship(state="offered", in_cohort=running)
    factories.mentorship(state="declined", in_cohort=matching)
    coordinator, stranger = factories.person(), factories.person()
    for cohort in (running, matching, informal):
        factories.programme_role(cohort.programme, coordinator, "coordinator")
    found = [title for title in titles(coordinator) if "nobody" in title or "came back" in title]
    assert found == ["1 offer came back", "1 person has nobody"]
    factories.programme_role(factories.programme(), stranger, "coordinator")
    assert not [title for title in titles(stranger) if "nobody" in title or "came back" in title]
    matching.enrolments.update(state="withdrawn")
    assert "1 offer came back" not in titles(coordinator)


def test_attention_tells_for_how_many_weeks_a_concern_waits_and_nothing_of_it():
    from concerns.models import Concern

    mentorship = factories.mentorship()
    raised_by = factories.member(mentorship, "mentor").person
    concern = Concern.objects.create(
        programme=mentorship.cohort.programme,
        mentorship=mentorship,
        raised_by=raised_by,
        topic="pressure",
        text="A secret.",
        waits_since=NOW - timedelta(days=6),
    )
    coordinator, stranger = factories.person(), factories.person()
    factories.programme_role(mentorship.cohort.programme, coordinator, "coordinator")
    factories.programme_role(factories.programme(), stranger, "coordinator")

    def seen(person):
        return [item for item in attention(person, NOW) if "concern" in item.title.lower()]

    staff = [factories.hr_admin(), coordinator]
    assert [seen(person) for person in staff] == [[], []]
    for _number in range(2):
        concern.pk, concern.uuid, concern.request_key = None, uuid4(), uuid4()
        concern.waits_since = NOW - timedelta(days=15)
        concern.save()
    items = [item for person in staff for item in seen(person)]
    assert [item.title for item in items] == ["A concern has waited for 2 weeks"] * 2
    assert seen(stranger) == []
    said = " ".join(item.title + item.text + item.url for item in items)
    assert not any(word in said for word in ("secret", "pressure", raised_by.name))
