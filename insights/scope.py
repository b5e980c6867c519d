"""Which programmes somebody reads insights of, and whether all of them or the part of their units."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q

from insights import queries
from insights.counting import Step
from insights.queries import Part
from insights.report import came_to, veil_of
from participants.models import Person, Unit
from programmes.models import Cohort, Programme, ProgrammeRole


@dataclass(frozen=True, slots=True)
class Scope:
    """`units` is None for who reads all of it."""

    programme: Programme
    is_staff: bool
    units: frozenset[int] | None = None
    reader: Person | None = None
    """Who reads a part: means are told of all of it, and released to them alone. So nobody reads both the
    part and the whole, because the difference of two means would be a third."""


def scopes(person: Person) -> list[Scope]:
    """What `person` may read: staff theirs, sponsors theirs, heads of units the programmes in which enough
    people of their units take part. At most seven queries."""
    managed = set(Programme.objects.managed_by(person).values_list("pk", flat=True))
    sponsored = ProgrammeRole.objects.filter(person=person, role=ProgrammeRole.Kind.SPONSOR)
    whole = Programme.objects.filter(Q(pk__in=managed) | Q(pk__in=sponsored.values("programme")))
    found = [Scope(programme, programme.pk in managed) for programme in whole]
    units = units_headed_by(person)
    if units:
        of_units = Part(units=units)
        cohorts: dict[int, list[Cohort]] = {}
        for cohort in Cohort.objects.exclude(state=Cohort.State.DRAFT):
            cohorts.setdefault(cohort.programme_id, []).append(cohort)
        people = queries.people_by(
            "cohort__programme", [one.pk for some in cohorts.values() for one in some], of_units
        )
        others = [
            one
            for one in Programme.objects.filter(pk__in=people)
            # As on the page: that it is there or not must not tell more exactly how many they are.
            if came_to(
                veil_of(cohorts[one.pk], of_units, one.smallest_group), people[one.pk].steps, Step.ACCEPTED
            ).is_shown
        ]
        read = {scope.programme.pk for scope in found}
        found += [Scope(programme, False, units, person) for programme in others if programme.pk not in read]
    return sorted(found, key=lambda scope: scope.programme.name)


def units_headed_by(person: Person) -> frozenset[int]:
    """The units somebody heads with all units below them."""
    headed = set(person.headed_units.values_list("pk", flat=True))
    if not headed:
        return frozenset()
    return with_units_below(headed)


def with_units_below(units: Collection[int]) -> frozenset[int]:
    children: dict[int | None, list[int]] = {}
    for pk, parent in Unit.objects.values_list("pk", "parent"):
        children.setdefault(parent, []).append(pk)
    found: set[int] = set()
    to_visit = list(units)
    while to_visit:
        unit = to_visit.pop()
        if unit not in found:
            found.add(unit)
            to_visit += children.get(unit, [])
    return frozenset(found)


def reads(person: Person, programme: Programme) -> bool:
    return any(scope.programme.pk == programme.pk for scope in scopes(person))
