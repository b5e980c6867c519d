from datetime import datetime, timedelta
from typing import Self
from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from domain.states import StateMachine
from participants.models import Person
from programmes.models.cohort import Cohort, taking_enrolments
from programmes.models.programme import BriefingPage, Programme
from programmes.models.roles import Role

HOURS_OF_WEEK = 7 * 24
DRAFT_RESTS = timedelta(days=1)
BRIEFING_RESTS = timedelta(days=3)


def pages_of_the_role() -> models.QuerySet[BriefingPage]:
    return BriefingPage.objects.filter(
        programme=models.OuterRef("cohort__programme"), role=models.OuterRef("role")
    )


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    def visible_to(self, person: Person) -> Self:
        """Their own, and those sent to the programmes they run: what is not sent yet nobody else sees."""
        run_by_them = Q(cohort__programme__in=Programme.objects.managed_by(person))
        return self.filter(Q(person=person) | (run_by_them & ~Q(state=Enrolment.State.DRAFT)))

    def sent(self) -> Self:
        return self.exclude(state=Enrolment.State.DRAFT)

    def drafts(self) -> Self:
        return self.filter(state=Enrolment.State.DRAFT)

    def accepted(self) -> Self:
        return self.filter(state=Enrolment.State.ACCEPTED)

    def undecided(self) -> Self:
        """Those that wait for the coordinator: not for a line manager who can still answer."""
        from programmes.models.time_request import TimeRequest

        asked = TimeRequest.objects.open().filter(enrolment=models.OuterRef("pk"))
        return self.filter(~Exists(asked), state=Enrolment.State.APPLIED)

    def unbriefed(self) -> Self:
        """Those who have pages to work through before their first meeting, and have not finished them. A
        programme without pages for a role holds nobody up."""
        return self.accepted().filter(
            Exists(pages_of_the_role()),
            briefed_at=None,
            briefing_waived=False,
        )

    def with_standing(self) -> Self:
        """Adds what `programmes.standing` tells: whether there is a briefing, and was begun, and the line
        manager asked last, with the answer ("" without one yet, None where nobody was asked)."""
        from programmes.models.briefing import BriefingStep
        from programmes.models.time_request import TimeRequest

        asked = TimeRequest.objects.filter(enrolment=models.OuterRef("pk")).order_by("-asked_at", "-pk")
        return self.annotate(
            has_briefing=Exists(pages_of_the_role()),
            has_begun_briefing=Exists(BriefingStep.objects.filter(enrolment=models.OuterRef("pk"))),
            asked_name=models.Subquery(asked.values("manager__name")[:1]),
            asked_answer=models.Subquery(asked.values("answer")[:1]),
        )

    def with_an_unasked_manager(self) -> Self:
        """Those that wait for a word of the line manager, whose manager of today was not asked and who have
        no answer yet: the manager changed, or there was none."""
        asked_now = Q(time_requests__manager=models.F("person__manager"))
        return (
            self.filter(
                state=Enrolment.State.APPLIED,
                cohort__state=Cohort.State.ENROLLING,
                cohort__programme__asks_line_manager=True,
                person__is_active=True,
                person__manager__is_active=True,
            )
            .exclude(
                pk__in=Enrolment.objects.filter(
                    asked_now | ~Q(time_requests__answer=""), time_requests__isnull=False
                ).values("pk")
            )
            .select_related("person__manager", "cohort__programme")
        )

    def left_unfinished(self, at: datetime) -> Self:
        """Drafts nobody has touched for a day, while people can still enrol. Which of them hear of it now
        is for `Cohort.is_open` and the days left to decide, in the cohort's time zone."""
        return self.drafts().filter(
            taking_enrolments("cohort__"),
            saved_at__lte=at - DRAFT_RESTS,
            person__is_active=True,
            cohort__ends_on__gte=at.date() - timedelta(days=1),
        )

    def briefing_awaited(self, at: datetime) -> Self:
        """Unbriefed members of a mentorship that was confirmed three days ago and goes on."""
        return (
            self.unbriefed()
            .filter(
                person__is_active=True,
                memberships__left_at=None,
                memberships__mentorship__state__in=("confirmed", "active"),
                memberships__mentorship__confirmed_at__lte=at - BRIEFING_RESTS,
            )
            .distinct()
        )


class Enrolment(StateMachine):
    """A person in a cohort, in a role, with the time they have for it.

    `weekly_hours` are the hours they could meet, in their own time zone: 0 is Monday 00:00 to 01:00,
    167 is Sunday 23:00 to 24:00. A draft is being filled in, `step` by step, and is its person's alone.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("not sent yet")
        APPLIED = "applied", _("applied")
        ACCEPTED = "accepted", _("accepted")
        WAITLISTED = "waitlisted", _("on the waiting list")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")

    TRANSITIONS = {
        State.DRAFT: (State.APPLIED, State.WITHDRAWN),
        State.APPLIED: (
            State.ACCEPTED,
            State.WAITLISTED,
            State.DECLINED,
            State.WITHDRAWN,
        ),
        State.WAITLISTED: (State.ACCEPTED, State.DECLINED, State.WITHDRAWN),
        State.ACCEPTED: (State.WITHDRAWN,),
        State.DECLINED: (State.WITHDRAWN,),
        State.WITHDRAWN: (State.DRAFT,),
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
    step = models.CharField(max_length=10, blank=True, editable=False)
    saved_at = models.DateTimeField(default=timezone.now, editable=False)
    # Of those that come `with_standing`.
    has_briefing: bool
    has_begun_briefing: bool
    asked_name: str | None
    asked_answer: str | None

    applied_at = models.DateTimeField(default=timezone.now, editable=False)
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)
    # They withdrew themselves, before anybody had decided against them.
    may_return = models.BooleanField(default=False, editable=False)
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
                        "draft",
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
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT

    @property
    def is_editable(self) -> bool:
        """What they told can be changed until matching starts; the role only before it is sent."""
        return self.cohort.takes_enrolments and self.state in (
            self.State.DRAFT,
            self.State.APPLIED,
            self.State.WAITLISTED,
            self.State.ACCEPTED,
        )

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
    def visible_to(self, person: Person) -> Self:
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
