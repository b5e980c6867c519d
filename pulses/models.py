from typing import ClassVar, Self
from uuid import uuid4

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from participants.models import Person
from programmes.models import Cohort, Enrolment, Programme, Role


class OwnQuestion(models.Model):
    """A question HR adds to the pulses of a programme."""

    objects: ClassVar[models.Manager["OwnQuestion"]] = models.Manager()

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="own_questions")
    text = models.CharField(_("question"), max_length=300)
    position = models.PositiveSmallIntegerField(
        _("position"), validators=[MinValueValidator(1), MaxValueValidator(5)]
    )

    class Meta:
        verbose_name = _("question of your own")
        verbose_name_plural = _("questions of your own")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "position"], name="own_question_position"),
            models.CheckConstraint(
                condition=Q(position__gte=1, position__lte=5),
                name="own_question_at_most_five",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def key(self) -> str:
        """Under which its answers lie: another question in the same place never inherits them."""
        return f"own-{self.pk}"

    @property
    def is_answered(self) -> bool:
        return Answer.objects.filter(question=self.key).exists()


class Wave(models.Model):
    """One time the people of a cohort are asked."""

    class Kind(models.TextChoices):
        START = "start", _("before the first meeting")
        MIDDLE = "middle", _("at the middle")
        END = "end", _("at the end")
        SHORT = "short", _("after every second meeting")

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="pulse_waves")
    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices)
    number = models.PositiveSmallIntegerField(default=1)
    opens_on = models.DateField(_("opens"))
    closes_on = models.DateField(_("closes"))

    class Meta:
        verbose_name = _("pulse")
        verbose_name_plural = _("pulses")
        ordering = ["opens_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["cohort", "kind", "number"], name="pulse_wave_once"),
            models.CheckConstraint(
                condition=Q(closes_on__gte=models.F("opens_on")),
                name="pulse_wave_dates",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["start", "middle", "end", "short"]),
                name="pulse_wave_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cohort}: {self.get_kind_display()}"


class InvitationToAnswerQuerySet(models.QuerySet["InvitationToAnswer"]):
    def visible_to(self, person: Person) -> Self:
        return self.filter(enrolment__person=person)


class InvitationToAnswer(models.Model):
    """That a person is asked, until when, and whether they answered: never what, and not when."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    wave = models.ForeignKey(Wave, models.CASCADE, related_name="invitations")
    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="pulse_invitations")
    closes_on = models.DateField(_("closes"))
    is_answered = models.BooleanField(default=False)

    objects = InvitationToAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation to a pulse")
        verbose_name_plural = _("invitations to pulses")
        constraints = [models.UniqueConstraint(fields=["wave", "enrolment"], name="pulse_invitation_once")]

    def __str__(self) -> str:
        return str(self.pk)


class Response(models.Model):
    """One set of answers, with the role and no person: nothing in the database leads back to whom.

    The key is random and there is no time, so that neither tells the order in which people answered.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    wave = models.ForeignKey(Wave, models.CASCADE, related_name="responses")
    role = models.CharField(max_length=6, choices=Role.choices)

    class Meta:
        verbose_name = _("response")
        verbose_name_plural = _("responses")

    def __str__(self) -> str:
        return self.get_role_display()


class Answer(models.Model):
    """From 1, “not at all”, to 5, “fully”. `question` is a key that `pulses.questions` made."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    response = models.ForeignKey(Response, models.CASCADE, related_name="answers")
    question = models.CharField(max_length=40)
    value = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [
            models.UniqueConstraint(fields=["response", "question"], name="pulse_answer_once"),
            models.CheckConstraint(condition=Q(value__gte=1, value__lte=5), name="pulse_answer_range"),
        ]

    def __str__(self) -> str:
        return self.question
