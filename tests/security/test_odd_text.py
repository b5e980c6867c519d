"""Text that no person types: in addresses, cookies, headers and every field of every form. A sentence, or
nothing happens; never an error of ours."""

import io
import re
import sys
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from domain.requests import whole_number
from meetings import actions as meetings
from mentoring import wsgi
from participants.models import Person
from participants.time_zones import zone_named
from tests import factories
from tests.security.test_every_answer import addresses

pytestmark = pytest.mark.django_db
NUL, MANY_DIGITS = "a\x00b", "9" * 5000
# For every field alone, beside others that are right; times only where one is asked for.
TIMES = ["0001-01-01T00:00", "9999-12-31T23:59"]
DEEP = [MANY_DIGITS, *TIMES]
OF_TIMES = re.compile(r"date|day|time|start|end|_on\b|_at\b|until|since")
# For all fields at once.
ODD = [
    NUL,
    "٣",
    "99999999999999999999",
    "x" * 70_000,
    "Mars/Olympus",
    "../../x",
    "0001-01-01",
    "\U0010ffff",
    "",
]
HEADERS = [
    {"If-Modified-Since": "Sat, 99 Foo 99999 99:99:99 GMT"},
    {"If-Modified-Since": "0"},
    {"If-None-Match": '"' * 500},
    {"Accept-Language": "x" * 9000},
    {"Accept-Language": "de;q=nan, *;q=1e999, -;q=, \u00e4"},
    {"Accept-Language": "de-" * 400 + "de"},
    {"Range": "bytes=9999999999999999999999-"},
    {"Referer": "http://["},
    {"Origin": "http://["},
    {"X-Forwarded-For": "nobody, , 999.999.999.999, ::::"},
    {"X-Forwarded-Proto": "gopher"},
    {"Content-Type": "multipart/form-data; boundary="},
    {"HX-Request": "true", "HX-Current-URL": "http://[", "HX-Target": NUL.replace("\x00", "\\0")},
    {"Cookie": 'sessionid="\\000aaaaaaaaaa"; django_language="\\000"; csrftoken="\\000"; messages="\\000"'},
    {"Cookie": "django_language=../../x; sessionid=%00; messages=x"},
    {"Cookie": "sessionid=" + "9" * 4000},
]


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


@pytest.fixture
def aylin():
    """A mentor with a mentorship and a meeting ahead, in a time zone far in the east."""
    mentorship = factories.mentorship()
    person = mentorship.members.get(enrolment__role="mentor").person
    Person.objects.filter(pk=person.pk).update(time_zone="Pacific/Kiritimati")
    at = timezone.now()
    meetings.plan(
        mentorship=mentorship, by=person, starts_at=at + timedelta(days=3), minutes=60, place="Here", at=at
    )
    return Person.objects.get(pk=person.pk)


def failures(answers):
    return {where: status for where, status in answers if status >= 500}


@pytest.mark.parametrize("who", ["hr", "stranger"])
@pytest.mark.parametrize("odd", ["%00", "%ED%A0%80", "9" * 5000])
def test_every_address_stands_odd_text(client, who, odd):
    if who == "hr":
        client.force_login(factories.hr_admin())
    asked = [re.sub(r"\b7\b|(?<=/)x(?=/)|\bx\b", odd, address) for address in addresses()]
    asked = [address for address in asked if odd in address]
    assert len(asked) > 50
    assert failures((address, client.get(address).status_code) for address in asked) == {}


@pytest.mark.parametrize("headers", HEADERS, ids=lambda headers: " ".join(map(str, headers.items()))[:50])
def test_every_header_and_cookie_stands_odd_text(client, headers):
    pages = [
        "/",
        "/account/login/",
        "/profile/",
        "/static/look.css",
        "/meetings/calendar/x.ics",
        "/language/",
    ]
    headers = {"Content-Type": "application/x-www-form-urlencoded", **headers}
    kind = headers.pop("Content-Type")
    for signed_in in (False, True):
        if signed_in and "Cookie" not in headers:
            client.force_login(factories.person())
        for method, body in (("GET", b""), ("POST", b"language=%00&q=%ED%A0%80")):
            answers = (
                (f"{method} {page}", client.generic(method, f"{page}?q=1", body, kind, headers=headers))
                for page in pages
            )
            assert failures((where, answer.status_code) for where, answer in answers) == {}


@pytest.mark.parametrize("charset", ["unicode_escape", "hex", "utf-16", "no-such", "UTF-8", "utf8"])
@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x"])
def test_another_encoding_is_a_sentence_from_the_web_server(charset, kind):
    environment = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/profile/",
        "QUERY_STRING": "q=%5Cud800",
        "CONTENT_TYPE": f"{kind}; charset={charset}",
        "CONTENT_LENGTH": "0",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
    }
    said = []
    body = b"".join(wsgi.application(environment, lambda status, headers: said.append(status)))
    if charset.lower().startswith("utf") and charset != "utf-16":
        assert said != ["400 Bad Request"]
    else:
        assert (said, body) == (["400 Bad Request"], b"Please send text as UTF-8.\n")


