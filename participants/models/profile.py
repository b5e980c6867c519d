from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class Topic(models.Model):
    """Something to learn or teach. HR keeps the list, in both languages."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    is_active = models.BooleanField(_("offered"), default=True)

    objects: ClassVar[models.Manager["Topic"]] = models.Manager()

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Part(models.TextChoices):
    """What of a profile somebody can keep to themselves. Name, job title and topics always show."""

    UNIT = "unit", _("unit")
    PROFESSION = "profession", _("profession")
    SITE = "site", _("site")
    TIME_ZONE = "time_zone", _("time zone")
    LANGUAGES = "languages", _("languages")


class Profile(models.Model):
    """What a person says of themselves for mentoring."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="profile",
        verbose_name=_("person"),
    )
    headline = models.CharField(_("in one line"), max_length=120, blank=True)
    about = models.TextField(_("about me"), max_length=1000, blank=True)
    hidden = ArrayField(
        models.CharField(max_length=20, choices=Part.choices),
        verbose_name=_("kept to myself"),
        default=list,
        blank=True,
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")

    def __str__(self) -> str:
        return str(self.person)


class ExpertiseLevel(models.IntegerChoices):
    SOME = 1, _("I know the basics")
    GOOD = 2, _("I use it regularly")
    STRONG = 3, _("others ask me")
    EXPERT = 4, _("I could teach a class")


class Expertise(models.Model):
    profile = models.ForeignKey(Profile, models.CASCADE, related_name="expertise")
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="expertise", verbose_name=_("topic"))
    level = models.PositiveSmallIntegerField(
        _("level"), choices=ExpertiseLevel.choices, default=ExpertiseLevel.GOOD
    )
    years = models.PositiveSmallIntegerField(_("years"), default=1, validators=[MaxValueValidator(60)])

    class Meta:
        verbose_name = _("expertise")
        verbose_name_plural = _("expertise")
        ordering = ["-level", "-years", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["profile", "topic"], name="expertise_topic_once"),
            models.CheckConstraint(
                condition=models.Q(level__in=ExpertiseLevel.values, years__lte=60),
                name="expertise_in_range",
            ),
        ]

    def __str__(self) -> str:
        return str(self.topic)


class InterestPriority(models.IntegerChoices):
    NICE = 1, _("would be nice")
    WANTED = 2, _("I want to learn it")
    MOST = 3, _("this above all")


class Interest(models.Model):
    profile = models.ForeignKey(Profile, models.CASCADE, related_name="interests")
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="interests", verbose_name=_("topic"))
    priority = models.PositiveSmallIntegerField(
        _("priority"), choices=InterestPriority.choices, default=InterestPriority.WANTED
    )

    class Meta:
        verbose_name = _("interest")
        verbose_name_plural = _("interests")
        ordering = ["-priority", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["profile", "topic"], name="interest_topic_once"),
            models.CheckConstraint(
                condition=models.Q(priority__in=InterestPriority.values),
                name="interest_in_range",
            ),
        ]

    def __str__(self) -> str:
        return str(self.topic)
