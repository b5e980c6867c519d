"""What holds at every address: HEAD works wherever GET does, and what every answer says of itself."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import RoutePattern
from django.utils.regex_helper import normalize

from meetings.models import CalendarFeed
from mentoring.embedded import BASE_DIR
from tests import factories

pytestmark = pytest.mark.django_db
SAMPLES = {"uuid": UUID(int=7), "int": 7, "slug": "x", "path": "7", "str": "x"}


def addresses(resolver: URLResolver | None = None, before: str = "/") -> Iterator[str]:
    """One address for each pattern there is, of things that need not exist."""
    for entry in (resolver or get_resolver()).url_patterns:
        address = before + sample(entry)
        if isinstance(entry, URLPattern):
            yield address
        else:
            yield from addresses(entry, address)


def sample(entry: URLPattern | URLResolver) -> str:
    if isinstance(entry.pattern, RoutePattern):
        return re.sub(r"<(?:(\w+):)?\w+>", lambda m: str(SAMPLES[m[1] or "str"]), str(entry.pattern))
    [(form, names), *_rest] = normalize(str(entry.pattern))
    return form % dict.fromkeys(names, "x")


# Of a file the test client reads nothing, and so leaves it open.
@pytest.mark.filterwarnings("ignore:.*SpooledTemporaryFile:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("who", ["hr", "stranger"])
def test_every_address_answers_head_like_get_and_is_kept_by_nobody(who):
    client = Client(raise_request_exception=False)
    if who == "hr":
        client.force_login(factories.person(is_hr_admin=True))
    wrong, asked = {}, 0
    for address in addresses():
        got, headed = client.get(address), client.head(address)
        asked += 1
        if got.status_code != headed.status_code or got.status_code >= 500:
            wrong[address] = (got.status_code, headed.status_code)
        elif (said := said_of(got)) != EVERYWHERE:
            wrong[address] = said
    assert wrong == {}
    assert asked > 200


EVERYWHERE = {
    "is stored": False,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": True,
}


def said_of(response) -> dict[str, object]:
    return {
        "is stored": "no-store" not in response.get("Cache-Control", ""),
        **{name: response.get(name) for name in EVERYWHERE if name.startswith("Cross")},
        "Permissions-Policy": "camera=()" in response.get("Permissions-Policy", ""),
    }


def test_static_files_say_the_same_and_may_be_kept(tmp_path, settings):
    (tmp_path / "look.css").write_text("a{}")
    settings.STATIC_ROOT = tmp_path
    response = Client().get("/static/look.css")
    assert said_of(response) == {**EVERYWHERE, "is stored": True}
    assert "public" in response["Cache-Control"]
    response.close()


def test_calendar_feed_alone_says_itself_what_may_be_kept(client):
    token = CalendarFeed.objects.renew(person=factories.person()).token
    assert client.get(reverse("meetings:feed", args=[token]))["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("proxies", "site", "believed", "redirects"),
    [
        ("0", "https://mentoring.example.com", None, False),
        ("1", "https://mentoring.example.com", ("HTTP_X_FORWARDED_PROTO", "https"), True),
        ("0", "http://mentoring.example.com", None, False),
    ],
)
def test_what_a_client_says_of_itself_counts_only_behind_a_proxy(proxies, site, believed, redirects):
    code = "from mentoring import settings as s; print((s.SECURE_PROXY_SSL_HEADER, s.SECURE_SSL_REDIRECT))"
    environment = {**os.environ, "TRUSTED_PROXIES": proxies, "SITE_URL": site}
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ast.literal_eval(told.stdout) == (believed, redirects)
