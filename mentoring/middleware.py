from collections.abc import Callable

from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_update
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.urls import reverse
from django.utils import timezone, translation

Handler = Callable[[HttpRequest], HttpResponse]
NUL = "\x00"


# Nothing here looks, listens, or asks where somebody is.
PERMISSIONS = ("camera", "display-capture", "geolocation", "microphone", "midi", "payment", "usb")


class HeadersMiddleware:
    """What every answer says, static files and errors too.

    Nothing a view makes is kept by a browser or a proxy, unless the view says otherwise: what one person was
    shown must not be found by the next, nor behind the back button after signing out.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = ", ".join(f"{name}=()" for name in PERMISSIONS)
        return response


class TextMiddleware:
    """Refuses the sign NUL, which nobody can type and no database takes, before a page or a query meets it.

    A cookie with NUL is left out instead: who has one could not get rid of it otherwise.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if NUL in request.path_info or holds_nul(request.GET):
            raise BadRequest("NUL in the address")
        for name in [name for name, value in request.COOKIES.items() if NUL in name + value]:
            del request.COOKIES[name]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> None:
        """After CSRF's, which has read the form already."""
        if holds_nul(request.POST) or any(NUL in str(file) for file in request.FILES.values()):
            raise BadRequest("NUL in the form")


def holds_nul(sent: QueryDict) -> bool:
    return any(NUL in name or any(NUL in value for value in values) for name, values in sent.lists())


class PersonMiddleware:
    """Speaks to who is signed in in their language and their time zone.

    Language comes after LocaleMiddleware, so that a person's own choice wins over the browser's.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        person = request.user
        if not person.is_authenticated:
            return self.get_response(request)
        translation.activate(person.language)
        request.LANGUAGE_CODE = translation.get_language()
        with timezone.override(person.zone):
            return self.get_response(request)


class AdminPolicyMiddleware:
    """Lets the admin's theme run: see docs/decisions/content-security-policy.md."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.get_admin_response = csp_update({"script-src": [UNSAFE_EVAL], "style-src": [UNSAFE_INLINE]})(
            get_response
        )

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(reverse("admin:index")):
            return self.get_admin_response(request)
        return self.get_response(request)
