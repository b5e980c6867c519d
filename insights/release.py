"""What readers see between two looks: figures that move only when enough people differ.

A view reads releases. A worker counts anew every hour, and puts new figures of a section in place of the old
only if `disclosure.differs_enough`. Each section has its own gate, because a mean over some mentorships must
not move with one of them when others changed in something else.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count

from endings.models import Again
from insights import disclosure, queries
from insights.disclosure import Sample, differs_enough
from insights.models import Release
from insights.queries import CohortFigures, Units
from insights.scope import units_headed_by
from participants.models import Person
from programmes.models import Cohort, Role

CHECK_AFTER = timedelta(minutes=50)

SECTIONS: dict[str, tuple[str, ...]] = {
    "course": ("course", "groups", "offered", "took", "again"),
    "state": ("health",),
    "meetings": ("meetings", "lateness"),
    "delivery": ("expected_to_meet", "delivered", "meetings_due"),
    "waits": ("waits",),
    "goals": ("goals",),
    **{f"levels:{role}": ("levels", "attainment") for role in Role.values},
    **{f"looking back:{role}": ("looking_back", "answers") for role in Role.values},
}
"""The fields of `CohortFigures` in each; after a colon, the role whose part of them it is."""
Records = dict[str, dict[str, str]]
"""By section."""


def released(
    cohorts: Collection[Cohort], at: datetime, units: Units = None, reader: Person | None = None
) -> list[tuple[CohortFigures, datetime]]:
    """The figures of each cohort as they are released, and when they were last counted. What was never
    released is now. One query where all is there."""
    found = {one.cohort_id: one for one in Release.objects.filter(cohort__in=cohorts, reader=reader)}
    missing = [cohort for cohort in cohorts if cohort.pk not in found]
    if missing:
        figures, records = counted(missing, at, units)
        first = [
            Release(
                cohort=cohort,
                reader=reader,
                sections={
                    section: packed(section, figures[cohort.pk], records[cohort.pk][section], at)
                    for section in SECTIONS
                },
                checked_at=at,
            )
            for cohort in missing
        ]
        Release.objects.bulk_create(first, ignore_conflicts=True)
        found |= {one.cohort_id: one for one in Release.objects.filter(cohort__in=missing, reader=reader)}
    return [(unpacked(cohort, found[cohort.pk]), found[cohort.pk].checked_at) for cohort in cohorts]


def refresh(at: datetime) -> int:
    """Count anew what was not counted within the hour; how many releases were looked at."""
    due = Release.objects.filter(checked_at__lte=at - CHECK_AFTER)
    by_reader: dict[Person | None, list[int]] = defaultdict(list)
    for release in due.defer("sections").select_related("reader"):
        by_reader[release.reader].append(release.pk)
    for reader, found in by_reader.items():
        refresh_of(reader, found, at)
    return sum(len(found) for found in by_reader.values())


@transaction.atomic
def refresh_of(reader: Person | None, found: Collection[int], at: datetime) -> None:
    releases = list(
        Release.objects.select_for_update(of=("self",))
        .filter(pk__in=found)
        .select_related("cohort__programme")
        .order_by("pk")
    )
    live = [one.cohort for one in releases if one.cohort.state != Cohort.State.ARCHIVED]
    figures, records = counted(live, at, None if reader is None else units_headed_by(reader))
    for release in releases:
        if release.cohort_id in figures:
            take(release, figures[release.cohort_id], records[release.cohort_id], at)
        else:
            close(release)
        release.checked_at = at
    Release.objects.bulk_update(releases, ["sections", "checked_at"])


def take(release: Release, figures: CohortFigures, records: Records, at: datetime) -> None:
    threshold = release.cohort.programme.smallest_group
    for section in SECTIONS:
        old, now = release.sections[section], records[section]
        if differs_enough(now, old["records"], old["before"], threshold):
            replaced = {
                key: old["records"].get(key, "")
                for key in old["records"].keys() | now.keys()
                if old["records"].get(key, "") != now.get(key, "")
            }
            new = packed(section, figures, now, at)
            new["before"] = [replaced, *old["before"]] if replaced else old["before"]
            release.sections[section] = new


def close(release: Release) -> None:
    """An archived cohort is not counted again: its figures stay, what they were made of goes."""
    for section in release.sections.values():
        section |= {"records": {}, "before": []}


def counted(
    cohorts: Collection[Cohort], at: datetime, units: Units
) -> tuple[dict[int, CohortFigures], dict[int, Records]]:
    figures = queries.standing(cohorts, at, units)
    return figures, read_records(figures, at, units)


def read_records(cohorts: Collection[int] | dict[int, Any], at: datetime, units: Units) -> dict[int, Records]:
    """What is counted of each person (in "course"), answer ("looking back") or mentorship (elsewhere)."""
    parts: dict[tuple[int, str, str], list[Any]] = defaultdict(list)
    enrolled, invited = queries.on_the_way(cohorts, units)
    for cohort, pk, *record in enrolled.order_by("pk").values_list("cohort", "pk", *queries.WHO, "furthest"):
        parts[cohort, "course", f"e{pk}"] += record
    for cohort, pk, *record in invited.order_by("pk").values_list("cohort", "pk", *queries.WHO):
        parts[cohort, "course", f"i{pk}"] += record
    offers = queries.with_offers(cohorts, units).order_by("pk")
    for cohort, pk, *record in offers.values_list("cohort", "pk", "has_offer", "has_taken", "is_again"):
        parts[cohort, "course", f"e{pk}"] += record
    mentorships = queries.bound(cohorts, units)
    states = queries.with_health(mentorships, at).values_list("cohort", "pk", "state", "health")
    for cohort, pk, state, health in states:
        parts[cohort, "state", str(pk)] = [health]
        parts[cohort, "delivery", str(pk)] = [state in queries.EXPECTED_TO_MEET]
    outcomes = queries.with_outcome(mentorships, at).values("mentorship__cohort", "mentorship", "outcome")
    for cohort, pk, outcome, number in (
        outcomes.annotate(number=Count("pk"))
        .order_by("mentorship", "outcome")
        .values_list("mentorship__cohort", "mentorship", "outcome", "number")
    ):
        parts[cohort, "meetings", str(pk)] += [outcome, number]
        if outcome == queries.Outcome.HELD:
            parts[cohort, "delivery", str(pk)].append(number)
    late = queries.with_lateness(mentorships).values("mentorship__cohort", "mentorship", "lateness")
    for cohort, pk, lateness, number in (
        late.annotate(number=Count("pk"))
        .order_by("mentorship", "lateness")
        .values_list("mentorship__cohort", "mentorship", "lateness", "number")
    ):
        parts[cohort, "meetings", str(pk)] += [lateness, number]
    for cohort, pk, wait in queries.with_wait(mentorships).values_list("cohort", "pk", "wait"):
        parts[cohort, "waits", str(pk)].append(int(wait.total_seconds()))
    for cohort, pk, state, weight, *levels in queries.reached(mentorships).order_by("mentorship", "pk"):
        parts[cohort, "goals", str(pk)].append(state)
        for role, level in zip(Role.values, levels, strict=True):
            if level is not None:
                parts[cohort, f"levels:{role}", str(pk)] += [state, weight, level]
    if units is None:
        answers = Again.objects.filter(cohort__in=cohorts)
        for cohort, pk, role, answer in answers.values_list("cohort", "pk", "role", "answer"):
            parts[cohort, f"looking back:{role}", str(pk)] = [answer]
    found: dict[int, Records] = {cohort: {section: {} for section in SECTIONS} for cohort in cohorts}
    for (cohort, section, key), record in parts.items():
        found[cohort][section][key] = "|".join(map(str, record))
    return found


# --- As it is stored -----------------------------------------------------------------


def packed(section: str, figures: CohortFigures, records: Mapping[str, str], at: datetime) -> dict[str, Any]:
    return {
        "figures": {name: pack(part_of(section, getattr(figures, name))) for name in SECTIONS[section]},
        "records": dict(records),
        "before": [],
        "at": at.isoformat(),
    }


def part_of(section: str, value: Any) -> Any:
    role = section.partition(":")[2]
    if not role:
        return value
    return {key: one for key, one in value.items() if role == (key[0] if isinstance(key, tuple) else key)}


def unpacked(cohort: Cohort, release: Release) -> CohortFigures:
    figures = CohortFigures(cohort)
    for section in release.sections.values():
        for name, value in section["figures"].items():
            there = getattr(figures, name)
            if isinstance(there, dict):
                there.update(unpack(value))
            else:
                setattr(figures, name, unpack(value))
    return figures


def pack(value: Any) -> Any:
    """Mappings as lists of pairs, because JSON has no keys but texts."""
    match value:
        case Mapping():
            return [[list(key) if isinstance(key, tuple) else key, pack(one)] for key, one in value.items()]
        case disclosure.Count():
            return {"count": [value.number, value.behind]}
        case Sample():
            return {"sample": [value.size, value.values, value.total]}
    return value


def unpack(value: Any) -> Any:
    match value:
        case list():
            pairs: Iterable[tuple[Any, Any]] = (
                (tuple(key) if isinstance(key, list) else key, unpack(one)) for key, one in value
            )
            found = dict(pairs)
            return Counter(found) if all(isinstance(one, int) for one in found.values()) else found
        case {"count": numbers}:
            return disclosure.Count(*numbers)
        case {"sample": numbers}:
            return Sample(*numbers)
    return value
