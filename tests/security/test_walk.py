"""Every address, asked for by every role: what the table does not allow is refused and changes nothing, and
nobody comes across a word that was not meant for them.

The addresses come from the resolver, what is posted from the forms on the pages of those who may send them.
"""

import logging
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import timezone

import mentoring.urls
from notices.models import Notice
from participants.models import Person
from tests.security import addresses
from tests.security.company import Company
from tests.security.expected import LOOKING_WRITES, PAGES, POSTS_NOTHING, TABLE
from tests.security.page_forms import forms_on
from tests.security.roles import (
    ANONYMOUS,
    DEACTIVATED,
    MENTOR,
    NOBODY,
    OTHER_COORDINATOR,
    ROLES,
    STAFF,
    STRANGER,
)
from tests.security.walk import Answer, Walker

ROUTES = list(dict.fromkeys(addresses.routes()))
MOST_BODIES = 3
TWO_DAYS_AGO = (timezone.now() - timedelta(days=2)).date().isoformat()  # no other meeting is near
POST_TO_ADMIN = (ANONYMOUS, DEACTIVATED, STRANGER, MENTOR, *STAFF)
# What a form wants that cannot be guessed from it.
FITTING: dict[str, dict[str, Any]] = {
    "meetings/unplanned/<uuid:uuid>/": {"day": TWO_DAYS_AGO},
    "meetings/share/<uuid:uuid>/": {"link": ""},
    "meetings/plan/<uuid:uuid>/": {"slot": ""},
    "profile/": {
        "delegates": "",
        **dict.fromkeys(["can-TOTAL_FORMS", "want-TOTAL_FORMS", "speak-TOTAL_FORMS"], "1"),
    },
}


class Walk:
    """All that was asked, by route and role.

    The first who finds forms for something sends them and an empty one; everybody who may not sends one.
    Before the admin site stands one door that does not ask for the method: of those who may not enter it
    everybody looks at all of its pages, and a few send forms.
    """

    def __init__(self) -> None:
        self.company = Company()
        self.files = {path: path.read_bytes() for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()}
        people = self.company.people
        self.walkers = {role: Walker(people.get(role)) for role in ROLES}
        Person.objects.filter(pk=people[DEACTIVATED].pk).update(is_active=False)
        self.where = {route: addresses.address(route, self.company) for route in ROUTES}
        self.bodies: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.senders: dict[str, list[str]] = {}
        self.answers: list[tuple[str, str, Answer]] = []
        self.look()
        self.act()

    def look(self) -> None:
        for route, address in self.where.items():
            may, _ = TABLE.get(route, (NOBODY, NOBODY))
            for role in ROLES:
                answer = self.ask(route, role, "GET")
                if answer.status == 200 and role in may:
                    self.keep_forms(role, address, answer.content)
            for role in {ANONYMOUS, *first_of(may)}:
                self.ask(route, role, "HEAD")
        for route, thing in addresses.ALSO:
            for role in ROLES:
                self.ask(route, role, "GET", at=addresses.address(route, self.company, thing))

    def keep_forms(self, role: str, address: str, content: bytes) -> None:
        for form in forms_on(content.decode(errors="replace")):
            try:
                route = resolve(form.action.partition("?")[0] or address).route
            except Resolver404:
                continue
            kept = self.bodies[route]
            if role in TABLE.get(route, (NOBODY, NOBODY))[1]:
                self.senders.setdefault(route, [role])
            fitting = [body | FITTING.get(route, {}) for body in form.bodies()]
            most = 1 if route.startswith("admin/") else MOST_BODIES
            kept += fitting[: max(most - len(kept), 0)]

    def act(self) -> None:
        for route in ROUTES:
            _, may = TABLE.get(route, (NOBODY, NOBODY))
            bodies = self.bodies[route]
            for role in self.senders.get(route, first_of(may)):
                for body in [{}, *bodies]:
                    self.ask(route, role, "POST", body)
            for role in POST_TO_ADMIN if route.startswith("admin/") else ROLES:
                if role not in may:
                    self.ask(route, role, "POST", bodies[0] if bodies else {})

    def keep_files(self) -> None:
        """A savepoint brings rows back, but no files."""
        for path, content in self.files.items():
            if not path.exists():
                path.write_bytes(content)

    def ask(
        self, route: str, role: str, method: str, body: dict[str, Any] | None = None, at: str = ""
    ) -> Answer:
        cache.clear()  # how often one may ask is tested elsewhere
        answer = self.walkers[role].ask(method, at or self.where[route], body)
        self.keep_files()
        self.answers.append((route, role, replace(answer, content=b"")))
        return answer


def first_of(roles: frozenset[str]) -> list[str]:
    return [role for role in ROLES if role in roles][:1]


