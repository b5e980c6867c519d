"""How long somebody stays signed in, and where they are signed in."""

import time
from datetime import datetime
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, logout, update_session_auth_hash
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils.translation import gettext as _

from domain.requests import SignedInRequest
from participants.models import Person

# A session is looked at no more often than this: each look writes to the database.
LOOK_EVERY = 600

BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "CriOS/": "Chrome",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
SYSTEMS = {
    "Windows": "Windows",
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Mac OS X": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


def begin(request: HttpRequest, **_signal: Any) -> None:
    """Called by Django whenever somebody signs in."""
    request.session["signed_in_at"] = request.session["seen_at"] = int(time.time())


def look(request: SignedInRequest, now: float) -> None:
    """End a session that was idle for too long, or of staff who have to sign in again. Otherwise restart its
    time, and note where it is used."""
    session = request.session
    idle = now - session.get("seen_at", 0)
    if idle >= settings.SESSION_COOKIE_AGE:
        logout(request)
    elif idle < min(LOOK_EVERY, settings.SESSION_COOKIE_AGE / 10):
        return
    elif now - session.get("signed_in_at", 0) >= settings.STAFF_SESSION_SECONDS and request.user.is_staff:
        logout(request)
    else:
        session["seen_at"] = int(now)
        UserSession.objects.create_from_request(request)


def places(request: SignedInRequest, at: datetime) -> list[dict[str, Any]]:
    """Where the person is signed in, this browser first, in two queries."""
    person, here = request.user, request.session.session_key
    rows = UserSession.objects.filter(user=person).order_by("-last_seen_at", "pk")
    keys = [row.session_key for row in rows]
    fits = {person.get_session_auth_hash(), *person.get_session_auth_fallback_hash()}
    alive = {
        session.session_key
        for session in Session.objects.filter(session_key__in=keys, expire_date__gt=at)
        if session.get_decoded().get(HASH_SESSION_KEY) in fits
    }
    found = [
        {"session": row, "name": browser_name(row.user_agent), "is_here": row.session_key == here}
        for row in rows
        if row.session_key in alive
    ]
    return sorted(found, key=lambda place: not place["is_here"])


@transaction.atomic
def sign_out_elsewhere(request: SignedInRequest) -> None:
    """Everywhere but here; codes and reset links that are under way open nothing any more either."""
    person, here = request.user, request.session.session_key
    end_all(person)
    others = UserSession.objects.filter(user=person).exclude(session_key=here)
    Session.objects.filter(session_key__in=others.values("session_key")).delete()
    others.delete()
    update_session_auth_hash(request, person)
    UserSession.objects.filter(session_key=here).update(session_key=request.session.session_key)


def end_all(person: Person) -> None:
    """Sessions, codes and reset links of before open nothing any more."""
    Person.objects.filter(pk=person.pk).update(sign_in_version=F("sign_in_version") + 1)
    person.refresh_from_db(fields=["sign_in_version"])


def forget_ended(at: datetime) -> None:
    """Sessions whose time is over, and where they were used."""
    Session.objects.filter(expire_date__lt=at).delete()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()


def browser_name(user_agent: str) -> str:
    """What people call it, as far as it says: “Firefox, Windows”."""
    names = [name_in(user_agent, BROWSERS), name_in(user_agent, SYSTEMS)]
    return ", ".join(filter(None, names)) or _("Another browser")


def name_in(user_agent: str, known: dict[str, str]) -> str:
    return next((name for part, name in known.items() if part in user_agent), "")
