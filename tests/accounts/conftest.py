import socket
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from django.core.cache import cache
from django.utils import translation


@pytest.fixture(autouse=True)
def fresh_limits():
    """Every test starts with its own rate limits and language."""
    cache.clear()
    yield
    translation.activate("en")


class Letters(list):
    """What a mail server on this machine was handed, parsed."""

    async def handle_DATA(self, server, session, envelope):
        self.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"


@pytest.fixture
def letters(settings):
    received = Letters()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.EMAIL_HOST, settings.EMAIL_PORT = free.getsockname()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    server = Controller(received, hostname=settings.EMAIL_HOST, port=settings.EMAIL_PORT)
    server.start()
    yield received
    server.stop()
