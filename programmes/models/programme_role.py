from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ProgrammeRoleQuerySet(models.QuerySet["ProgrammeRole"]):
    def confidants(self) -> Self:
        """Confidants who can listen: active, no HR admins, and no coordinators of the same programme."""
        coordinates = ProgrammeRole.objects.filter(
            role=ProgrammeRole.Kind.COORDINATOR,
            programme=models.OuterRef("programme"),
            person=models.OuterRef("person"),
        )
        return self.filter(
            ~models.Exists(coordinates),
            role=ProgrammeRole.Kind.CONFIDANT,
            person__is_active=True,
            person__is_hr_admin=False,
        )


class ProgrammeRole(models.Model):
    """What a person does for a programme besides taking part in it.

    Nobody is both coordinator and confidant of a programme: the database refuses it. An HR admin is no
    confidant, whatever the row says.
    """

    class Kind(models.TextChoices):
        COORDINATOR = "coordinator", _("coordinator")
        CONFIDANT = "confidant", _("confidant")
        SPONSOR = "sponsor", _("manager who sees the insights")

    programme = models.ForeignKey("programmes.Programme", models.CASCADE, related_name="roles")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="programme_roles",
        verbose_name=_("person"),
    )
    role = models.CharField(_("role"), max_length=12, choices=Kind.choices)

    objects = ProgrammeRoleQuerySet.as_manager()

    class Meta:
        verbose_name = _("role in the programme")
        verbose_name_plural = _("roles in the programme")
        ordering = ["role", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "person", "role"], name="programme_role_once"),
            models.CheckConstraint(
                condition=models.Q(role__in=["coordinator", "confidant", "sponsor"]),
                name="programme_role_kind",
            ),
            models.UniqueConstraint(
                fields=["programme", "person"],
                condition=models.Q(role__in=["coordinator", "confidant"]),
                name="confidant_coordinates_nothing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.get_role_display()}"
