"""What is counted now, exactly: of each person, mentorship and answer its record, by section. Read by
`insights.release` alone, in a constant number of queries for whatever number of cohorts.

`units` restricts the mentorships to those with a member of these units.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, timedelta
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
from django.db.models.functions import Coalesce, Greatest, TruncMonth
from django.utils.translation import gettext_lazy as _

from endings.models import Again, LookBack
from goals.attainment import t_score
from goals.models import CheckIn, Goal
from matching.models import Member, Mentorship
from meetings.models import Meeting
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

    WEEK = "late:week", _("A week before or earlier")
    DAYS = "late:days", _("Between a week and a day before")
    DAY = "late:day", _("On the day before or later")


def level_kind(role: str, level: int) -> str:
    return f"{role}:{level}"


PEOPLE, STATE, MEETINGS, GOALS, LEVELS, PULSES = "people", "state", "meetings", "goals", "levels", "pulses"
WAITS, DELIVERY, ATTAINED = "waits", "delivery", "attained"
ATTAINMENT = {role: f"attainment:{role}" for role in Role.values}
ASKED_BACK = {role: f"asked to look back:{role}" for role in Role.values}
LOOKING_BACK = {role: f"looking back:{role}" for role in Role.values}
TALLIED = (MEETINGS, GOALS, LEVELS)
RATIOS = (DELIVERY, ATTAINED)
MEANS = (WAITS, *ATTAINMENT.values(), *RATIOS)
"""Of a reader's part there are these alone: what else they see is counted from the rows of the whole."""
GATED = (PEOPLE, STATE, *TALLIED, *MEANS, *ASKED_BACK.values(), *LOOKING_BACK.values())
"""Each with its own gate, because a mean must not move with one mentorship when others changed in something
else."""

Record = tuple[Any, ...]
Tally = tuple[str, date | None, int]
"""Its kind, its month or None for all time, how often."""
Records = dict[str, dict[str, Record]]
"""By section and id: `PEOPLE` (person, role, unit, grade, site, step, was offered, took, again); `STATE`
(health, is expected, members as (role, unit, grade, site)); `TALLIED` tallies; `RATIOS` of how much, and how
much by month; the other `MEANS` one number; `ASKED_BACK` that somebody was asked, `LOOKING_BACK` an answer,
whose two records would be one person's."""
Units = Collection[int] | None


def records(cohorts: Collection[int], at: datetime, units: Units = None) -> dict[int, Records]:
    """By cohort."""
    found: dict[int, Records] = {cohort: {section: {} for section in GATED} for cohort in cohorts}
    mentorships = bound(cohorts, units)
    goals = list(reached(mentorships))
    read_waits(found, mentorships)
    read_attainment(found, goals)
    read_delivery(found, mentorships)
    read_attained(found, goals)
    if units is None:
        read_people(found)
        read_state(found, mentorships, at)
        read_meetings(found, mentorships, at)
        read_goals(found, goals)
        read_looking_back(found)
    return found


def bound(cohorts: Collection[int], units: Units = None) -> QuerySet[Mentorship]:
    """The mentorships that were confirmed, whatever became of them."""
    mentorships = Mentorship.objects.filter(cohort__in=cohorts, state__in=BOUND).order_by()
    if units is not None:
        of_units = Member.of_all_time.filter(mentorship=OuterRef("pk"), enrolment__person__unit__in=units)
        mentorships = mentorships.filter(Exists(of_units))
    return mentorships


def read_people(found: dict[int, Records]) -> None:
    """By person, who is in a cohort once: under an invitation and the enrolment after it, one who enrols
    would differ twice."""
    who = ("person", "role", "person__unit", "person__grade", "person__site")
    steps = {step: place for place, step in enumerate(Step.values)}
    enrolled = on_the_way(found).values_list(
        "cohort", *who, "furthest", "was_offered", "has_taken", "is_again"
    )
    for cohort, person, role, unit, grade, site, furthest, *offers in enrolled:
        found[cohort][PEOPLE][str(person)] = (person, role, unit, grade, site, steps[furthest], *offers)
    for cohort, person, *place in only_invited(found).values_list("cohort", *who):
        found[cohort][PEOPLE][str(person)] = (person, *place, steps[Step.INVITED], False, False, False)


