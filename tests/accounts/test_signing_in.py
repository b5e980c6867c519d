"""Signing in with a code or a password, and what a mailbox opens."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts import mail
from accounts.models import AccountMail
from participants.models import Person

pytestmark = pytest.mark.django_db
ASK, CONFIRM, RESET = (
    reverse(f"account_{name}") for name in ("request_login_code", "confirm_login_code", "reset_password")
)
CODE = re.compile(r"^[A-Z]{4}-[A-Z]{4}$", re.MULTILINE)


def words(letter, kind="plain"):
    return letter.get_body([kind]).get_content().replace("\r\n", "\n")


def person(name="Aylin Kaya", **fields):
    fields.setdefault("email", name.split()[-1].lower() + "@example.com")
    return Person.objects.create_user(name=name, **fields)


def asked(client, address="kaya@example.com"):
    """Ask for a code and let the worker send it."""
    response = client.post(ASK, {"email": address})
    mail.send_due()
    return response


def code_in(letter) -> str:
    return CODE.search(words(letter)).group()


def link_in(letter) -> str:
    return re.search(r"https?://\S+/account/password/reset/key/\S+", words(letter)).group()


def is_signed_in(client) -> bool:
    return "_auth_user_id" in client.session


# --- With a code ---


def test_sign_in_with_code_of_a_person_without_a_password(letters):
    aylin = person(password=None)
    client = Client()
    asked(client, "Kaya@Example.com")
    [letter] = letters
    code = code_in(letter)
    assert letter["To"] == "kaya@example.com"
    assert letter["Subject"] == "Your code to sign in"
    assert f">{code}<" in words(letter, "html")
    response = client.post(CONFIRM, {"code": code})
    assert (response.status_code, response.url) == (302, "/")
    assert client.session["_auth_user_id"] == str(aylin.pk)


def test_sign_in_with_code_however_it_is_typed(letters):
    person(password=None)
    client = Client()
    asked(client)
    client.post(CONFIRM, {"code": f" {code_in(letters[0]).lower().replace('-', ' ')} "})
    assert is_signed_in(client)


def test_sign_in_with_code_refuses_a_wrong_one_and_that_of_another_browser(letters):
    person(password=None)
    client, other = Client(), Client()
    asked(client)
    asked(other)
    for code in ("AAAA-AAAA", code_in(letters[1])):
        response = client.post(CONFIRM, {"code": code})
        assert response.status_code == 200
        assert "This code does not fit. Check it, or have a new one sent." in response.content.decode()
    assert not is_signed_in(client)
    client.post(CONFIRM, {"code": code_in(letters[0])})
    assert is_signed_in(client)


def test_a_new_code_takes_the_place_of_the_one_before(letters):
    person(password=None)
    client = Client()
    asked(client)
    client.post(CONFIRM, {"action": "resend"})
    mail.send_due()
    first, second = map(code_in, letters)
    client.post(CONFIRM, {"code": first})
    assert not is_signed_in(client)
    client.post(CONFIRM, {"code": second})
    assert is_signed_in(client)


def test_code_is_nowhere_in_the_database(letters):
    person(password=None)
    client = Client()
    client.post(ASK, {"email": "kaya@example.com"})
    held = [str(row) for row in AccountMail.objects.values()]
    held += [str(session.get_decoded()) for session in Session.objects.all()]
    mail.send_due()
    code = code_in(letters[0])
    assert [text for text in held if code in text or code.replace("-", "") in text] == []
    assert AccountMail.objects.count() == 0


def test_code_mail_that_comes_too_late_is_not_sent(letters):
    person(password=None)
    Client().post(ASK, {"email": "kaya@example.com"})
    mail.send_due(lambda: timezone.now() + timedelta(minutes=11))
    assert (list(letters), AccountMail.objects.count()) == ([], 0)


# --- What tells nothing of who is known ---


def seen(response):
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", response.content.decode())
    return text.replace("okaya@example.com", "kaya@example.com")


@pytest.mark.parametrize("page", [ASK, RESET])
def test_asking_for_a_stranger_sends_nothing_looks_the_same_and_asks_the_database_the_same(
    page, letters, django_assert_num_queries
):
    person()
    answers = {}
    for address in ("kaya@example.com", "okaya@example.com"):
        cache.clear()
        with django_assert_num_queries(9 if page == ASK else 4):
            asking = Client().post(page, {"email": address}, follow=False)
        assert (asking.status_code, AccountMail.objects.count()) == (302, 1)
        mail.send_due()
        answers[address] = seen(Client().post(page, {"email": address}, follow=True))
        mail.send_due()
    assert answers["kaya@example.com"] == answers["okaya@example.com"]
    assert {letter["To"] for letter in letters} == {"kaya@example.com"}
    assert AccountMail.objects.count() == 0


def test_asking_does_not_wait_for_the_mail_server_and_the_sweep_delivers(letters, settings):
    """There is no server where the settings say; nothing is lost by it."""
    person(password=None)
    client, there = Client(), settings.EMAIL_PORT
    settings.EMAIL_PORT = 9  # discard; nobody listens
    assert asked(client).status_code == 302
    assert (list(letters), AccountMail.objects.get().attempts) == ([], 0)
    settings.EMAIL_PORT = there
    mail.send_due()
    client.post(CONFIRM, {"code": code_in(letters[0])})
    assert is_signed_in(client)


def test_mail_goes_at_night_too(letters):
    person(password=None, time_zone="Asia/Tokyo")
    Client().post(ASK, {"email": "kaya@example.com"})
    mail.send_due()
    assert len(letters) == 1


# --- One source of who signs in ---


def test_no_address_but_the_persons_own_can_be_stored():
    aylin = person()
    with pytest.raises(IntegrityError), transaction.atomic():
        EmailAddress.objects.create(user=aylin, email="old@example.com", verified=True, primary=True)


def test_asking_for_codes_and_links_leaves_no_address_behind(letters):
    person(password="tandem-lantern-42")
    client = Client()
    asked(client)
    client.post(CONFIRM, {"code": code_in(letters[0])})
    Client().post(RESET, {"email": "kaya@example.com"})
    mail.send_due()
    Client().get(urlsplit(link_in(letters[1])).path, follow=True)
    assert EmailAddress.objects.count() == 0


def test_old_address_opens_nothing_and_the_new_one_opens_the_account(letters):
    aylin = person(password="tandem-lantern-42")
    Person.objects.filter(pk=aylin.pk).update(email="new@example.com")
    mail.send_due()
    letters.clear()
    for page in (ASK, RESET):
        Client().post(page, {"email": "kaya@example.com"})
    mail.send_due()
    assert list(letters) == []
    login = {"login": "kaya@example.com", "password": "tandem-lantern-42"}
    client = Client()
    client.post(reverse("account_login"), login)
    assert not is_signed_in(client)
    client.post(reverse("account_login"), {**login, "login": "new@example.com"})
    assert is_signed_in(client)
    assert Person.objects.get().email == "new@example.com"


def test_next_owner_of_an_address_signs_in_as_themselves(letters):
    aylin = person()
    asked(Client())
    Client().post(RESET, {"email": "kaya@example.com"})
    Person.objects.filter(pk=aylin.pk).update(email="new@example.com")
    successor = person("Mia Kaya")
    mail.send_due()
    letters.clear()
    client = Client()
    asked(client)
    client.post(CONFIRM, {"code": code_in(letters[0])})
    assert client.session["_auth_user_id"] == str(successor.pk)
    letters.clear()
    cache.clear()  # so many mails a minute are too many
    Client().post(RESET, {"email": "kaya@example.com"})
    mail.send_due()
    reset(Client(), link_in(letters[0]))
    assert [one.name for one in Person.objects.all() if one.check_password("tandem-lantern-42")] == [
        "Mia Kaya"
    ]


def reset(client, link) -> None:
    page = client.get(urlsplit(link).path, follow=True)
    if page.redirect_chain:
        password = dict.fromkeys(["password1", "password2"], "tandem-lantern-42")
        client.post(page.redirect_chain[-1][0], password)


# --- With a password ---


def test_sign_in_with_password_whatever_the_case_of_the_address():
    aylin = person(email="Aylin.Kaya@Example.com", password="tandem-lantern-42")
    assert Person.objects.get(pk=aylin.pk).email == "aylin.kaya@example.com"
    client = Client()
    response = client.post(
        reverse("account_login"), {"login": "AYLIN.kaya@example.com", "password": "tandem-lantern-42"}
    )
    assert (response.status_code, response.url) == (302, "/")


def test_sign_in_of_somebody_who_left_is_refused(letters):
    person(password="tandem-lantern-42", is_active=False)
    client = Client()
    client.post(reverse("account_login"), {"login": "kaya@example.com", "password": "tandem-lantern-42"})
    assert not is_signed_in(client)
    asked(client)
    assert list(letters) == []


def test_sign_up_is_closed():
    client = Client()
    response = client.post(
        reverse("account_signup"), {"email": "eve@example.com", "password1": "tandem-lantern-42"}
    )
    assert "account/signup_closed.html" in [template.name for template in response.templates]
    assert Person.objects.count() == 0


def test_nobody_adds_an_address_of_their_own():
    client = Client()
    client.force_login(person())
    assert client.get("/account/email/").status_code == 200
    assert client.post("/account/email/", {"action_add": "", "email": "x@example.com"}).status_code == 405


def test_password_reset_mail_is_in_the_language_of_the_person(letters):
    person(language="de", given_name="Aylin")
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.post(RESET, {"email": "kaya@example.com"})
    mail.send_due()
    with translation.override("de"):
        expected = translation.gettext("Choose a new password")
    [letter] = letters
    assert letter["Subject"] == expected
    assert '<html lang="de">' in words(letter, "html")
    reset(client, link_in(letter))
    assert Person.objects.get().check_password("tandem-lantern-42")
    assert is_signed_in(client)
    mail.send_due()
    assert "127.0.0.1" in words(letters[1])  # where the change came from


def test_links_in_mail_lead_to_the_product_whatever_host_was_asked(letters, settings):
    settings.SITE_URL, settings.ALLOWED_HOSTS = "https://mentoring.example.com", ["*"]
    person()
    Client(HTTP_HOST="evil.example").post(RESET, {"email": "kaya@example.com"})
    mail.send_due()
    assert link_in(letters[0]).startswith("https://mentoring.example.com/account/")
    assert "evil" not in letters[0].as_string()


def test_reset_link_is_good_for_an_hour_and_once(letters, settings):
    person()
    Client().post(RESET, {"email": "kaya@example.com"})
    mail.send_due()
    link = link_in(letters[0])
    reset(Client(), link)
    again = Client()
    reset(again, link)
    assert not is_signed_in(again)
    Client().post(RESET, {"email": "kaya@example.com"})
    mail.send_due()
    settings.PASSWORD_RESET_TIMEOUT = -1
    late = Client()
    [letter] = [letter for letter in letters[1:] if "/password/reset/key/" in words(letter)]
    reset(late, link_in(letter))
    assert not is_signed_in(late)


FIRST = reverse("account_set_password")


def test_first_password_needs_a_code_of_now(letters):
    aylin = person(password=None)
    client = Client()
    client.force_login(aylin)
    again = reverse("sign_in_again")
    posted = {"password1": "tandem-lantern-42", "password2": "tandem-lantern-42"}
    assert [client.get(FIRST).url, client.post(FIRST, posted).url] == [again, again]
    assert client.get(again).status_code == 200
    there = client.post(again).url
    assert not is_signed_in(client)
    mail.send_due()
    assert client.post(there, {"code": code_in(letters[0])}).url == FIRST
    client.post(FIRST, posted)
    assert Person.objects.get().check_password("tandem-lantern-42")


def test_first_password_is_refused_once_the_sign_in_is_no_longer_fresh(letters, settings):
    person(password=None)
    client = Client()
    asked(client)
    client.post(CONFIRM, {"code": code_in(letters[0])})
    assert client.get(FIRST).status_code == 200
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    assert client.get(FIRST).status_code == 302
