from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from participants.models import Person
from programmes.models.enrolment import Enrolment
from programmes.models.programme import BriefingPage


class BriefingStepQuerySet(models.QuerySet["BriefingStep"]):
    def visible_to(self, person: Person) -> Self:
        """Whoever wrote it, and nobody else."""
        return self.filter(enrolment__person=person)


class BriefingStep(models.Model):
    """That a person has worked through one page of their briefing, with what they thought of its question.

    `thoughts` are theirs alone. Has no admin path.
    """

    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="briefing_steps")
    page = models.ForeignKey(BriefingPage, models.CASCADE, related_name="+")
    thoughts = models.TextField(max_length=2000, blank=True)
    done_at = models.DateTimeField()

    objects = BriefingStepQuerySet.as_manager()

    class Meta:
        verbose_name = _("step of a briefing")
        verbose_name_plural = _("steps of a briefing")
        constraints = [models.UniqueConstraint(fields=["enrolment", "page"], name="briefing_step_once")]

    def __str__(self) -> str:
        return str(self.pk)
