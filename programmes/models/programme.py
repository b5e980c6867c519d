from collections.abc import Iterable
from decimal import Decimal
from textwrap import shorten
from typing import ClassVar, Self
from uuid import uuid4

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from participants.models import Grade, Person, Profession, Site, Unit
from participants.models.person import PersonQuerySet
from programmes.models.programme_role import ProgrammeRole
from programmes.models.roles import Role

SMALLEST_GROUP = 5


class ProgrammeQuerySet(models.QuerySet["Programme"]):
    def managed_by(self, person: Person) -> Self:
        """HR admins run every programme, coordinators those they were given."""
        if person.is_hr_admin:
            return self
        return self.filter(
            pk__in=ProgrammeRole.objects.filter(person=person, role=ProgrammeRole.Kind.COORDINATOR).values(
                "programme"
            )
        )

    def visible_to(self, person: Person) -> Self:
        """Those they run or hold a role in, were invited to, or take part in."""
        if person.is_hr_admin:
            return self
        return self.filter(
            models.Q(pk__in=ProgrammeRole.objects.filter(person=person).values("programme"))
            | models.Q(cohorts__invitations__person=person)
            | models.Q(cohorts__enrolments__person=person)
        ).distinct()


ProgrammeManager = models.Manager.from_queryset(ProgrammeQuerySet)


class Programme(models.Model):
    """A lasting scheme with a form, rules and objectives. Its runs are cohorts."""

    class Form(models.TextChoices):
        REVERSE = "reverse", _("Reverse: juniors mentor seniors")
        FORMAL = "formal", _("Formal: a fixed course, matched by the coordinator")
        INFORMAL = "informal", _("Informal: two people find each other")
        GROUP = "group", _("Group: several mentors and mentees, shared goals")

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    form = models.CharField(_("form"), max_length=10, choices=Form.choices, default=Form.REVERSE)
    name = models.CharField(_("name"), max_length=120)
    summary = models.TextField(
        _("what it is and what it asks"),
        max_length=2000,
        blank=True,
        help_text=_("The first thing an invited person reads."),
    )
    asks_line_manager = models.BooleanField(
        _("ask the line manager for the time"),
        default=False,
    )
    uses_offers = models.BooleanField(
        _("members accept before it is confirmed"),
        default=False,
        help_text=_("Otherwise the mentorship is confirmed when you confirm the proposal."),
    )
    offer_days = models.PositiveSmallIntegerField(
        _("days to answer an offer"),
        default=7,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )
    smallest_group = models.PositiveSmallIntegerField(
        _("smallest group shown in insights"),
        default=SMALLEST_GROUP,
        validators=[MinValueValidator(SMALLEST_GROUP)],
        help_text=_("Never under five. HR sets it before the first question round opens; then it is fixed."),
    )
    retention_months = models.PositiveSmallIntegerField(
        _("months kept after a cohort has closed"),
        default=24,
        validators=[MinValueValidator(1)],
    )
    external_contact = models.TextField(
        _("somebody to talk to outside the programme"),
        max_length=500,
        blank=True,
        help_text=_(
            "An ombuds office or a hotline, and how to reach it. Shown to people before they confide in"
            " somebody, and where no confidant could listen to them."
        ),
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[ProgrammeManager] = ProgrammeManager()

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["name"], name="programme_name_unique"),
            models.CheckConstraint(
                condition=models.Q(smallest_group__gte=SMALLEST_GROUP),
                name="programme_smallest_group",
            ),
            models.CheckConstraint(
                condition=models.Q(form__in=["reverse", "formal", "informal", "group"]),
                name="programme_form",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def has_asked(self) -> bool:
        """Whether its first question round has opened: from then on the threshold of answers is fixed."""
        return self.cohorts.filter(pulse_waves__isnull=False).exists()

    def looked_after_by(self) -> list[Person]:
        """Its coordinators; where it has none, every HR admin."""
        coordinators = Person.objects.active().filter(
            programme_roles__programme=self, programme_roles__role=ProgrammeRole.Kind.COORDINATOR
        )
        return list(coordinators) or list(Person.objects.active().filter(is_hr_admin=True))


class EligibilityQuerySet(models.QuerySet["Eligibility"]):
    def admitting(self, person: Person) -> Self:
        """The rules that let `person` in. Without a grade in order nobody passes a rule about grades."""
        rank = person.grade.rank if person.grade else None
        low = models.Q(lowest_grade=None) | models.Q(lowest_grade__rank__lte=rank or 0)
        high = models.Q(highest_grade=None) | models.Q(highest_grade__rank__gte=rank or 0)
        if rank is None:
            low, high = models.Q(lowest_grade=None), models.Q(highest_grade=None)
        units = models.Q(units=None) | models.Q(units__in=Unit.objects.up_from(person.unit_id))
        sites = models.Q(sites=None) | models.Q(sites=person.site_id or 0)
        professions = models.Q(professions=None) | models.Q(professions=person.profession_id or 0)
        return self.filter(low, high, units, sites, professions).distinct()


class Eligibility(models.Model):
    """Who may take part in a role. An empty field admits everybody.

    A role without such a rule is open only to those who are invited.
    """

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="eligibility")
    role = models.CharField(_("role"), max_length=6, choices=Role.choices)
    lowest_grade = models.ForeignKey(
        Grade,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("lowest grade"),
    )
    highest_grade = models.ForeignKey(
        Grade,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("highest grade"),
    )
    units = models.ManyToManyField(Unit, blank=True, related_name="+", verbose_name=_("units"))
    sites = models.ManyToManyField(Site, blank=True, related_name="+", verbose_name=_("sites"))
    professions = models.ManyToManyField(
        Profession, blank=True, related_name="+", verbose_name=_("professions")
    )

    objects = EligibilityQuerySet.as_manager()

    class Meta:
        verbose_name = _("who may take part")
        verbose_name_plural = _("who may take part")
        ordering = ["-role"]
        constraints = [models.UniqueConstraint(fields=["programme", "role"], name="eligibility_role_once")]

    def __str__(self) -> str:
        return self.get_role_display()

    def people(self) -> PersonQuerySet:
        """Everybody in the company whom the rule lets in."""
        return admitted(
            lowest_grade=self.lowest_grade,
            highest_grade=self.highest_grade,
            units=self.units.all(),
            sites=self.sites.all(),
            professions=self.professions.all(),
        )


