from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from participants.models import LanguageLevel, Topic
from programmes.models import Programme

CRITERIA = (
    "topics",
    "hours",
    "perspective",
    "language",
    "wishes",
    "experience",
    "waited",
)


if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


def weight(label: "StrPromise", default: int) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(label, default=default, validators=[MaxValueValidator(10)])


class MatchingPolicy(models.Model):
    """A programme's hard rules for a mentorship, what counts how much, and what “best” means."""

    class Aim(models.TextChoices):
        FLOOR = (
            "floor",
            _("the worst-off mentorship as good as it can be, then the total"),
        )
        TOTAL = "total", _("the highest total")
        BANDS = "bands", _("as few weak mentorships as possible, then the total")

    class Earlier(models.TextChoices):
        OFF = "off", _("may be matched again")
        HERE = "here", _("not again, if it was in this programme")
        ANYWHERE = "anywhere", _("not again, in whichever programme it was")

    programme = models.OneToOneField(
        Programme, models.CASCADE, related_name="matching_policy", verbose_name=_("programme")
    )
    aim = models.CharField(_("what “best” means"), max_length=5, choices=Aim.choices, default=Aim.FLOOR)
    line_reach = models.PositiveSmallIntegerField(
        _("reporting line, levels"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_(
            "How many levels above and below a person nobody is matched with them."
            " Empty: the whole line; then whoever leads the company can be matched with nobody."
        ),
    )
    reports_of_reports = models.BooleanField(_("not under one of the mentee's direct reports"), default=True)
    grade_gap = models.PositiveSmallIntegerField(_("grades apart at least"), default=2)
    other_unit = models.BooleanField(_("from another unit"), default=True)
    other_profession = models.BooleanField(_("from another profession"), default=False)
    language_level = models.PositiveSmallIntegerField(
        _("common language, at least"),
        choices=LanguageLevel.choices,
        default=LanguageLevel.WORKING,
    )
    common_hours = models.PositiveSmallIntegerField(_("common hours in the week, at least"), default=1)
    common_way = models.BooleanField(_("a common way to meet"), default=True)
    same_site = models.BooleanField(_("one site, where they only meet on site"), default=True)
    earlier = models.CharField(
        _("who have been together before"), max_length=8, choices=Earlier.choices, default=Earlier.HERE
    )

    suggestions = models.BooleanField(
        _("people see their best few and rank them"),
        default=False,
        help_text=_(
            "While people enrol and until you have matched, each sees a few who would suit them, and may say"
            " whom they would like. Wishes count as much as you let them; the decision stays with the"
            " matching."
        ),
    )

    weight_topics = weight(_("topics"), 10)
    weight_hours = weight(_("common hours"), 3)
    weight_perspective = weight(_("another perspective"), 5)
    weight_language = weight(_("ease of language"), 2)
    weight_wishes = weight(_("wishes"), 4)
    weight_experience = weight(_("mentoring experience"), 1)
    weight_waited = weight(_("left without last time"), 3)

    group_mentors = models.PositiveSmallIntegerField(
        _("mentors in a group"), default=2, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    group_least = models.PositiveSmallIntegerField(
        _("mentees in a group, at least"), default=3, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    group_most = models.PositiveSmallIntegerField(
        _("mentees in a group, at most"), default=5, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    themes = models.ManyToManyField(
        Topic,
        blank=True,
        related_name="+",
        verbose_name=_("themes"),
        help_text=_("What groups can be about. Empty: every topic."),
    )

    class Meta:
        verbose_name = _("matching rules")
        verbose_name_plural = _("matching rules")
        constraints = [
            models.CheckConstraint(condition=Q(aim__in=["floor", "total", "bands"]), name="policy_aim"),
            models.CheckConstraint(
                condition=Q(earlier__in=["off", "here", "anywhere"]), name="policy_earlier"
            ),
            models.CheckConstraint(
                condition=Q(**{f"weight_{name}__lte": 10 for name in CRITERIA}),
                name="policy_weights",
            ),
            models.CheckConstraint(
                condition=Q(group_mentors__gte=1, group_least__gte=1, group_most__gte=F("group_least")),
                name="policy_group_sizes",
                violation_error_message=_("The largest group cannot be smaller than the smallest."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.programme)

    def weights(self) -> dict[str, int]:
        return {name: getattr(self, f"weight_{name}") for name in CRITERIA}


class Block(models.Model):
    """A coordinator's word that two people are not matched, with a reason only staff see."""

    programme = models.ForeignKey(
        Programme, models.CASCADE, related_name="blocks", verbose_name=_("programme")
    )
    first = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("one")
    )
    second = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("the other")
    )
    reason = models.CharField(_("reason"), max_length=300, help_text=_("Only programme staff see it."))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("set by")
    )

    class Meta:
        verbose_name = _("block")
        verbose_name_plural = _("blocks")
        constraints = [
            models.CheckConstraint(condition=~Q(first=F("second")), name="block_of_two"),
            models.UniqueConstraint(
                "programme",
                models.functions.Least("first", "second"),
                models.functions.Greatest("first", "second"),
                name="block_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first} · {self.second}"
