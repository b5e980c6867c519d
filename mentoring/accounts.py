"""Signing in. People come from HR's list: nobody signs up, and nobody changes their own address here."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.views import i18n
from django.views.decorators.http import require_POST, require_safe

from participants.models import Person


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        """In the language of who receives it, which need not be that of the browser it was asked for in."""
        person = Person.objects.filter(email__iexact=email).first() if isinstance(email, str) else None
        with translation.override(person.language if person else translation.get_language()):
            return super().render_mail(template_prefix, email, {**context, "person": person}, headers)


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