def admitted(
    *,
    lowest_grade: Grade | None = None,
    highest_grade: Grade | None = None,
    units: Iterable[Unit] = (),
    sites: Iterable[Site] = (),
    professions: Iterable[Profession] = (),
) -> PersonQuerySet:
    """Everybody whom a rule of these values would let in, whether it is saved or not. A grade without a place
    in the order admits nobody, as in `EligibilityQuerySet.admitting`."""
    found = Person.objects.active()
    bounds = [grade for grade in (lowest_grade, highest_grade) if grade]
    if any(grade.rank is None for grade in bounds):
        return found.none()
    if lowest_grade:
        found = found.filter(grade__rank__gte=lowest_grade.rank)
    if highest_grade:
        found = found.filter(grade__rank__lte=highest_grade.rank)
    if units := list(units):
        found = found.filter(unit__in=Unit.objects.with_parts(units))
    if sites := list(sites):
        found = found.filter(site__in=sites)
    if professions := list(professions):
        found = found.filter(profession__in=professions)
    return found


class Objective(models.Model):
    """What the programme wants to change, stated before it begins and measured against the start."""

    class Measure(models.TextChoices):
        PULSE = "pulse", _("a dimension of the pulse (mean, 1 to 5)")
        GOALS = "goals", _("goals attained (share, 0 to 100)")
        MEETINGS = "meetings", _("meetings held of those planned (share, 0 to 100)")
        QUESTION = "question", _("a question of your own (mean, 1 to 5)")

    RANGES = {
        Measure.PULSE: (Decimal(1), Decimal(5)),
        Measure.GOALS: (Decimal(0), Decimal(100)),
        Measure.MEETINGS: (Decimal(0), Decimal(100)),
        Measure.QUESTION: (Decimal(1), Decimal(5)),
    }
    """Between which two figures a measure can stand."""

    class Dimension(models.TextChoices):
        ENGAGEMENT = "engagement", _("Engagement")
        COMMUNICATION = "communication", _("Communication")
        CONNECTION = "connection", _("Connection")
        COLLABORATION = "collaboration", _("Collaboration")
        CREATIVITY = "creativity", _("Creativity")
        SAFETY = "safety", _("Feeling safe")

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="objectives")
    statement = models.CharField(_("objective"), max_length=300)
    measure = models.CharField(_("measured by"), max_length=10, choices=Measure.choices)
    dimension = models.CharField(_("dimension"), max_length=14, choices=Dimension.choices, blank=True)
    question = models.CharField(_("question"), max_length=300, blank=True)
    baseline = models.DecimalField(
        _("where it stands at the start"),
        max_digits=6,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("Leave empty where the first pulse shall tell."),
    )
    target = models.DecimalField(_("target"), max_digits=6, decimal_places=2)
    due_on = models.DateField(_("by when"), null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    objects: ClassVar[models.Manager["Objective"]] = models.Manager()

    class Meta:
        verbose_name = _("objective")
        verbose_name_plural = _("objectives")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(measure="pulse") | ~models.Q(dimension=""),
                name="objective_pulse_dimension",
                violation_error_message=_("Choose which dimension of the pulse measures it."),
            ),
            models.CheckConstraint(
                condition=models.Q(measure__in=["pulse", "goals", "meetings", "question"]),
                name="objective_measure",
            ),
            *(
                models.CheckConstraint(
                    condition=~models.Q(measure__in=measures)
                    | models.Q(target__range=(low, high))
                    & (models.Q(baseline=None) | models.Q(baseline__range=(low, high))),
                    name=name,
                    violation_error_message=_("Start and target lie outside what this measure can show."),
                )
                for name, measures, low, high in (
                    ("objective_mean_range", ["pulse", "question"], 1, 5),
                    ("objective_share_range", ["goals", "meetings"], 0, 100),
                )
            ),
        ]

    def __str__(self) -> str:
        return self.statement


