from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Count, Exists, Min, OuterRef

from concerns.independence import has_part
from concerns.models import Concern
from matching.models import Mentorship
from participants.models import Delegation, Person
from programmes.models import Programme, ProgrammeRole

WEEK = timedelta(weeks=1)
TOLD_FOR = timedelta(weeks=52)
"""For so long staff are told that a concern waits. It ends by itself, because one whose author was erased and
whose readers left would wait for ever."""


def confidants_for(mentorship: Mentorship) -> list[Person]:
    """Who would read a concern about this mentorship that is raised now, by name."""
    roles = ProgrammeRole.objects.confidants().filter(
        ~Exists(has_part("person", mentorship.pk)), programme=mentorship.cohort.programme_id
    )
    return list(Person.objects.filter(pk__in=roles.values("person")))


def arranges_for(mentorship: Mentorship, people: Iterable[Person]) -> dict[int, list[str]]:
    """For which members each of these people arranges meetings, by first name."""
    delegations = Delegation.objects.filter(
        delegate__in=people, person__in=mentorship.members.values("enrolment__person")
    ).select_related("person")
    names: dict[int, list[str]] = {}
    for delegation in delegations:
        names.setdefault(delegation.delegate_id, []).append(delegation.person.first_name)
    return names


def without_confidant(programmes: Iterable[Programme]) -> dict[int, int]:
    """By programme, how many of its live mentorships have no confidant of another line. One query.

    From membership alone, so that it tells nothing of whether anybody has confided in somebody.
    """
    roles = ProgrammeRole.objects.confidants().filter(
        ~Exists(has_part("person", OuterRef(OuterRef("pk")))), programme=OuterRef("cohort__programme")
    )
    mentorships = (
        Mentorship.objects.live().filter(~Exists(roles), cohort__programme__in=programmes).order_by()
    )
    rows = mentorships.values("cohort__programme").annotate(number=Count("pk"))
    return dict(rows.values_list("cohort__programme", "number"))


def weeks_waited(programmes: Iterable[Programme | int], at: datetime) -> dict[int, int]:
    """All that staff learn of concerns: for how many whole weeks the oldest of a programme waits, from the
    first week on. One query, over what only authors and readers can change."""
    waiting = (
        Concern.objects.waiting(at - WEEK)
        .filter(programme__in=programmes, waits_since__gt=at - TOLD_FOR)
        .order_by()
        .values("programme")
        .annotate(oldest=Min("waits_since"))
    )
    return {row["programme"]: (at - row["oldest"]) // WEEK for row in waiting}
