"""A mail server that refuses, delays or drops as the recipient's address asks it to."""

import socket
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from django.template import engines

from notices import still
from notices.kinds import KINDS, Group, Kind, Pace


class Mailbox:
    def __init__(self) -> None:
        self.mails, self.connections = [], 0

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("gone"):
            return "550 5.1.1 No such mailbox"
        if address.startswith("full"):
            return "452 4.2.2 Mailbox full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if envelope.rcpt_tos[0].startswith("drop"):
            server.transport.abort()
            return "250 OK"
        if envelope.rcpt_tos[0].startswith("spam"):
            return "554 5.7.1 Looks like spam"
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    def subjects(self) -> list[str]:
        return [mail["Subject"] for mail in self.mails]


@pytest.fixture(autouse=True)
def two_kinds(monkeypatch):
    """Kinds of our own, so that no room's words matter here."""
    monkeypatch.setitem(KINDS, "test-act", Kind("Act", Group.MENTORSHIP))
    reminder = Kind("Reminder", Group.MENTORSHIP, optional=True, pace=Pace.DIGEST)
    monkeypatch.setitem(KINDS, "test-reminder", reminder)
    monkeypatch.setattr(
        engines["django"].engine,
        "dirs",
        [*engines["django"].engine.dirs, Path(__file__).parent / "templates"],
    )


@pytest.fixture(autouse=True)
def no_checks(monkeypatch):
    """What other rooms say of their notices is theirs to test."""
    monkeypatch.setattr(still, "CHECKS", {})


@pytest.fixture
def mailbox(settings):
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = port
    settings.SITE_URL = "https://mentoring.example.org"
    yield box
    controller.stop()
