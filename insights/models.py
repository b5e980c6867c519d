from django.db import models

from participants.models import Person
from programmes.models import Cohort


class Release(models.Model):
    """The figures of a cohort that readers see until enough has changed: of all of it, or of the units that
    `reader` heads. Exact, so it is read by `insights.release` alone and has no admin path.

    `sections` has for each section its packed "figures", the "records" they were made of, "before", what the
    records were that each earlier release replaced, and "at", when they were released.
    """

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="+")
    reader = models.ForeignKey(Person, models.CASCADE, null=True, blank=True, related_name="+")
    sections = models.JSONField(default=dict)
    checked_at = models.DateTimeField()

    class Meta:
        verbose_name = "release"
        constraints = [
            models.UniqueConstraint(fields=["cohort", "reader"], name="release_once", nulls_distinct=False)
        ]
        indexes = [models.Index(fields=["checked_at"], name="release_to_check")]

    def __str__(self) -> str:
        return f"{self.cohort_id}:{self.reader_id}"
