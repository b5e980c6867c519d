from datetime import datetime
from typing import Self
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notices.kinds import DIGEST, Pace


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, person: models.Model | models.OuterRef) -> Self:
        return self.filter(recipient=person)

    def in_inbox(self) -> Self:
        return self.filter(in_inbox=True)

    def got(self) -> Self:
        """Those that reached their recipient: sent, read, or meant for the inbox alone."""
        return self.filter(Q(in_inbox=True, by_email=False) | ~Q(sent_at=None) | ~Q(read_at=None))

    def unread(self) -> Self:
        return self.filter(in_inbox=True, read_at=None)

    def unread_first(self) -> Self:
        is_unread = models.ExpressionWrapper(Q(read_at=None), models.BooleanField())
        return self.order_by(is_unread.desc(), "-created_at", "-pk")

    def undelivered(self) -> Self:
        """Still to be mailed, now or later."""
        return self.filter(by_email=True, sent_at=None, failed_at=None)

    def due(self, at: datetime) -> Self:
        """To be mailed by themselves now, and in nobody's hands. What waits for a digest is not among them,
        the digest is."""
        return self.undelivered().filter(due_at__lte=at, claimed_by=None).exclude(pace=Pace.DIGEST)

    def to_collect(self, at: datetime) -> Self:
        """What the next digest of its recipient shall list."""
        return self.undelivered().filter(due_at__lte=at, pace=Pace.DIGEST, digest=None)


class Notice(models.Model):
    """One message to one person: in the product, and by e-mail where they want it.

    `key` says what the notice is about and when (`meeting-reminder:42:7:2026-11-23`); it is unique, so
    posting the same again is harmless. A digest is a notice too, without a text and in no inbox: the mail
    that lists others, which point to it in `digest`. Its key holds person and day, so there is one a day.
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200, unique=True)
    language = models.CharField(max_length=5)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    url = models.CharField(max_length=500, blank=True)
    label = models.CharField(max_length=100, blank=True)
    mail_url = models.CharField(max_length=500, blank=True)
    calendar = models.TextField(blank=True)
    pace = models.CharField(max_length=12, choices=Pace.choices, default=Pace.AT_ONCE)
    meeting_at = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    in_inbox = models.BooleanField(default=True)
    by_email = models.BooleanField(default=True)
    digest = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="collected")
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_by = models.PositiveIntegerField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(digest=None) | Q(pace=Pace.DIGEST), name="notice_collected_only_with_that_pace"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                name="notice_due",
                condition=Q(by_email=True, sent_at=None, failed_at=None, claimed_by=None)
                & ~Q(pace=Pace.DIGEST),
            ),
            models.Index(
                fields=["due_at"],
                name="notice_to_collect",
                condition=Q(by_email=True, sent_at=None, failed_at=None, pace=Pace.DIGEST, digest=None),
            ),
            models.Index(fields=["claimed_by"], name="notice_claimed", condition=~Q(claimed_by=None)),
            models.Index(fields=["failed_at"], name="notice_failed", condition=~Q(failed_at=None)),
            models.Index(fields=["recipient", "-created_at"], name="notice_inbox"),
            models.Index(
                fields=["recipient"],
                name="notice_unread",
                condition=Q(read_at=None, in_inbox=True),
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def is_digest(self) -> bool:
        return self.kind == DIGEST

    @property
    def message_id(self) -> str:
        """The same for every attempt, so that a mail handed over twice is one message."""
        domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip("> ") or "localhost"
        return f"<{self.uuid}@{domain}>"


class ImmediateMail(models.Model):
    """The one notice that goes to a person at once on a day of theirs; whoever is second is collected."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    day = models.DateField()
    notice = models.ForeignKey(Notice, models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("immediate mail")
        verbose_name_plural = _("immediate mails")
        constraints = [models.UniqueConstraint(fields=["person", "day"], name="immediate_mail_one_a_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.notice_id}"


class RefusedAddress(models.Model):
    """An address a mail server refused for good. Nothing is sent to it any more; another one is tried."""

    email = models.EmailField(unique=True)
    refused_at = models.DateTimeField(default=timezone.now)
    words = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("refused address")
        verbose_name_plural = _("refused addresses")
        ordering = ["-refused_at"]

    def __str__(self) -> str:
        return self.email


class NoticePreference(models.Model):
    """Where a person wants a kind of notice; without a row it stands as its kind says."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notice_preferences")
    kind = models.CharField(max_length=60)
    by_email = models.BooleanField(default=True)
    in_inbox = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("notice preference")
        verbose_name_plural = _("notice preferences")
        constraints = [models.UniqueConstraint(fields=["person", "kind"], name="notice_preference_once")]

    def __str__(self) -> str:
        return self.kind
