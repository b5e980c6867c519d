from typing import Self
from uuid import uuid4

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from domain.states import StateMachine
from matching.models import Member, Mentorship
from participants.models import Person
from programmes.models import Objective


class GoalQuerySet(models.QuerySet["Goal"]):
    def visible_to(self, person: Person) -> Self:
        return self.filter(mentorship__in=Mentorship.objects.visible_to(person))

    def open(self) -> Self:
        return self.filter(state=Goal.State.OPEN)


class Level(models.IntegerChoices):
    """The five levels of goal attainment scaling (Kiresuk and Sherman, 1968)."""

    MUCH_LESS = -2, _("much less than expected")
    LESS = -1, _("less than expected")
    EXPECTED = 0, _("as expected")
    MORE = 1, _("more than expected")
    MUCH_MORE = 2, _("much more than expected")


class Goal(StateMachine):
    """What a mentorship wants to reach, with the level it started from and described levels to tell by."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        ATTAINED = "attained", _("attained")
        DROPPED = "dropped", _("dropped")

    TRANSITIONS = {
        State.OPEN: (State.ATTAINED, State.DROPPED),
        State.ATTAINED: (State.OPEN,),
        State.DROPPED: (State.OPEN,),
    }

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    mentorship = models.ForeignKey(Mentorship, models.CASCADE, related_name="goals")
    owner = models.ForeignKey(
        Member,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="goals",
        verbose_name=_("whose goal"),
    )
    objective = models.ForeignKey(
        Objective,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="goals",
        verbose_name=_("which objective of the programme it serves"),
    )
    title = models.CharField(_("goal"), max_length=200)
    weight = models.PositiveSmallIntegerField(
        _("weight"), default=1, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    baseline = models.SmallIntegerField(_("where it stands today"), choices=Level.choices, default=Level.LESS)
    state = models.CharField(
        _("state"),
        max_length=8,
        choices=State.choices,
        default=State.OPEN,
        editable=False,
    )
    set_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = GoalQuerySet.as_manager()

    class Meta:
        verbose_name = _("goal")
        verbose_name_plural = _("goals")
        ordering = ["set_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "attained", "dropped"]),
                name="goal_state",
            ),
            models.CheckConstraint(condition=Q(baseline__in=Level.values), name="goal_baseline"),
            models.CheckConstraint(condition=Q(weight__gte=1, weight__lte=5), name="goal_weight"),
        ]

    def __str__(self) -> str:
        return self.title


class GoalLevel(models.Model):
    """How one level of a goal would look, in the members' own words."""

    goal = models.ForeignKey(Goal, models.CASCADE, related_name="levels")
    level = models.SmallIntegerField(_("level"), choices=Level.choices)
    description = models.CharField(_("description"), max_length=300)

    class Meta:
        verbose_name = _("level of a goal")
        verbose_name_plural = _("levels of goals")
        ordering = ["level"]
        constraints = [
            models.UniqueConstraint(fields=["goal", "level"], name="goal_level_once"),
            models.CheckConstraint(condition=Q(level__in=Level.values), name="goal_level_range"),
        ]

    def __str__(self) -> str:
        return self.description


class CheckInQuerySet(models.QuerySet["CheckIn"]):
    def visible_to(self, person: Person) -> Self:
        """One's own; the other's once one has reported on that date oneself."""
        own = CheckIn.objects.filter(
            goal=models.OuterRef("goal"),
            due_on=models.OuterRef("due_on"),
            member__enrolment__person=person,
        )
        return self.filter(goal__in=Goal.objects.visible_to(person)).filter(models.Exists(own))


class CheckIn(models.Model):
    """A member's dated report on a goal. `due_on` is the day the cohort asked for it."""

    goal = models.ForeignKey(Goal, models.CASCADE, related_name="check_ins")
    member = models.ForeignKey(Member, models.CASCADE, related_name="check_ins")
    due_on = models.DateField()
    level = models.SmallIntegerField(_("where it stands"), choices=Level.choices)
    comment = models.CharField(_("in a sentence"), max_length=500, blank=True)
    obstacle = models.CharField(_("what stands in the way"), max_length=500, blank=True)
    reported_at = models.DateTimeField(default=timezone.now)

    objects = CheckInQuerySet.as_manager()

    class Meta:
        verbose_name = _("check-in")
        verbose_name_plural = _("check-ins")
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["goal", "member", "due_on"], name="check_in_once"),
            models.CheckConstraint(condition=Q(level__in=Level.values), name="check_in_level"),
        ]

    def __str__(self) -> str:
        return f"{self.due_on}: {self.level}"


class GoalChangeQuerySet(models.QuerySet["GoalChange"]):
    def visible_to(self, person: Person) -> Self:
        return self.filter(goal__in=Goal.objects.visible_to(person))

    def open(self) -> Self:
        return self.filter(state=GoalChange.State.OPEN)


class GoalChange(StateMachine):
    """Another wording of a goal, proposed by one member. It counts once all the others agree.

    `before` and `after` each hold the whole wording, as `goals.wording.Wording` writes it, so that the old
    one stays readable.
    """

    class State(models.TextChoices):
        OPEN = "open", _("proposed")
        AGREED = "agreed", _("agreed")
        DECLINED = "declined", _("not agreed")
        WITHDRAWN = "withdrawn", _("withdrawn")

    TRANSITIONS = {State.OPEN: (State.AGREED, State.DECLINED, State.WITHDRAWN)}

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    goal = models.ForeignKey(Goal, models.CASCADE, related_name="changes")
    proposed_by = models.ForeignKey(Member, models.CASCADE, related_name="+")
    agreed_by = models.ManyToManyField(Member, related_name="+")
    before = models.JSONField()
    after = models.JSONField()
    reason = models.CharField(_("why"), max_length=300, blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN, editable=False)
    proposed_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = GoalChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of a goal")
        verbose_name_plural = _("changes of goals")
        ordering = ["-proposed_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "agreed", "declined", "withdrawn"]), name="goal_change_state"
            ),
            models.UniqueConstraint(
                fields=["goal"], condition=Q(state="open"), name="goal_change_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.goal}: {self.get_state_display()}"
