from datetime import date, datetime, timedelta
from typing import Self
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from domain.states import StateMachine
from participants.models import Person
from participants.time_zones import validate_time_zone, zone_named
from programmes.models.programme import Eligibility, Programme
from programmes.models.roles import Role

BEFORE_THE_END = timedelta(days=14)
"""So long before the end the last pulse is asked."""


def default_check_in_weeks() -> list[int]:
    return [6, 13, 24]


def taking_enrolments(prefix: str = "") -> Q:
    """Cohorts whose state lets people in; `Cohort.is_open` adds the days. One that is informal stays open
    while it runs: people find each other whenever they come."""
    return Q(**{f"{prefix}state": "enrolling"}) | Q(
        **{f"{prefix}state": "running", f"{prefix}programme__form": Programme.Form.INFORMAL}
    )


class CohortQuerySet(models.QuerySet["Cohort"]):
    def managed_by(self, person: Person) -> Self:
        return self.filter(programme__in=Programme.objects.managed_by(person))

    def visible_to(self, person: Person) -> Self:
        """Staff: those of their programmes. Everybody else, once enrolment was opened: those they were
        invited to, take part in, or could enrol in by the rules; who comes too late is told so."""
        begun = ~Q(state=Cohort.State.DRAFT)
        return self.filter(
            Q(programme__in=Programme.objects.managed_by(person))
            | (begun & Q(invitations__person=person))
            | (begun & Q(enrolments__person=person))
            | (begun & Q(programme__in=Eligibility.objects.admitting(person).values("programme")))
        ).distinct()

    def with_people_waiting(self) -> Self:
        """Those with places for some, in which somebody is on the waiting list."""
        giving = taking_enrolments() | Q(state=Cohort.State.MATCHING)
        return self.filter(giving, enrolments__state="waitlisted").distinct()

    def open_to(self, person: Person) -> Self:
        """Those in which the rules of the programme let `person` enrol without an invitation."""
        return self.filter(
            taking_enrolments(), programme__in=Eligibility.objects.admitting(person).values("programme")
        )


