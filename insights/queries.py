"""Exact figures of cohorts, in a constant number of queries. They reach a page only through
`insights.report`, which passes them through `insights.disclosure`.

Every function takes the cohorts at once and answers by cohort; `units` restricts it to people of these units,
and mentorships to those with such a member.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import floor
from typing import Any

from django.db.models import (
    Avg,
    Case,
    CharField,
    Count,
    Exists,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    TextChoices,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext_lazy as _

from concerns.models import Concern
from goals.attainment import t_score
from goals.models import CheckIn, Goal
from insights import disclosure
from insights.disclosure import Sample
from matching.models import Member, Mentorship
from meetings.models import Meeting
from programmes.models import Cohort, Enrolment, Invitation, Objective
from pulses.models import Answer, InvitationToAnswer, Response, Wave

QUIET_AFTER = timedelta(weeks=6)
State = Mentorship.State
BOUND = (State.CONFIRMED, State.ACTIVE, State.PAUSED, State.COMPLETED, State.ENDED)
EXPECTED_TO_MEET = (State.CONFIRMED, State.ACTIVE, State.COMPLETED)
Dimension = Objective.Dimension


class Step(TextChoices):
    """Of the course, in order. Somebody counts for a step when they have taken all steps up to it."""

    INVITED = "invited", _("Invited")
    ENROLLED = "enrolled", _("Enrolled")
    ACCEPTED = "accepted", _("Accepted")
    MATCHED = "matched", _("Matched")
    SIGNED = "signed", _("Agreement signed")
    FIRST = "first", _("First meeting held")
    HALF = "half", _("Half of the meetings held")
    COMPLETED = "completed", _("Completed")


class Health(TextChoices):
    ON_TRACK = "on_track", _("On track")
    COMPLETED = "completed", _("Completed")
    QUIET = "quiet", _("Quiet")
    STALLED = "stalled", _("Never got going")
    PAUSED = "paused", _("Paused")
    ENDED = "ended", _("Ended early")


class Outcome(TextChoices):
    """What became of a meeting; the statuses of `Meeting.status`, and by which side it was cancelled."""

    HELD = "held", _("Held")
    DUE = "due", _("To confirm")
    DISPUTED = "disputed", _("To settle (answers differ)")
    MISSED = "missed", _("Did not take place")
    BY_MENTOR = "by_mentor", _("Cancelled: mentor's side")
    BY_MENTEE = "by_mentee", _("Cancelled: mentee's side")
    CANCELLED = "cancelled", _("Cancelled otherwise")
    PLANNED = "planned", _("Planned ahead")


@dataclass(slots=True)
class CohortFigures:
    cohort: Cohort
    course: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """By role, how many people have come to each step."""
    health: Counter[str] = field(default_factory=Counter)
    expected_to_meet: int = 0
    """How many mentorships ought to meet: neither paused nor ended."""
    meetings: dict[str, disclosure.Count] = field(default_factory=dict)
    delivered: int = 0
    """Meetings held in the mentorships that ought to meet."""
    goals: dict[str, disclosure.Count] = field(default_factory=dict)
    levels: dict[int, disclosure.Count] = field(default_factory=dict)
    """By level, the goals whose last check-in reached it."""
    attainment: Sample = field(default_factory=lambda: Sample(0, 0, 0))
    """T-scores, one of each mentorship whose goals have been checked in on."""
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    answered: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By kind of pulse and role."""
    pulses: dict[tuple[str, str, str], Sample] = field(default_factory=dict)
    """By kind of pulse, role and dimension, or `objective-<id>` for an objective's own question."""

    def due(self, at: datetime) -> int:
        """Meetings expected to `at`: the rhythm of the cohort, for each mentorship that ought to meet."""
        return self.expected_to_meet * self.cohort.meetings_due(at)


Units = Collection[int] | None


def figures(cohorts: Iterable[Cohort], at: datetime, units: Units = None) -> list[CohortFigures]:
    """Nine queries, however many cohorts."""
    found = {cohort.pk: CohortFigures(cohort) for cohort in cohorts}
    read_course(found, units)
    mentorships = Mentorship.objects.filter(cohort__in=found, state__in=BOUND)
    if units is not None:
        of_units = Member.objects.filter(mentorship=OuterRef("pk"), enrolment__person__unit__in=units)
        mentorships = mentorships.filter(Exists(of_units))
    read_health(found, mentorships, at)
    read_meetings(found, mentorships, at)
    read_goals(found, mentorships)
    if units is None:
        # Responses lead back to nobody, so they cannot be told apart by unit either.
        read_pulses(found, at)
    return list(found.values())


def counted(rows: QuerySet[Any], *keys: str) -> QuerySet[Any, Any]:
    """How many rows have each combination of the keys, as tuples that end with the number."""
    return rows.order_by().values(*keys).annotate(number=Count("pk")).values_list(*keys, "number")


