"""Rows into a table of the transaction, as fast as the database takes them."""

import io
from collections.abc import Iterable
from typing import Any

from django.db import connection


def copy(target: str, rows: Iterable[list[Any]]) -> None:
    """COPY rows into a table of this transaction, as they come."""
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {target} FROM STDIN", _Stream(rows))


class _Stream(io.RawIOBase):
    """Rows as the text COPY reads, made while it reads."""

    def __init__(self, rows: Iterable[list[Any]]) -> None:
        self.rows, self.rest = iter(rows), b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        parts, length = [self.rest], len(self.rest)
        while size < 0 or length < size:
            row = next(self.rows, None)
            if row is None:
                break
            line = ("\t".join(map(copied, row)) + "\n").encode()
            parts.append(line)
            length += len(line)
        whole = b"".join(parts)
        self.rest = b"" if size < 0 else whole[size:]
        return whole if size < 0 else whole[:size]


ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copied(value: Any) -> str:
    return "\\N" if value is None else str(value).translate(ESCAPES)
