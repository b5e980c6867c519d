"""Who asks. Every page but the few marked `login_not_required` is for somebody who is signed in."""

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as Person
    from django_htmx.middleware import HtmxDetails


class SignedInRequest(HttpRequest):
    """What LoginRequiredMiddleware lets through to a view. Only a type: the requests are Django's own."""

    user: "Person"
    htmx: "HtmxDetails"


def signed_in(request: HttpRequest) -> "Person":
    """Who asks, in the methods of admin classes, whose requests have Django's own type.

    Raises PermissionDenied for nobody.
    """
    if not request.user.is_authenticated:
        raise PermissionDenied
    return request.user


def require(request: HttpRequest, name: str, obj: Model | None = None) -> None:
    """Raises PermissionDenied unless the permission table lets who asks do `name`."""
    if not request.user.has_perm(name, obj):
        raise PermissionDenied


def whole_number(text: object) -> int | None:
    """A number as an address or a form sends it; None for anything else, and for what no row could have."""
    if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 19:
        return int(text)
    return None