def on_the_way(cohorts: Collection[int]) -> QuerySet[Enrolment]:
    """Those enrolled with the `furthest` step, whether they were offered a mentorship (`was_offered`), took
    one (`has_taken`), and came into one again after one that ended (`is_again`). Who said no to a group that
    went on without them was not matched."""
    held = (
        Meeting.objects.held()
        .filter(mentorship=OuterRef("pk"))
        .order_by()
        .values("mentorship")
        .values(number=Count("pk"))
    )
    own = (
        Mentorship.objects.filter(
            Q(members__left_at=None) | Q(members__accepted_at__isnull=False) | Q(offered_at=None),
            members__enrolment=OuterRef("pk"),
            state__in=BOUND,
        )
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
    offers = Member.ever_asked.filter(enrolment=OuterRef("pk"), mentorship__offered_at__isnull=False)
    ended = Member.of_all_time.filter(enrolment=OuterRef("pk"), mentorship__state=State.ENDED)
    later = Member.of_all_time.filter(
        enrolment=OuterRef("enrolment"),
        mentorship__state__in=BOUND,
        mentorship__confirmed_at__gt=OuterRef("mentorship__confirmed_at"),
    )
    return (
        Enrolment.objects.sent()
        .filter(cohort__in=cohorts)
        .order_by()
        .annotate(
            furthest=furthest,
            was_offered=Exists(offers),
            has_taken=Exists(offers.filter(accepted_at__isnull=False)),
            is_again=Exists(ended.filter(Exists(later))),
        )
    )


def only_invited(cohorts: Collection[int]) -> QuerySet[Invitation]:
    enrolled = Enrolment.objects.sent().filter(cohort=OuterRef("cohort"), person=OuterRef("person"))
    told = Invitation.objects.filter(cohort__in=cohorts, told_at__isnull=False)
    return told.exclude(Exists(enrolled)).order_by()


def read_state(found: dict[int, Records], mentorships: QuerySet[Mentorship], at: datetime) -> None:
    members: dict[int, list[Record]] = defaultdict(list)
    who = ("role", "enrolment__person__unit", "enrolment__person__grade", "enrolment__person__site")
    for mentorship, *place in (
        Member.of_all_time.filter(mentorship__in=mentorships)
        .order_by("mentorship", "pk")
        .values_list("mentorship", *who)
    ):
        members[mentorship].append(tuple(place))
    told = with_health(mentorships, at).values_list("cohort", "pk", "state", F("health"))
    for cohort, pk, state, health in told:
        found[cohort][STATE][str(pk)] = (health, state in EXPECTED_TO_MEET, tuple(members[pk]))


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


def read_meetings(found: dict[int, Records], mentorships: QuerySet[Mentorship], at: datetime) -> None:
    """With the months in which they were to begin, as they are in UTC."""
    tallies: dict[tuple[int, int], list[Tally]] = defaultdict(list)
    month = TruncMonth("starts_at", tzinfo=UTC)
    for meetings, kind in (
        (with_outcome(mentorships, at), "outcome"),
        (with_lateness(mentorships), "lateness"),
    ):
        rows = meetings.values("mentorship__cohort", "mentorship", kind, month=month).annotate(
            number=Count("pk")
        )
        for cohort, mentorship, one, begins, number in rows.values_list(
            "mentorship__cohort", "mentorship", kind, "month", "number"
        ):
            tallies[cohort, mentorship].append((one, begins.date(), number))
    keep(found, MEETINGS, tallies)


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


def with_lateness(mentorships: QuerySet[Mentorship]) -> QuerySet[Meeting]:
    lateness = Case(
        When(cancelled_at__lte=F("starts_at") - timedelta(days=7), then=Value(Lateness.WEEK)),
        When(cancelled_at__lte=F("starts_at") - timedelta(days=1), then=Value(Lateness.DAYS)),
        default=Value(Lateness.DAY),
        output_field=CharField(),
    )
    cancelled = Meeting.objects.filter(mentorship__in=mentorships, cancelled_at__isnull=False)
    return cancelled.order_by().annotate(lateness=lateness)


def read_goals(found: dict[int, Records], goals: Iterable[Record]) -> None:
    """By state, and the level each goal has reached, by role."""
    tallies: dict[tuple[int, int], Counter[str]] = defaultdict(Counter)
    levels: dict[tuple[int, int], Counter[str]] = defaultdict(Counter)
    for cohort, mentorship, state, _weight, _set_at, _closed_at, *by_role in goals:
        tallies[cohort, mentorship][state] += 1
        for role, level in zip(Role.values, by_role, strict=True):
            if level is not None and state != Goal.State.DROPPED:
                levels[cohort, mentorship][level_kind(role, nearest(level))] += 1
    for section, counted in ((GOALS, tallies), (LEVELS, levels)):
        keep(
            found,
            section,
            {key: [(kind, None, number) for kind, number in one.items()] for key, one in counted.items()},
        )


def keep(found: dict[int, Records], section: str, tallies: dict[tuple[int, int], list[Tally]]) -> None:
    """By month where there is one, and over all time."""
    for (cohort, mentorship), own in tallies.items():
        whole: Counter[str] = Counter()
        for kind, _month, number in own:
            whole[kind] += number
        monthly = [one for one in own if one[1]]
        found[cohort][section][str(mentorship)] = tuple(
            sorted([*monthly, *((kind, None, number) for kind, number in whole.items())], key=str)
        )


def month_of(moment: datetime) -> date:
    return moment.astimezone(UTC).date().replace(day=1)


def nearest(level: Any) -> int:
    return int(float(level) + 2.5) - 2


def reached(mentorships: QuerySet[Mentorship]) -> QuerySet[Goal, Any]:
    """For each goal its cohort, mentorship, state, weight, when it was set and closed, and by role the level
    reported for the last day on which the role reported any: the mean where several did."""

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
        .order_by("pk")
        .annotate(**{f"by_{role}": last_day(role) for role in Role.values})
        .values_list(
            "mentorship__cohort",
            "mentorship",
            "state",
            "weight",
            "set_at",
            "closed_at",
            *(f"by_{role}" for role in Role.values),
        )
    )