def test_nul_is_a_sentence_and_an_odd_cookie_closes_nothing(client):
    person = factories.person()
    client.force_login(person)
    for answer in (client.get("/meetings/?page=%00"), client.post("/profile/", {"given_name": NUL})):
        assert answer.status_code == 400
        assert "We could not read that" in answer.content.decode()
    session = client.cookies["sessionid"].value
    answer = Client().get("/profile/", HTTP_COOKIE=f'sessionid={session}; odd="\\000"')
    assert answer.status_code == 200


# --- Every field of every form ---


class Fields(HTMLParser):
    """The forms of a page: where each is sent, and what it would send."""

    def __init__(self, text):
        super().__init__()
        self.forms, self.select = [], None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        if tag == "form":
            self.forms.append((a.get("action") or "", a.get("method", "get").lower(), {}))
        name = a.get("name")
        if not self.forms or not name or name == "csrfmiddlewaretoken":
            return
        fields = self.forms[-1][2]
        if tag in ("input", "button", "textarea"):
            fields.setdefault(name, a.get("value") or "")
        elif tag == "select":
            fields.setdefault(name, "")


def forms_of(client, address):
    answer = client.get(address, follow=True)
    page = answer.redirect_chain[-1][0] if answer.redirect_chain else address
    if answer.status_code != 200 or "html" not in answer.get("Content-Type", ""):
        return
    for action, method, fields in Fields(answer.content.decode()).forms:
        where = action or page
        if "logout" not in where and where.startswith("/"):
            yield where, method, fields


def sent_oddly(client, address):
    """The status of each answer, by what was sent."""
    for where, method, fields in forms_of(client, address):
        send = client.post if method == "post" else client.get
        for odd in [*ODD, *DEEP]:
            yield f"{where} {odd[:20]!r}", send(where, dict.fromkeys(fields, odd)).status_code
        # Of rows of the same fields the first is enough.
        for name in {re.sub(r"\d+", "#", name): name for name in reversed(fields)}.values():
            for odd in DEEP if OF_TIMES.search(name) else [MANY_DIGITS]:
                yield f"{where} {name}={odd[:20]!r}", send(where, {**fields, name: odd}).status_code
        files = {name: SimpleUploadedFile("a.txt", b"a") for name in fields}
        yield f"{where} as files", client.post(where, files).status_code


PAGES = [
    "/",
    "/profile/",
    "/meetings/",
    "/notices/",
    "/account/data/",
    "/account/password/change/",
    "/account/login/",
]


@pytest.mark.parametrize("page", PAGES)
def test_every_field_of_a_page_stands_odd_text(client, aylin, page):
    if "login" not in page:
        client.force_login(aylin)
    answers = dict(sent_oddly(client, page))
    assert failures(answers.items()) == {}


@pytest.mark.parametrize(
    "name", ["mentorship", "meetings:plan", "meetings:rhythm", "meetings:share", "meetings:unplanned"]
)
def test_every_field_of_a_mentorship_stands_odd_text(client, aylin, name):
    client.force_login(aylin)
    uuid = aylin.enrolments.get().memberships.get().mentorship.uuid
    answers = dict(sent_oddly(client, reverse(name, args=[uuid])))
    assert len(answers) > 10
    assert failures(answers.items()) == {}


@pytest.mark.parametrize(
    "name", ["participants_person_add", "participants_unit_add", "programmes_programme_add"]
)
def test_every_field_of_a_page_for_staff_stands_odd_text(client, name):
    client.force_login(factories.hr_admin())
    answers = dict(sent_oddly(client, reverse(f"admin:{name}")))
    assert len(answers) > 10
    assert failures(answers.items()) == {}


def test_whole_number_takes_what_a_row_can_have_and_nothing_else():
    assert [whole_number(text) for text in ("7", "0", "9" * 18)] == [7, 0, 10**18 - 1]
    assert {whole_number(text) for text in (None, "", "-1", "1.5", "٣", "²", "9" * 19, MANY_DIGITS, NUL)} == {
        None
    }


def test_a_zone_this_machine_does_not_know_is_utc():
    assert [zone_named(name).key for name in ("Europe/Berlin", "Mars/Olympus", "", "../x")] == [
        "Europe/Berlin"
    ] + ["UTC"] * 3
    person = factories.person()
    Person.objects.filter(pk=person.pk).update(time_zone="Mars/Olympus")
    client = Client()
    client.force_login(person)
    assert client.get("/profile/").status_code == 200
