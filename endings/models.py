from typing import Self
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from matching.models import Member, Mentorship
from participants.models import Person
from programmes.models import Cohort, Enrolment, Role


class FarewellQuerySet(models.QuerySet["Farewell"]):
    def visible_to(self, person: Person) -> Self:
        """The members of the mentorship. There is no admin path."""
        return self.filter(member__mentorship__in=Mentorship.objects.visible_to(person))


class Farewell(models.Model):
    """What a member says at the end: thanks the others read, and whether they would like to stay in touch,
    which the others learn only when all would."""

    member = models.OneToOneField(Member, models.CASCADE, related_name="farewell")
    thanks = models.TextField(_("thanks"), max_length=1000, blank=True)
    stays_in_touch = models.BooleanField(_("stay in touch"), null=True, blank=True)
    written_at = models.DateTimeField(default=timezone.now)

    objects = FarewellQuerySet.as_manager()

    class Meta:
        verbose_name = _("farewell")
        verbose_name_plural = _("farewells")

    def __str__(self) -> str:
        return str(self.pk)


class LookBackQuerySet(models.QuerySet["LookBack"]):
    def visible_to(self, person: Person) -> Self:
        return self.filter(enrolment__person=person)


class LookBack(models.Model):
    """That somebody was asked, weeks later, whether they would do it again, and whether they answered: never
    what, and not when."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    enrolment = models.OneToOneField(Enrolment, models.CASCADE, related_name="look_back")
    asked_on = models.DateField()
    is_answered = models.BooleanField(default=False)

    objects = LookBackQuerySet.as_manager()

    class Meta:
        verbose_name = _("look back")
        verbose_name_plural = _("looks back")

    def __str__(self) -> str:
        return str(self.pk)


class Again(models.Model):
    """One answer to “would you do it again?”, with the role and no person, no time and no order."""

    class Answer(models.TextChoices):
        SAME = "same", _("Yes, in the same role")
        OTHER = "other", _("Yes, in the other role")
        UNSURE = "unsure", _("I am not sure")
        NO = "no", _("No")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="would_do_it_again")
    role = models.CharField(max_length=6, choices=Role.choices)
    answer = models.CharField(max_length=6, choices=Answer.choices)

    class Meta:
        verbose_name = _("would do it again")
        verbose_name_plural = _("would do it again")
        constraints = [
            models.CheckConstraint(
                condition=Q(answer__in=["same", "other", "unsure", "no"]), name="again_answer"
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="again_role"),
        ]

    def __str__(self) -> str:
        return self.get_answer_display()
