"""What the two pages show, put together from published figures."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.functional import Promise

from insights import charts, queries, words
from insights.charts import Bar, Scale
from insights.disclosure import Mean, Span
from insights.report import (
    KINDS,
    Concerns,
    Measured,
    Published,
    Report,
    publish,
    publish_concerns,
    publish_participation,
)
from insights.scope import Scope
from programmes.models import Cohort, Objective, Programme, Role
from pulses.models import OwnQuestion


@dataclass(frozen=True, slots=True)
class Figure:
    text: str
    is_shown: bool


def count(span: Span, threshold: int) -> Figure:
    return Figure(words.span_text(span, threshold), span.is_shown)


def percent(mean: Mean | None) -> Figure:
    return Figure(words.percent_text(mean), mean is not None)


@dataclass(frozen=True, slots=True)
class Card:
    """One programme in the overview."""

    programme: Programme
    of_unit: bool
    cohorts: int
    people: Figure
    mentorships: Figure
    delivery: Figure
    works: list[str]
    look: list[str]


def overview(scopes: Collection[Scope], at: datetime) -> list[Card]:
    """Some thirty queries for whatever number of programmes."""
    published = publish_all(scopes, at)
    waiting = queries.concerns([scope.programme.pk for scope in scopes if scope.is_staff])
    objectives: dict[int, list[Objective]] = {}
    for one in Objective.objects.filter(programme__in=published):
        objectives.setdefault(one.programme_id, []).append(one)
    cards = []
    for scope in scopes:
        programme = scope.programme
        report = Report(published[programme.pk])
        measured = [report.measured(one) for one in objectives.get(programme.pk, [])]
        threshold = programme.smallest_group
        concerns = publish_concerns(waiting.get(programme.pk), threshold, at) if scope.is_staff else None
        cards.append(
            Card(
                programme=programme,
                of_unit=scope.units is not None,
                cohorts=len(report.cohorts),
                people=count(report.step(queries.Step.ACCEPTED), threshold),
                mentorships=count(report.mentorships, threshold),
                delivery=percent(report.delivery),
                works=words.what_works(report, measured),
                look=words.what_needs_a_look(report, measured, concerns),
            )
        )
    return cards


def publish_all(scopes: Iterable[Scope], at: datetime) -> dict[int, list[Published]]:
    """By programme, its cohorts from the newest to the oldest; those of units in a second round of
    queries."""
    rounds: dict[frozenset[int] | None, list[Programme]] = {}
    for scope in scopes:
        rounds.setdefault(scope.units, []).append(scope.programme)
    found: dict[int, list[Published]] = {}
    for units, programmes in rounds.items():
        thresholds = {one.pk: one.smallest_group for one in programmes}
        found |= {pk: [] for pk in thresholds}
        cohorts = Cohort.objects.filter(programme__in=programmes).exclude(state=Cohort.State.DRAFT)
        for figures in queries.figures(cohorts, at, units):
            programme = figures.cohort.programme_id
            found[programme].append(publish(figures, thresholds[programme], at))
    return found


@dataclass(frozen=True, slots=True)
class Profile:
    """The answers of one role."""

    role: str
    title: str | Promise
    series: int
    scales: list[Scale]
    responses: list["Responses"]

    @property
    def is_empty(self) -> bool:
        return not any(scale.marks for scale in self.scales)


@dataclass(frozen=True, slots=True)
class Responses:
    time: str | Promise
    asked: str
    answered: str
    rate: str


@dataclass(frozen=True, slots=True)
class Aim:
    """An objective with where it stands."""

    measured: Measured
    scale: Scale
    how: str
    standing: str
    tone: str
    grid: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Page:
    """One programme, in one view."""

    programme: Programme
    of_unit: bool
    threshold: int
    cohorts: list[Cohort]
    cohort: Cohort | None
    role: str
    aims: list[Aim]
    works: list[str]
    look: list[str]
    course: list[Bar]
    delivery: Figure
    is_due: bool
    meetings: list[Bar]
    goals: list[Bar]
    levels: list[Bar]
    attainment: str
    attainment_words: str
    profiles: list[Profile]
    health: list[Bar]
    participation: list[tuple[str | Promise, list[Bar]]]
    concerns: Concerns | None
    waiting: Figure | None


def page(scope: Scope, at: datetime, cohort: Cohort | None, role: str) -> Page:
    programme = scope.programme
    threshold = programme.smallest_group
    own = list(OwnQuestion.objects.filter(programme=programme))
    everything = publish_all([scope], at)[programme.pk]
    report = Report([one for one in everything if cohort is None or one.cohort == cohort], role)
    measured = [report.measured(one) for one in Objective.objects.filter(programme=programme)]
    concerns = None
    if scope.is_staff:
        waiting = queries.concerns([programme.pk]).get(programme.pk)
        concerns = publish_concerns(waiting, threshold, at)
    parts = publish_participation(queries.participation(programme.pk, scope.units), threshold, everything)
    return Page(
        programme=programme,
        of_unit=scope.units is not None,
        threshold=threshold,
        cohorts=[one.cohort for one in everything],
        cohort=cohort,
        role=role,
        aims=[aim(one) for one in measured],
        works=words.what_works(report, measured),
        look=words.what_needs_a_look(report, measured, concerns),
        course=charts.course(report, threshold),
        delivery=percent(report.delivery),
        is_due=report.is_due,
        meetings=charts.meetings(report, threshold),
        goals=charts.goals(report, threshold),
        levels=charts.levels(report, threshold),
        attainment=words.mean_text(report.attainment, decimals=0),
        attainment_words=words.attainment_text(report.attainment) if report.attainment else "",
        profiles=[profile(report, one, threshold, own) for one in report.roles],
        health=charts.health(report, threshold),
        participation=[
            (label, charts.participation(parts[part], threshold)) for part, label in queries.PARTS.items()
        ],
        concerns=concerns,
        waiting=count(concerns.waiting, threshold) if concerns else None,
    )


def aim(measured: Measured) -> Aim:
    standing, tone = words.standing(measured)
    grid = charts.PERCENT_GRID if words.is_percent(measured.objective) else charts.PULSE_GRID
    return Aim(
        measured, charts.objective(measured), words.measure_words(measured.objective), standing, tone, grid
    )


def profile(report: Report, role: str, threshold: int, own: Collection[OwnQuestion]) -> Profile:
    return Profile(
        role=role,
        title=words.role_title(role),
        series=1 if role == Role.MENTOR else 2,
        scales=charts.profile(report, role, own),
        responses=[
            Responses(
                time=charts.TIMES[kind][1],
                asked=words.span_text(report.asked(kind, role), threshold),
                answered=words.span_text(report.answered(kind, role), threshold),
                rate=words.rate_text(report.response_rate(kind, role)),
            )
            for kind in KINDS
        ],
    )