@pytest.fixture
def quiet(settings, tmp_path, monkeypatch):
    """Refusals in plain text: what the page of a refusal says is tested where it is drawn."""
    settings.MEDIA_ROOT = tmp_path
    logging.disable(logging.CRITICAL)
    monkeypatch.setattr(mentoring.urls, "handler403", plain(403), raising=False)
    monkeypatch.setattr(mentoring.urls, "handler404", plain(404), raising=False)
    yield
    logging.disable(logging.NOTSET)


def plain(status: int) -> Any:
    def answer(request: HttpRequest, exception: Exception) -> HttpResponse:
        return HttpResponse(status=status)

    return answer


def errors(walk: Walk) -> Iterator[str]:
    for route, role, answer in walk.answers:
        if answer.status >= 500:
            yield f"{role} {answer.method} /{route}: {answer.status} {answer.error}"


def surprises(walk: Walk) -> Iterator[str]:
    """Whoever comes further than the table says, or less far."""
    let_in: dict[tuple[str, str, str], set[bool]] = defaultdict(set)
    for route, role, answer in walk.answers:
        let_in[route, role, answer.method].add(not answer.is_refused)
    for (route, role, method), outcomes in let_in.items():
        look, act = TABLE.get(route, (NOBODY, NOBODY))
        expected = role in (act if method == "POST" else look)
        if (True in outcomes) != expected:
            yield f"{role} {method} /{route}: {'refused' if expected else 'let in'}"


def changes(walk: Walk) -> Iterator[str]:
    """What is refused changes nothing, and neither does looking."""
    for route, role, answer in walk.answers:
        harmless = answer.method != "POST" and not answer.written <= LOOKING_WRITES.get(route, NOBODY)
        if answer.written and (answer.is_refused or harmless):
            yield f"{role} {answer.method} /{route}: wrote {', '.join(sorted(answer.written))}"


def hollow(walk: Walk) -> Iterator[str]:
    """A POST that changes nothing even for those who may send it proves nothing for the others."""
    changed = {route for route, _, answer in walk.answers if answer.method == "POST" and answer.written}
    for route, (_, may) in PAGES.items():
        if may and (route in changed) == (route in POSTS_NOTHING):
            yield f"POST /{route}: {'changes something' if route in changed else 'changes nothing'}"


def leaks(walk: Walk) -> Iterator[str]:
    """Words that reached somebody they may not, and words that reached nobody: those would prove nothing."""
    read_by: dict[str, set[str]] = defaultdict(set)
    for route, role, answer in walk.answers:
        for word in answer.words:
            read_by[word].add(role)
            if role not in walk.company.may_read[word]:
                yield f"{role} {answer.method} /{route}: {word}"
    for word in walk.company.may_read:
        if not read_by[word]:
            yield f"nobody came across {word}"


def leaks_in_notices(walk: Walk) -> Iterator[str]:
    role_of = {person.pk: role for role, person in walk.company.people.items()}
    for notice in Notice.objects.all():
        words = " ".join([notice.subject, notice.text, notice.calendar.replace("\r\n ", "")])
        for word, may in walk.company.may_read.items():
            if word in words and role_of.get(notice.recipient_id) not in may:
                yield f"notice {notice.kind} to {role_of.get(notice.recipient_id)}: {word}"


def of_another_programme(walk: Walk) -> Iterator[str]:
    """An own run in the address opens nothing that belongs to somebody else's."""
    for route, address in walk.where.items():
        if route.startswith("admin/matching/matchrun/<int:run_id>/") and route.count("<") > 1:
            run = address.split("/")[4]
            theirs = "their group run" if walk.company.things["group run"].pk == int(run) else "their run"
            mixed = address.replace(f"/{run}/", f"/{walk.company.things[theirs].pk}/", 1)
            for method, body in [("GET", None), *(("POST", body) for body in walk.bodies[route] or [{}])]:
                answer = walk.walkers[OTHER_COORDINATOR].ask(method, mixed, body)
                if not answer.is_refused or answer.written:
                    yield f"{OTHER_COORDINATOR} {method} {mixed}: {answer.status}"


@pytest.mark.django_db
def test_every_address_gives_every_role_what_the_table_says_and_no_more(quiet):
    walk = Walk()
    checks = (errors, surprises, changes, hollow, leaks, leaks_in_notices, of_another_programme)
    found = [each for check in checks for each in dict.fromkeys(check(walk))]
    assert not found, "\n".join(found)


def test_every_line_of_the_tables_is_about_an_address_there_is():
    assert {*TABLE, *addresses.EXAMPLES, *LOOKING_WRITES} - {*ROUTES} == set()
    assert set(addresses.OF_MODELS) == set(addresses.models_in_admin())
