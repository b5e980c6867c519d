from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    MENTOR = "mentor", _("mentor")
    MENTEE = "mentee", _("mentee")

    @property
    def other(self) -> "Role":
        return Role.MENTEE if self is Role.MENTOR else Role.MENTOR
