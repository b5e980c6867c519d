"""What readers see between two looks: figures that move only when enough people differ.

A worker counts every hour, and puts what it counted of a section in place of what is released only if
`disclosure.differs_enough`. A view reads what is released, and never counts.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, Sum

from insights import counting
from insights.counting import Record, Records
from insights.disclosure import differs_enough
from insights.models import (
    Headcount,
    Release,
    ReleasedMember,
    ReleasedMentorship,
    ReleasedPerson,
    ReleasedSum,
    ReleasedTally,
)
from insights.scope import units_headed_by
from participants.models import Person
from programmes.models import Cohort

CHECK_AFTER = timedelta(minutes=50)
AT_ONCE = 20
"""So many cohorts are counted together, and locked no longer than that takes."""

Changes = dict[int, dict[str, Record | None]]
"""By cohort and id what is to be released, None for what is no longer there."""


def refresh(at: datetime) -> int:
    """Count what was not counted within the hour; how many releases were looked at."""
    begin()
    due = Release.objects.filter(Q(checked_at=None) | Q(checked_at__lte=at - CHECK_AFTER))
    by_reader: dict[Person | None, list[int]] = defaultdict(list)
    for release in due.defer("gates", "figures").select_related("reader").order_by("pk"):
        by_reader[release.reader].append(release.pk)
    if None in by_reader:
        count_heads()
    return sum(
        refresh_some(reader, found[first : first + AT_ONCE], at)
        for reader, found in by_reader.items()
        for first in range(0, len(found), AT_ONCE)
    )


def begin(cohorts: Iterable[int] | None = None, reader: Person | None = None) -> None:
    """These are counted from now on, or else all that are open to somebody; for a reader of units the part of
    theirs."""
    if cohorts is None:
        open_to_somebody = Cohort.objects.exclude(state=Cohort.State.DRAFT)
        counted = Release.objects.filter(reader=None).values("cohort")
        cohorts = open_to_somebody.exclude(pk__in=counted).values_list("pk", flat=True)
    Release.objects.bulk_create(
        [Release(cohort_id=pk, reader=reader) for pk in cohorts], ignore_conflicts=True
    )


@transaction.atomic
def refresh_some(reader: Person | None, found: Collection[int], at: datetime) -> int:
    releases = list(
        Release.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(pk__in=found)
        .select_related("cohort__programme")
        .order_by("pk")
    )
    units = None if reader is None else units_headed_by(reader)
    if units is not None and not units:
        # Nothing is told, nor forgotten: else who heads a unit again would be told anew, and of one more.
        Release.objects.filter(pk__in=[one.pk for one in releases]).update(checked_at=at)
        return len(releases)
    live = [one.cohort for one in releases if one.cohort.state != Cohort.State.ARCHIVED]
    counted = counting.records([one.pk for one in live], at, units)
    pulses = {} if reader else counting.pulses(live, at)
    changes: dict[str, Changes] = defaultdict(dict)
    moved = []
    for release in releases:
        if release.cohort_id in counted:
            taken = take(release, counted[release.cohort_id])
            for section, changed in taken.items():
                changes[section][release.cohort_id] = changed
            answers = pulses.get(release.cohort_id)
            if taken or answers != release.figures.get(counting.PULSES):
                release.figures[counting.PULSES] = answers
                moved.append(release)
        elif release.gates:
            # Archived: its figures stay as they are, and nothing needs to be told from what was before.
            release.gates = {}
            moved.append(release)
    if reader is None:
        write_people(changes[counting.PEOPLE])
        write_states(changes[counting.STATE])
        for section in counting.TALLIED:
            write_tallies(section, changes[section])
        add_up({cohort for section in counting.TALLIED for cohort in changes[section]})
    Release.objects.bulk_update(moved, ["gates", "figures"])
    Release.objects.filter(pk__in=[one.pk for one in releases]).update(checked_at=at)
    return len(releases)


def take(release: Release, records: Records) -> dict[str, dict[str, Record | None]]:
    """What of each section may be released now and was not."""
    taken = {}
    for section in counting.MEANS if release.reader_id else counting.GATED:
        now = {key: digest(record) for key, record in records[section].items()}
        gate = release.gates.get(section)
        old = gate["records"] if gate else {}
        changed = [key for key in old.keys() | now.keys() if old.get(key) != now.get(key)]
        if gate and not (
            changed and differs_enough(now, old, gate["before"], release.cohort.programme.smallest_group)
        ):
            continue
        before = [{key: old.get(key, "") for key in changed}, *gate["before"]] if gate else []
        release.gates[section] = {"records": now, "before": before}
        taken[section] = {key: records[section].get(key) for key in changed}
        if section in counting.RATIOS:
            release.figures[section] = added(records[section].values())
        elif section in counting.MEANS:
            values = [value for (value,) in records[section].values()]
            release.figures[section] = [len(values), len(values), sum(values)]
        elif section in (*counting.ASKED_BACK.values(), *counting.LOOKING_BACK.values()):
            release.figures[section] = looked_back(records[section].values())
    return taken


def digest(record: Record) -> str:
    return blake2b(repr(record).encode(), digest_size=8).hexdigest()


def added(records: Collection[Record]) -> list[Any]:
    """Of how many mentorships, of how much, how much by month, and how many were new to it by month."""
    monthly: Counter[str] = Counter()
    first: Counter[str] = Counter()
    for _whole, months in records:
        monthly.update(dict(months))
        first.update([min(month for month, _number in months)] if months else [])
    return [len(records), sum(whole for whole, _months in records), dict(monthly), dict(first)]


def looked_back(records: Iterable[Record]) -> dict[str, int]:
    said: dict[str, int] = defaultdict(int)
    for (one,) in records:
        said[one] += 1
    return dict(said)


# --- Rows ----------------------------------------------------------------------------


def write_people(changes: Changes) -> None:
    gone = [key for some in changes.values() for key, record in some.items() if not record]
    ReleasedPerson.objects.filter(cohort__in=changes, key__in=gone).delete()
    fields = ("person_id", "role", "unit_id", "grade_id", "site_id", "step", "was_offered", "took", "again")
    ReleasedPerson.objects.bulk_create(
        [
            ReleasedPerson(cohort_id=cohort, key=key, **dict(zip(fields, record, strict=True)))
            for cohort, some in changes.items()
            for key, record in some.items()
            if record
        ],
        update_conflicts=True,
        unique_fields=["cohort", "key"],
        update_fields=[name.removesuffix("_id") for name in fields],
        batch_size=2000,
    )


def write_states(changes: Changes) -> None:
    rows = rows_of(changes)
    place = ("role", "unit_id", "grade_id", "site_id")
    touched, members = [], []
    for key, row in rows.items():
        health, is_expected, people = changes[key[0]][key[1]] or ("", False, ())
        row.health, row.is_expected = health, is_expected
        touched.append(row)
        members += [ReleasedMember(mentorship=row, **dict(zip(place, one, strict=True))) for one in people]
    ReleasedMentorship.objects.bulk_update(touched, ["health", "is_expected"], batch_size=500)
    ReleasedMember.objects.filter(mentorship__in=touched).delete()
    ReleasedMember.objects.bulk_create(members, batch_size=2000)


def write_tallies(section: str, changes: Changes) -> None:
    rows = rows_of(changes)
    ReleasedTally.objects.filter(mentorship__in=rows.values(), section=section).delete()
    ReleasedTally.objects.bulk_create(
        (
            ReleasedTally(
                cohort_id=cohort,
                mentorship=row,
                section=section,
                kind=kind,
                month=month,
                number=number,
            )
            for (cohort, key), row in rows.items()
            for kind, month, number in changes[cohort][key] or ()
        ),
        batch_size=2000,
    )


def add_up(cohorts: Collection[int]) -> None:
    keys = ("cohort", "kind", "month")
    tallies = ReleasedTally.objects.filter(cohort__in=cohorts).order_by().values(*keys)
    added = tallies.annotate(sum=Sum("number"), behind=Count("pk"))
    ReleasedSum.objects.filter(cohort__in=cohorts).delete()
    ReleasedSum.objects.bulk_create(
        ReleasedSum(cohort_id=cohort, kind=kind, month=month, number=number, behind=behind)
        for cohort, kind, month, number, behind in added.values_list(*keys, "sum", "behind")
    )


def rows_of(changes: Changes) -> dict[tuple[int, str], ReleasedMentorship]:
    """The rows of the mentorships that changed, made where there is none yet."""
    wanted = {(cohort, key) for cohort, some in changes.items() for key in some}

    def there() -> dict[tuple[int, str], ReleasedMentorship]:
        found = ReleasedMentorship.objects.filter(cohort__in=changes)
        return {(row.cohort_id, row.key): row for row in found if (row.cohort_id, row.key) in wanted}

    missing = wanted - there().keys()
    if missing:
        ReleasedMentorship.objects.bulk_create(
            [ReleasedMentorship(cohort_id=cohort, key=key) for cohort, key in sorted(missing)],
            batch_size=2000,
        )
    return there()


@transaction.atomic
def count_heads() -> None:
    """The make-up of the company, anew."""
    keys = ("unit", "grade", "site")
    people = Person.objects.filter(is_active=True).order_by().values(*keys).annotate(n=Count("pk"))
    counted = [
        Headcount(unit_id=unit, grade_id=grade, site_id=site, number=number)
        for unit, grade, site, number in people.values_list(*keys, "n")
    ]
    Headcount.objects.all().delete()
    Headcount.objects.bulk_create(counted, batch_size=5000)
