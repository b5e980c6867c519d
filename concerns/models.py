from datetime import datetime
from typing import Self
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from concerns.fields import EncryptedTextField
from domain.states import StateMachine
from matching.models import Member, Mentorship
from participants.models import Person
from programmes.models import Programme, ProgrammeRole


class ConcernQuerySet(models.QuerySet["Concern"]):
    def readable_by(self, confidant: Person) -> Self:
        """Those of the programmes they are confidant of; never where they are a member of the mentorship,
        stand in the reporting line of one, or arrange the meetings of one as their delegate."""
        # Whoever left a group was in it, and stays out of the reach of their own line.
        in_line = Member.of_all_time.filter(mentorship=models.OuterRef("mentorship")).filter(
            Q(enrolment__person=confidant)
            | Q(enrolment__person__line__contains=[confidant.pk])
            | Q(enrolment__person__in=confidant.line)
            | Q(enrolment__person__delegations__delegate=confidant)
        )
        return self.filter(
            programme__in=ProgrammeRole.objects.filter(
                person=confidant, role=ProgrammeRole.Kind.CONFIDANT
            ).values("programme")
        ).filter(
            ~models.Exists(in_line),
            ~Q(raised_by=confidant),
            ~Q(raised_by__line__contains=[confidant.pk]),
            ~Q(raised_by__in=confidant.line),
        )

    def visible_to(self, person: Person) -> Self:
        """Whoever raised it, and the confidants who may read it. No admin path."""
        return self.filter(
            Q(raised_by=person) | Q(pk__in=self.model.objects.readable_by(person).values("pk"))
        )

    def waiting(self) -> Self:
        return self.filter(state=Concern.State.OPEN)

    def with_last_word(self) -> Self:
        """Who wrote the last message, as `last_author`, and since when it stands so, as `since`."""
        last = ConcernMessage.objects.filter(concern=models.OuterRef("pk")).order_by("-written_at", "-pk")
        return self.annotate(
            last_author=models.Subquery(last.values("author")[:1]),
            since=Coalesce(models.Subquery(last.values("written_at")[:1]), "raised_at"),
        )

    def unanswered(self) -> Self:
        """Nobody has taken it, or whoever raised it had the last word."""
        return self.with_last_word().filter(
            Q(state=Concern.State.OPEN) | Q(state=Concern.State.IN_CARE, last_author=models.F("raised_by"))
        )


class Concern(StateMachine):
    """Something told to the confidant. The text lies encrypted."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        IN_CARE = "in_care", _("in care")
        SETTLED = "settled", _("settled")

    TRANSITIONS = {
        State.OPEN: (State.IN_CARE, State.SETTLED),
        State.IN_CARE: (State.SETTLED,),
    }

    class Topic(models.TextChoices):
        RELATIONSHIP = "relationship", _("How we get along")
        PRESSURE = "pressure", _("Pressure or fear of consequences")
        BOUNDARIES = "boundaries", _("A boundary was crossed")
        TIME = "time", _("Time and commitment")
        OTHER = "other", _("Something else")

    class Urgency(models.TextChoices):
        CAN_WAIT = "can_wait", _("It can wait a few days")
        SOON = "soon", _("Soon, please")
        NOW = "now", _("Today, if you can")

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="concerns")
    mentorship = models.ForeignKey(
        Mentorship, models.SET_NULL, null=True, blank=True, related_name="concerns"
    )
    raised_by = models.ForeignKey(Person, models.CASCADE, related_name="concerns_raised")
    request_key = models.UUIDField(default=uuid4, unique=True, editable=False)
    topic = models.CharField(_("what it is about"), max_length=12, choices=Topic.choices)
    urgency = models.CharField(_("how soon"), max_length=8, choices=Urgency.choices, default=Urgency.SOON)
    text = EncryptedTextField(_("what happened"))
    may_contact = models.BooleanField(_("the confidant may contact me"), default=True)
    contact = EncryptedTextField(_("how to reach me"), null=True, blank=True)
    state = models.CharField(max_length=7, choices=State.choices, default=State.OPEN, editable=False)
    confidant = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    last_author: int | None  # of those that come `with_last_word`
    since: datetime  # of those that come `with_last_word`
    is_waiting: bool  # of those in the inbox: whether its reader owes an answer
    raised_at = models.DateTimeField(default=timezone.now)
    taken_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = ConcernQuerySet.as_manager()

    class Meta:
        verbose_name = _("concern")
        verbose_name_plural = _("concerns")
        ordering = ["-raised_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "in_care", "settled"]),
                name="concern_state",
            )
        ]

    def __str__(self) -> str:
        return self.get_topic_display()

    def waits_for(self, confidant: Person) -> bool:
        """Whether `confidant` owes an answer; for those that come `with_last_word`."""
        if self.state == self.State.IN_CARE:
            return self.confidant_id == confidant.pk and self.last_author == self.raised_by_id
        return self.state == self.State.OPEN


class ConcernMessage(models.Model):
    """The exchange between whoever raised a concern and the confidant."""

    concern = models.ForeignKey(Concern, models.CASCADE, related_name="messages")
    author = models.ForeignKey(Person, models.CASCADE, related_name="+")
    request_key = models.UUIDField(default=uuid4, unique=True, editable=False)
    text = EncryptedTextField(_("message"))
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("message about a concern")
        verbose_name_plural = _("messages about concerns")
        ordering = ["written_at", "pk"]

    def __str__(self) -> str:
        return str(self.pk)
