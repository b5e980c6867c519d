"""A real browser against the running pages, and the whole product as a company runs it."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiosmtpd.controller import Controller
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright

from mentoring import processes
from mentoring.celery import app
from mentoring.embedded import BASE_DIR
from participants.models import Person

# Playwright keeps an event loop on this thread, in which Django would refuse the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium_program() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    program = chromium_program()
    if not program:
        reason = "No Chromium on this machine: install it (apt install chromium) or name it in CHROMIUM."
        pytest.fail(reason) if os.environ.get("REQUIRE_BROWSER") else pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=ARGUMENTS,
            ignore_default_args=["--disable-back-forward-cache"],  # people's browsers have it
        )
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser, live_server) -> Iterator[Callable[..., Page]]:
    """Opens a path of the running server, as `person` or as a stranger. A page that breaks the content
    security policy, or throws in a script, fails the test."""
    contexts, complaints = [], []

    def open_page(
        path: str, *, person: Person | None = None, width: int = 1200, dark: bool = False, **options
    ) -> Page:
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 800},
            color_scheme="dark" if dark else "light",
            **options,
        )
        contexts.append(context)
        if person:
            client = Client()
            client.force_login(person)
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
            )
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda message: "Content Security Policy" in message.text and complaints.append(message.text),
        )
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


class Mailbox:
    """A mail server that keeps what it is given."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.port = free_port()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    def wait_for(self, *, to: str, seconds: float = 20) -> EmailMessage:
        """The first message to that address, as soon as it has come."""
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            for message in list(self.messages):
                if to in [address.addr_spec for address in message["To"].addresses]:
                    return message
            time.sleep(0.05)
        raise AssertionError(f"No mail to {to}; there was mail to {[m['To'] for m in self.messages]}.")


@pytest.fixture
def smtp() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port)
    controller.start()
    yield mailbox
    controller.stop()


@pytest.fixture
def running_product(transactional_db: None, smtp: Mailbox, tmp_path: Path) -> Iterator[str]:
    """The address of web server, worker and beat on the test database, sweeping every second.

    They are processes of their own: they see what the test has committed, and the test what they commit.
    """
    port = free_port()
    address = f"http://localhost:{port}"
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    environment = {
        "DATABASE_URL": database.geturl(),
        "SITE_URL": address,
        "EMAIL_URL": f"smtp://127.0.0.1:{smtp.port}",
        "SWEEP_SECONDS": "1",
        "MAIL_HOURS": "0,24",  # also when the tests run at night, or on a Sunday
        "MAIL_DAYS": "1,2,3,4,5,6,7",
        "BEAT_SCHEDULE_FILE": str(tmp_path / "beat-schedule"),
        "MEDIA_ROOT": str(tmp_path / "media"),
    }
    app.control.purge()  # what earlier tests left in the queue names rows that are gone
    subprocess.run([sys.executable, "manage.py", "prepare"], cwd=BASE_DIR, check=True)
    product = processes.Processes(logs=tmp_path, environment=environment)
    try:
        for name, command in processes.commands(port).items():
            product.start(name, command)
        trouble = processes.trouble_until_ready(port, product.ended)
        assert trouble is None, trouble
        yield address
    finally:
        product.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
