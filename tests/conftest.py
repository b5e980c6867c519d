"""The servers every test run gets for itself, started before Django reads its settings.

A fresh PostgreSQL and Redis in a temporary folder, so that several runs side by side never meet. With
DATABASE_URL and REDIS_URL set, those servers are used instead. DJANGO_SETTINGS_MODULE is set here and not
in pyproject.toml, because pytest-django would read the settings before this file.
"""

import gc
import os
import re
import sys
import tempfile
from pathlib import Path

import django
import pytest
from cryptography.fernet import Fernet

from mentoring import embedded

# What only hands out tests to others needs no servers. They start their own, or would empty each other's.
NOWHERE = {"DATABASE_URL": "postgresql:///nowhere", "REDIS_URL": "unix:///nowhere"}
_folder = None
_is_handed_tests = "PYTEST_XDIST_WORKER" in os.environ
_hands_out_tests = (
    not _is_handed_tests and re.search(r" (-n|--numprocesses)[ =]?[^ 0]", " ".join(sys.argv)) is not None
)
_servers_are_given = all(os.environ.get(name) for name in NOWHERE)
if _hands_out_tests and not _servers_are_given:
    os.environ.update(NOWHERE)
elif not _servers_are_given:
    _folder = Path(tempfile.mkdtemp(prefix="mentoring-test-"))
    try:
        embedded.start(_folder, scratch=True)
    except embedded.CannotStart as reason:
        pytest.exit(str(reason), returncode=2)
    os.environ.update(embedded.urls(_folder))
os.environ.setdefault("SECRET_KEY", "only-for-tests, and as long as the product asks for: 0123456789")
os.environ.setdefault("CONCERN_KEYS", Fernet.generate_key().decode())
os.environ["DJANGO_SETTINGS_MODULE"] = "mentoring.settings"
django.setup()
if _hands_out_tests:  # they inherit what is set here, and pytest-django would read the settings too early
    for name in ["DJANGO_SETTINGS_MODULE", *([] if _servers_are_given else NOWHERE)]:
        del os.environ[name]
# What is loaded by now stays; looking through it for garbage again and again takes a fifth of the time.
gc.freeze()
gc.set_threshold(100_000, 20, 50)


def pytest_configure() -> None:
    from django.conf import settings
    from django.contrib.auth.hashers import PBKDF2PasswordHasher

    PBKDF2PasswordHasher.iterations = 100  # hard to guess is not what these passwords are
    # Pages under test need no collectstatic; the running product in tests/browser uses the real manifest.
    # WhiteNoise reads the whole folder for each test client, and warns of one that is missing.
    settings.STATIC_ROOT = Path(tempfile.mkdtemp(prefix="mentoring-test-static-"))
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}


def pytest_unconfigure() -> None:
    from django.conf import settings

    settings.STATIC_ROOT.rmdir()
    if _folder:
        embedded.release(_folder)
