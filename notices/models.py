from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notices.kinds import Pace

# How long a worker may hold a notice before another may try: longer than an SMTP time-out.
CLAIM = timedelta(minutes=5)


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, person: models.Model) -> "NoticeQuerySet":
        return self.filter(recipient=person)

    def got(self) -> "NoticeQuerySet":
        """Those that reached their recipient: sent, read, or meant for the inbox alone."""
        return self.filter(
            models.Q(in_inbox=True, by_email=False) | ~models.Q(sent_at=None) | ~models.Q(read_at=None)
        )

    def unread(self) -> "NoticeQuerySet":
        return self.filter(read_at=None)

    def unread_first(self) -> "NoticeQuerySet":
        is_unread = models.ExpressionWrapper(models.Q(read_at=None), models.BooleanField())
        return self.order_by(is_unread.desc(), "-created_at", "-pk")

    def undelivered(self, at: datetime) -> "NoticeQuerySet":
        """Still to be mailed, due by `at`, and in nobody's hands."""
        return self.filter(by_email=True, sent_at=None, failed_at=None, due_at__lte=at).exclude(
            claimed_until__gt=at
        )


class Notice(models.Model):
    """One message to one person: in the product, and by e-mail where they want it.

    `key` says what the notice is about and when (`meeting-reminder:42:7:2026-11-23`); it is unique, so
    posting the same again is harmless.
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
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="notice_undelivered",
                condition=models.Q(by_email=True, sent_at=None, failed_at=None),
            ),
            models.Index(fields=["recipient", "-created_at"], name="notice_inbox"),
            models.Index(
                fields=["recipient"],
                name="notice_unread",
                condition=models.Q(read_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def message_id(self) -> str:
        """The same for every attempt, so that a mail handed over twice is one message."""
        domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip("> ") or "localhost"
        return f"<{self.uuid}@{domain}>"


class NoticePreference(models.Model):
    """That a person does not want a kind of notice by e-mail; without a row they get it."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notice_preferences")
    kind = models.CharField(max_length=60)
    by_email = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("notice preference")
        verbose_name_plural = _("notice preferences")
        constraints = [models.UniqueConstraint(fields=["person", "kind"], name="notice_preference_once")]

    def __str__(self) -> str:
        return self.kind
