"""Rollups: what was counted when figures were last released. Exact, so they are read by `insights.queries`
alone, reach a page only through `insights.disclosure`, and have no admin path.
"""

from django.db import models

from participants.models import Grade, Person, Site, Unit
from programmes.models import Cohort, Role


class Release(models.Model):
    """What `insights.release` knows of a cohort: of all of it, or of the units that `reader` heads.

    `gates` has for each section the digests of the "records" that were released, and "before", those that
    each earlier release replaced. `figures` has what is no row below, by section: `queries.Means`.
    """

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="+")
    reader = models.ForeignKey(Person, models.CASCADE, null=True, blank=True, related_name="+")
    gates = models.JSONField(default=dict)
    figures = models.JSONField(default=dict)
    checked_at = models.DateTimeField(null=True, blank=True)
    """When it was last counted; None before the first time."""

    class Meta:
        verbose_name = "release"
        constraints = [
            models.UniqueConstraint(fields=["cohort", "reader"], name="release_once", nulls_distinct=False)
        ]
        indexes = [models.Index(fields=["checked_at"], name="release_to_check")]

    def __str__(self) -> str:
        return f"{self.cohort_id}:{self.reader_id}"


class InPart(models.Model):
    """Somebody's role and place in the company."""

    role = models.CharField(max_length=6, choices=Role.choices)
    unit = models.ForeignKey(Unit, models.SET_NULL, null=True, related_name="+", db_index=False)
    grade = models.ForeignKey(Grade, models.SET_NULL, null=True, related_name="+", db_index=False)
    site = models.ForeignKey(Site, models.SET_NULL, null=True, related_name="+", db_index=False)

    class Meta:
        abstract = True


class ReleasedPerson(InPart):
    """An enrolment, or an invitation nobody has enrolled by, and how far it came."""

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=24)
    person = models.ForeignKey(Person, models.CASCADE, related_name="+", db_index=False)
    step = models.PositiveSmallIntegerField()
    """The place of the furthest step in `counting.Step`."""
    was_offered = models.BooleanField()
    took = models.BooleanField()
    again = models.BooleanField()

    class Meta:
        verbose_name = "released person"
        constraints = [models.UniqueConstraint(fields=["cohort", "key"], name="released_person_once")]
        indexes = [models.Index(fields=["unit", "cohort"], name="released_person_by_unit")]

    def __str__(self) -> str:
        return f"{self.cohort_id}:{self.key}"


class ReleasedMentorship(models.Model):
    """`health` is empty until the state of the mentorship was released."""

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=24)
    health = models.CharField(max_length=12, blank=True)
    is_expected = models.BooleanField(default=False)
    """Whether it ought to meet: neither paused nor ended."""

    class Meta:
        verbose_name = "released mentorship"
        constraints = [models.UniqueConstraint(fields=["cohort", "key"], name="released_mentorship_once")]

    def __str__(self) -> str:
        return f"{self.cohort_id}:{self.key}"


class ReleasedMember(InPart):
    mentorship = models.ForeignKey(ReleasedMentorship, models.CASCADE, related_name="members")

    class Meta:
        verbose_name = "released member"

    def __str__(self) -> str:
        return f"{self.mentorship_id}:{self.role}"


class ReleasedTally(models.Model):
    """How often something happened in a mentorship: in a month, or, without one, so far."""

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="+", db_index=False)
    mentorship = models.ForeignKey(ReleasedMentorship, models.CASCADE, related_name="tallies", db_index=False)
    section = models.CharField(max_length=12)
    kind = models.CharField(max_length=16)
    month = models.DateField(null=True)
    number = models.PositiveIntegerField()

    class Meta:
        verbose_name = "released tally"
        constraints = [
            models.UniqueConstraint(
                fields=["mentorship", "section", "kind", "month"],
                name="released_tally_once",
                nulls_distinct=False,
            )
        ]
        indexes = [
            models.Index(
                fields=["cohort", "month"],
                include=["kind", "number", "mentorship"],
                name="released_tally_by_month",
            )
        ]

    def __str__(self) -> str:
        return f"{self.mentorship_id}:{self.kind}"


class ReleasedSum(models.Model):
    """The tallies of a whole cohort added up."""

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=16)
    month = models.DateField(null=True)
    number = models.PositiveIntegerField()
    behind = models.PositiveIntegerField()
    """In how many mentorships."""

    class Meta:
        verbose_name = "released sum"
        constraints = [
            models.UniqueConstraint(
                fields=["cohort", "month", "kind"],
                name="released_sum_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.cohort_id}:{self.kind}"


class Headcount(models.Model):
    """How many active people the company has in a unit, grade and site."""

    unit = models.ForeignKey(Unit, models.CASCADE, null=True, related_name="+")
    grade = models.ForeignKey(Grade, models.CASCADE, null=True, related_name="+", db_index=False)
    site = models.ForeignKey(Site, models.CASCADE, null=True, related_name="+", db_index=False)
    number = models.PositiveIntegerField()

    class Meta:
        verbose_name = "headcount"

    def __str__(self) -> str:
        return str(self.number)
