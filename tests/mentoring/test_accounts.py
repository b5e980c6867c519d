"""Signing in, the frame around every page, and what a browser may load there."""

from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import localize

from mentoring.attention import attention
from mentoring.context import Shell
from notices.models import Notice
from participants.models import Person, Unit
from programmes.models import ProgrammeRole
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_limits():
    """Every test starts with its own rate limits and language."""
    cache.clear()
    yield
    translation.activate("en")


def person(name="Aylin Kaya", **fields):
    fields.setdefault("email", name.split()[-1].lower() + "@example.com")
    return Person.objects.create_user(name=name, **fields)


def signed_in(somebody):
    client = Client()
    client.force_login(somebody)
    return client


def notice(recipient, key, **fields):
    return Notice.objects.create(
        recipient=recipient, kind="k", key=key, language="en", subject="s", text="t", **fields
    )


@pytest.mark.parametrize(
    "name",
    [
        "account_login",
        "account_request_login_code",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key_done",
        "account_inactive",
        "account_signup",
        "styleguide",
    ],
)
def test_entrance_pages_are_open_to_strangers_and_ask_the_database_nothing(
    name, settings, django_assert_num_queries
):
    settings.DEBUG = True
    with django_assert_num_queries(2):  # the request's savepoint, and its release
        assert Client().get(reverse(name)).status_code == 200


@pytest.mark.parametrize(
    "name", ["account_change_password", "account_logout", "sign_in_again", "signed_in_places"]
)
def test_pages_of_ones_own_account_answer_when_signed_in(name):
    aylin = person(password="tandem-lantern-42")
    assert signed_in(aylin).get(reverse(name)).status_code == 200


def test_style_guide_is_for_hr_alone_when_not_building():
    assert Client().get("/styleguide/").status_code == 404
    assert signed_in(person()).get("/styleguide/").status_code == 404
    assert signed_in(person("Hanna Roth", is_hr_admin=True)).get("/styleguide/").status_code == 200


# --- Language and time zone


def test_language_switch_is_kept_with_the_person():
    aylin = person(language="en")
    client = signed_in(aylin)
    response = client.post(reverse("set_language"), {"language": "de", "next": "/account/email/"})
    assert (response.status_code, response.url) == (302, "/account/email/")
    assert Person.objects.get().language == "de"
    other_browser = signed_in(Person.objects.get())
    page = other_browser.get("/account/email/", HTTP_ACCEPT_LANGUAGE="en")
    assert '<html lang="de">' in page.content.decode()


def test_language_switch_refuses_what_is_not_spoken_here():
    client = signed_in(person(language="de"))
    client.post(reverse("set_language"), {"language": "xx", "next": "/"})
    assert Person.objects.get().language == "de"


def test_language_switch_of_a_stranger_lasts_in_their_browser():
    client = Client()
    client.post(reverse("set_language"), {"language": "de", "next": "/account/login/"})
    assert '<html lang="de">' in client.get("/account/login/").content.decode()


def test_person_middleware_speaks_in_the_persons_time_zone_and_forgets_it_afterwards():
    from mentoring.middleware import PersonMiddleware

    request = RequestFactory().get("/")
    request.user = person(time_zone="Asia/Tokyo", language="de")
    seen = {}

    def view(request):
        seen["zone"] = timezone.get_current_timezone_name()
        seen["language"] = translation.get_language()

    PersonMiddleware(view)(request)
    assert seen == {"zone": "Asia/Tokyo", "language": "de"}
    assert timezone.get_current_timezone_name() == "UTC"


@pytest.mark.parametrize(
    ("language", "written"), [("en", "16 November 2026, 14:05"), ("de", "16. November 2026 14:05")]
)
def test_dates_are_written_as_here_and_not_as_in_america(language, written):
    with translation.override(language):
        assert localize(datetime(2026, 11, 16, 14, 5)) == written


# --- The frame


def shell_of(somebody, path="/"):
    request = RequestFactory().get(path)
    request.user = somebody
    return Shell(request)


def programme_role(somebody, role):
    ProgrammeRole.objects.create(programme=factories.programme(), person=somebody, role=role)


