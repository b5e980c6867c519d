import pytest
from django.db import connection
from django.test import Client

READY = {"database": True, "broker": True, "migrations": True}


@pytest.fixture
def stranger() -> Client:
    return Client()


def test_healthz_answers_a_stranger_without_any_query(stranger, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        answer = stranger.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")


def test_readyz_with_everything_there_says_so(stranger, db):
    answer = stranger.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, READY)
    assert answer.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"


def test_readyz_without_broker_names_it(stranger, db, settings):
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    answer = stranger.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {**READY, "broker": False})


def test_readyz_with_a_migration_missing_names_it(stranger, db):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'notices'")
    answer = stranger.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {**READY, "migrations": False})


def test_readyz_without_database_names_it(stranger, transactional_db, monkeypatch):
    connection.close()
    with monkeypatch.context() as patch:
        patch.setitem(connection.settings_dict, "HOST", "/nowhere")
        answer = stranger.get("/readyz")
        connection.close()
    assert (answer.status_code, answer.json()) == (
        503,
        {"database": False, "broker": True, "migrations": False},
    )


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_refuses_to_be_posted_to(stranger, path, db):
    assert stranger.post(path).status_code == 405
