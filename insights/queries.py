"""Exact figures of what is released, in a constant number of queries. They reach a page only through
`insights.report`, which passes them through `insights.disclosure`.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Literal

from django.contrib.postgres.aggregates import BoolOr
from django.db import connection
from django.db.models import Count as Number
from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Sum

from insights import counting
from insights.counting import Outcome, Step
from insights.disclosure import Count, Sample
from insights.models import (
    Headcount,
    Release,
    ReleasedMember,
    ReleasedMentorship,
    ReleasedPerson,
    ReleasedSum,
    ReleasedTally,
)
from participants.models import Grade, Person, Site, Unit

Months = tuple[date, date]
"""The first days of the first and the last month."""
PARTS = ("unit", "grade", "site")


@dataclass(frozen=True, slots=True)
class Part:
    """Whom a view is about: people of a role, of these units, of a grade and at a site; mentorships with such
    a member. Without unit, grade and site the role alone leaves no mentorship out."""

    role: str = ""
    units: frozenset[int] | None = None
    grade: int | None = None
    site: int | None = None

    @property
    def is_whole(self) -> bool:
        return self.units is None and self.grade is None and self.site is None

    @property
    def name(self) -> str:
        units = "" if self.units is None else name_of(self.units)
        return f"{self.role}/{units}/{self.grade or ''}/{self.site or ''}"

    def of_role(self, role: str) -> "Part":
        return replace(self, role=role)

    def place(self) -> Q:
        chosen = Q()
        if self.role:
            chosen &= Q(role=self.role)
        if self.units is not None:
            chosen &= Q(unit__in=self.units)
        if self.grade:
            chosen &= Q(grade=self.grade)
        if self.site:
            chosen &= Q(site=self.site)
        return chosen

    def people(self, cohorts: Collection[int]) -> QuerySet[ReleasedPerson]:
        return ReleasedPerson.objects.filter(self.place(), cohort__in=cohorts).order_by()

    def mentorships(self, cohorts: Collection[int]) -> QuerySet[ReleasedMentorship]:
        found = ReleasedMentorship.objects.filter(cohort__in=cohorts).order_by()
        return found if self.is_whole else found.filter(Exists(self.members(OuterRef("pk"))))

    def tallies(self, cohorts: Collection[int]) -> QuerySet[ReleasedTally]:
        found = ReleasedTally.objects.filter(cohort__in=cohorts).order_by()
        return found if self.is_whole else found.filter(Exists(self.members(OuterRef("mentorship"))))

    def members(self, mentorship: OuterRef) -> QuerySet[ReleasedMember]:
        return ReleasedMember.objects.filter(self.place(), mentorship=mentorship)


@lru_cache
def name_of(units: frozenset[int]) -> str:
    """Short, also of thousands."""
    return blake2b(",".join(map(str, sorted(units))).encode(), digest_size=16).hexdigest()


@dataclass(slots=True)
class People:
    """Each counted once, as far as they came in any of the cohorts."""

    steps: Counter[str] = field(default_factory=Counter)
    """How many have come to each step."""
    was_offered: int = 0
    took: int = 0
    again: int = 0
    """How many were offered a mentorship, accepted one, and were matched again after one ended."""


@dataclass(slots=True)
class Figures:
    """Of a part of one cohort, or of several."""

    people: People = field(default_factory=People)
    health: Counter[str] = field(default_factory=Counter)
    expected: int = 0
    """How many mentorships ought to meet: neither paused nor ended."""
    tallies: dict[str, Count] = field(default_factory=dict)
    """By kind, over all time."""
    delivered: Count = field(default_factory=Count)
    """Of a part, the meetings held in the mentorships that ought to meet."""
    held: dict[date, Count] = field(default_factory=dict)
    """Meetings by the month in which they began."""


def add(several: Iterable[Figures], people: People) -> Figures:
    """Of cohorts, with what is counted of their people together: somebody may take part in two."""

    def both(one: dict[Any, Count], two: dict[Any, Count]) -> dict[Any, Count]:
        return {key: one.get(key, Count()) + two.get(key, Count()) for key in one.keys() | two.keys()}

    added = Figures(people)
    for one in several:
        added.health += one.health
        added.expected += one.expected
        added.tallies = both(added.tallies, one.tallies)
        added.delivered += one.delivered
        added.held = both(added.held, one.held)
    return added


def figures(cohorts: Collection[int], part: Part, months: Months | None = None) -> dict[int, Figures]:
    """By cohort, in three queries, one more for the `months`, and one for what is no whole cohort."""
    people = people_by("cohort", cohorts, part)
    found = {cohort: Figures(people.get(cohort, People())) for cohort in cohorts}
    read_health(found, part)
    for cohort, kind, _month, count in counted(found, part, Q(month=None)):
        found[cohort].tallies[kind] = count
    if months:
        for cohort, _kind, month, count in counted(found, part, Q(month__range=months, kind=Outcome.HELD)):
            found[cohort].held[month] = count
    if not part.is_whole:
        expected = Q(month=None, kind=Outcome.HELD, mentorship__is_expected=True)
        for cohort, _kind, _month, count in counted(found, part, expected):
            found[cohort].delivered = count
    return found


def people_by(
    group: Literal["cohort", "cohort__programme"], cohorts: Collection[int], part: Part
) -> dict[int, People]:
    """By cohort or programme. One query: how far each person came, then how many came so far."""
    if not cohorts:
        return {}
    each = (
        part.people(cohorts)
        .values_list(group, "person")
        .annotate(
            furthest=Max("step"),
            offers=BoolOr("was_offered"),
            takes=BoolOr("took"),
            matched_again=BoolOr("again"),
        )
    )
    inner, values = each.query.sql_with_params()
    flags = ", ".join(f"count(*) FILTER (WHERE {flag})" for flag in ("offers", "takes", "matched_again"))
    found: dict[int, People] = defaultdict(People)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT one, furthest, count(*), {flags}"  # noqa: S608 - nothing of it comes from a reader
            f" FROM ({inner}) AS each (one, person, furthest, offers, takes, matched_again)"
            " GROUP BY one, furthest",
            values,
        )
        for one, step, number, offers, takes, again in cursor.fetchall():
            for name in Step.values[: step + 1]:
                found[one].steps[name] += number
            found[one].was_offered += offers
            found[one].took += takes
            found[one].again += again
    return dict(found)


def read_health(found: dict[int, Figures], part: Part) -> None:
    rows = part.mentorships(found).exclude(health="").values("cohort", "health", "is_expected")
    for cohort, health, is_expected, number in rows.annotate(number=Number("pk")).values_list(
        "cohort", "health", "is_expected", "number"
    ):
        found[cohort].health[health] += number
        found[cohort].expected += number if is_expected else 0


def counted(found: dict[int, Figures], part: Part, when: Q) -> Iterable[tuple[int, str, date, Count]]:
    """Cohort, kind, month and the count: added up before for whole cohorts. A mentorship has at most one
    tally of a kind and month."""
    keys = ("cohort", "kind", "month")
    if part.is_whole:
        rows = ReleasedSum.objects.filter(when, cohort__in=found).values_list(*keys, "number", "behind")
    else:
        tallies = part.tallies(found).filter(when).values(*keys)
        rows = tallies.annotate(sum=Sum("number"), behind=Number("pk")).values_list(*keys, "sum", "behind")
    for cohort, kind, month, number, behind in rows:
        yield cohort, kind, month, Count(number, behind)


def meetings_in(cohorts: Collection[int], part: Part, months: Months) -> dict[str, Count]:
    """What became of the meetings of some months, and how late the cancelled ones were. One query."""
    rows = part.tallies(cohorts).filter(month__range=months, section=counting.MEETINGS)
    told = rows.values("kind").annotate(sum=Sum("number"), behind=Number("mentorship", distinct=True))
    return {kind: Count(*count) for kind, *count in told.values_list("kind", "sum", "behind")}


# --- What is told of all of a reader's cohorts, by role -------------------------------


NOBODY = Sample()


@dataclass(frozen=True, slots=True)
class Ratio:
    """Of `size` mentorships, how much of `whole` by month; without a whole that is a matter of time.
    `first`: for how many mentorships each month was the first with any."""

    size: int = 0
    whole: int = 0
    monthly: dict[date, int] = field(default_factory=dict)
    first: dict[date, int] = field(default_factory=dict)

    def until(self, day: date) -> Count:
        """With the month of the day."""
        return Count(up_to(day, self.monthly), up_to(day, self.first))

    @classmethod
    def of(cls, size: int = 0, whole: int = 0, *by_month: dict[str, int]) -> "Ratio":
        days = [{date.fromisoformat(day): number for day, number in one.items()} for one in by_month]
        return cls(size, whole, *days)


def up_to(day: date, monthly: dict[date, int]) -> int:
    return sum(number for month, number in monthly.items() if month <= day)


@dataclass(frozen=True, slots=True)
class Means:
    """Of one cohort; what was never released is empty."""

    wait: Sample = NOBODY
    """Days from being confirmed to the first meeting held, one of each mentorship that has had one."""
    attainment: dict[str, Sample] = field(default_factory=dict)
    """By role, T-scores, one of each mentorship whose goals the role has checked in on."""
    delivery: Ratio = field(default_factory=Ratio)
    """Meetings held in the mentorships that ought to meet."""
    attained: Ratio = field(default_factory=Ratio)
    """Goals attained of those kept."""
    looking_back: dict[str, dict[str, int]] = field(default_factory=dict)
    """By role, how many were "asked" whether they would do it again, and how many gave each answer."""
    asked: dict[str, int] = field(default_factory=dict)
    answered: dict[str, int] = field(default_factory=dict)
    """By "start:mentor"."""
    pulses: dict[str, Sample] = field(default_factory=dict)
    """By "start:mentor:safety"."""
    closed: dict[str, date] = field(default_factory=dict)
    """When each kind of pulse did."""
    counted_at: datetime | None = None


def means(cohorts: Collection[int], reader: Person | None = None) -> dict[int, Means]:
    """By cohort; of the units that `reader` heads, with the pulses left out, whose answers lead back to
    nobody. One query."""
    rows = Release.objects.filter(cohort__in=cohorts, reader=reader).values_list(
        "cohort", "figures", "checked_at"
    )
    found = {}
    for cohort, sections, checked_at in rows:
        pulses = sections.get(counting.PULSES) or {}
        found[cohort] = Means(
            wait=Sample(*sections.get(counting.WAITS, ())),
            attainment={role: Sample(*sections.get(key, ())) for role, key in counting.ATTAINMENT.items()},
            delivery=Ratio.of(*sections.get(counting.DELIVERY, ())),
            attained=Ratio.of(*sections.get(counting.ATTAINED, ())),
            looking_back={
                role: {**sections.get(counting.ASKED_BACK[role], {}), **sections.get(key, {})}
                for role, key in counting.LOOKING_BACK.items()
            },
            asked=pulses.get("asked", {}),
            answered=pulses.get("answered", {}),
            pulses={key: Sample(*one) for key, one in pulses.get("samples", {}).items()},
            closed={kind: date.fromisoformat(day) for kind, day in pulses.get("closed", {}).items()},
            counted_at=checked_at,
        )
    return found


# --- Parts of the company -------------------------------------------------------------


ADMISSION = (Step.INVITED, Step.ENROLLED, Step.ACCEPTED)


def taking_part(cohorts: Collection[int], part: Part, by: str) -> dict[Step, dict[int | None, int]]:
    """How many people of each unit, grade or site came to be accepted (None: none is stated). One query."""
    numbers = {
        step: Number("person", distinct=True, filter=Q(step__gte=Step.values.index(step)))
        for step in ADMISSION
    }
    rows = list(part.people(cohorts).values(by).annotate(**numbers).values_list(by, *ADMISSION))
    return {step: {row[0]: row[place] for row in rows} for place, step in enumerate(ADMISSION, 1)}


def company(units: Collection[int] | None, by: str) -> dict[int | None, int]:
    """How many active people of these units each unit, grade or site has. One query."""
    people = Headcount.objects.order_by()
    if units is not None:
        people = people.filter(unit__in=units)
    return dict(people.values(by).annotate(sum=Sum("number")).values_list(by, "sum"))


def names() -> dict[str, dict[int, str]]:
    """Of grades, from the lowest up, and sites. Two queries."""
    return {
        "grade": dict(Grade.objects.order_by("rank").values_list("pk", "name")),
        "site": dict(Site.objects.order_by("name").values_list("pk", "name")),
    }


@dataclass(frozen=True, slots=True)
class Tree:
    """The units of the company, or of a head."""

    names: dict[int, str]
    parents: dict[int, int | None]

    @classmethod
    def of(cls, units: Collection[int] | None) -> "Tree":
        """One query."""
        rows = Unit.objects.order_by("name").values_list("pk", "name", "parent")
        found = list(rows if units is None else rows.filter(pk__in=units))
        known = {pk for pk, _name, _parent in found}
        return cls(
            {pk: name for pk, name, _parent in found},
            {pk: parent if parent in known else None for pk, _name, parent in found},
        )

    def below(self, unit: int | None) -> list[int]:
        """The units right below one, or at the top; where a single one holds all, those below it."""
        found = [pk for pk, parent in self.parents.items() if parent == unit]
        if unit is None and len(found) == 1 and (lower := self.below(found[0])):
            return lower
        return found

    def path(self, unit: int) -> list[int]:
        """From the top down to it."""
        found: list[int] = []
        at: int | None = unit
        while at is not None and at not in found:
            found.insert(0, at)
            at = self.parents[at]
        return found

    def all_in(self, unit: int) -> frozenset[int]:
        children: dict[int | None, list[int]] = {}
        for pk, parent in self.parents.items():
            children.setdefault(parent, []).append(pk)
        found, to_visit = set(), [unit]
        while to_visit:
            found.add(one := to_visit.pop())
            to_visit += children.get(one, [])
        return frozenset(found)

    def folded(self, numbers: dict[int | None, int]) -> Counter[int]:
        """Of each unit with all below it."""
        found: Counter[int] = Counter()
        for unit, number in numbers.items():
            if unit in self.parents:
                for one in self.path(unit):
                    found[one] += number
        return found
