from collections.abc import Callable

from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone, translation

Handler = Callable[[HttpRequest], HttpResponse]


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