def read_course(found: dict[int, CohortFigures], units: Units) -> None:
    held = (
        Meeting.objects.held()
        .filter(mentorship=OuterRef("pk"))
        .order_by()
        .values("mentorship")
        .values(number=Count("pk"))
    )
    own = (
        Mentorship.objects.filter(members__enrolment=OuterRef("pk"), state__in=BOUND)
        .order_by()
        .annotate(held=Coalesce(Subquery(held), 0))
    )
    signed = own.filter(activated_at__isnull=False)
    half = (
        signed.filter(held__gte=1)
        .annotate(twice=F("held") * 2)
        .filter(twice__gte=F("cohort__meetings_planned"))
    )
    furthest = Case(
        When(Exists(half.filter(state=State.COMPLETED)), Value(Step.COMPLETED)),
        When(Exists(half), Value(Step.HALF)),
        When(Exists(signed.filter(held__gte=1)), Value(Step.FIRST)),
        When(Exists(signed), Value(Step.SIGNED)),
        When(Exists(own), Value(Step.MATCHED)),
        When(state=Enrolment.State.ACCEPTED, then=Value(Step.ACCEPTED)),
        default=Value(Step.ENROLLED),
        output_field=CharField(),
    )
    enrolled = Enrolment.objects.sent().filter(cohort__in=found)
    not_enrolled = Invitation.objects.filter(cohort__in=found).exclude(
        Exists(Enrolment.objects.sent().filter(cohort=OuterRef("cohort"), person=OuterRef("person")))
    )
    if units is not None:
        enrolled = enrolled.filter(person__unit__in=units)
        not_enrolled = not_enrolled.filter(person__unit__in=units)
    rows = list(counted(enrolled.annotate(furthest=furthest), "cohort", "role", "furthest"))
    rows += [(*one[:2], Step.INVITED.value, one[2]) for one in counted(not_enrolled, "cohort", "role")]
    for cohort, role, furthest_step, number in rows:
        for step in Step.values[: Step.values.index(furthest_step) + 1]:
            found[cohort].course[role][step] += number


def read_health(found: dict[int, CohortFigures], mentorships: QuerySet[Mentorship], at: datetime) -> None:
    meetings = Meeting.objects.filter(mentorship=OuterRef("pk"))
    last_held = meetings.held().order_by().values("mentorship").values(last=Max("ends_at"))
    planned = meetings.upcoming(at)
    annotated = mentorships.annotate(
        last_held=Subquery(last_held),
        since=Greatest(Coalesce("last_held", "confirmed_at"), Coalesce("confirmed_at", "created_at")),
        health=Case(
            When(state=State.COMPLETED, then=Value(Health.COMPLETED)),
            When(state=State.ENDED, then=Value(Health.ENDED)),
            When(state=State.PAUSED, then=Value(Health.PAUSED)),
            When(Q(since__gte=at - QUIET_AFTER) | Exists(planned), then=Value(Health.ON_TRACK)),
            When(last_held=None, then=Value(Health.STALLED)),
            default=Value(Health.QUIET),
            output_field=CharField(),
        ),
    )
    for cohort, state, health, number in counted(annotated, "cohort", "state", "health"):
        found[cohort].health[health] += number
        if state in EXPECTED_TO_MEET:
            found[cohort].expected_to_meet += number


def read_meetings(found: dict[int, CohortFigures], mentorships: QuerySet[Mentorship], at: datetime) -> None:
    """The same words as `Meeting.status`: a past date alone is "to confirm", never "held"."""
    outcome = Case(
        When(cancelled_at__isnull=False, cancelled_by__role="mentor", then=Value(Outcome.BY_MENTOR)),
        When(cancelled_at__isnull=False, cancelled_by__role="mentee", then=Value(Outcome.BY_MENTEE)),
        When(cancelled_at__isnull=False, then=Value(Outcome.CANCELLED)),
        When(said_yes=True, said_no=True, then=Value(Outcome.DISPUTED)),
        When(said_yes=True, then=Value(Outcome.HELD)),
        When(said_no=True, then=Value(Outcome.MISSED)),
        When(ends_at__lte=at, then=Value(Outcome.DUE)),
        default=Value(Outcome.PLANNED),
        output_field=CharField(),
    )
    rows = (
        Meeting.objects.filter(mentorship__in=mentorships)
        .with_answers()
        .order_by()
        .annotate(outcome=outcome)
        .values("mentorship__cohort", "outcome")
        .annotate(
            number=Count("pk"),
            behind=Count("mentorship", distinct=True),
            expected=Count("pk", filter=Q(mentorship__state__in=EXPECTED_TO_MEET)),
        )
        .values_list("mentorship__cohort", "outcome", "number", "behind", "expected")
    )
    for cohort, kind, number, behind, expected in rows:
        found[cohort].meetings[kind] = disclosure.Count(number, behind)
        if kind == Outcome.HELD:
            found[cohort].delivered = expected


