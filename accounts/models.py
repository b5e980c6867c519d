from datetime import datetime
from typing import Self
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AccountMailQuerySet(models.QuerySet["AccountMail"]):
    def due(self, at: datetime) -> Self:
        return self.filter(due_at__lte=at)


class AccountMail(models.Model):
    """A mail about somebody's own account, from the request that asks for it until a worker has sent it.

    A row is stored whether or not anybody has the address, so that asking tells nobody who is known here. It
    has nothing that opens an account: the worker derives code and link (see `accounts.secrets`).
    """

    class Kind(models.TextChoices):
        """The name of its templates in `templates/account/email`."""

        LOGIN_CODE = "login_code"
        PASSWORD_RESET = "password_reset_key"
        PASSWORD_WAS_RESET = "password_reset"
        PASSWORD_CHANGED = "password_changed"
        PASSWORD_SET = "password_set"
        ADDRESS_CHANGED = "address_changed"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=30, choices=Kind.choices)
    email = models.EmailField(max_length=254)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)

    objects = AccountMailQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail about an account")
        verbose_name_plural = _("mails about accounts")
        ordering = ["created_at", "pk"]
        indexes = [models.Index(fields=["due_at"], name="account_mail_due")]

    def __str__(self) -> str:
        return self.kind
