import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

from mentoring import embedded

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentoring.settings")
embedded.ensure()


def only_utf8(application: "WSGIApplication") -> "WSGIApplication":
    """Refuse a request that says it is in another encoding, which no browser does.

    Django believes it before any middleware is asked: it stumbles over some encodings, through others comes
    half a sign (a lone surrogate), which no database takes.
    """

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        _kind, given = parse_header_parameters(environ.get("CONTENT_TYPE", ""))
        if given.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
            start_response("400 Bad Request", [("Content-Type", "text/plain; charset=utf-8")])
            return [b"Please send text as UTF-8.\n"]
        return application(environ, start_response)

    return answer


application = only_utf8(get_wsgi_application())