def people_of_every_kind():
    people = {
        kind: person(kind, email=f"{kind}@example.com")
        for kind in ["nobody", "coordinator", "confidant", "sponsor", "head"]
    }
    for kind in ["coordinator", "confidant", "sponsor"]:
        programme_role(people[kind], kind)
        programme_role(people[kind], kind)
    Unit.objects.create(name="Sales", head=people["head"])
    people["hr"] = person("hr", is_hr_admin=True)
    return people


def test_navigation_offers_what_the_permission_table_opens():
    places = [
        ("insights", "insights.read"),
        ("concerns", "concerns.care"),
        ("admin", "mentoring.enter_admin"),
    ]
    for somebody in people_of_every_kind().values():
        shell = shell_of(somebody)
        icons = {
            "insights": shell._may_enter("insights:overview"),
            "concerns": shell._may_enter("concerns:inbox"),
            "admin": shell._may_enter("admin:index"),
        }
        assert icons == {icon: somebody.has_perm(act) for icon, act in places}, somebody.name


@pytest.mark.parametrize("rows", [1, 3])
def test_the_frame_costs_one_query(rows, django_assert_num_queries):
    aylin = person()
    for number in range(rows):
        notice(aylin, f"k{number}")
        programme_role(aylin, "confidant")
    shell = shell_of(aylin)
    with django_assert_num_queries(1):
        assert shell.unread == rows
        assert shell.navigation


def test_unread_counts_ones_own_and_only_what_is_unread():
    aylin, stranger = person(), person("Olaf Berg")
    notice(aylin, "a")
    notice(aylin, "b", read_at=datetime(2026, 11, 16, tzinfo=UTC))
    notice(stranger, "c")
    assert shell_of(aylin).unread == 1
    assert shell_of(person("Nadia Okafor")).unread == 0


def test_navigation_marks_where_one_is():
    marks = {
        item["url"]: item["current"] for item in shell_of(person(is_hr_admin=True), "/admin/x/").navigation
    }
    assert marks["/"] == ""
    assert marks["/admin/"] == "true"


# --- The admin's door, and what a browser may load


def test_admin_sends_strangers_to_the_one_sign_in():
    response = Client().get("/admin/", follow=True)
    assert response.redirect_chain[-1][0] == "/account/login/?next=/admin/"


def test_admin_refuses_who_is_signed_in_but_not_staff():
    response = signed_in(person()).get("/admin/", follow=True)
    assert response.status_code == 403


def test_admin_start_page_opens_with_what_needs_attention():
    hanna = person(is_hr_admin=True)
    response = signed_in(hanna).get("/admin/")
    assert response.status_code == 200
    assert response.context["attention"] == attention(hanna)


def test_admin_signs_out_and_changes_passwords_where_everybody_does():
    client = signed_in(person(is_hr_admin=True))
    assert client.get(reverse("admin:password_change")).url == reverse("account_change_password")
    assert client.post(reverse("admin:logout")).url == reverse("account_login")
    assert "_auth_user_id" not in client.session


def policy(response):
    directives = [part.split() for part in response.headers["Content-Security-Policy"].split(";")]
    return {words[0]: words[1:] for words in directives}


def test_policy_of_pages_allows_only_this_server():
    directives = policy(Client().get("/account/login/"))
    assert directives["default-src"] == ["'none'"]
    assert directives["script-src"] == ["'self'"]
    assert directives["style-src"] == ["'self'"]


def test_policy_of_the_admin_site_is_wider_by_two_words():
    pages, admin = (
        policy(Client().get("/account/login/")),
        policy(signed_in(person(is_hr_admin=True)).get("/admin/")),
    )
    assert admin == {
        **pages,
        "script-src": ["'self'", "'unsafe-eval'"],
        "style-src": ["'self'", "'unsafe-inline'"],
    }


@pytest.mark.parametrize(("path", "status"), [("/nowhere/", 404)])
def test_error_pages_are_in_the_frame(path, status):
    response = signed_in(person()).get(path)
    assert response.status_code == status
    assert "This page is not here" in response.content.decode()


def test_a_form_without_its_token_is_explained():
    client = Client(enforce_csrf_checks=True)
    response = client.post(reverse("account_login"), {"login": "x"})
    assert response.status_code == 403
    assert "Please send that again" in response.content.decode()


@pytest.mark.parametrize("name", ["500.html", "400.html"])
def test_broken_pages_need_no_database_and_no_request(name, django_assert_num_queries):
    from django.template.loader import get_template

    with django_assert_num_queries(0):
        assert "Go home" in get_template(name).render()
