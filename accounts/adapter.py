"""Where allauth asks how things are done here. People come from HR's list: nobody signs up."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import limits, mail
from accounts.models import AccountMail
from participants.models import Person


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "incorrect_code": _("This code does not fit. Check it, or have a new one sent."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """What allauth itself still sends: that a password was changed, and from where."""
        told = ("ip", "user_agent", "timestamp")
        facts = {str(name): str(value) for name, value in context.items() if name in told}
        mail.post(kind=AccountMail.Kind(template_prefix.rpartition("/")[2]), to=email, facts=facts)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """In place of allauth's, which lets five wrong passwords from anywhere shut the owner out."""
        self._login_failed_rl_usage = limits.take(request, "password", credentials.get("email", ""))
        if not self._login_failed_rl_usage:
            raise ValidationError(
                gettext(
                    "Too many wrong passwords. Sign in with a code instead, or try again in five minutes."
                )
            )

    def post_login(self, request: HttpRequest, user: Person, **kwargs: Any) -> HttpResponse:
        response = super().post_login(request, user, **kwargs)
        limits.know_browser(response, user.email)
        return response
