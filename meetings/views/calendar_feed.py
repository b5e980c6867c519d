"""The feed a calendar program reads, and the page on which a person makes, copies and removes its address."""

import hashlib

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from domain.requests import SignedInRequest
from meetings import calendar
from meetings.models import CalendarFeed, Meeting

HOUR = 3600
READS_AN_HOUR = 60
WRONG_ADDRESSES_AN_HOUR = 60


@login_not_required
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponseBase:
    """Without a session: whoever has the address may read, until it is renewed or removed.

    Answers 304 to a program that has the newest bytes, and 429 to one that asks more than once a minute.
    Wrong addresses are counted by where they come from, and close only further wrong ones: a whole office may
    sit behind one network address.
    """
    at = timezone.now()
    found = CalendarFeed.objects.found_by(token)
    if found is None:
        if count(f"feed-wrong:{get_adapter().get_client_ip(request)}") > WRONG_ADDRESSES_AN_HOUR:
            return too_many()
        return HttpResponse(status=404, content_type="text/plain")
    if count(f"feed:{found.key}") > READS_AN_HOUR:
        return too_many()
    found.note_read(at)
    body = calendar.feed(Meeting.objects.for_feed(found.person, at), person=found.person).encode()
    etag = f'"{hashlib.sha256(body).hexdigest()}"'
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    response["Content-Disposition"] = 'inline; filename="mentoring.ics"'
    response["X-Robots-Tag"] = "noindex"
    return get_conditional_response(request, etag=etag, response=response) or response


@require_safe
def calendar_address(request: SignedInRequest) -> HttpResponse:
    own = CalendarFeed.objects.visible_to(request.user).first()
    return render(request, "meetings/calendar.html", {"feed": own})


@require_http_methods(["GET", "HEAD", "POST"])
def renew_calendar_address(request: SignedInRequest) -> HttpResponse:
    if request.method == "POST":
        CalendarFeed.objects.renew(person=request.user)
        messages.success(request, _("This is your new address. Keep it to yourself."))
        return redirect("meetings:calendar")
    context = {
        "title": _("Make a new address?"),
        "consequences": [
            _("The old one stops at once, in every program that uses it."),
            _("Then subscribe to the new one."),
        ],
        "confirm_label": _("Make a new address"),
        "cancel_url": reverse("meetings:calendar"),
    }
    return render(request, "confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def remove_calendar_address(request: SignedInRequest) -> HttpResponse:
    if request.method == "POST":
        if CalendarFeed.objects.visible_to(request.user).delete()[0]:
            messages.success(request, _("Your address is removed. Nobody can read it any more."))
        return redirect("meetings:calendar")
    context = {
        "title": _("Remove your address?"),
        "consequences": [
            _("Programs that use it show your meetings no longer."),
            _("Invitations go on reaching you by mail."),
        ],
        "confirm_label": _("Remove the address"),
        "cancel_url": reverse("meetings:calendar"),
        "danger": True,
    }
    return render(request, "confirm.html", context)


def count(key: str) -> int:
    """How often `key` was counted in the hour that began with its first time."""
    cache.add(key, 0, HOUR)
    try:
        return cache.incr(key)
    except ValueError:  # the hour ended between the two lines
        return 1


def too_many() -> HttpResponse:
    response = HttpResponse(status=429, content_type="text/plain")
    response["Retry-After"] = str(HOUR)
    return response
