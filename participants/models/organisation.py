from collections.abc import Iterable
from typing import Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from participants.models.words import Words
from participants.time_zones import validate_time_zone


class Grade(models.Model):
    """A seniority level. `rank` rises with seniority; it is empty until HR has put the grades in order."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    rank = models.PositiveSmallIntegerField(_("rank"), null=True, blank=True)

    class Meta:
        verbose_name = _("grade")
        verbose_name_plural = _("grades")
        ordering = [models.F("rank").desc(nulls_last=True), "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["rank"],
                name="grade_rank_unique",
                deferrable=models.Deferrable.DEFERRED,
            )
        ]

    def __str__(self) -> str:
        return self.name


# UNION, not UNION ALL: units that were made each other's part end the walk instead of the server.
DOWN = """
    WITH RECURSIVE walk AS (
        SELECT id FROM participants_unit WHERE id = ANY(%s::bigint[])
        UNION SELECT unit.id FROM participants_unit unit JOIN walk ON unit.parent_id = walk.id
    ) SELECT id FROM walk
"""
UP = """
    WITH RECURSIVE walk AS (
        SELECT id, parent_id FROM participants_unit WHERE id = ANY(%s::bigint[])
        UNION SELECT unit.id, unit.parent_id FROM participants_unit unit JOIN walk ON unit.id = walk.parent_id
    ) SELECT id FROM walk
"""


class UnitQuerySet(models.QuerySet["Unit"]):
    def with_parts(self, units: Iterable["Unit"]) -> Self:
        """`units` and everything below them."""
        return self.filter(pk__in=RawSQL(DOWN, [[unit.pk for unit in units]]))  # noqa: S611 - no text of others

    def up_from(self, unit_id: int | None) -> Self:
        """The unit and everything it is part of."""
        return self.filter(pk__in=RawSQL(UP, [[unit_id]]))  # noqa: S611 - no text of others


class Unit(models.Model):
    """A part of the organisation. The head of a unit sees its insights."""

    name = models.CharField(_("name"), max_length=200)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("part of"),
    )
    head = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="headed_units",
        verbose_name=_("head"),
    )

    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering = ["name"]
        indexes = [GinIndex(Words("name"), name="unit_words")]
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "name"],
                name="unit_name_unique_in_parent",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=~models.Q(parent=models.F("id")),
                name="unit_not_its_own_parent",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Site(models.Model):
    name = models.CharField(_("name"), max_length=200, unique=True)
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[validate_time_zone]
    )

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering = ["name"]
        indexes = [GinIndex(Words("name"), name="site_words")]

    def __str__(self) -> str:
        return self.name


class Profession(models.Model):
    name = models.CharField(_("name"), max_length=200, unique=True)

    class Meta:
        verbose_name = _("profession")
        verbose_name_plural = _("professions")
        ordering = ["name"]
        indexes = [GinIndex(Words("name"), name="profession_words")]

    def __str__(self) -> str:
        return self.name
