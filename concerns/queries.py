from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min

from concerns.models import Concern
from matching.models import Member, Mentorship
from participants.models import Delegation, Person
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


def unreadable(programmes: Iterable[Programme]) -> int:
    """How many unsettled ones nobody can read any more: their last confidant left, or came into a line.

    Four queries. Says what `confidants_for` would for each.
    """
    concerns = list(
        Concern.objects.exclude(state=Concern.State.SETTLED)
        .filter(programme__in=programmes)
        .exclude(mentorship=None)
        .values_list("programme", "mentorship")
    )
    members: dict[int, list[Person]] = {}
    for member in Member.of_all_time.filter(mentorship__in=[of for _, of in concerns]).select_related(
        "enrolment__person"
    ):
        members.setdefault(member.mentorship_id, []).append(member.person)
    confidants: dict[int, list[Person]] = {}
    for role in ProgrammeRole.objects.filter(
        programme__in=[of for of, _ in concerns],
        role=ProgrammeRole.Kind.CONFIDANT,
        person__is_active=True,
    ).select_related("person"):
        confidants.setdefault(role.programme_id, []).append(role.person)
    arranges = set(
        Delegation.objects.filter(
            person__in=[one for people in members.values() for one in people]
        ).values_list("delegate", "person")
    )

    def reads(confidant: Person, mentorship: int) -> bool:
        return not any(
            confidant == one or confidant.in_line_with(one) or (confidant.pk, one.pk) in arranges
            for one in members.get(mentorship, [])
        )

    return sum(
        not any(reads(confidant, mentorship) for confidant in confidants.get(programme, []))
        for programme, mentorship in concerns
    )


def waiting_summary(programmes: Iterable[Programme], at: datetime) -> WaitingSummary:
    waiting = Concern.objects.waiting().filter(programme__in=programmes, raised_at__lte=at)
    found = waiting.aggregate(count=Count("pk"), oldest=Min("raised_at"))
    return WaitingSummary(found["count"], at - found["oldest"] if found["oldest"] else None)