def read_goals(found: dict[int, CohortFigures], mentorships: QuerySet[Mentorship]) -> None:
    """The level of a goal is what the members reported for the last day on which any did, their mean where
    several did."""
    last_day = (
        CheckIn.objects.filter(goal=OuterRef("pk"))
        .order_by("-due_on")
        .values("due_on")
        .annotate(level=Avg("level"))
        .values("level")[:1]
    )
    rows = (
        Goal.objects.filter(mentorship__in=mentorships)
        .order_by()
        .annotate(reached=Subquery(last_day))
        .values_list("mentorship__cohort", "mentorship", "state", "weight", "reached")
    )
    states: dict[tuple[int, str], list[int]] = defaultdict(list)
    levels: dict[tuple[int, int], list[int]] = defaultdict(list)
    scores: dict[tuple[int, int], list[tuple[float, float]]] = defaultdict(list)
    for cohort, mentorship, state, weight, reached in rows:
        states[cohort, state].append(mentorship)
        if reached is not None and state != Goal.State.DROPPED:
            levels[cohort, floor(float(reached) + 0.5)].append(mentorship)
            scores[cohort, mentorship].append((float(reached), weight))
    for (cohort, state), behind in states.items():
        found[cohort].goals[state] = disclosure.Count(len(behind), len(set(behind)))
    for (cohort, level), behind in levels.items():
        found[cohort].levels[level] = disclosure.Count(len(behind), len(set(behind)))
    for (cohort, _mentorship), pairs in scores.items():
        before = found[cohort].attainment
        found[cohort].attainment = Sample(before.size + 1, before.values + 1, before.total + t_score(pairs))


def read_pulses(found: dict[int, CohortFigures], at: datetime) -> None:
    """Of pulses that have closed: while people answer, two looks at a figure would tell what was answered
    between."""
    kinds = (Wave.Kind.START, Wave.Kind.MIDDLE, Wave.Kind.END)
    last_days = [Q(cohort=pk, closes_on__lt=one.cohort.today(at)) for pk, one in found.items()]
    closed = Wave.objects.filter(kind__in=kinds).filter(
        Q(*last_days, _connector=Q.OR) if last_days else Q(pk=None)
    )
    asked = InvitationToAnswer.objects.filter(wave__in=closed)
    for cohort, kind, role, number in counted(asked, "wave__cohort", "wave__kind", "enrolment__role"):
        found[cohort].asked[kind, role] += number
    answered = Response.objects.filter(wave__in=closed)
    for cohort, kind, role, number in counted(answered, "wave__cohort", "wave__kind", "role"):
        found[cohort].answered[kind, role] += number
    dimension = Case(
        When(question__startswith="safety-", then=Value(Dimension.SAFETY)),
        default=F("question"),
        output_field=CharField(),
    )
    keys = ("response__wave__cohort", "response__wave__kind", "response__role", "dimension")
    values = (
        Answer.objects.filter(response__wave__in=closed)
        .order_by()
        .annotate(dimension=dimension)
        .values(*keys)
        .annotate(size=Count("response", distinct=True), number=Count("pk"), total=Sum("value"))
        .values_list(*keys, "size", "number", "total")
    )
    for cohort, kind, role, key, size, number, total in values:
        found[cohort].pulses[kind, role, key] = Sample(size, number, float(total))


@dataclass(frozen=True, slots=True)
class WaitingConcerns:
    number: int
    oldest: datetime | None


def concerns(programmes: Collection[int]) -> dict[int, WaitingConcerns]:
    """Those nobody has taken yet, by programme. One query."""
    rows = (
        Concern.objects.waiting()
        .filter(programme__in=programmes)
        .order_by()
        .values("programme")
        .annotate(number=Count("pk"), oldest=Min("raised_at"))
        .values_list("programme", "number", "oldest")
    )
    return {programme: WaitingConcerns(number, oldest) for programme, number, oldest in rows}


PARTS = {"unit": _("Units"), "grade": _("Grades"), "site": _("Sites")}


def participation(programme: int, units: Units = None) -> dict[str, dict[str | None, int]]:
    """By unit, grade and site, how many people take or took part in the programme in any cohort. Three
    queries."""
    people = Enrolment.objects.accepted().filter(cohort__programme=programme).order_by()
    if units is not None:
        people = people.filter(person__unit__in=units)
    return {
        part: dict(
            people.values(f"person__{part}__name")
            .annotate(number=Count("person", distinct=True))
            .values_list(f"person__{part}__name", "number")
        )
        for part in PARTS
    }
