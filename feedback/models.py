from datetime import datetime, timedelta
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from matching.models import Member, Mentorship
from participants.models import Person

SHOWN_AFTER = timedelta(days=7)


class FeedbackQuerySet(models.QuerySet["Feedback"]):
    def visible_to(self, person: Person, at: datetime | None = None) -> "FeedbackQuerySet":
        """What one wrote; and what one was given, once one has written back or after a week."""
        returned = Feedback.objects.filter(
            author=models.OuterRef("recipient"), recipient=models.OuterRef("author")
        )
        shown = models.Exists(returned) | Q(written_at__lte=(at or timezone.now()) - SHOWN_AFTER)
        return self.filter(mentorship__in=Mentorship.objects.visible_to(person)).filter(
            Q(author__enrolment__person=person) | (Q(recipient__enrolment__person=person) & shown)
        )


class Feedback(models.Model):
    """From one member to another, on purpose. It goes nowhere else."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    mentorship = models.ForeignKey(Mentorship, models.CASCADE, related_name="feedback")
    author = models.ForeignKey(Member, models.CASCADE, related_name="feedback_given")
    recipient = models.ForeignKey(Member, models.CASCADE, related_name="feedback_received")
    request_key = models.UUIDField(default=uuid4, unique=True, editable=False)
    helped = models.TextField(_("what helped"), max_length=2000)
    to_try = models.TextField(_("what to try"), max_length=2000, blank=True)
    written_at = models.DateTimeField(default=timezone.now)

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        ordering = ["-written_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(author=F("recipient")), name="feedback_to_another")
        ]

    def __str__(self) -> str:
        return str(self.pk)
