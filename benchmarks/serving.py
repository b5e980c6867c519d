"""Requests to the product as a server makes them: through the WSGI handler and every middleware, in this
process, so that no network and no server in front is measured with it. And the bare view beside it."""

import io
import statistics
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path


def cookie_of(person: Any) -> str:
    """That of a session in which `person` is signed in."""
    from django.test import Client

    client = Client()
    client.force_login(person)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


class Product:
    def __init__(self) -> None:
        self.handler = WSGIHandler()

    def get(self, address: str, cookie: str = "") -> bytes:
        """The body of the answer, which must be 200."""
        where, _mark, query = address.partition("?")
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": where,
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "8000",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "localhost:8000",
            "HTTP_COOKIE": cookie,
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": io.StringIO(),
            "wsgi.url_scheme": "http",
            "wsgi.version": (1, 0),
            "wsgi.multithread": False,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        told = []
        response = self.handler(environ, lambda status, headers, *rest: told.append(status))
        body = b"".join(response)
        response.close()
        if told != ["200 OK"]:
            raise RuntimeError(f"{address} answers {told}")
        return body


def asked(work: Callable[[], Any]) -> tuple[int, int]:
    """How many queries the work sends, and how many blocks of 8 kB PostgreSQL looks at for those that read:
    from its own plans, so it is the same however busy the machine is."""
    sent: list[tuple[str, Any]] = []

    def noting(execute: Any, sql: str, parameters: Any, *arguments: Any) -> Any:
        sent.append((sql, parameters))
        return execute(sql, parameters, *arguments)

    with connection.execute_wrapper(noting):
        work()
    blocks = 0
    with connection.cursor() as cursor:
        for sql, parameters in sent:
            if sql.lstrip().startswith(("SELECT", "WITH")):
                cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", parameters)
                plan = cursor.fetchone()[0][0]["Plan"]
                blocks += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return len(sent), blocks


def medians(works: list[Callable[[], Any]], times: int) -> list[float]:
    """Seconds of each, in turn, so that what else the machine does is borne by all."""
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(times):
        for work, seconds in zip(works, taken, strict=True):
            start = time.perf_counter()
            work()
            seconds.append(time.perf_counter() - start)
    return [statistics.median(seconds) for seconds in taken]


# --- The bare view -------------------------------------------------------------------

BODY = b""
NAME = "SELECT name FROM participants_person WHERE id = %s"


def bare(request: HttpRequest, pk: int) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(NAME, [pk])
        cursor.fetchone()
    return HttpResponse(BODY)


urlpatterns = [path("<int:pk>", bare)]


def strip_down(body: bytes) -> None:
    """From now on this process serves nothing but the bare view: no middleware, no transaction."""
    global BODY
    BODY = body
    settings.MIDDLEWARE = []
    settings.ROOT_URLCONF = __name__
    connection.settings_dict["ATOMIC_REQUESTS"] = False
