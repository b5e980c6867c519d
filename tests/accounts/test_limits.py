"""Guessing is slow, and nobody is locked out by somebody else's guesses."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts import limits, mail
from participants.models import Person

pytestmark = pytest.mark.django_db
PASSWORD = "tandem-lantern-42"


@pytest.fixture(autouse=True)
def aylin():
    return Person.objects.create_user(name="Aylin Kaya", email="aylin@example.com", password=PASSWORD)


def enter(client, password=PASSWORD):
    return client.post(reverse("account_login"), {"login": "aylin@example.com", "password": password})


def is_in(client):
    return "_auth_user_id" in client.session


def guess(times, **extra):
    client = Client(**extra)
    return [enter(client, f"wrong-{number}") for number in range(times)][-1]


def test_five_wrong_passwords_are_enough_where_they_come_from():
    guess(5)
    client = Client()
    answer = enter(client)
    assert "Sign in with a code instead" in answer.content.decode()
    assert not is_in(client)


def test_wrong_passwords_of_a_stranger_shut_out_nobody_elsewhere():
    guess(12, REMOTE_ADDR="192.0.2.66")
    client = Client(REMOTE_ADDR="192.0.2.7")
    enter(client)
    assert is_in(client)


def test_wrong_passwords_from_the_same_office_shut_out_no_browser_that_is_known():
    known = Client()
    enter(known)
    known.post(reverse("account_logout"))
    guess(12)
    enter(known)
    assert is_in(known)
    assert not is_in(Client())


def test_known_browser_is_slowed_by_its_own_guesses():
    client = Client()
    enter(client)
    client.post(reverse("account_logout"))
    for number in range(10):
        enter(client, f"wrong-{number}")
    enter(client)
    assert not is_in(client)


def test_known_browser_is_known_for_whoever_signed_in_there_alone():
    mia = Person.objects.create_user(name="Mia", email="mia@example.com", password=PASSWORD)
    client = Client()
    client.post(reverse("account_login"), {"login": mia.email, "password": PASSWORD})
    client.post(reverse("account_logout"))
    guess(5)
    enter(client)
    assert not is_in(client)
    client.cookies[limits.COOKIE] = "forged"
    enter(client)
    assert not is_in(client)


def ask(client):
    response = client.post(reverse("account_request_login_code"), {"email": "aylin@example.com"})
    mail.send_due()
    return response.status_code


def test_wrong_passwords_and_codes_asked_for_by_a_stranger_leave_the_owner_the_code(letters):
    guess(12)
    assert [ask(Client(REMOTE_ADDR="192.0.2.66")) for _ in range(5)] == [302, 302, 302, 200, 200]
    assert len(letters) == 3
    assert ask(Client()) == 302
    assert len(letters) == 4


@pytest.mark.parametrize(("proxies", "is_shut_out"), [(0, True), (1, False)])
def test_where_a_client_says_it_comes_from_counts_only_behind_a_proxy(settings, proxies, is_shut_out):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    for number in range(5):
        guess(1, HTTP_X_FORWARDED_FOR=f"192.0.2.{number}")
    client = Client(HTTP_X_FORWARDED_FOR="192.0.2.9")
    enter(client)
    assert is_in(client) != is_shut_out


def test_right_passwords_use_up_no_tries():
    for _ in range(8):
        client = Client()
        enter(client)
        assert is_in(client)
