from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from matching.models.run import MatchRun
from participants.models import Person, Topic
from programmes.models import Cohort, Enrolment, Role


class ProposedGroupQuerySet(models.QuerySet["ProposedGroup"]):
    def managed_by(self, person: Person) -> Self:
        return self.filter(run__cohort__in=Cohort.objects.managed_by(person))

    def with_seats(self) -> Self:
        seats = Seat.objects.select_related("enrolment__person__unit", "enrolment__person__grade")
        return self.select_related("theme").prefetch_related(models.Prefetch("seats", seats))


class ProposedGroup(models.Model):
    """A group that a run proposes: a theme, its members, and in `breakdown` what they have in common."""

    run = models.ForeignKey(MatchRun, models.CASCADE, related_name="groups", verbose_name=_("match run"))
    theme = models.ForeignKey(Topic, models.PROTECT, related_name="+", verbose_name=_("theme"))
    score = models.PositiveSmallIntegerField(_("score"))
    breakdown = models.JSONField(default=dict)

    objects = ProposedGroupQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposed group")
        verbose_name_plural = _("proposed groups")
        ordering = ["score", "pk"]
        constraints = [models.CheckConstraint(condition=Q(score__lte=1000), name="proposed_group_score")]

    def __str__(self) -> str:
        return " · ".join(str(seat.enrolment.person) for seat in self.seats.all())


class Seat(models.Model):
    """One person's place in a proposed group."""

    group = models.ForeignKey(ProposedGroup, models.CASCADE, related_name="seats")
    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="+")
    role = models.CharField(_("role"), max_length=6, choices=Role.choices)

    class Meta:
        verbose_name = _("place in a proposed group")
        verbose_name_plural = _("places in proposed groups")
        ordering = ["-role", "pk"]  # mentors first
        constraints = [
            models.UniqueConstraint(fields=["group", "enrolment"], name="seat_once"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="seat_role"),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment.person}, {self.get_role_display()}"
