"""What a log may say: what happened and where, never a token, an address of somebody or what people wrote.

Every record of the process is made here, whichever library logs it and whoever writes it out (gunicorn and
Celery have handlers of their own), so nothing has to remember a filter.
"""

import logging
import logging.config
import re
import sys
import threading
import traceback
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, DataError, InternalError
from django.template import TemplateDoesNotExist
from kombu.exceptions import OperationalError as BrokerError
from redis import RedisError

# Of these the message speaks of code and servers. Any other may quote a value: int("what somebody wrote").
ABOUT_CODE = (
    AttributeError,
    BrokerError,
    ImportError,
    ImproperlyConfigured,
    NameError,
    NotImplementedError,
    RedisError,
    TemplateDoesNotExist,
)
# What Celery tells of a task beside its name and number.
OF_TASKS = {"args", "kwargs", "exc", "traceback", "return_value", "description_extra"}
# The libraries that log the address of a request.
ABOUT_REQUESTS = ("django", "gunicorn", "allauth", "csp", "whitenoise")
LONGEST = 1000

URL = re.compile(r"\b([a-z][a-z+]*://)(?:[^\s/@'\"]*@)?([^\s/'\"?#]*)[^\s'\"]*", re.IGNORECASE)
# The first word of an address is one of ours; what follows may be a token.
WORD = r"[a-z_-]{1,24}(?=[/?\s'\"]|$)"
PATH = re.compile(rf"(?<![\w.])/({WORD})?[^\s'\")]+")
EMAIL = re.compile(r"(?<![\w.+-])(?!celery@)[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
# Long, with a digit and a letter; a UUID is the number of a task or a row and opens nothing.
UUID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![\w-])"
SECRET = re.compile(rf"(?<![\w-])(?!{UUID})(?=[\w-]*\d)(?=[\w-]*[a-zA-Z])[\w-]{{24,}}", re.IGNORECASE)


class Record(logging.LogRecord):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.exc_info and self.exc_info[1]:
            # Formatters take this instead of formatting the exception themselves.
            self.exc_text = traceback_of(self.exc_info[1])

    def getMessage(self) -> str:
        request = getattr(self, "request", None)
        text = str(self.msg)
        if self.args:
            text %= said(self.args, getattr(request, "path", None), route_of(request))
        if request is None and self.name.startswith(ABOUT_REQUESTS):
            text = PATH.sub(lambda found: f"/{found[1]}/…" if found[1] else "/…", text)
        text = URL.sub(r"\1\2/…", text)
        return SECRET.sub("…", EMAIL.sub("…", text))[:LONGEST]


def configure(config: dict[str, Any]) -> None:
    """Django's LOGGING_CONFIG."""
    logging.setLogRecordFactory(Record)
    sys.excepthook = lambda _kind, error, _frames: print(traceback_of(error), file=sys.stderr)
    threading.excepthook = lambda ended: (
        print(traceback_of(ended.exc_value), file=sys.stderr) if ended.exc_value else None
    )
    logging.config.dictConfig(config)


def said(args: Any, path: str | None, route: str) -> Any:
    """The arguments of a message as it may give them."""
    if isinstance(args, Mapping):
        return {
            name: "…"
            if name in OF_TASKS and not isinstance(value, BaseException)
            else plain(value, path, route)
            for name, value in args.items()
        }
    return tuple(plain(value, path, route) for value in args)


def plain(value: Any, path: str | None, route: str) -> Any:
    if isinstance(value, BaseException):
        return Told(told(value))
    return route if path and isinstance(value, str) and value in (path, escaped(path)) else value


class Told(str):
    """Prints without quotes under %r, too."""

    def __repr__(self) -> str:
        return str(self)


def escaped(path: str) -> str:
    """As Django writes a path into a log."""
    return path.encode("unicode_escape").decode("ascii")


def route_of(request: Any) -> str:
    """The address as urls.py spells it, with <token> for a token; its first word where it leads nowhere."""
    match = getattr(request, "resolver_match", None)
    if match:
        return f"/{match.route}"
    word = re.match(rf"/({WORD})", getattr(request, "path", ""))
    return f"/{word[1]}/…" if word else "/…"


def told(error: BaseException) -> str:
    """Its kind, and its message where that cannot quote what people wrote."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    message = ""
    if isinstance(error, ABOUT_CODE) or kind.__module__ == "billiard.exceptions":
        message = str(error)
    elif isinstance(error, DatabaseError) and not isinstance(error, DataError | InternalError):
        # The lines below the first quote the row.
        message = (str(error).splitlines() or [""])[0]
    elif isinstance(error, OSError) and error.strerror:
        message = str(error.strerror)
    code = getattr(error, "smtp_code", None) or getattr(error.__cause__, "pgcode", None)
    message = f"{code} {message}".strip() if code else message
    return f"{name}: {message}" if message else name


def traceback_of(error: BaseException) -> str:
    """Where it happened, line by line, and what it was, for it and what it came from."""
    parts: list[str] = []
    step: BaseException | None = error
    while step is not None and len(parts) < 10:
        frames = "".join(traceback.format_tb(step.__traceback__))
        parts.append(f"Traceback (most recent call last):\n{frames}{told(step)}")
        step = step.__cause__ or (None if step.__suppress_context__ else step.__context__)
    return "\n\nwhich led to:\n\n".join(reversed(parts))
