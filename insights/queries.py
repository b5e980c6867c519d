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
from endings.models import Again, LookBack
from goals.attainment import t_score
from goals.models import CheckIn, Goal
from insights import disclosure
from insights.disclosure import Sample
from matching.models import Member, Mentorship
from meetings.models import Meeting
from participants.models import Person
from programmes.models import Cohort, Enrolment, Invitation, Objective, Role
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


class Lateness(TextChoices):
    """How long before its start a meeting was cancelled."""

    WEEK = "week", _("A week before or earlier")
    DAYS = "days", _("Between a week and a day before")
    DAY = "day", _("On the day before or later")


PARTS = {"unit": _("Units"), "grade": _("Grades"), "site": _("Sites")}


@dataclass(slots=True)
class CohortFigures:
    cohort: Cohort
    course: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """By role, how many people have come to each step."""
    groups: dict[tuple[str, str], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """The same of both roles by part of the company: ("unit", its name), and "" for who states none."""
    offered: Counter[str] = field(default_factory=Counter)
    took: Counter[str] = field(default_factory=Counter)
    """By role, how many people were offered a mentorship, and how many of them accepted one."""
    again: Counter[str] = field(default_factory=Counter)
    """By role, how many people were matched again after a mentorship of theirs had ended early."""
    health: Counter[str] = field(default_factory=Counter)
    expected_to_meet: int = 0
    """How many mentorships ought to meet: neither paused nor ended."""
    meetings: dict[str, disclosure.Count] = field(default_factory=dict)
    meetings_due: int = 0
    """How many meetings the rhythm of the cohort expects of each of them by now."""
    delivered: int = 0
    """Meetings held in the mentorships that ought to meet."""
    lateness: dict[str, disclosure.Count] = field(default_factory=dict)
    waits: Sample = field(default_factory=lambda: Sample(0, 0, 0))
    """Days from being confirmed to the first meeting held, one of each mentorship that has had one."""
    goals: dict[str, disclosure.Count] = field(default_factory=dict)
    levels: dict[tuple[str, int], disclosure.Count] = field(default_factory=dict)
    """By role and level, the goals that were there at the role's last check-in."""
    attainment: dict[str, Sample] = field(default_factory=dict)
    """By role, T-scores, one of each mentorship whose goals the role has checked in on."""
    looking_back: Counter[str] = field(default_factory=Counter)
    """By role, how many were asked whether they would do it again."""
    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By role and answer."""
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    answered: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By kind of pulse and role."""
    pulses: dict[tuple[str, str, str], Sample] = field(default_factory=dict)
    """By kind of pulse, role and dimension, or `objective-<id>` for an objective's own question."""


Units = Collection[int] | None


def figures(cohorts: Iterable[Cohort], at: datetime, units: Units = None) -> list[CohortFigures]:
    """A constant number of queries, however many cohorts."""
    found = standing(cohorts, at, units)
    if units is None:
        # Responses lead back to nobody, so they cannot be told apart by unit either.
        read_pulses(found, at)
    return list(found.values())


def standing(cohorts: Iterable[Cohort], at: datetime, units: Units = None) -> dict[int, CohortFigures]:
    """All figures but those of pulses."""
    found = {cohort.pk: CohortFigures(cohort, meetings_due=cohort.meetings_due(at)) for cohort in cohorts}
    read_course(found, units)
    read_offers(found, units)
    mentorships = bound(found, units)
    read_health(found, mentorships, at)
    read_meetings(found, mentorships, at)
    read_cancellations(found, mentorships)
    read_waits(found, mentorships)
    read_goals(found, mentorships)
    if units is None:
        read_looking_back(found)
    return found


def bound(cohorts: Collection[int] | dict[int, Any], units: Units = None) -> QuerySet[Mentorship]:
    """Mentorships that were confirmed, whatever became of them."""
    mentorships = Mentorship.objects.filter(cohort__in=cohorts, state__in=BOUND)
    if units is not None:
        of_units = Member.of_all_time.filter(mentorship=OuterRef("pk"), enrolment__person__unit__in=units)
        mentorships = mentorships.filter(Exists(of_units))
    return mentorships


def counted(rows: QuerySet[Any], *keys: str) -> QuerySet[Any, Any]:
    """How many rows have each combination of the keys, as tuples that end with the number."""
    return rows.order_by().values(*keys).annotate(number=Count("pk")).values_list(*keys, "number")


WHO = ("role", *(f"person__{part}__name" for part in PARTS))


def read_course(found: dict[int, CohortFigures], units: Units) -> None:
    enrolled, invited = on_the_way(found, units)
    rows = list(counted(enrolled, "cohort", *WHO, "furthest"))
    rows += [(*one[:-1], Step.INVITED.value, one[-1]) for one in counted(invited, "cohort", *WHO)]
    for cohort, role, *parts, furthest_step, number in rows:
        for step in Step.values[: Step.values.index(furthest_step) + 1]:
            found[cohort].course[role][step] += number
            for part, name in zip(PARTS, parts, strict=True):
                found[cohort].groups[part, name or ""][step] += number


def on_the_way(
    found: Collection[int] | dict[int, Any], units: Units = None
) -> tuple[QuerySet[Enrolment], QuerySet[Invitation]]:
    """Those enrolled, annotated with the `furthest` step, and the invitations of those who are not."""
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
    enrolled = Enrolment.objects.sent().filter(cohort__in=found).annotate(furthest=furthest)
    invited = Invitation.objects.filter(cohort__in=found, told_at__isnull=False).exclude(
        Exists(Enrolment.objects.sent().filter(cohort=OuterRef("cohort"), person=OuterRef("person")))
    )
    if units is not None:
        enrolled = enrolled.filter(person__unit__in=units)
        invited = invited.filter(person__unit__in=units)
    return enrolled, invited


def with_offers(cohorts: Collection[int] | dict[int, Any], units: Units = None) -> QuerySet[Enrolment]:
    """Those enrolled, with whether they `has_offer`, `has_taken` one, and came into a mentorship again after
    one that ended (`is_again`)."""
    offers = Member.of_all_time.filter(enrolment=OuterRef("pk"), mentorship__offered_at__isnull=False)
    mentorships = Member.of_all_time.filter(enrolment=OuterRef("pk"), mentorship__state__in=BOUND)
    ended = mentorships.filter(mentorship__state=State.ENDED)
    people = Enrolment.objects.sent().filter(cohort__in=cohorts)
    if units is not None:
        people = people.filter(person__unit__in=units)
    return people.order_by().annotate(
        has_offer=Exists(offers),
        has_taken=Exists(offers.filter(accepted_at__isnull=False)),
        is_again=Exists(
            ended.filter(
                Exists(
                    Member.of_all_time.filter(
                        enrolment=OuterRef("enrolment"),
                        mentorship__state__in=BOUND,
                        mentorship__confirmed_at__gt=OuterRef("mentorship__confirmed_at"),
                    )
                )
            )
        ),
    )


def read_offers(found: dict[int, CohortFigures], units: Units) -> None:
    rows = (
        with_offers(found, units)
        .values("cohort", "role")
        .annotate(
            offered=Count("pk", filter=Q(has_offer=True)),
            took=Count("pk", filter=Q(has_taken=True)),
            again=Count("pk", filter=Q(is_again=True)),
        )
        .values_list("cohort", "role", "offered", "took", "again")
    )
    for cohort, role, offered, took, again in rows:
        found[cohort].offered[role] = offered
        found[cohort].took[role] = took
        found[cohort].again[role] = again


def read_health(found: dict[int, CohortFigures], mentorships: QuerySet[Mentorship], at: datetime) -> None:
    for cohort, state, health, number in counted(with_health(mentorships, at), "cohort", "state", "health"):
        found[cohort].health[health] += number
        if state in EXPECTED_TO_MEET:
            found[cohort].expected_to_meet += number


def with_health(mentorships: QuerySet[Mentorship], at: datetime) -> QuerySet[Mentorship]:
    meetings = Meeting.objects.filter(mentorship=OuterRef("pk"))
    last_held = meetings.held().order_by().values("mentorship").values(last=Max("ends_at"))
    planned = meetings.upcoming(at)
    return mentorships.annotate(
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


def with_outcome(mentorships: QuerySet[Mentorship], at: datetime) -> QuerySet[Meeting]:
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
    meetings = Meeting.objects.filter(mentorship__in=mentorships).with_answers().order_by()
    return meetings.annotate(outcome=outcome)


def read_meetings(found: dict[int, CohortFigures], mentorships: QuerySet[Mentorship], at: datetime) -> None:
    rows = (
        with_outcome(mentorships, at)
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


def with_lateness(mentorships: QuerySet[Mentorship]) -> QuerySet[Meeting]:
    lateness = Case(
        When(cancelled_at__lte=F("starts_at") - timedelta(days=7), then=Value(Lateness.WEEK)),
        When(cancelled_at__lte=F("starts_at") - timedelta(days=1), then=Value(Lateness.DAYS)),
        default=Value(Lateness.DAY),
        output_field=CharField(),
    )
    cancelled = Meeting.objects.filter(mentorship__in=mentorships, cancelled_at__isnull=False)
    return cancelled.order_by().annotate(lateness=lateness)


def read_cancellations(found: dict[int, CohortFigures], mentorships: QuerySet[Mentorship]) -> None:
    rows = (
        with_lateness(mentorships)
        .values("mentorship__cohort", "lateness")
        .annotate(number=Count("pk"), behind=Count("mentorship", distinct=True))
        .values_list("mentorship__cohort", "lateness", "number", "behind")
    )
    for cohort, kind, number, behind in rows:
        found[cohort].lateness[kind] = disclosure.Count(number, behind)


def with_wait(mentorships: QuerySet[Mentorship]) -> QuerySet[Mentorship]:
    """Those that have met, with the `wait` from being confirmed to the first meeting held."""
    first = (
        Meeting.objects.held()
        .filter(mentorship=OuterRef("pk"))
        .order_by()
        .values("mentorship")
        .values(first=Min("starts_at"))
    )
    return (
        mentorships.order_by()
        .annotate(first=Subquery(first))
        .filter(first__isnull=False)
        .annotate(wait=Greatest(F("first") - F("confirmed_at"), timedelta()))
    )


def read_waits(found: dict[int, CohortFigures], mentorships: QuerySet[Mentorship]) -> None:
    rows = (
        with_wait(mentorships)
        .values("cohort")
        .annotate(number=Count("pk"), total=Sum("wait"))
        .values_list("cohort", "number", "total")
    )
    for cohort, number, total in rows:
        found[cohort].waits = Sample(number, number, total / timedelta(days=1))


def reached(mentorships: QuerySet[Mentorship]) -> QuerySet[Goal, Any]:
    """For each goal its cohort, mentorship, state, weight, and by role the level reported for the last day on
    which the role reported any: the mean where several did."""

    def last_day(role: str) -> Subquery:
        return Subquery(
            CheckIn.objects.filter(goal=OuterRef("pk"), member__role=role)
            .order_by("-due_on")
            .values("due_on")
            .annotate(level=Avg("level"))
            .values("level")[:1]
        )

    return (
        Goal.objects.filter(mentorship__in=mentorships)
        .order_by()
        .annotate(**{f"by_{role}": last_day(role) for role in Role.values})
        .values_list("mentorship__cohort", "mentorship", "state", "weight", *(f"by_{r}" for r in Role.values))
    )


def read_goals(found: dict[int, CohortFigures], mentorships: QuerySet[Mentorship]) -> None:
    states: dict[tuple[int, str], list[int]] = defaultdict(list)
    levels: dict[tuple[int, str, int], list[int]] = defaultdict(list)
    scores: dict[tuple[int, str, int], list[tuple[float, float]]] = defaultdict(list)
    for cohort, mentorship, state, weight, *by_role in reached(mentorships):
        states[cohort, state].append(mentorship)
        for role, level in zip(Role.values, by_role, strict=True):
            if level is not None and state != Goal.State.DROPPED:
                levels[cohort, role, floor(float(level) + 0.5)].append(mentorship)
                scores[cohort, role, mentorship].append((float(level), weight))
    for (cohort, state), behind in states.items():
        found[cohort].goals[state] = disclosure.Count(len(behind), len(set(behind)))
    for (cohort, role, level), behind in levels.items():
        found[cohort].levels[role, level] = disclosure.Count(len(behind), len(set(behind)))
    for (cohort, role, _mentorship), pairs in scores.items():
        before = found[cohort].attainment.get(role, Sample(0, 0, 0))
        found[cohort].attainment[role] = Sample(
            before.size + 1, before.values + 1, before.total + t_score(pairs)
        )


def read_looking_back(found: dict[int, CohortFigures]) -> None:
    asked = LookBack.objects.filter(enrolment__cohort__in=found)
    for cohort, role, number in counted(asked, "enrolment__cohort", "enrolment__role"):
        found[cohort].looking_back[role] = number
    answers = Again.objects.filter(cohort__in=found)
    for cohort, role, answer, number in counted(answers, "cohort", "role", "answer"):
        found[cohort].answers[role, answer] = number


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


def company(units: Units = None) -> dict[str, dict[str, int]]:
    """The make-up of the company, or of some units: how many people each unit, grade and site has. Three
    queries."""
    people = Person.objects.filter(is_active=True).order_by()
    if units is not None:
        people = people.filter(unit__in=units)
    return {part: {name or "": number for name, number in counted(people, f"{part}__name")} for part in PARTS}
