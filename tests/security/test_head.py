"""HEAD works wherever GET does: programs that check links ask with it."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern
from django.utils.regex_helper import normalize

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
def test_head_answers_like_get_at_every_address(who):
    client = Client(raise_request_exception=False)
    if who == "hr":
        client.force_login(factories.person(is_hr_admin=True))
    found = {
        address: (client.get(address).status_code, client.head(address).status_code)
        for address in addresses()
    }
    assert {address: both for address, both in found.items() if both[0] != both[1] or max(both) >= 500} == {}
    assert len(found) > 200
