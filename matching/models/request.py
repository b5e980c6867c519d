from datetime import datetime, timedelta
from typing import Self
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from domain.states import StateMachine
from matching.models.mentorship import Mentorship
from participants.models import Person
from programmes.models import Cohort, Enrolment, Programme, Role

REMIND_AFTER = timedelta(days=3)
LAPSES_AFTER = timedelta(days=10)


class RequestQuerySet(models.QuerySet["Request"]):
    def visible_to(self, person: Person) -> Self:
        """The two it is between. It has no admin path."""
        return self.filter(Q(asker__person=person) | Q(asked__person=person))

    def open(self, at: datetime) -> Self:
        """Those that can still be answered: young enough, and both still take part while the cohort runs."""
        return self.filter(
            state=Request.State.OPEN,
            asked_at__gt=at - LAPSES_AFTER,
            asker__state=Enrolment.State.ACCEPTED,
            asked__state=Enrolment.State.ACCEPTED,
            asker__person__is_active=True,
            asked__person__is_active=True,
            asked__cohort__state=Cohort.State.RUNNING,
            asked__cohort__programme__form=Programme.Form.INFORMAL,
        )

    def due_for_reminder(self, at: datetime) -> Self:
        return self.open(at).filter(asked_at__lte=at - REMIND_AFTER)

    def lapsed(self, at: datetime) -> Self:
        """Nobody answered in time, and nobody has put it away yet."""
        return self.filter(state=Request.State.OPEN, asked_at__lte=at - LAPSES_AFTER)

    def with_people(self) -> Self:
        return self.select_related(
            *(f"{who}__person__{of}" for who in ("asker", "asked") for of in ("site", "profile")),
            "asked__cohort__programme",
        )


class Request(StateMachine):
    """One person of an informal cohort asks another to begin a mentorship.

    Whether it has lapsed is told by its times; the sweep puts lapsed ones away and says so once.
    `breakdown` is what the two bring, as in a proposal, when it was asked.
    """

    class State(models.TextChoices):
        OPEN = "open", _("waits for an answer")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")
        LAPSED = "lapsed", _("not answered")
        CLOSED = "closed", _("no longer possible")

    TRANSITIONS = {State.OPEN: (State.ACCEPTED, State.DECLINED, State.WITHDRAWN, State.LAPSED, State.CLOSED)}

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    asker = models.ForeignKey(Enrolment, models.CASCADE, related_name="requests_made")
    asked = models.ForeignKey(Enrolment, models.CASCADE, related_name="requests_received")
    message = models.TextField(_("your message"), max_length=1000)
    breakdown = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN, editable=False)
    asked_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)
    mentorship = models.OneToOneField(
        Mentorship, models.SET_NULL, null=True, blank=True, related_name="request"
    )

    objects = RequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "accepted", "declined", "withdrawn", "lapsed", "closed"]),
                name="request_state",
            ),
            models.CheckConstraint(condition=~Q(asker=F("asked")), name="request_of_two"),
            models.UniqueConstraint(
                Least("asker", "asked"),
                Greatest("asker", "asked"),
                condition=Q(state="open"),
                name="request_open_once",
            ),
            models.UniqueConstraint(
                fields=["asker", "asked"], condition=Q(state="declined"), name="request_declined_once"
            ),
        ]
        indexes = [models.Index(fields=["state", "asked_at"], name="request_by_state")]

    def __str__(self) -> str:
        return f"{self.asker.person} → {self.asked.person}"

    @property
    def mentor_id(self) -> int:
        return self.asker_id if self.asker.role == Role.MENTOR else self.asked_id

    @property
    def mentee_id(self) -> int:
        return self.asked_id if self.asker.role == Role.MENTOR else self.asker_id

    @property
    def lapses_at(self) -> datetime:
        return self.asked_at + LAPSES_AFTER

    def is_open(self, at: datetime) -> bool:
        return self.state == self.State.OPEN and at < self.lapses_at

    def other(self, person: Person) -> Enrolment:
        return self.asked if self.asker.person_id == person.pk else self.asker