class GroundRule(models.Model):
    """The programme's template for one clause of every agreement."""

    class Kind(models.TextChoices):
        TABOO = "taboo", _("Topics that are taboo")
        CONDUCT = "conduct", _("How we treat each other")
        CONFIDENTIALITY = "confidentiality", _("What stays between us")
        LOGISTICS = "logistics", _("How we work")

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="ground_rules")
    kind = models.CharField(_("about"), max_length=16, choices=Kind.choices)
    text = models.TextField(_("text"), max_length=1000)
    is_mandatory = models.BooleanField(
        _("mandatory"),
        default=False,
        help_text=_("Members may add to it, not strike it."),
    )
    position = models.PositiveSmallIntegerField(default=0)

    objects: ClassVar[models.Manager["GroundRule"]] = models.Manager()

    class Meta:
        verbose_name = _("ground rule")
        verbose_name_plural = _("ground rules")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["taboo", "conduct", "confidentiality", "logistics"]),
                name="ground_rule_kind",
            )
        ]

    def __str__(self) -> str:
        return shorten(self.text, 60, placeholder="…")


class BriefingPage(models.Model):
    """One page of what a role works through before the first meeting, with a question to think about."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="briefing_pages")
    role = models.CharField(_("role"), max_length=6, choices=Role.choices)
    title = models.CharField(_("title"), max_length=120)
    text = models.TextField(_("text"), max_length=4000)
    question = models.CharField(_("a question to think about"), max_length=300, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    objects: ClassVar[models.Manager["BriefingPage"]] = models.Manager()

    class Meta:
        verbose_name = _("briefing page")
        verbose_name_plural = _("briefing pages")
        ordering = ["role", "position", "pk"]

    def __str__(self) -> str:
        return self.title
