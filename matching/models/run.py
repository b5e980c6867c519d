from typing import Self
from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from domain.jobs import Job
from participants.models import Person
from programmes.models import Cohort, Enrolment


class MatchRunQuerySet(models.QuerySet["MatchRun"]):
    def visible_to(self, person: Person) -> Self:
        return self.filter(cohort__in=Cohort.objects.managed_by(person))

    def decidable(self) -> Self:
        """Finished ones that are no what-if, the newest first; of a cohort only the first is decided on."""
        return self.filter(state=MatchRun.State.FINISHED, trial__isnull=True).order_by("-finished_at", "-pk")


class MatchRun(Job):
    """One run of the solver over a cohort.

    `snapshot` keeps the people, rules, weights and version it used; `outcome` its figures, its proof and,
    for everybody left without a partner, why. Of runs under way there is one per cohort.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting to start")
        RUNNING = "running", _("running")
        FINISHED = "finished", _("finished")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    TRANSITIONS = {
        State.QUEUED: (State.RUNNING, State.CANCELLED, State.FAILED),
        State.RUNNING: (State.FINISHED, State.CANCELLED, State.FAILED),
    }

    WORKING = (State.QUEUED, State.RUNNING)

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="match_runs", verbose_name=_("cohort"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.QUEUED)
    started_at = models.DateTimeField(_("begun on"), null=True, blank=True)
    snapshot = models.JSONField(default=dict)
    outcome = models.JSONField(default=dict)
    inputs = models.BinaryField(null=True, editable=False)
    """The people and prices the run went by, see `matching.stored`; for the core only."""
    trial = models.JSONField(null=True, editable=False)
    """Of a what-if: the rules and weights it tries instead of the programme's."""
    move_price = models.PositiveSmallIntegerField(null=True, editable=False)
    """Where offers nobody has accepted may be moved: how many points that must gain. Empty: they stay."""
    revision = models.PositiveIntegerField(default=0, editable=False)
    """Counts the decisions people took on the workbench, so that nobody overwrites what they never saw."""

    objects = MatchRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("match run")
        verbose_name_plural = _("match runs")
        ordering = ["-requested_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running", "finished", "failed", "cancelled"]),
                name="match_run_state",
            ),
            models.UniqueConstraint(
                fields=["cohort"],
                condition=Q(state__in=["queued", "running"]),
                name="match_run_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cohort}, {self.requested_at:%Y-%m-%d %H:%M}"

    def hand_over(self) -> None:
        from matching import tasks

        tasks.run.delay(self.pk)


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def visible_to(self, person: Person) -> Self:
        return self.filter(run__cohort__in=Cohort.objects.managed_by(person))

    def kept(self) -> Self:
        """Without those a coordinator took off the workbench."""
        return self.filter(dropped_at=None)


class Proposal(models.Model):
    """One proposed mentorship with its reasons: `breakdown` holds 0 to 100 points per criterion and what
    they come from, `score` the whole, 0 to 1000."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    run = models.ForeignKey(MatchRun, models.CASCADE, related_name="proposals")
    mentor = models.ForeignKey(
        Enrolment,
        models.CASCADE,
        related_name="proposals_as_mentor",
        verbose_name=_("mentor"),
    )
    mentee = models.ForeignKey(
        Enrolment,
        models.CASCADE,
        related_name="proposals_as_mentee",
        verbose_name=_("mentee"),
    )
    score = models.PositiveSmallIntegerField(_("score"))
    breakdown = models.JSONField(default=dict)
    is_locked = models.BooleanField(_("locked"), default=False)
    by_hand = models.BooleanField(_("put together by hand"), default=False)
    overrides = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    """Names of the rules it breaks all the same."""
    reason = models.CharField(_("why in spite of the rules"), max_length=300, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ["score", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "mentor", "mentee"], name="proposal_once"),
            models.CheckConstraint(condition=Q(score__lte=1000), name="proposal_score"),
            models.CheckConstraint(
                condition=Q(overrides=[]) | ~Q(reason=""), name="proposal_override_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mentor.person} · {self.mentee.person}"


class Step(models.Model):
    """One decision on the workbench, kept so that it can be read and undone. `before` is what it changed:
    proposals as they stood, and the numbers of what it made."""

    class Kind(models.TextChoices):
        LOCK = "lock", _("locked")
        UNLOCK = "unlock", _("unlocked")
        FORBID = "forbid", _("ruled out")
        PAIR = "pair", _("put together")
        SWAP = "swap", _("swapped")

    run = models.ForeignKey(MatchRun, models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    people = models.CharField(max_length=420)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    before = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("step on the workbench")
        verbose_name_plural = _("steps on the workbench")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["lock", "unlock", "forbid", "pair", "swap"]), name="step_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.people}"