def read_attainment(found: dict[int, Records], goals: Iterable[Record]) -> None:
    """The T-score of each mentorship as each role sees its goals."""
    scores: dict[tuple[int, str, int], list[tuple[float, float]]] = defaultdict(list)
    for cohort, mentorship, state, weight, _set_at, _closed_at, *by_role in goals:
        for role, level in zip(Role.values, by_role, strict=True):
            if level is not None and state != Goal.State.DROPPED:
                scores[cohort, role, mentorship].append((float(level), weight))
    for (cohort, role, mentorship), pairs in scores.items():
        found[cohort][ATTAINMENT[role]][str(mentorship)] = (t_score(pairs),)


def read_attained(found: dict[int, Records], goals: Iterable[Record]) -> None:
    """Of each mentorship how many goals it keeps, and the attained ones by the month they were closed in."""
    kept: Counter[tuple[int, int]] = Counter()
    monthly: dict[tuple[int, int], Counter[str]] = defaultdict(Counter)
    for cohort, mentorship, state, _weight, set_at, closed_at, *_by_role in goals:
        kept[cohort, mentorship] += state != Goal.State.DROPPED
        if state == Goal.State.ATTAINED:
            monthly[cohort, mentorship][month_of(closed_at or set_at).isoformat()] += 1
    for (cohort, mentorship), number in kept.items():
        if number:
            months = tuple(sorted(monthly[cohort, mentorship].items()))
            found[cohort][ATTAINED][str(mentorship)] = (number, months)


