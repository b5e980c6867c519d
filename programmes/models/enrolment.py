from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from domain.states import StateMachine
from participants.models import Person
from programmes.models.cohort import Cohort
from programmes.models.programme import Programme
from programmes.models.roles import Role

HOURS_OF_WEEK = 7 * 24


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    def visible_to(self, person: Person) -> "EnrolmentQuerySet":
        return self.filter(Q(person=person) | Q(cohort__programme__in=Programme.objects.managed_by(person)))

    def accepted(self) -> "EnrolmentQuerySet":
        return self.filter(state=Enrolment.State.ACCEPTED)


class Enrolment(StateMachine):
    """A person in a cohort, in a role, with the time they have for it.

    `weekly_hours` are the hours they could meet, in their own time zone: 0 is Monday 00:00 to 01:00,
    167 is Sunday 23:00 to 24:00.
    """

    class State(models.TextChoices):
        APPLIED = "applied", _("applied")
        ACCEPTED = "accepted", _("accepted")
        WAITLISTED = "waitlisted", _("on the waiting list")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")

    TRANSITIONS = {
        State.APPLIED: (
            State.ACCEPTED,
            State.WAITLISTED,
            State.DECLINED,
            State.WITHDRAWN,
        ),
        State.WAITLISTED: (State.ACCEPTED, State.DECLINED, State.WITHDRAWN),
        State.ACCEPTED: (State.WITHDRAWN,),
        State.DECLINED: (State.WITHDRAWN,),
    }

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="enrolments", verbose_name=_("cohort"))
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="enrolments",
        verbose_name=_("person"),
    )
    role = models.CharField(_("role"), max_length=6, choices=Role.choices)
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=State.choices,
        default=State.APPLIED,
        editable=False,
    )
    capacity = models.PositiveSmallIntegerField(
        _("mentorships at a time"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(10)],
    )
    meets_remotely = models.BooleanField(_("by video"), default=True)
    meets_on_site = models.BooleanField(_("on site"), default=True)
    weekly_hours = ArrayField(
        models.PositiveSmallIntegerField(),
        default=list,
        blank=True,
        verbose_name=_("hours in the week"),
    )
    hopes = models.TextField(_("what I hope for"), max_length=1000, blank=True)
    applied_at = models.DateTimeField(default=timezone.now, editable=False)
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)
    briefed_at = models.DateTimeField(_("briefing done"), null=True, blank=True, editable=False)
    briefing_waived = models.BooleanField(_("briefing waived"), default=False)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        ordering = ["-applied_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cohort", "person"],
                name="enrolment_once",
                violation_error_message=_("This person is enrolled in this cohort already."),
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "applied",
                        "accepted",
                        "waitlisted",
                        "declined",
                        "withdrawn",
                    ]
                ),
                name="enrolment_state",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="enrolment_role"),
            models.CheckConstraint(
                condition=Q(capacity__gte=1, capacity__lte=10),
                name="enrolment_capacity",
            ),
            models.CheckConstraint(
                condition=Q(meets_remotely=True) | Q(meets_on_site=True),
                name="enrolment_meets_somehow",
                violation_error_message=_("Choose at least one way to meet."),
            ),
            models.CheckConstraint(
                condition=Q(weekly_hours__contained_by=list(range(HOURS_OF_WEEK))),
                name="enrolment_weekly_hours",
            ),
        ]
        indexes = [models.Index(fields=["cohort", "state", "role"], name="enrolment_by_state")]

    def __str__(self) -> str:
        return f"{self.person}, {self.get_role_display()}"

    @property
    def is_briefed(self) -> bool:
        return self.briefing_waived or self.briefed_at is not None


class Wish(models.Model):
    """Somebody the person would like to be matched with; rank 1 is the dearest."""

    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="wishes")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    rank = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("wish")
        verbose_name_plural = _("wishes")
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "person"], name="wish_once"),
            models.UniqueConstraint(
                fields=["enrolment", "rank"],
                name="wish_rank_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]

    def __str__(self) -> str:
        return str(self.rank)


class AvoidanceQuerySet(models.QuerySet["Avoidance"]):
    def visible_to(self, person: Person) -> "AvoidanceQuerySet":
        """Their author alone; the solver reads them without a viewer."""
        return self.filter(enrolment__person=person)


class Avoidance(models.Model):
    """Somebody the person would rather not be matched with. Has no admin path."""

    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="avoidances")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")

    objects = AvoidanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("avoidance")
        verbose_name_plural = _("avoidances")
        constraints = [models.UniqueConstraint(fields=["enrolment", "person"], name="avoidance_once")]

    def __str__(self) -> str:
        return str(self.pk)