class Cohort(StateMachine):
    """One run of a programme with its dates, rhythm and people."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        ENROLLING = "enrolling", _("enrolling")
        MATCHING = "matching", _("matching")
        RUNNING = "running", _("running")
        CLOSED = "closed", _("closed")
        ARCHIVED = "archived", _("archived")

    TRANSITIONS = {
        State.DRAFT: (State.ENROLLING,),
        State.ENROLLING: (State.MATCHING, State.RUNNING),  # an informal cohort is not matched
        State.MATCHING: (State.RUNNING,),
        State.RUNNING: (State.CLOSED,),
        State.CLOSED: (State.ARCHIVED,),
    }

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    programme = models.ForeignKey(
        Programme, models.PROTECT, related_name="cohorts", verbose_name=_("programme")
    )
    name = models.CharField(_("name"), max_length=80, help_text=_("For example: Autumn 2026."))
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=State.choices,
        default=State.DRAFT,
        editable=False,
    )
    enrolment_opens_on = models.DateField(_("enrolment opens"))
    enrolment_closes_on = models.DateField(_("enrolment closes"))
    starts_on = models.DateField(_("starts"))
    ends_on = models.DateField(_("ends"))
    time_zone = models.CharField(
        _("time zone of the deadlines"),
        max_length=64,
        default="Europe/Berlin",
        validators=[validate_time_zone],
    )
    meetings_planned = models.PositiveSmallIntegerField(
        _("meetings planned"),
        default=6,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )
    weeks_between = models.PositiveSmallIntegerField(
        _("weeks between meetings"),
        default=4,
        validators=[MinValueValidator(1), MaxValueValidator(26)],
    )
    meeting_minutes = models.PositiveSmallIntegerField(
        _("minutes of a meeting"),
        default=60,
        validators=[MinValueValidator(15), MaxValueValidator(240)],
    )
    check_in_weeks = ArrayField(
        models.PositiveSmallIntegerField(),
        default=default_check_in_weeks,
        verbose_name=_("check-ins after weeks"),
        help_text=_("Weeks after the start, separated by commas: each member is asked how the goals stand."),
    )
    places = models.PositiveIntegerField(
        _("places per role"),
        null=True,
        blank=True,
        help_text=_("Empty: as many as enrol."),
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = CohortQuerySet.as_manager()

    class Meta:
        verbose_name = _("cohort")
        verbose_name_plural = _("cohorts")
        ordering = ["-starts_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "name"], name="cohort_name_unique"),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "draft",
                        "enrolling",
                        "matching",
                        "running",
                        "closed",
                        "archived",
                    ]
                ),
                name="cohort_state",
            ),
            models.CheckConstraint(
                condition=Q(
                    enrolment_opens_on__lte=F("enrolment_closes_on"),
                    enrolment_closes_on__lte=F("starts_on"),
                    starts_on__lt=F("ends_on"),
                ),
                name="cohort_dates_in_order",
                violation_error_message=_(
                    "The dates follow each other: enrolment opens, enrolment closes, start, end."
                ),
            ),
            models.CheckConstraint(
                condition=Q(
                    meetings_planned__gte=1,
                    weeks_between__gte=1,
                    meeting_minutes__gte=15,
                ),
                name="cohort_rhythm",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme}, {self.name}"

    def get_absolute_url(self) -> str:
        """The cohort as a participant sees it."""
        return reverse("programmes:detail", args=[self.uuid])

    @property
    def zone(self) -> ZoneInfo:
        return zone_named(self.time_zone)

    def today(self, at: datetime | None = None) -> date:
        return (at or timezone.now()).astimezone(self.zone).date()

    def is_open(self, at: datetime | None = None) -> bool:
        """Whether people can enrol: the deadline ends with its day in the cohort's time zone."""
        return self.takes_enrolments and self.enrolment_opens_on <= self.today(at) <= self.last_day_to_enrol

    @property
    def is_informal(self) -> bool:
        return self.programme.form == Programme.Form.INFORMAL

    @property
    def is_of_groups(self) -> bool:
        return self.programme.form == Programme.Form.GROUP

    @property
    def takes_enrolments(self) -> bool:
        return self.state == self.State.ENROLLING or (self.state == self.State.RUNNING and self.is_informal)

    @property
    def last_day_to_enrol(self) -> date:
        """An informal cohort can be joined until it ends."""
        return self.ends_on if self.is_informal else self.enrolment_closes_on

    def roles_for(self, person: Person) -> list[Role]:
        """The roles `person` may enrol in: by the rules of the programme, or because they were asked."""
        asked = self.invitations.filter(person=person).values_list("role", flat=True)
        admitted = Eligibility.objects.admitting(person).filter(programme=self.programme_id)
        open_to = {*asked, *admitted.values_list("role", flat=True)}
        return [role for role in Role if role in open_to]

    def has_place(self, role: str) -> bool:
        """Whether one more fits in. Somebody who has left the company takes no place."""
        taken = self.enrolments.filter(role=role, state="accepted", person__is_active=True)
        return self.places is None or taken.count() < self.places

    def check_in_dates(self) -> list[date]:
        return [self.starts_on + timedelta(weeks=weeks) for weeks in sorted(self.check_in_weeks)]

    def meeting_days(self) -> list[date]:
        """By when the rhythm expects each meeting: the first one interval after the start."""
        step = timedelta(weeks=self.weeks_between)
        days = [self.starts_on + step * number for number in range(1, self.meetings_planned + 1)]
        return [day for day in days if day <= self.ends_on]

    def pulse_days(self) -> dict[str, date]:
        """When the pulses of the course open at the earliest, by the kind of their wave."""
        return {
            "start": self.starts_on,
            "middle": self.starts_on + (self.ends_on - self.starts_on) / 2,
            "end": self.ends_on - BEFORE_THE_END,
        }

    def meetings_due(self, at: datetime | None = None) -> int:
        """How many meetings the rhythm expects by `at`: the first one interval after the start."""
        weeks = (min(self.today(at), self.ends_on) - self.starts_on).days // 7
        return max(0, min(self.meetings_planned, weeks // self.weeks_between))
