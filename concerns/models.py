from datetime import datetime
from typing import Self
from uuid import uuid4

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from concerns.fields import EncryptedTextField
from concerns.independence import has_part
from domain.states import StateMachine
from matching.models import Mentorship
from participants.models import Person
from programmes.models import Programme, ProgrammeRole


class ReaderQuerySet(models.QuerySet["Reader"]):
    def reading(self) -> Self:
        """Readers who may read now: active, neither HR admin nor coordinator of the programme, and of another
        line than its author and all members of the mentorship. Whether they still are a confidant counts for
        nothing: whoever can take that role away could silence them."""
        coordinates = ProgrammeRole.objects.filter(
            role=ProgrammeRole.Kind.COORDINATOR,
            programme=OuterRef("concern__programme"),
            person=OuterRef("person"),
        )
        return self.filter(
            ~Exists(coordinates),
            ~Exists(has_part("person", OuterRef("concern__mentorship"))),
            ~Q(person=F("concern__raised_by")),
            ~Q(concern__raised_by__line__contains=[F("person")]),
            ~Q(person__line__contains=[F("concern__raised_by")]),
            person__is_active=True,
            person__is_hr_admin=False,
        )


class ConcernQuerySet(models.QuerySet["Concern"]):
    def readable_by(self, confidant: Person) -> Self:
        """Those they were made a reader of, while they may read them."""
        return self.filter(pk__in=Reader.objects.reading().filter(person=confidant).values("concern"))

    def visible_to(self, person: Person) -> Self:
        """Whoever raised it, and its readers. No admin path."""
        return self.filter(
            Q(raised_by=person) | Q(pk__in=self.model.objects.readable_by(person).values("pk"))
        )

    def waiting(self, at: datetime) -> Self:
        """For an answer: nobody has taken it, or whoever raised it wrote last."""
        return self.filter(waits_since__lte=at)

    def unread(self) -> Self:
        """Unsettled ones that nobody may read any more, whose author is still here."""
        return self.filter(
            ~Exists(Reader.objects.reading().filter(concern=OuterRef("pk"))), raised_by__is_active=True
        ).exclude(state=Concern.State.SETTLED)

    def with_care(self) -> Self:
        """Whether anybody may read it now, as `is_read`, and whoever has it in care, as `is_cared_for`."""
        reading = Reader.objects.reading().filter(concern=OuterRef("pk"))
        return self.annotate(
            is_read=Exists(reading), is_cared_for=Exists(reading.filter(person=OuterRef("confidant")))
        )


class Concern(StateMachine):
    """Something told to the confidant. The text lies encrypted."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        IN_CARE = "in_care", _("in care")
        SETTLED = "settled", _("settled")

    TRANSITIONS = {
        State.OPEN: (State.IN_CARE, State.SETTLED),
        State.IN_CARE: (State.SETTLED, State.OPEN),
        State.SETTLED: (State.OPEN, State.IN_CARE),
    }
    """Back to open when it is handed over; from settled when its author writes again."""

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
    is_read: bool  # of those that come `with_care`
    is_cared_for: bool  # of those that come `with_care`
    is_waiting: bool  # of those in the inbox: whether its reader owes an answer
    raised_at = models.DateTimeField(default=timezone.now)
    waits_since = models.DateTimeField(null=True, blank=True, default=timezone.now)
    """Since when its author waits for an answer. Stored, because erasing people deletes the messages it could
    be told from, and what staff see of it must not tell who was erased."""
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

    @property
    def shown_state(self) -> State:
        """What people are told of its state: open where whoever has it in care cannot read it any more. For
        those that come `with_care`."""
        is_left = self.state == self.State.IN_CARE and not self.is_cared_for
        return self.State.OPEN if is_left else self.State(self.state)

    def waits_for(self, confidant: Person) -> bool:
        """Whether `confidant` owes an answer; for those that come `with_care`."""
        return self.waits_since is not None and (self.confidant_id == confidant.pk or not self.is_cared_for)

    def readers_now(self) -> list[Person]:
        """Who may read it now besides its author, by name."""
        reading = Reader.objects.reading().filter(concern=self)
        return list(Person.objects.filter(pk__in=reading.values("person")))


class Reader(models.Model):
    """Somebody who may read a concern: a confidant when it was raised, or whom it was handed over to."""

    concern = models.ForeignKey(Concern, models.CASCADE, related_name="readers")
    person = models.ForeignKey(Person, models.CASCADE, related_name="concerns_read")
    since = models.DateTimeField(default=timezone.now)
    handed_over_by = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = ReaderQuerySet.as_manager()

    class Meta:
        verbose_name = _("reader of a concern")
        verbose_name_plural = _("readers of concerns")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["concern", "person"], name="concern_reader_once")]

    def __str__(self) -> str:
        return str(self.pk)


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
