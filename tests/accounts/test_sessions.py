"""How long somebody stays signed in, where they are, and what is left in the browser afterwards."""

import time
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mentoring.tasks import forget
from participants.models import Person
from programmes.models import ProgrammeRole
from tests import factories

pytestmark = pytest.mark.django_db
PASSWORD = "tandem-lantern-42"
HOUR, DAY = 3600, 86400
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile/15E148 Safari/604.1"
LAPTOP = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Edg/142.0"


@pytest.fixture
def aylin():
    return Person.objects.create_user(name="Aylin Kaya", email="aylin@example.com", password=PASSWORD)


def signed_in(person, **extra):
    client = Client(**extra)
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    return client


def made_older(client, *, since, seen=None):
    """As if it had begun so many seconds ago, and been used last."""
    session = client.session
    session["signed_in_at"] = int(time.time()) - since
    session["seen_at"] = int(time.time()) - (since if seen is None else seen)
    session.save()


def answers(client):
    return client.get("/account/email/").status_code == 200


# --- How long ---


def test_a_participant_who_comes_by_stays_signed_in(aylin):
    client = signed_in(aylin)
    for _ in range(3):
        made_older(client, since=90 * DAY, seen=29 * DAY)
        assert answers(client)
    assert Session.objects.get().expire_date > timezone.now() + timedelta(days=29)
    assert client.cookies["sessionid"]["max-age"] == 30 * DAY


def test_a_participant_who_was_away_signs_in_again(aylin):
    client = signed_in(aylin)
    made_older(client, since=30 * DAY)
    assert client.get("/").url == "/account/login/?next=/"
    assert Session.objects.count() == 0


def test_operators_set_how_long_somebody_may_be_away(aylin, settings):
    settings.SESSION_COOKIE_AGE = 8 * HOUR
    client = signed_in(aylin)
    made_older(client, since=2 * DAY, seen=7 * HOUR)
    assert answers(client)
    made_older(client, since=2 * DAY, seen=9 * HOUR)
    assert not answers(client)


def coordinator(person):
    ProgrammeRole.objects.create(programme=factories.programme(), person=person, role="coordinator")


def hr_admin(person):
    Person.objects.filter(pk=person.pk).update(is_hr_admin=True)


@pytest.mark.parametrize("becomes_staff", [coordinator, hr_admin])
def test_staff_sign_in_again_after_twelve_hours_however_busy(aylin, becomes_staff):
    client = signed_in(aylin)
    made_older(client, since=13 * HOUR, seen=HOUR)
    assert answers(client)
    becomes_staff(aylin)
    made_older(client, since=11 * HOUR, seen=HOUR)
    assert answers(client)
    made_older(client, since=13 * HOUR, seen=HOUR)
    assert not answers(client)


def test_a_session_is_written_at_most_every_ten_minutes(aylin, django_assert_num_queries):
    client = signed_in(aylin)
    made_older(client, since=9 * 60)
    with django_assert_num_queries(5):  # savepoint and its release, session, person, the page's frame
        client.get("/account/email/")
    made_older(client, since=11 * 60)
    client.get("/account/email/")
    assert UserSession.objects.get().last_seen_at > timezone.now() - timedelta(minutes=1)
    with django_assert_num_queries(5):
        client.get("/account/email/")


# --- Where ---


def places(client):
    return [
        (place["name"], place["is_here"])
        for place in client.get(reverse("signed_in_places")).context["places"]
    ]


def test_places_are_named_and_this_one_comes_first(aylin):
    laptop = signed_in(aylin, HTTP_USER_AGENT=LAPTOP)
    phone = signed_in(aylin, HTTP_USER_AGENT=PHONE)
    assert places(laptop) == [("Edge, Windows", True), ("Safari, iPhone", False)]
    assert places(phone) == [("Safari, iPhone", True), ("Edge, Windows", False)]


def test_signing_out_elsewhere_keeps_this_browser_and_nobody_elses(aylin):
    mia = Person.objects.create_user(name="Mia", email="mia@example.com", password=PASSWORD)
    here, there, unlisted, stranger = signed_in(aylin), signed_in(aylin), Client(), signed_in(mia)
    unlisted.force_login(aylin)
    here.post(reverse("signed_in_places"))
    assert [answers(client) for client in (here, there, unlisted, stranger)] == [True, False, False, True]
    assert places(here) == [("Another browser", True)]
    assert UserSession.objects.count() == 2


def test_a_session_that_ended_is_listed_no_longer(aylin):
    here, there = signed_in(aylin), signed_in(aylin)
    there.post(reverse("account_logout"))
    assert len(places(here)) == 1


def test_stranger_sees_only_their_own_places(aylin):
    signed_in(aylin)
    assert places(
        signed_in(Person.objects.create_user(name="M", email="m@example.com", password=PASSWORD))
    ) == [("Another browser", True)]


@pytest.mark.parametrize("others", [1, 3])
def test_places_cost_the_same_with_one_and_with_three(aylin, others, django_assert_num_queries):
    here = signed_in(aylin)
    for _ in range(others):
        signed_in(aylin)
    with django_assert_num_queries(7):
        here.get(reverse("signed_in_places"))


def test_what_ended_is_forgotten_and_where_it_was_used(aylin):
    kept, gone = signed_in(aylin), signed_in(aylin)
    Session.objects.filter(pk=gone.session.session_key).update(expire_date=timezone.now() - timedelta(days=1))
    forget()
    assert [row.session_key for row in UserSession.objects.all()] == [kept.session.session_key]
    assert Session.objects.count() == 1


# --- Out ---


@pytest.mark.parametrize("address", ["/account/logout/", "/admin/logout/"])
def test_signing_out_clears_pages_and_drafts_and_no_choice(aylin, address):
    client = signed_in(aylin)
    response = client.post(address)
    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert "_auth_user_id" not in client.session
