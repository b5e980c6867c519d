from datetime import datetime, timedelta
from typing import Self
from uuid import uuid4

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from matching.models import Member, Mentorship
from participants.models import Person

PAUSE_COUNTS_AFTER = timedelta(hours=1)
ORPHANED_WITHIN = timedelta(days=14)
KEPT_IN_FEED = timedelta(days=30)


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def of(self, person: Person) -> Self:
        """Those of the mentorships `person` is a member of: with all that was said in them."""
        return self.filter(mentorship__in=Mentorship.objects.visible_to(person))

    def visible_to(self, person: Person) -> Self:
        """The members of the mentorship, and their delegates, who see dates, places and links only."""
        return self.filter(mentorship__in=Mentorship.objects.scheduled_by(person))

    def with_people(self) -> Self:
        """With all that a row about a meeting says: its mentorship's members and their answers."""
        return self.prefetch_related(
            Prefetch("mentorship", Mentorship.objects.with_members()), "confirmations"
        )

    def with_answers(self) -> Self:
        """Annotate `said_yes` and `said_no`: whether any member confirmed or denied that it took place; of
        answers only those that count, see `Meeting.counting`."""
        answers = Confirmation.objects.counting().filter(meeting=OuterRef("pk"))
        return self.annotate(
            said_yes=Exists(answers.filter(answer=Confirmation.Answer.YES)),
            said_no=Exists(answers.exclude(answer=Confirmation.Answer.YES)),
        )

    def uncancelled(self) -> Self:
        return self.filter(cancelled_at=None)

    def held(self) -> Self:
        """At least one member confirmed it and none denied it. A past date alone never counts."""
        return self.uncancelled().with_answers().filter(Q(said_yes=True, said_no=False))

    def missed(self) -> Self:
        return self.uncancelled().with_answers().filter(Q(said_yes=False, said_no=True))

    def upcoming(self, at: datetime) -> Self:
        return self.uncancelled().filter(ends_at__gt=at).order_by("starts_at")

    def to_confirm(self, at: datetime) -> Self:
        """Past their planned end, and nobody has said yet whether they took place."""
        return self.uncancelled().filter(ends_at__lte=at).exclude(confirmations__isnull=False)

    def disputed(self) -> Self:
        return self.uncancelled().with_answers().filter(Q(said_yes=True, said_no=True))

    def to_answer(self, at: datetime) -> Self:
        """To confirm, or disputed: what its members still have to say something of."""
        unanswered = Q(ends_at__lte=at, said_yes=False, said_no=False)
        return self.uncancelled().with_answers().filter(unanswered | Q(said_yes=True, said_no=True))

    def over(self, at: datetime) -> Self:
        """No longer coming: past their planned end, or cancelled."""
        return self.filter(Q(cancelled_at__isnull=False) | Q(ends_at__lte=at))

    def orphaned(self, at: datetime, *, of: Mentorship | None = None) -> Self:
        """Coming ones that nobody will hold: the mentorship ended, rests, or has one member left in the
        company. A pause counts after an hour, in which it can be taken back, or when time is short.

        Found from the few mentorships concerned, or from one, so that what else is planned costs nothing.
        """
        mentorships = Mentorship.objects.order_by()
        if of is not None:
            mentorships = mentorships.filter(pk=of.pk)
        over = mentorships.filter(closed_at__gt=at - ORPHANED_WITHIN)
        resting = mentorships.filter(state=Mentorship.State.PAUSED)
        alone = (
            mentorships.live()
            .filter(members__enrolment__person__is_active=False)
            .exclude(
                pk__in=Member.objects.filter(enrolment__person__is_active=True)
                .values("mentorship")
                .annotate(count=Count("pk"))
                .filter(count__gte=2)
                .values("mentorship")
            )
        )
        long_enough = Q(mentorship__paused_at__lte=at - PAUSE_COUNTS_AFTER) | Q(
            starts_at__lte=at + PAUSE_COUNTS_AFTER
        )
        return self.uncancelled().filter(
            Q(mentorship__in=[*over.values_list("pk", flat=True), *alone.values_list("pk", flat=True)])
            | (Q(mentorship__in=list(resting.values_list("pk", flat=True))) & long_enough),
            starts_at__gt=at,
        )

    def for_feed(self, person: Person, at: datetime) -> Self:
        """What a calendar `person` subscribed to shows: theirs and those they arrange, with `changed_at`."""
        changes = MeetingChange.objects.filter(meeting=OuterRef("pk")).order_by("-at", "-pk")
        return (
            self.visible_to(person)
            .uncancelled()
            .filter(ends_at__gt=at - KEPT_IN_FEED)
            .annotate(changed_at=Subquery(changes.values("at")[:1]))
            .with_people()
            .order_by("starts_at", "pk")
        )

    def starting_between(self, start: datetime, end: datetime) -> Self:
        return self.uncancelled().filter(starts_at__gt=start, starts_at__lte=end)


