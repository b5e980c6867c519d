"""Signing in and out. People come from HR's list: nobody signs up, or changes their own address here."""

import time
from typing import Any

from allauth.account import views as allauth
from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.logout import logout
from allauth.account.stages import LoginByCodeStage
from allauth.core.ratelimit import respond_429
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import i18n
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.generic.edit import FormView

from accounts import limits, sessions
from accounts.codes import CodeProcess
from accounts.forms import RequestCodeForm
from domain.requests import SignedInRequest
from participants.models import Person

CODE = "account_request_login_code"
CONFIRM = "account_confirm_login_code"


@require_safe
def email(request: HttpRequest) -> HttpResponse:
    """Stands where allauth would let people add and remove addresses."""
    return render(request, "account/email.html")


@login_not_required
@require_safe
def admin_login(request: HttpRequest) -> HttpResponse:
    """The admin site sends here whom it does not let in: to sign in, or, signed in already, no further."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index"))
    if not request.user.is_staff:
        raise PermissionDenied
    return redirect("admin:index")


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Django's own, which keeps the choice in a cookie; for who is signed in it is kept with the person."""
    response = i18n.set_language(request)
    language = request.POST.get(i18n.LANGUAGE_QUERY_PARAMETER)
    if request.user.is_authenticated and language in dict(Person._meta.get_field("language").flatchoices):
        Person.objects.filter(pk=request.user.pk).update(language=language)
    return response


# --- With a code -----------------------------------------------------------------------


class RequestCodeView(allauth.RequestLoginCodeView):
    form_class = RequestCodeForm

    def form_valid(self, form: RequestCodeForm) -> HttpResponse:
        CodeProcess.initiate(request=self.request, user=form._user, email=form.cleaned_data["email"])
        return FormView.form_valid(self, form)


@method_decorator(
    login_stage_required(stage=LoginByCodeStage.key, redirect_urlname=CODE),
    name="dispatch",
)
class ConfirmCodeView(allauth.ConfirmLoginCodeView):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.stage = request._login_stage  # type: ignore[attr-defined]
        self._process = CodeProcess.resume(self.stage)
        if self._process is None:
            return redirect(CODE)
        return FormView.dispatch(self, request, *args, **kwargs)


# --- With a password -------------------------------------------------------------------


def signed_in_lately(request: SignedInRequest) -> bool:
    records = get_authentication_records(request, request.user)
    return bool(records) and time.time() - records[-1]["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


class FirstPasswordView(allauth.PasswordSetView):
    """Whoever finds a browser open must not give themselves a way back in: it takes a code of now."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_usable_password() and not signed_in_lately(request):  # type: ignore[arg-type, union-attr]
            return redirect("sign_in_again")
        return super().dispatch(request, *args, **kwargs)


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_again(request: SignedInRequest) -> HttpResponse:
    """For people without a password: out, and in again with a code, and on to where it was needed."""
    if request.method != "POST":
        return render(request, "account/sign_in_again.html")
    person = request.user
    if not limits.take(request, "mail", person.email):
        return respond_429(request)
    logout(request, show_message=False)
    CodeProcess.initiate(request=request, user=person, email=person.email)
    return redirect(reverse(CONFIRM, query={REDIRECT_FIELD_NAME: reverse("account_set_password")}))


# --- Out -------------------------------------------------------------------------------


class SignOutView(allauth.LogoutView):
    """The browser forgets pages, and what was typed and not sent. Cookies stay: language and look are choices
    for this browser."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().post(*args, **kwargs)
        response["Clear-Site-Data"] = '"cache", "storage"'
        return response


@require_http_methods(["GET", "HEAD", "POST"])
def places(request: SignedInRequest) -> HttpResponse:
    """Where one is signed in, and a way to end all of it but here."""
    if request.method == "POST":
        sessions.sign_out_elsewhere(request)
        messages.success(request, _("You are signed out everywhere else."))
        return redirect("signed_in_places")
    return render(request, "account/places.html", {"places": sessions.places(request, timezone.now())})
