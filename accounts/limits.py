"""How often somebody may try, so that guessing is slow and nobody is locked out by somebody else's guesses.

Tries are counted by address and by where they come from. A browser in which the person has signed in before
counts for itself: no stranger uses up its tries. See docs/decisions/accounts.md.
"""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core.internal import ratelimit
from allauth.core.internal.ratelimit import RateLimitUsage
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import get_random_string, salted_hmac

COOKIE = "known_browser"
A_YEAR = 60 * 60 * 24 * 365
# How many wrong passwords, and how many mails, for one e-mail address: from a browser that is known, from one
# network address, and from all of them together.
KNOWN = {"password": "10/5m/key", "mail": "5/m/key"}
FROM_HERE = {"password": "10/m/ip,5/5m/key", "mail": "20/m/ip,3/m/key"}
FROM_ANYWHERE = {"password": "100/h/key", "mail": "60/h/key"}


def take(request: HttpRequest, what: str, address: str) -> RateLimitUsage | None:
    """Count a try. None where it is one too many, else what can be rolled back."""
    address = address.strip().lower()
    if browser := known_browser(request, address):
        return count(request, KNOWN, what, f"{address}:{browser}")
    here = count(request, FROM_HERE, what, f"{address}:{get_adapter().get_client_ip(request)}")
    anywhere = count(request, FROM_ANYWHERE, what, address) if here else None
    return RateLimitUsage(here.usage + anywhere.usage) if here and anywhere else None


def count(request: HttpRequest, rates: dict[str, str], what: str, key: str) -> RateLimitUsage | None:
    return ratelimit.consume(request, app="accounts", action=what, config=rates, key=key)


def known_browser(request: HttpRequest, address: str) -> str:
    """What tells this browser apart, if whoever signs in with `address` was the last to sign in here."""
    try:
        held: dict[str, Any] = signing.loads(request.COOKIES.get(COOKIE, ""), salt=COOKIE, max_age=A_YEAR)
    except signing.BadSignature:
        return ""
    return held["browser"] if held["owner"] == owner(address) else ""


def know_browser(response: HttpResponse, address: str) -> None:
    held = {"owner": owner(address), "browser": get_random_string(16)}
    response.set_cookie(
        COOKIE,
        signing.dumps(held, salt=COOKIE),
        max_age=A_YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def owner(address: str) -> str:
    return salted_hmac(COOKIE, address, algorithm="sha256").hexdigest()[:32]