class Meeting(models.Model):
    """The plan of one meeting. Whether it was held is derived from what its members said.

    `request_key` makes planning idempotent: the form carries it, so a double click plans once.
    `sequence` is the revision number of RFC 5545 for calendars.
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    mentorship = models.ForeignKey(Mentorship, models.CASCADE, related_name="meetings")
    request_key = models.UUIDField(default=uuid4, unique=True, editable=False)
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    place = models.CharField(_("place"), max_length=200, blank=True)
    link = models.URLField(_("video link"), max_length=500, blank=True)
    agenda = models.TextField(_("agenda"), max_length=2000, blank=True)
    sequence = models.PositiveIntegerField(default=0)
    planned_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    planned_at = models.DateTimeField(default=timezone.now)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(Member, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="meeting_ends_after_start"),
            models.CheckConstraint(
                condition=Q(ends_at__lte=F("starts_at") + timedelta(hours=8)),
                name="meeting_within_a_day",
            ),
        ]
        indexes = [
            models.Index(fields=["mentorship", "starts_at"], name="meeting_of_mentorship"),
            models.Index(
                fields=["starts_at"],
                condition=Q(cancelled_at=None),
                name="meeting_by_start",
            ),
            models.Index(
                fields=["ends_at"],
                condition=Q(cancelled_at=None),
                name="meeting_by_end",
            ),
        ]

    class Status(models.TextChoices):
        """Derived, never stored."""

        PLANNED = "planned", _("planned")
        DUE = "due", _("to confirm")
        HELD = "held", _("held")
        DISPUTED = "disputed", _("to settle")
        MISSED = "missed", _("did not take place")
        CANCELLED = "cancelled", _("cancelled")

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    def may_be_moved(self, at: datetime) -> bool:
        return self.status(at) in (self.Status.PLANNED, self.Status.DUE, self.Status.MISSED)

    def status(self, at: datetime | None = None) -> "Meeting.Status":
        """Where it stands at `at`, from its times, its cancellation and the members' answers.

        Uses prefetched `confirmations` where there are any.
        """
        if self.cancelled_at:
            return self.Status.CANCELLED
        answers = {given.answer == Confirmation.Answer.YES for given in self.counting()}
        if answers == {True}:
            return self.Status.HELD
        if answers == {False}:
            return self.Status.MISSED
        if answers:
            return self.Status.DISPUTED
        return self.Status.DUE if self.ends_at <= (at or timezone.now()) else self.Status.PLANNED

    def counting(self) -> "list[Confirmation]":
        """The answers it rests on. Of somebody who has left a group it counts only as long as nobody who
        remains has answered: they cannot settle a dispute any more, and what they alone said stays true."""
        every = list(self.confirmations.all())
        return [given for given in every if not given.member.left_at] or every


class ConfirmationQuerySet(models.QuerySet["Confirmation"]):
    def counting(self) -> Self:
        """The same as `Meeting.counting`, for queries."""
        of_remaining = Confirmation.objects.filter(meeting=OuterRef("meeting"), member__left_at=None)
        return self.filter(Q(member__left_at=None) | ~Exists(of_remaining))


class ConfirmationManager(models.Manager.from_queryset(ConfirmationQuerySet)):  # type: ignore[misc]
    """With the members, for whether an answer counts depends on whether they are still in."""

    def get_queryset(self) -> models.QuerySet["Confirmation"]:
        return super().get_queryset().select_related("member")


class Confirmation(models.Model):
    """A member's answer to “did you meet?”. It can be changed by whoever gave it."""

    class Answer(models.TextChoices):
        YES = "yes", _("Yes, we met")
        NO = "no", _("No")
        MOVED = "moved", _("We moved it")

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="confirmations")
    member = models.ForeignKey(Member, models.CASCADE, related_name="confirmations")
    answer = models.CharField(max_length=5, choices=Answer.choices)
    answered_at = models.DateTimeField(default=timezone.now)

    objects = ConfirmationManager()

    class Meta:
        verbose_name = _("confirmation")
        verbose_name_plural = _("confirmations")
        constraints = [
            models.UniqueConstraint(fields=["meeting", "member"], name="confirmation_once"),
            models.CheckConstraint(
                condition=Q(answer__in=["yes", "no", "moved"]),
                name="confirmation_answer",
            ),
        ]

    def __str__(self) -> str:
        return self.get_answer_display()


class MeetingChange(models.Model):
    """That a meeting was planned, moved or cancelled, by whom and when. Says nothing of its content."""

    class Kind(models.TextChoices):
        PLANNED = "planned", _("planned")
        MOVED = "moved", _("moved")
        CANCELLED = "cancelled", _("cancelled")
        LOGGED = "logged", _("logged without a plan")
        LEFT = "left", _("goes on without somebody")

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=9, choices=Kind.choices)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    on_behalf_of = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    starts_at = models.DateTimeField(help_text=_("The planned start before the change."))

    class Meta:
        verbose_name = _("change of a meeting")
        verbose_name_plural = _("changes of meetings")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def ahead(self) -> timedelta:
        """How long before the planned start the change was made: how late a cancellation came."""
        return self.starts_at - self.at
