from django.db import models
from django.utils.translation import gettext_lazy as _

from participants.models import Person
from programmes.models import Programme


class Departure(models.Model):
    """Somebody who takes part in a programme was found to be no longer active. Who is active again has none,
    so that leaving a second time is a new one."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    programme = models.ForeignKey(Programme, models.CASCADE, related_name="+")
    noticed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("departure")
        verbose_name_plural = _("departures")
        constraints = [
            models.UniqueConstraint(fields=["programme", "person"], name="departure_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}, {self.programme_id}"
