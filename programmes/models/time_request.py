from datetime import datetime, timedelta
from typing import Self
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from participants.models import Person
from programmes.models.cohort import taking_enrolments
from programmes.models.enrolment import Enrolment

REMIND_AFTER = timedelta(days=5)


class TimeRequestQuerySet(models.QuerySet["TimeRequest"]):
    def visible_to(self, person: Person) -> Self:
        """The manager's own: those they answered, and those of people who still report to them."""
        return self.filter(manager=person).filter(~Q(answer="") | Q(enrolment__person__manager=person))

    def open(self) -> Self:
        """Not answered, and an answer would still change something."""
        return self.filter(
            taking_enrolments("enrolment__cohort__"),
            answer="",
            enrolment__state=Enrolment.State.APPLIED,
            enrolment__person__manager=F("manager"),
            manager__is_active=True,
        )

    def due_for_reminder(self, at: datetime) -> Self:
        return self.open().filter(asked_at__lte=at - REMIND_AFTER)


class TimeRequest(models.Model):
    """That a person's line manager was asked for the time an enrolment takes, once.

    Who becomes the manager later is asked anew, while nobody has answered. `capacity` is the number of
    mentorships at a time they were asked for.
    """

    class Answer(models.TextChoices):
        NONE = "", _("no answer yet")
        YES = "yes", _("yes")
        NO = "no", _("not at the moment")

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="time_requests")
    manager = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="time_requests")
    capacity = models.PositiveSmallIntegerField(default=1)
    asked_at = models.DateTimeField(default=timezone.now)
    answer = models.CharField(max_length=3, choices=Answer.choices, blank=True, default=Answer.NONE)
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = TimeRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request for time")
        verbose_name_plural = _("requests for time")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "manager"], name="time_request_once"),
            models.CheckConstraint(condition=Q(answer__in=["", "yes", "no"]), name="time_request_answer"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="time_request_answered_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment.person}: {self.get_answer_display()}"

    def get_absolute_url(self) -> str:
        return reverse("programmes:time", args=[self.uuid])

    @property
    def hours(self) -> float:
        """The hours of all meetings, for as many mentorships as they have time for."""
        cohort = self.enrolment.cohort
        return round(cohort.meetings_planned * cohort.meeting_minutes * self.capacity / 60, 1)
