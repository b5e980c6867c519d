import hashlib
import hmac
from collections.abc import Iterable, Iterator
from datetime import date

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from participants.models.person import Person


class ErasureRequest(models.Model):
    """A person asked to be erased. HR answers: they erase, or say why not; either way the row goes."""

    person = models.OneToOneField(
        Person, models.CASCADE, related_name="erasure_request", verbose_name=_("person")
    )
    asked_at = models.DateTimeField(_("asked on"), default=timezone.now)

    class Meta:
        verbose_name = _("request to be erased")
        verbose_name_plural = _("requests to be erased")
        ordering = ["asked_at", "pk"]

    def __str__(self) -> str:
        return str(self.person)


class ErasedQuerySet(models.QuerySet["Erased"]):
    def of(self, *, email: str, number: str | None = "") -> "ErasedQuerySet":
        """What is remembered of whoever had this address or this number."""
        return self.filter(pk__in=fingerprints(email=email, number=number))

    def remember(self, *, email: str, number: str | None, on: date) -> None:
        self.bulk_create(
            (self.model(pk=mark, erased_on=on) for mark in current_fingerprints(email, number)),
            ignore_conflicts=True,
        )


class Erased(models.Model):
    """That somebody with this address or number was erased, so that no HR file brings them back unnoticed.

    The fingerprint is keyed: with the database alone nobody can be looked up in it, and it leads to no row
    that stayed. See docs/decisions/erasure.md.
    """

    fingerprint = models.CharField(max_length=64, primary_key=True)
    erased_on = models.DateField(_("erased on"))

    objects = ErasedQuerySet.as_manager()

    class Meta:
        verbose_name = _("erased person")
        verbose_name_plural = _("erased people")

    def __str__(self) -> str:
        return self.fingerprint[:8]


def fingerprints(*, email: str, number: str | None = "") -> Iterator[str]:
    """Under today's key and under those it took the place of (SECRET_KEY_FALLBACKS)."""
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        yield from marks(keyed(key), email, number)


def current_fingerprints(email: str, number: str | None) -> Iterator[str]:
    return marks(keyed(settings.SECRET_KEY), email, number)


def keyed(secret: str) -> bytes:
    return hashlib.sha256(b"participants.erased" + secret.encode()).digest()


def marks(key: bytes, email: str, number: str | None) -> Iterator[str]:
    values: Iterable[tuple[str, str]] = (("email", email.strip().lower()), ("number", (number or "").strip()))
    for kind, value in values:
        if value:
            yield hmac.digest(key, f"{kind}:{value}".encode(), "sha256").hex()
