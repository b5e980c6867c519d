from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.core.signing import BadSignature
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from domain.requests import SignedInRequest
from notices.forms import PreferencesForm
from notices.kinds import KINDS
from notices.mail import unsubscribe_signer
from notices.models import Notice
from notices.preferences import optional_kinds, set_email


@require_safe
def inbox(request: SignedInRequest) -> HttpResponse:
    notices = Notice.objects.visible_to(request.user).in_inbox().unread_first()
    page = Paginator(notices, 20).get_page(request.GET.get("page"))
    return render(request, "notices/inbox.html", {"page": page})


@require_safe
def open_notice(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """Mark a notice as read and lead to what it is about. Links in mails come here."""
    notice = get_object_or_404(Notice.objects.visible_to(request.user), uuid=uuid)
    if request.method == "GET":  # HEAD comes from programs that look where links lead
        Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=timezone.now())
    if notice.url and url_has_allowed_host_and_scheme(notice.url, allowed_hosts=None):
        return redirect(notice.url)
    return redirect("notices:inbox")


@require_POST
def read_all(request: SignedInRequest) -> HttpResponse:
    Notice.objects.visible_to(request.user).unread().update(read_at=timezone.now())
    return redirect("notices:inbox")


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: SignedInRequest) -> HttpResponse:
    posted = request.method == "POST"
    form = PreferencesForm(request.POST if posted else None, person=request.user)
    if form.is_valid():
        form.save()
        messages.success(request, _("Saved. It applies from the next notice on."))
        return redirect("notices:preferences")
    context = {"form": form, "hours": settings.MAIL_HOURS}
    return render(request, "notices/preferences.html", context)


@login_not_required
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Turn the kinds of one mail off by e-mail, and on again, for whoever holds the link in it.

    A mail program posts here without a cookie (RFC 8058); what follows links (GET) changes nothing. The
    signature stands in for the CSRF token.
    """
    try:
        uuid = UUID(unsubscribe_signer().unsign(token))
    except (BadSignature, ValueError):
        raise Http404 from None
    notice = get_object_or_404(Notice.objects.select_related("recipient"), uuid=uuid)
    kinds = optional_kinds(notice)
    wanted = "on" in request.POST
    if request.method == "POST":
        set_email(notice.recipient, kinds, wanted)
    context = {
        "titles": [KINDS[kind].title for kind in kinds],
        "state": ("on" if wanted else "off") if request.method == "POST" else "ask",
    }
    return render(request, "notices/unsubscribe.html", context)
