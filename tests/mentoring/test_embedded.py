"""The servers under the product, with real processes: who starts them, who stops them, what a kill leaves."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg2
import pytest
import redis
from django.conf import settings

from mentoring import embedded

UNSET = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "CONCERN_KEYS")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "with space Ä"
    yield folder
    if embedded.uses(folder):
        embedded.release(folder)


def answers(folder: Path) -> bool:
    urls = embedded.urls(folder)
    sockets = embedded.socket_folder(folder)
    connection = psycopg2.connect(host=str(sockets), user="postgres", dbname="mentoring")
    connection.close()
    with redis.Redis.from_url(urls["REDIS_URL"]) as broker:
        return broker.ping()


def servers(folder: Path) -> list[psutil.Process]:
    """Keeper, PostgreSQL and Redis of that folder, without PostgreSQL's children."""
    places = (str(folder), str(embedded.socket_folder(folder)))  # Redis shows no more than its socket
    named = [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(place in " ".join(process.info["cmdline"] or []) for place in places)
    ]
    return [process for process in named if process.status() != psutil.STATUS_ZOMBIE]


def wait_until_gone(folder: Path) -> None:
    limit = time.monotonic() + 20
    while embedded.running(folder) or servers(folder):
        assert time.monotonic() < limit, servers(folder)
        time.sleep(0.05)


@contextmanager
def user_of(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that uses the servers, from when this is entered until it is given a line."""
    code = f"from mentoring import embedded; from pathlib import Path; embedded.start(Path({str(folder)!r}))"
    command = [sys.executable, "-c", f"{code}; print('up', flush=True); input()"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=settings.BASE_DIR, stdin=pipe, stdout=pipe) as process:
        assert process.stdout.readline() == b"up\n"
        yield process
        process.kill()


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Our own program, in an environment without the servers of this test run."""
    kept = {key: value for key, value in os.environ.items() if key not in UNSET}
    return subprocess.run(
        command,
        cwd=settings.BASE_DIR,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_start_answers_and_release_leaves_no_process(folder):
    embedded.start(folder, scratch=True)
    assert answers(folder)
    assert len(servers(folder)) == 3
    embedded.release(folder)
    assert servers(folder) == []
    assert not folder.exists()


def test_postgresql_logs_no_statement_no_parameter_and_no_row(folder):
    embedded.start(folder, scratch=True)
    sockets, words = str(embedded.socket_folder(folder)), "Maja wants to leave"
    connection = psycopg2.connect(host=sockets, user="postgres", dbname="mentoring")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE concern (body text UNIQUE CHECK (length(body) < 50))")
        cursor.execute("INSERT INTO concern VALUES (%s)", [words])
        for statement in (
            "INSERT INTO concern VALUES (%s)",
            "INSERT INTO concern VALUES (repeat(%s, 9))",
            "SELECT %s::int",
            "DO 'BEGIN RAISE WARNING ''Maja''; RAISE EXCEPTION ''Maja''; END'",
        ):
            with suppress(psycopg2.Error):
                cursor.execute(statement, [words] if "%s" in statement else None)
        cursor.execute("PREPARE told AS SELECT $1::text, pg_sleep(0.1)")
        cursor.execute("EXECUTE told (%s)", [words])
    connection.close()
    log = (folder / "log" / "postgresql.log").read_text()
    assert "ready to accept connections" in log
    assert ("Maja" in log, "concern" in log) == (False, False)


def test_second_user_keeps_the_servers_when_the_first_leaves(folder):
    embedded.start(folder, scratch=True)
    with user_of(folder) as other:
        embedded.release(folder)
        assert answers(folder)
        other.communicate(b"\n")
        wait_until_gone(folder)


def test_data_is_kept_after_a_restart(folder):
    for expected in ([], [(1,)]):
        embedded.start(folder)
        sockets = str(embedded.socket_folder(folder))
        connection = psycopg2.connect(host=sockets, user="postgres", dbname="mentoring")
        with connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
            cursor.execute("SELECT n FROM kept")
            assert cursor.fetchall() == expected
            cursor.execute("INSERT INTO kept VALUES (1)")
        connection.close()
        embedded.release(folder)


def test_killed_user_takes_the_servers_along(folder):
    with user_of(folder) as other:
        assert answers(folder)
        other.kill()
        other.wait()
        wait_until_gone(folder)


def test_start_after_everything_was_killed_works(folder):
    embedded.start(folder)
    for process in servers(folder):
        process.send_signal(signal.SIGKILL)
    embedded.release(folder)
    assert (folder / "postgres" / "postmaster.pid").exists()
    embedded.start(folder)
    assert answers(folder)


def test_start_with_a_stale_lock_naming_a_living_process_works(folder):
    embedded.start(folder)
    embedded.release(folder)
    lines = [str(os.getppid()), str(folder / "postgres"), "1", "5432", "/x", "", "1 1", "ready"]
    (folder / "postgres" / "postmaster.pid").write_text("\n".join(lines) + "\n")
    embedded.start(folder)
    assert answers(folder)


def test_path_too_long_for_a_socket_works(tmp_path):
    folder = tmp_path / ("long" * 30)
    embedded.start(folder, scratch=True)
    assert answers(folder)
    sockets = embedded.socket_folder(folder)
    embedded.release(folder)
    assert not sockets.exists()


def test_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(
        embedded.CannotStart, match=r"^The data cannot be written to .*/file/var \(Not a directory\); .*\.$"
    ):
        embedded.start(tmp_path / "file" / "var")


def test_keys_are_made_once_and_only_for_their_owner(tmp_path):
    keys = embedded.local_keys(tmp_path)
    assert keys == embedded.local_keys(tmp_path)
    assert (tmp_path / "keys").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL"])
def test_one_url_without_the_other_is_one_sentence(name):
    done = run(sys.executable, "manage.py", "migrate", **{name: "x://y"})
    assert (done.returncode, done.stderr) == (
        1,
        f"Of DATABASE_URL and REDIS_URL only {name} is set; set both, or neither.\n",
    )


def test_production_without_a_secret_key_is_one_sentence():
    done = run(sys.executable, "manage.py", "outbox", DATABASE_URL="postgresql://x/y", REDIS_URL="redis://x")
    assert (done.returncode, done.stderr) == (
        1,
        "SECRET_KEY and CONCERN_KEYS must be set; .env.example says how to make them.\n",
    )


def test_forget_while_in_use_refuses(folder):
    embedded.start(folder, scratch=True)
    with pytest.raises(SystemExit, match=r"^The product is running from this folder; stop it first\.$"):
        embedded.forget(folder)
    assert answers(folder)


def test_forget_when_unused_deletes_the_data(folder, capsys):
    embedded.start(folder)
    embedded.release(folder)
    embedded.forget(folder)
    assert not folder.exists()


@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="The tests run in one process.")
def test_each_process_of_a_test_run_has_servers_of_its_own_and_not_those_of_the_demo():
    assert embedded.urls(embedded.VAR)["REDIS_URL"] != settings.REDIS_URL
