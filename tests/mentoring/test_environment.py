"""Values of the environment that cannot be right: one sentence each, from every program, before it starts."""

import os
import subprocess
import sys

import pytest
from cryptography.fernet import Fernet
from django.conf import settings

from mentoring.celery import app
from mentoring.environment import CHECKS, problems

RIGHT = {
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghij",
    "CONCERN_KEYS": f"{Fernet.generate_key().decode()},{Fernet.generate_key().decode()}",
    "DATABASE_URL": "postgresql://mentoring:p%23ss@localhost:1/mentoring",
    "REDIS_URL": "redis://:password@localhost:1/0",
    "EMAIL_URL": "smtp://mentoring:password@mail.example.com:587/?tls=True",
    "SITE_URL": "https://mentoring.example.com",
    "ALLOWED_HOSTS": "mentoring.example.com,localhost",
    "CSRF_TRUSTED_ORIGINS": "https://mentoring.example.com",
    "TRUSTED_PROXIES": "1",
    "SESSION_IDLE_HOURS": "8.5",
    "SWEEP_SECONDS": "120",
    "MAIL_RETRY_SECONDS": "0.5",
    "EMAIL_TIMEOUT": "20",
    "MAIL_HOURS": "7,20",
    "MAIL_DAYS": "1,2,3,4,5",
}
WRONG = [
    ("SECRET_KEY", "k3y-of-few", "is too short or too simple"),
    ("SECRET_KEY", "a" * 60, "is too short or too simple"),
    ("CONCERN_KEYS", "none", "key 1 is not 32 bytes"),
    ("CONCERN_KEYS", "A" * 43 + "=,", "key 2 is not 32 bytes"),
    ("CONCERN_KEYS", "ä" * 44, "key 1 is not 32 bytes"),
    ("DATABASE_URL", "mysql://x@db/mentoring", "must look like postgresql://"),
    ("DATABASE_URL", "postgresql://db", "must look like postgresql://"),
    ("DATABASE_URL", "postgresql://u:p#ss@db/mentoring", "must look like postgresql://"),
    ("DATABASE_URL", "postgresql://db:port/mentoring", "must look like postgresql://"),
    ("REDIS_URL", "localhost:6379", "must look like redis://"),
    ("REDIS_URL", "redis://", "must look like redis://"),
    ("EMAIL_URL", "mail.example.com", "must look like smtp://"),
    ("EMAIL_URL", "smtp:///", "must look like smtp://"),
    ("SITE_URL", "mentoring.example.com", "must look like https://"),
    ("SITE_URL", "https://", "must look like https://"),
    ("SITE_URL", "ftp://mentoring.example.com", "must look like https://"),
    ("SITE_URL", "https://mentoring.example.com/app", "must end after the host"),
    ("ALLOWED_HOSTS", "https://mentoring.example.com", "must be names of hosts"),
    ("ALLOWED_HOSTS", "mentoring.example.com:8000", "must be names of hosts"),
    ("ALLOWED_HOSTS", "other.example.com", "does not name mentoring.example.com"),
    ("CSRF_TRUSTED_ORIGINS", "mentoring.example.com", "must be addresses like https://"),
    ("TRUSTED_PROXIES", "one", "must be a number"),
    ("SESSION_IDLE_HOURS", "0", "must be from 0.1 to 8784 hours"),
    ("SESSION_IDLE_HOURS", "nan", "must not be below 0"),
    ("SWEEP_SECONDS", "-1", "must not be below 0"),
    ("MAIL_HOURS", "7-20", "must be numbers and commas"),
]
PROGRAMS = {
    "manage.py": ["manage.py", "migrate"],
    "web": ["-m", "gunicorn", "mentoring.wsgi", "--preload", "--bind", "127.0.0.1:0", "--no-control-socket"],
    "worker": ["-m", "celery", "--app", "mentoring", "worker"],
    "beat": ["-m", "celery", "--app", "mentoring", "beat"],
}


def test_right_values_have_no_problem():
    assert problems(RIGHT) == []
    assert problems({}) == []
    assert set(RIGHT) == set(CHECKS)


@pytest.mark.parametrize(("name", "value", "sentence"), WRONG)
def test_a_wrong_value_is_one_sentence(name, value, sentence):
    found = problems({**RIGHT, name: value})
    assert len(found) == 1
    assert found[0].startswith(f"{name} ")
    assert sentence in found[0]
    assert found[0].count("\n") == 0
    if "KEY" in name:
        assert value not in found[0]


@pytest.mark.parametrize(
    ("site", "hosts"),
    [
        ("http://localhost:8000", "localhost,127.0.0.1,[::1]"),
        ("http://[::1]:8000", "localhost,127.0.0.1,[::1]"),
        ("https://a.example.com/", ".example.com"),
        ("https://example.com", "*"),
    ],
)
def test_hosts_that_name_the_site_are_right(site, hosts):
    assert problems({"SITE_URL": site, "ALLOWED_HOSTS": hosts}) == []


@pytest.mark.parametrize("url", ["unix:///run/redis.sock", "rediss://redis/0", "redis://localhost"])
def test_each_way_to_a_broker_is_right(url):
    assert problems({"REDIS_URL": url}) == []


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_program_says_it_and_ends(program):
    wrong = {"SECRET_KEY": "k3y-of-few", "CONCERN_KEYS": "none", "SITE_URL": "mentoring"}
    done = subprocess.run(
        [sys.executable, *PROGRAMS[program]],
        cwd=settings.BASE_DIR,
        env={**os.environ, **RIGHT, **wrong},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    said = [line for line in done.stderr.splitlines() if line.startswith(tuple(wrong))]
    assert [line.partition(" ")[0] for line in said] == list(wrong)


def without_keys(*command, **environment):
    kept = {name: value for name, value in os.environ.items() if name not in ("SECRET_KEY", "CONCERN_KEYS")}
    return subprocess.Popen(
        [sys.executable, *command],
        cwd=settings.BASE_DIR,
        env={**kept, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_migrations_need_no_key():
    with without_keys("manage.py", "migrate", "--plan") as program:
        assert "participants" in program.communicate(timeout=120)[0]
    assert program.returncode == 0


def test_beat_needs_neither_key_nor_database(tmp_path):
    beat = ["-m", "celery", "--app", "mentoring", "beat", "--loglevel", "INFO"]
    environment = {
        "DATABASE_URL": "postgresql:///unused",
        "SWEEP_SECONDS": "0.1",
        "BEAT_SCHEDULE_FILE": str(tmp_path / "schedule"),
    }
    with without_keys(*beat, **environment) as program:
        said = ""
        for line in program.stdout:
            said += line
            if "Sending due task" in line:
                break
        program.terminate()
    assert "Sending due task" in said
    app.control.purge()


def test_check_deploy_finds_nothing():
    environment = {**os.environ, **RIGHT}
    environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # what the browser tests need to wait
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stderr.strip()) == (0, "")
    assert done.stdout.strip() == "System check identified no issues (0 silenced)."
