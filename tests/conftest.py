"""The servers every test run gets for itself, started before Django reads its settings.

A fresh PostgreSQL and Redis in a temporary folder, so that several runs side by side never meet. With
DATABASE_URL and REDIS_URL set, those servers are used instead. DJANGO_SETTINGS_MODULE is set here and not
in pyproject.toml, because pytest-django would read the settings before this file.
"""

import os
import sys
import tempfile
from pathlib import Path

import django
import pytest
from cryptography.fernet import Fernet

from mentoring import embedded

_folder = None
_only_hands_out_tests = "-n" in sys.argv and "PYTEST_XDIST_WORKER" not in os.environ
if not (_only_hands_out_tests or (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))):
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


def pytest_configure() -> None:
    from django.conf import settings

    # WhiteNoise warns of a missing folder, and a fresh clone has none.
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    # Pages under test need no collectstatic; the running product in tests/browser uses the real manifest.
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}


def pytest_unconfigure() -> None:
    if _folder:
        embedded.release(_folder)
