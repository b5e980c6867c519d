"""What docker-compose.yml promises about rights and secrets, read from the file as Compose reads it."""

import os
import re
import subprocess

import pytest
import yaml
from django.conf import settings

from mentoring.keeper import SILENT

ROOT = settings.BASE_DIR
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = ("web", "worker", "beat", "migrate")
SECRETS = {
    "SECRET_KEY": {"web", "worker"},
    "SECRET_KEY_FALLBACKS": {"web", "worker"},
    "CONCERN_KEYS": {"web", "worker"},
    "EMAIL_URL": {"worker"},
    "POSTGRES_PASSWORD": {"web", "worker", "migrate", "db"},
    "REDIS_PASSWORD": {"web", "worker", "beat", "redis"},
}
# Read by Compose itself and no business of the programs, or set by the image.
OF_COMPOSE = {"WEB_PORTS", "WORKER_PROCESSES", "PYTHON_IMAGE", "POSTGRES_IMAGE", "REDIS_IMAGE"}
OF_IMAGE = {"MEDIA_ROOT", "BEAT_SCHEDULE_FILE", "DEBUG", "DATABASE_URL", "REDIS_URL"}


def words(name):
    """Everything a service is given: names and values."""
    return yaml.safe_dump({**SERVICES[name], "build": None})


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_writes_nowhere_but_its_volumes_and_gets_no_rights(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["cap_drop"] == ["ALL"]
    added = {"db": ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"]}
    assert service.get("cap_add", []) == added.get(name, [])
    assert "/tmp" in service["tmpfs"]
    assert "privileged" not in service
    assert not any("docker.sock" in str(volume) for volume in service.get("volumes", []))


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_the_secrets_it_needs_and_no_other(name):
    given = set()
    for secret in SECRETS:
        if re.search(rf"\b{secret}\b", words(name)):
            given.add(secret)
    assert given == {secret for secret, services in SECRETS.items() if name in services}
    assert "env_file" not in SERVICES[name]  # would hand on all of them


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "CONCERN_KEYS", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "EMAIL_URL"]
)
def test_a_secret_that_is_not_set_is_asked_for(name):
    text = (ROOT / "docker-compose.yml").read_text()
    uses = re.findall(rf"\$\{{{name}[^}}]*\}}", text)
    assert uses
    assert set(uses) == {f"${{{name}:?set {name} in .env}}"}


def test_every_setting_of_the_example_reaches_the_programs():
    names = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "mentoring" / "settings.py").read_text()))
    reached = set(SERVICES["web"]["environment"]) | set(SERVICES["worker"]["environment"])
    assert (names | read) - OF_COMPOSE - OF_IMAGE - set(SECRETS) - reached == set()
    assert read - names == set()


def test_only_the_web_server_is_reached_from_outside_and_from_this_machine_alone():
    assert {name for name in SERVICES if "ports" in SERVICES[name]} == {"web"}
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["web"]["ports"])


def test_redis_asks_for_its_password():
    redis = SERVICES["redis"]
    assert "requirepass %s" in redis["command"][-1]
    assert SERVICES["worker"]["environment"]["REDIS_URL"].startswith("redis://:${REDIS_PASSWORD")
    assert redis["user"] == "redis"


def test_postgresql_logs_no_values():
    command = SERVICES["db"]["command"]
    assert command[0] == "postgres"
    given = dict(setting.split("=", 1) for setting in command[2::2])
    assert set(command[1::2]) == {"-c"}
    assert given == SILENT


def test_images_can_be_pinned_from_outside(tmp_path):
    """`make pin` writes what a registry says; here a script stands in for Docker and its registry."""
    docker = tmp_path / "docker"
    docker.write_text(
        '#!/bin/sh\nfor last in "$@"; do :; done\n'
        '[ "$1" = pull ] || echo "${last%%:*}@sha256:$(printf %064d 7)"\n'
    )
    docker.chmod(0o755)
    copy = tmp_path / "copy"
    (copy / "bin").mkdir(parents=True)
    (copy / "bin" / "mentoring").write_text((ROOT / "bin" / "mentoring").read_text())
    (copy / ".env").write_text("SECRET_KEY=kept\nREDIS_IMAGE=redis:7\n")
    subprocess.run(
        ["sh", copy / "bin" / "mentoring", "pin"],
        check=True,
        capture_output=True,
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
    )
    digest = f"@sha256:{7:064d}"
    assert (copy / ".env").read_text().splitlines() == [
        "SECRET_KEY=kept",
        f"PYTHON_IMAGE=python{digest}",
        f"POSTGRES_IMAGE=postgres{digest}",
        f"REDIS_IMAGE=redis{digest}",
    ]
    assert SERVICES["db"]["image"] == "${POSTGRES_IMAGE:-postgres:18}"
    assert SERVICES["redis"]["image"] == "${REDIS_IMAGE:-redis:8}"
    assert SERVICES["web"]["build"]["args"]["PYTHON_IMAGE"] == "${PYTHON_IMAGE:-python:3.11-slim}"
