from datetime import datetime, timedelta
from typing import Self
from uuid import UUID, uuid4

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from participants.models import Person

READ_NOTED_EVERY = timedelta(hours=1)


def signer() -> Signer:
    return Signer(salt="meetings.feed", sep=".")


class CalendarFeedQuerySet(models.QuerySet["CalendarFeed"]):
    def visible_to(self, person: Person) -> Self:
        return self.filter(person=person)

    def found_by(self, token: str) -> "CalendarFeed | None":
        """The feed at an address, while its person is in the company. None for whatever else is asked."""
        try:
            key = UUID(signer().unsign(token))
        except (BadSignature, ValueError):
            return None
        return self.select_related("person").filter(key=key, person__is_active=True).first()

    def renew(self, *, person: Person, at: datetime | None = None) -> "CalendarFeed":
        """Give the person an address; one they had before stops at once."""
        feed, _created = self.update_or_create(
            person=person,
            defaults={"key": uuid4(), "created_at": at or timezone.now(), "read_at": None},
        )
        return feed


class CalendarFeed(models.Model):
    """The private address under which a calendar program reads a person's meetings, without signing in.

    The address is `key`, signed: who can read the database but not SECRET_KEY cannot make it up.
    """

    person = models.OneToOneField(Person, models.CASCADE, related_name="calendar_feed")
    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = CalendarFeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")

    def __str__(self) -> str:
        return str(self.person)

    @property
    def token(self) -> str:
        return signer().sign(self.key.hex)

    @property
    def address(self) -> str:
        return settings.SITE_URL + reverse("meetings:feed", args=[self.token])

    @property
    def webcal_address(self) -> str:
        """The same for programs that subscribe at a click."""
        return "webcal:" + self.address.partition(":")[2]

    def note_read(self, at: datetime) -> None:
        """At most once an hour, so that a program that asks often writes little."""
        long_ago = Q(read_at=None) | Q(read_at__lte=at - READ_NOTED_EVERY)
        type(self).objects.filter(long_ago, pk=self.pk).update(read_at=at)