def read_delivery(found: dict[int, Records], mentorships: QuerySet[Mentorship]) -> None:
    """Of each mentorship that ought to meet the meetings held, by the month in which they began."""
    expected = mentorships.filter(state__in=EXPECTED_TO_MEET)
    held = (
        Meeting.objects.held()
        .filter(mentorship__in=expected)
        .order_by()
        .values("mentorship", month=TruncMonth("starts_at", tzinfo=UTC))
        .annotate(number=Count("pk"))
    )
    monthly: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for mentorship, month, number in held.values_list("mentorship", "month", "number"):
        monthly[mentorship].append((month.date().isoformat(), number))
    for cohort, pk in expected.values_list("cohort", "pk"):
        found[cohort][DELIVERY][str(pk)] = (0, tuple(sorted(monthly[pk])))


def read_waits(found: dict[int, Records], mentorships: QuerySet[Mentorship]) -> None:
    """Days from being confirmed to the first meeting held."""
    first = (
        Meeting.objects.held()
        .filter(mentorship=OuterRef("pk"))
        .order_by()
        .values("mentorship")
        .values(first=Min("starts_at"))
    )
    met = mentorships.annotate(first=Subquery(first)).filter(first__isnull=False)
    wait = Greatest(F("first") - F("confirmed_at"), timedelta())
    for cohort, pk, waited in met.annotate(wait=wait).values_list("cohort", "pk", "wait"):
        found[cohort][WAITS][str(pk)] = (waited / timedelta(days=1),)


def read_looking_back(found: dict[int, Records]) -> None:
    asked = LookBack.objects.filter(enrolment__cohort__in=found)
    for cohort, role, pk in asked.values_list("enrolment__cohort", "enrolment__role", "pk"):
        found[cohort][ASKED_BACK[role]][str(pk)] = ("asked",)
    said = Again.objects.filter(cohort__in=found)
    for cohort, role, answer_id, answer in said.values_list("cohort", "role", "pk", "answer"):
        found[cohort][LOOKING_BACK[role]][str(answer_id)] = (answer,)


def pulses(cohorts: Iterable[Cohort], at: datetime) -> dict[int, dict[str, Any]]:
    """Of pulses that have closed: while people answer, two looks at a figure would tell what was answered
    between. By cohort "asked" and "answered" by kind and role, the "samples" by kind, role and dimension (or
    the key of an own question), and when each kind "closed"."""
    found: dict[int, dict[str, Any]] = {
        cohort.pk: {"asked": {}, "answered": {}, "samples": {}, "closed": {}} for cohort in cohorts
    }
    kinds = (Wave.Kind.START, Wave.Kind.MIDDLE, Wave.Kind.END)
    last_days = [Q(cohort=cohort.pk, closes_on__lt=cohort.today(at)) for cohort in cohorts]
    waves = Wave.objects.filter(kind__in=kinds).filter(
        Q(*last_days, _connector=Q.OR) if last_days else Q(pk__in=[])
    )
    closed = []
    for pk, cohort, kind, closes_on in waves.values_list("pk", "cohort", "kind", "closes_on"):
        closed.append(pk)
        found[cohort]["closed"][kind] = closes_on.isoformat()
    asked = InvitationToAnswer.objects.filter(wave__in=closed).order_by()
    keys = ("wave__cohort", "wave__kind", "enrolment__role")
    for cohort, kind, role, number in asked.values(*keys).annotate(n=Count("pk")).values_list(*keys, "n"):
        found[cohort]["asked"][f"{kind}:{role}"] = number
    answered = Response.objects.filter(wave__in=closed).order_by()
    keys = ("wave__cohort", "wave__kind", "role")
    for cohort, kind, role, number in answered.values(*keys).annotate(n=Count("pk")).values_list(*keys, "n"):
        found[cohort]["answered"][f"{kind}:{role}"] = number
    dimension = Case(
        When(question__startswith="safety-", then=Value(Dimension.SAFETY)),
        default=F("question"),
        output_field=CharField(),
    )
    told = ("response__wave__cohort", "response__wave__kind", "response__role", "dimension")
    for cohort, kind, role, key, *sample in (
        Answer.objects.filter(response__wave__in=closed)
        .order_by()
        .annotate(dimension=dimension)
        .values(*told)
        .annotate(size=Count("response", distinct=True), number=Count("pk"), total=Sum("value"))
        .values_list(*told, "size", "number", "total")
    ):
        found[cohort]["samples"][f"{kind}:{role}:{key}"] = sample
    return found
