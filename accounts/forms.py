"""allauth's forms, with our limits and without a difference between addresses that are known and others."""

from allauth.account.adapter import get_adapter
from allauth.account.forms import RequestLoginCodeForm, ResetPasswordForm
from allauth.core import context
from django.http import HttpRequest

from accounts import limits, mail
from accounts.models import AccountMail
from participants.models import Person


def refuse_too_many(address: str) -> None:
    if not limits.take(context.request, "mail", address):
        raise get_adapter().validation_error("rate_limited")


class RequestCodeForm(RequestLoginCodeForm):
    def clean_email(self) -> str:
        address: str = self.cleaned_data["email"]
        refuse_too_many(address)
        self._user = Person.objects.signs_in_with(address).first()
        return address


class ResetForm(ResetPasswordForm):
    def clean_email(self) -> str:
        address: str = self.cleaned_data["email"]
        refuse_too_many(address)
        return address

    def save(self, request: HttpRequest, **kwargs: object) -> str:
        address: str = self.cleaned_data["email"]
        mail.post(kind=AccountMail.Kind.PASSWORD_RESET, to=address, facts={})
        return address
