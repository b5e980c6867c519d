from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext_lazy as _

from matching.models.policy import Block
from matching.models.run import MatchRun
from participants.models import Person, Topic
from programmes.models import Cohort, Enrolment, Role


class ProposedGroupQuerySet(models.QuerySet["ProposedGroup"]):
    def managed_by(self, person: Person) -> Self:
        return self.filter(run__cohort__in=Cohort.objects.managed_by(person))

    def with_seats(self) -> Self:
        seats = Seat.objects.select_related("enrolment__person__unit", "enrolment__person__grade")
        return self.select_related("theme").prefetch_related(models.Prefetch("seats", seats))


class ProposedGroup(models.Model):
    """A group that a run proposes: a theme, its members, and in `breakdown` what they have in common."""

    run = models.ForeignKey(MatchRun, models.CASCADE, related_name="groups", verbose_name=_("match run"))
    theme = models.ForeignKey(Topic, models.PROTECT, related_name="+", verbose_name=_("theme"))
    score = models.PositiveSmallIntegerField(_("score"))
    breakdown = models.JSONField(default=dict)

    objects = ProposedGroupQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposed group")
        verbose_name_plural = _("proposed groups")
        ordering = ["score", "pk"]
        constraints = [models.CheckConstraint(condition=Q(score__lte=1000), name="proposed_group_score")]

    def __str__(self) -> str:
        return " · ".join(str(seat.enrolment.person) for seat in self.seats.all())


class Seat(models.Model):
    """One person's place in a proposed group."""

    group = models.ForeignKey(ProposedGroup, models.CASCADE, related_name="seats")
    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="+")
    role = models.CharField(_("role"), max_length=6, choices=Role.choices)

    class Meta:
        verbose_name = _("place in a proposed group")
        verbose_name_plural = _("places in proposed groups")
        ordering = ["-role", "pk"]  # mentors first
        constraints = [
            models.UniqueConstraint(fields=["group", "enrolment"], name="seat_once"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="seat_role"),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment.person}, {self.get_role_display()}"


class GroupDecisionQuerySet(models.QuerySet["GroupDecision"]):
    def standing(self) -> "GroupDecisionQuerySet":
        """Those nobody has taken back: the next run goes by them."""
        return self.filter(undone_at=None)

    def with_people(self) -> "GroupDecisionQuerySet":
        others = Enrolment.objects.select_related("person").order_by("pk")
        return self.select_related("enrolment__person", "by").prefetch_related(
            models.Prefetch("others", others)
        )


class GroupDecision(models.Model):
    """What staff decided about somebody of a cohort of groups. It holds for its runs until it is undone.

    With `others` they are kept in one group, kept apart from (then there is a `block`), or, for a pin and a
    move, kept with those who made up the group. `before` is what a move changed, to bring it back.
    """

    class Kind(models.TextChoices):
        TOGETHER = "together", _("kept in one group")
        APART = "apart", _("kept apart")
        OUT = "out", _("left out this round")
        PIN = "pin", _("kept in the group")
        MOVE = "move", _("moved by hand")

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="group_decisions")
    run = models.ForeignKey(MatchRun, models.SET_NULL, null=True, related_name="group_decisions")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="+")
    others = models.ManyToManyField(Enrolment, related_name="+")
    block = models.ForeignKey(Block, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=300, help_text=_("Only programme staff see it."))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    before = models.JSONField(default=list)
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = GroupDecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision about a group")
        verbose_name_plural = _("decisions about groups")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["together", "apart", "out", "pin", "move"]),
                name="group_decision_kind",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="group_decision_has_reason"),
        ]

    def __str__(self) -> str:
        """Needs the people, see `with_people`."""
        others = get_text_list([str(other.person) for other in self.others.all()], _("and"))
        words = {
            self.Kind.TOGETHER: _("%(who)s in one group with %(others)s"),
            self.Kind.APART: _("%(who)s in no group with %(others)s"),
            self.Kind.OUT: _("%(who)s left out this round"),
            self.Kind.PIN: _("%(who)s stays in the group of %(others)s"),
            self.Kind.MOVE: _("%(who)s moved into the group of %(others)s"),
        }
        return words[self.Kind(self.kind)] % {"who": self.enrolment.person, "others": others}
