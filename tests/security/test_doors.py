"""What stands open without a session or a token, where a sign-in may lead, and fields that no page offers."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.urls.resolvers import URLResolver

from notices.models import Notice
from participants.models import Person
from programmes.models import ProgrammeRole
from tests import factories
from tests.security.page_forms import forms_on

pytestmark = pytest.mark.django_db

ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "https:evil.example",
    "http://testserver@evil.example/",
    "javascript:alert(1)",
    "/\t/evil.example/",
    "\x00//evil.example/",
]


def views(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route, pattern.callback
        else:
            yield from views(pattern, route)


def test_forms_without_a_token_are_taken_where_the_address_is_the_secret_and_nowhere_else():
    assert {route for route, view in views() if getattr(view, "csrf_exempt", False)} == {
        "meetings/did-you-meet/<str:token>/",
        "notices/unsubscribe/<str:token>/",
    }


def test_pages_without_a_sign_in_are_these():
    """The admin site asks by itself, before it draws anything."""
    is_open = {route for route, view in views() if not getattr(view, "login_required", True)}
    assert {route for route in is_open if not route.startswith("admin/")} == {
        "meetings/calendar/<str:token>.ics",
        "meetings/did-you-meet/<str:token>/",
        "notices/unsubscribe/<str:token>/",
        "account/login/",
        "account/logout/",
        "account/login/code/",
        "account/login/code/confirm/",
        "account/inactive/",
        "account/signup/",
        "account/confirm-email/",
        "account/^confirm-email/(?P<key>[-:\\w]+)/$",
        "account/password/reset/",
        "account/password/reset/done/",
        "account/password/reset/key/done/",
        "account/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        "language/",
        "styleguide/",  # is there for HR and in development, and asks by itself
        "healthz",
        "readyz",
    }


def leads_elsewhere(location: str) -> bool:
    return "evil" in location.partition("?")[0] or location.lower().startswith("javascript")


@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_parameter_leads_to_another_site(client, target):
    person = factories.person()
    person.set_password("correct horse battery")
    person.save()
    sign_in = {"login": person.email, "password": "correct horse battery", "next": target}
    asked = [
        client.get(reverse("admin:login"), {"next": target}),
        client.post(reverse("set_language"), {"language": "de", "next": target}, headers={"referer": target}),
        client.post(reverse("account_login"), sign_in),
        client.get(reverse("account_login"), {"next": target}),
        client.get(reverse("home"), {"next": target}),
        client.post(reverse("account_logout"), {"next": target}),
    ]
    assert [answer["Location"] for answer in asked if leads_elsewhere(answer.get("Location", ""))] == []


@pytest.mark.parametrize("target", ELSEWHERE)
def test_notice_leads_to_no_other_site_whatever_is_stored(client, target):
    person = factories.person()
    notice = Notice.objects.create(
        recipient=person, kind="look-back", key="x", language="en", subject="s", text="t",
        url=target.replace("\0", " "),
    )  # fmt: skip
    client.force_login(person)
    assert client.get(reverse("notices:open", args=[notice.uuid])).url == reverse("notices:inbox")


def test_signing_in_gives_another_session_than_was_brought_along(client):
    person = factories.person()
    person.set_password("correct horse battery")
    person.save()
    client.get(reverse("account_login"))
    client.session.save()
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    client.cookies["sessionid"] = planted
    client.post(reverse("account_login"), {"login": person.email, "password": "correct horse battery"})
    assert client.session["_auth_user_id"] == str(person.pk)
    assert client.session.session_key != planted
    other = Client()
    other.cookies["sessionid"] = planted
    assert other.get(reverse("home")).url.startswith(reverse("account_login"))


def body_of(client, url) -> dict[str, Any]:
    [form] = [form for form in forms_on(client.get(url).content.decode()) if form.action in ("", url)][:1]
    return form.data


def test_profile_takes_no_field_that_it_does_not_offer(client):
    person = factories.person()
    client.force_login(person)
    url = reverse("participants:profile")
    names = {field.attname for field in Person._meta.concrete_fields} | {
        field.name for field in Person._meta.get_fields()
    }
    offered = body_of(client, url)
    lists = {name: ["0"] for name in offered if name.endswith(("TOTAL_FORMS", "INITIAL_FORMS"))}
    more = {name: ["1"] for name in names - {*offered} if not name.endswith("_ptr")}
    before = Person.objects.filter(pk=person.pk).values(
        *more.keys() & {f.attname for f in Person._meta.concrete_fields}
    )
    stored = list(before)
    response = client.post(url, {**more, **offered, **lists, "delegates": [""]})
    assert response.status_code == 302
    assert list(before.all()) == stored


def test_coordinator_gives_nobody_a_role_through_fields_the_page_does_not_offer(client):
    coordinator, friend = factories.person(), factories.person()
    programme, other = factories.programme(), factories.programme()
    factories.programme_role(programme, coordinator, "coordinator")
    client.force_login(coordinator)
    url = reverse("admin:programmes_programme_change", args=[programme.pk])
    for role in ProgrammeRole.Kind.values:
        for of in (programme, other):
            added = {
                "roles-TOTAL_FORMS": ["1"],
                "roles-INITIAL_FORMS": ["0"],
                "roles-0-person": [friend.pk],
                "roles-0-role": [role],
                "roles-0-programme": [of.pk],
            }
            client.post(url, {**body_of(client, url), **added})
    own = ProgrammeRole.objects.get()
    assert (own.person, own.role, own.programme) == (coordinator, "coordinator", programme)


def test_coordinator_reaches_no_page_on_which_people_are_made_hr(client):
    coordinator = factories.person()
    factories.programme_role(factories.programme(), coordinator, "coordinator")
    client.force_login(coordinator)
    body = {"is_hr_admin": "on", "name": "x", "email": coordinator.email}
    for address in (
        reverse("admin:participants_person_change", args=[coordinator.pk]),
        reverse("admin:participants_person_add"),
    ):
        assert client.post(address, body).status_code == 403
    assert Person in admin.site._registry
    assert not Person.objects.filter(is_hr_admin=True).exists()
