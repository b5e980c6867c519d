"""An upload becomes a table in a program of its own, which may use so much memory and time and no more.

The program is `reading`. It is given nothing of ours: no settings, no keys, no database.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.conf import settings
from django.utils.translation import gettext as _

from domain.errors import DomainError
from participants.importing.reading import UNREADABLE

LARGEST_UPLOAD = 60 * 2**20  # bytes; 200,000 rows of twelve columns are some 35 MB
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*", b"RIFF")
MB = 2**20
# None of ours, with its keys. More threads than one would only reserve memory.
ENVIRONMENT = {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"}
LARGEST_TABLE = 600 * MB  # bytes written


def limits_for(size: int) -> tuple[int, int]:
    """Bytes of memory and seconds of computing for an upload of so many bytes.

    What an honest table needs grows with the file: a megabyte of Excel took three to ten seconds and four
    megabytes. A file that was made to cost more than it weighs gets no more than its weight.
    """
    return 400 * MB + 6 * size, min(30 + 20 * size // MB, 1200)


def refuse_at_a_glance(file: IO[bytes], size: int) -> None:
    """What the first bytes of an upload tell. Raises DomainError."""
    if size > LARGEST_UPLOAD:
        raise DomainError(
            _("The file is larger than %(limit)d MB. Export only the columns that are needed.")
            % {"limit": LARGEST_UPLOAD // 2**20}
        )
    file.seek(0)
    start = file.read(8)
    file.seek(0)
    if not start.strip():
        raise DomainError(_("The file is empty."))
    if start.startswith(PICTURES):
        raise DomainError(_("This is a picture, not a table. Export people as CSV or Excel (.xlsx)."))
    if start.startswith(b"%PDF"):
        raise DomainError(_("This is a PDF document, not a table. Export people as CSV or Excel (.xlsx)."))


@contextmanager
def open_upload(path: Path | str, meanwhile: Callable[[], None] = lambda: None) -> Iterator[IO[bytes]]:
    """The table, in a file without a name that is gone with whoever holds it.

    `meanwhile` is called about once a second and stops everything by raising. Raises DomainError where the
    upload is no table, or needs more than the limits.
    """
    path = Path(path)
    memory, seconds = limits_for(path.stat().st_size)
    with tempfile.TemporaryFile(dir=path.parent) as table, tempfile.TemporaryFile() as complaint:
        program = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "participants.importing.reading", str(path.resolve())]
            + [str(limit) for limit in (memory, seconds, LARGEST_TABLE)],
            cwd=settings.BASE_DIR,
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=table,
            stderr=complaint,
        )
        try:
            # On a machine that has other things to do, computing for a second takes longer.
            wait(program, min(4 * seconds, 1500), meanwhile)
        finally:
            program.kill()
            program.wait()
        if program.returncode:
            complaint.seek(0)
            raise DomainError(sentence(program.returncode, complaint.read().decode(errors="replace")))
        table.seek(0)
        yield table


def wait(program: "subprocess.Popen[bytes]", seconds: float, meanwhile: Callable[[], None]) -> None:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        try:
            program.wait(1)
            return
        except subprocess.TimeoutExpired:
            meanwhile()


def sentence(code: int, complaint: str) -> str:
    """Its own about the file; anything else that ends it is a limit, or a file made to break a reader."""
    if code == UNREADABLE:
        told = json.loads(complaint.splitlines()[-1])
        return _(told["text"]) % told["values"]
    return _(
        "This file takes more memory or time to read than a table of people needs. Copy the columns that are"
        " needed into a new file, or save the table as CSV, and upload that."
    )
