from datetime import datetime, timedelta
from typing import Self
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from domain.states import StateMachine
from matching.models import Member, Mentorship
from participants.models import Person

SHOWN_AFTER = timedelta(days=7)
ROUND = timedelta(days=28)
"""How far back words count as written in the same round: the middle and the end lie further apart."""


class FeedbackQuerySet(models.QuerySet["Feedback"]):
    def shown(self, at: datetime | None = None) -> Self:
        """Open to its recipient: they have written too, in the same round or since, or a week has passed."""
        returned = Feedback.objects.filter(
            author=models.OuterRef("recipient"),
            recipient=models.OuterRef("author"),
            written_at__gt=models.OuterRef("written_at") - ROUND,
        )
        return self.filter(models.Exists(returned) | Q(written_at__lte=(at or timezone.now()) - SHOWN_AFTER))

    def visible_to(self, person: Person, at: datetime | None = None) -> Self:
        """What one wrote; and what one was given, once it is shown."""
        return self.filter(mentorship__in=Mentorship.objects.visible_to(person)).filter(
            Q(author__enrolment__person=person)
            | (
                Q(recipient__enrolment__person=person)
                & Q(
                    pk__in=Feedback.objects.shown(at).filter(recipient__enrolment__person=person).values("pk")
                )
            )
        )


class Feedback(models.Model):
    """From one member to another, on purpose. It goes nowhere else."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    mentorship = models.ForeignKey(Mentorship, models.CASCADE, related_name="feedback")
    author = models.ForeignKey(Member, models.CASCADE, related_name="feedback_given")
    recipient = models.ForeignKey(Member, models.CASCADE, related_name="feedback_received")
    request_key = models.UUIDField(default=uuid4, unique=True, editable=False)
    helped = models.TextField(_("what helped"), max_length=2000)
    to_try = models.TextField(_("what to try"), max_length=2000, blank=True)
    written_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        ordering = ["-written_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(author=F("recipient")), name="feedback_to_another")
        ]

    def __str__(self) -> str:
        return str(self.pk)


class TopicOfferQuerySet(models.QuerySet["TopicOffer"]):
    def visible_to(self, person: Person) -> Self:
        return self.filter(mentorship__in=Mentorship.objects.visible_to(person))

    def with_people(self) -> Self:
        return self.select_related("member__enrolment__person", "taken_up_by__enrolment__person")


class TopicOffer(StateMachine):
    """Something a member could tell or show the others, beyond what the mentorship is about, so that the
    exchange runs both ways."""

    class State(models.TextChoices):
        OFFERED = "offered", _("offered")
        TAKEN_UP = "taken_up", _("taken up")
        WITHDRAWN = "withdrawn", _("withdrawn")

    TRANSITIONS = {State.OFFERED: (State.TAKEN_UP, State.WITHDRAWN)}

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    mentorship = models.ForeignKey(Mentorship, models.CASCADE, related_name="topic_offers")
    member = models.ForeignKey(Member, models.CASCADE, related_name="topics_offered")
    request_key = models.UUIDField(default=uuid4, unique=True, editable=False)
    title = models.CharField(_("topic"), max_length=120)
    note = models.CharField(_("what about it"), max_length=500, blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.OFFERED, editable=False)
    offered_at = models.DateTimeField(default=timezone.now)
    taken_up_by = models.ForeignKey(Member, models.CASCADE, null=True, blank=True, related_name="+")
    taken_up_at = models.DateTimeField(null=True, blank=True)

    objects = TopicOfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("offered topic")
        verbose_name_plural = _("offered topics")
        ordering = ["offered_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["offered", "taken_up", "withdrawn"]), name="topic_offer_state"
            ),
            models.CheckConstraint(
                condition=Q(state="taken_up", taken_up_by__isnull=False, taken_up_at__isnull=False)
                | (~Q(state="taken_up") & Q(taken_up_by=None, taken_up_at=None)),
                name="topic_offer_taken_up_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(taken_up_by=None) | ~Q(taken_up_by=F("member")), name="topic_offer_to_another"
            ),
        ]

    def __str__(self) -> str:
        return self.title
