"""What reaches the logs, captured where it is written: no token, no address, nothing people wrote."""

import io
import logging
import re
import sys
from uuid import uuid4

import pytest
from celery import shared_task
from django.contrib.auth.decorators import login_not_required
from django.test import Client, override_settings
from django.urls import get_resolver, path
from gunicorn.config import Config
from gunicorn.glogging import Logger

from mentoring import logs, urls
from mentoring.celery import app
from participants.models import Topic
from tests import factories

SECRET = "s3cretTOKENs3cretTOKENs3cretTOKEN"
SIGNED = f"WzEsMiwzXQ:{SECRET}:1tAbCd"
WORDS = "Maja told me that she wants to leave"


@login_not_required
def fails(request, token):
    raise ValueError(WORDS)


@login_not_required
def fails_in_the_database(request, token):
    topic = Topic.objects.create(name=WORDS)
    Topic(pk=topic.pk, name=WORDS).save(force_insert=True)


urlpatterns = [
    *urls.urlpatterns,
    path("fails/<str:token>/", fails),
    path("row/<str:token>/", fails_in_the_database),
]


@pytest.fixture
def log(settings):
    """Everything that any logger writes, as the handler of the settings writes it."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logging.Formatter(settings.LOGGING["formatters"]["line"]["format"], style="{"))
    logging.getLogger().addHandler(handler)
    yield out
    logging.getLogger().removeHandler(handler)


def addresses_with_a_token():
    """Every address of the product that takes text which somebody could have been given in private."""

    def walk(patterns, before):
        for pattern in patterns:
            route = before + str(pattern.pattern)
            if hasattr(pattern, "url_patterns"):
                if not route.startswith("admin/"):
                    yield from walk(pattern.url_patterns, route)
            elif "<str:" in route or "<key>" in route or "(?P<" in route:
                yield route

    return sorted(set(walk(get_resolver().url_patterns, "")))


def filled(route, token):
    route = re.sub(r"\(\?P<uidb36>.*?\)", "1a", route)
    route = re.sub(r"\(\?P<key>.*?\)", token, route).replace("^", "").replace("$", "")
    return "/" + re.sub(r"<str:\w+>", token, route)


def test_the_addresses_with_a_token_are_known():
    found = " ".join(addresses_with_a_token())
    for word in ("calendar/", "did-you-meet/", "join/", "unsubscribe/", "password/reset/key/"):
        assert word in found


@pytest.mark.django_db
@pytest.mark.parametrize("token", [SECRET, SIGNED, f"a1fd81ae-a965-44cd-bc57-4d38d21f359a.{SECRET}"])
@pytest.mark.parametrize("route", addresses_with_a_token())
def test_no_answer_leaves_a_token_in_the_log(route, token, log):
    address = filled(route, token)
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    headers = {"referer": f"https://evil.example.org{address}"}
    client.get(address)
    client.post(address, {"answer": SECRET}, headers=headers)
    client.post(address, {"answer": SECRET}, secure=True, headers=headers)
    client.put(address)
    client.get(f"{address}and/more/")
    client.get(f"/{token}")
    written = log.getvalue()
    assert "Not Found" in written
    assert SECRET not in written
    assert token not in written


@pytest.mark.django_db
def test_a_form_of_somewhere_else_is_told_without_where_it_came_from(log):
    client = Client(enforce_csrf_checks=True)
    headers = {"referer": f"https://evil.example.org/join/{SECRET}/"}
    client.force_login(factories.person())
    assert client.post("/profile/", {"name": WORDS}, headers=headers, secure=True).status_code == 403
    written = log.getvalue()
    assert "Forbidden" in written
    assert "https://evil.example.org/…" in written
    assert (SECRET in written, WORDS in written) == (False, False)


@pytest.mark.django_db
@override_settings(ROOT_URLCONF=__name__)
def test_an_error_is_told_with_its_place_and_without_what_people_wrote(log):
    client = Client(raise_request_exception=False)
    assert client.get(f"/fails/{SECRET}/").status_code == 500
    written = log.getvalue()
    assert "Internal Server Error: /fails/<str:token>/" in written
    assert "in fails\n    raise ValueError(WORDS)\nValueError\n" in written
    assert (SECRET in written, WORDS in written) == (False, False)


@pytest.mark.django_db
@override_settings(ROOT_URLCONF=__name__)
def test_an_error_of_the_database_is_told_without_its_row(log):
    client = Client(raise_request_exception=False)
    assert client.get(f"/row/{SECRET}/").status_code == 500
    written = log.getvalue()
    assert "django.db.utils.IntegrityError: 23505 duplicate key value violates unique constraint" in written
    assert ("DETAIL" in written, WORDS in written, SECRET in written) == (False, False, False)


@shared_task(name="tests.fails")
def task_that_fails(name):
    raise ValueError(WORDS)


@shared_task(name="tests.works")
def task_that_works(name):
    return WORDS


def test_a_task_is_told_without_its_arguments_its_result_and_its_words(log):
    from celery.app.trace import build_tracer

    app.finalize()
    for task in (task_that_fails, task_that_works):
        request = {"argsrepr": f"('{WORDS}',)", "kwargsrepr": "{}", "is_eager": False}
        build_tracer(task.name, app.tasks[task.name], app=app)(str(uuid4()), (WORDS,), {}, request)
    written = log.getvalue()
    assert "Task tests.fails[" in written
    assert "raise ValueError(WORDS)" in written
    assert "Task tests.works[" in written
    assert WORDS not in written


def test_tasks_are_given_numbers_only():
    """The queue, its tools and their logs show arguments: none may say anything about a person."""
    import inspect

    app.loader.import_default_modules()
    ours = [task for name, task in app.tasks.items() if not name.startswith(("celery.", "tests."))]
    assert len(ours) > 15
    for task in ours:
        for parameter in inspect.signature(task.run).parameters.values():
            assert parameter.annotation in (int, list[int]), f"{task.name}({parameter})"


def test_the_web_server_tells_no_address_nor_query(log, capsys):
    server = Logger(Config())
    try:
        raise ValueError(WORDS)
    except ValueError as error:
        server.exception("Error handling request %s %s", "GET", f"/meetings/calendar/{SIGNED}.ics?name=Maja")
        server.error("Error handling request %s", error)
    server.warning("Invalid request from ip=%s: %s", "10.0.0.1", f"Invalid line: 'GET /join/{SIGNED}/ HTTP'")
    for handler in server.error_log.handlers:
        handler.flush()
    written = log.getvalue() + capsys.readouterr().err
    assert "Error handling request GET /meetings/…" in written
    assert "Invalid request from ip=10.0.0.1: Invalid line: 'GET /join/… HTTP'" in written
    for word in (SECRET, WORDS, "Maja", ".ics"):
        assert word not in written


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("550 unknown: maja.meier@example.org", "550 unknown: …"),
        ("celery@worker-1.example.org ready.", "celery@worker-1.example.org ready."),
        ("Connected to redis://:passw0rd@redis:6379/0", "Connected to redis://redis:6379/…"),
        ("Task notices.tasks.sweep[{}] received", "Task notices.tasks.sweep[{}] received"),
        (f"code {SECRET}!", "code …!"),
        ("The log is /app/var/log/keeper.log", "The log is /app/var/log/keeper.log"),
    ],
)
def test_what_stands_in_any_text(said, written, log):
    number = str(uuid4())
    logging.getLogger("somebody").error(said.replace("{}", number))
    assert log.getvalue().rstrip("\n").partition("somebody: ")[2] == written.replace("{}", number)


def test_an_error_that_ends_a_program_is_told_without_its_words(capsys):
    try:
        raise KeyError(WORDS)
    except KeyError as error:
        sys.excepthook(KeyError, error, error.__traceback__)
    written = capsys.readouterr().err
    assert ("KeyError" in written, WORDS in written) == (True, False)


@pytest.mark.django_db
def test_a_chain_of_errors_quotes_none(log):
    try:
        try:
            int(WORDS)
        except ValueError as error:
            raise RuntimeError(WORDS) from error
    except RuntimeError:
        logging.getLogger("somebody").exception("%s went wrong", "It")
    written = log.getvalue()
    assert ("ValueError" in written, "RuntimeError" in written, WORDS in written) == (True, True, False)


def test_every_record_is_made_here():
    assert logging.getLogRecordFactory() is logs.Record
