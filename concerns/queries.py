from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min

from concerns.models import Concern
from matching.models import Mentorship
from participants.models import Person
from programmes.models import Programme, ProgrammeRole


def confidants_for(mentorship: Mentorship) -> list[Person]:
    """Who would read a concern about this mentorship: those for whom `readable_by` holds afterwards."""
    confidants = Person.objects.active().filter(
        programme_roles__programme=mentorship.cohort.programme_id,
        programme_roles__role=ProgrammeRole.Kind.CONFIDANT,
    )
    confidants = confidants.exclude(
        arranges_for__person__enrolments__memberships__mentorship=mentorship
    ).distinct()
    members = list(Person.objects.filter(enrolments__memberships__mentorship=mentorship))
    return [
        confidant
        for confidant in confidants
        if not any(confidant == member or confidant.in_line_with(member) for member in members)
    ]


@dataclass(frozen=True)
class WaitingSummary:
    """All that HR learns of concerns: how many nobody has taken yet, and how long the oldest has waited."""

    count: int
    longest: timedelta | None


def waiting_summary(programmes: Iterable[Programme], at: datetime) -> WaitingSummary:
    waiting = Concern.objects.waiting().filter(programme__in=programmes, raised_at__lte=at)
    found = waiting.aggregate(count=Count("pk"), oldest=Min("raised_at"))
    return WaitingSummary(found["count"], at - found["oldest"] if found["oldest"] else None)
