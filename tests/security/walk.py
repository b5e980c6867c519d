"""Ask for addresses as somebody, each in a savepoint, and note what came of it."""

import re
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.core import mail
from django.core.signals import got_request_exception
from django.db import connection, transaction
from django.test import Client
from pypdf import PdfReader

WRITES = re.compile(r'\s*(INSERT INTO|UPDATE|DELETE FROM) "(\w+)"')
OF_SESSIONS = {"django_session", "usersessions_usersession"}


@dataclass(frozen=True)
class Answer:
    method: str
    address: str
    status: int
    location: str
    content: bytes
    words: frozenset[str]
    """Those of the company's private words that stand in it."""
    written: frozenset[str]
    """The tables something was written to, sessions aside, and "mail" where one was sent at once."""
    error: str

    @property
    def is_refused(self) -> bool:
        """The last is where Django sends staff who ask for a row that is not theirs."""
        refusals = ("/account/login/", "/admin/login/", "/admin/")
        return self.status in (403, 404, 405, 410) or any(self.leads_to(path) for path in refusals)

    def leads_to(self, path: str) -> bool:
        return self.status == 302 and self.location.partition("?")[0] == path


class Quick(Client):
    """Without what the test client keeps of each template it sees rendered, which takes half of the time."""

    def request(self, **request: Any) -> Any:
        return self.handler(self._base_environ(**request))


class Walker:
    """Somebody with a cookie, or without."""

    def __init__(self, person: Any = None) -> None:
        self.client = Quick()
        if person:
            self.client.force_login(person)

    def ask(self, method: str, address: str, body: dict[str, Any] | None = None) -> Answer:
        """What it changed is undone afterwards."""
        mail.outbox = []
        with transaction.atomic(), writes() as written, failures() as failed:
            if method == "POST":
                response = self.client.post(address, body or {})
            else:
                response = self.client.generic(method, address)
            content = b"".join(response.streaming_content) if response.streaming else response.content
            transaction.set_rollback(True)
        if mail.outbox:
            written.add("mail")
        return Answer(
            method, address, response.status_code, response.headers.get("Location", ""), content,
            private_words(content), frozenset(written - OF_SESSIONS), "; ".join(failed),
        )  # fmt: skip


@contextmanager
def failures() -> Iterator[list[str]]:
    found: list[str] = []

    def note(**_: Any) -> None:
        found.append(repr(sys.exception()))

    got_request_exception.connect(note)
    try:
        yield found
    finally:
        got_request_exception.disconnect(note)


@contextmanager
def writes() -> Iterator[set[str]]:
    found: set[str] = set()

    def note(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if writing := WRITES.match(str(sql)):
            found.add(writing[2])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield found


PRIVATE = re.compile(rb"zq-[a-z-]+-zq")


def private_words(content: bytes) -> frozenset[str]:
    return frozenset(word.decode() for word in PRIVATE.findall(readable(content)))


def readable(content: bytes) -> bytes:
    """PDF as text and archives (also of Excel) unpacked, so that what stands in them can be searched."""
    if content.startswith(b"%PDF"):
        return "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).encode()
    if not content.startswith(b"PK"):
        return content
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return b"\n".join(readable(archive.read(name)) for name in archive.namelist())
