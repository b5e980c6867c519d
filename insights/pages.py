"""What the pages show, put together from published figures."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from insights import charts, queries, release, words
from insights.charts import Bar, Reach, Scale
from insights.disclosure import NOTHING, Mean, Span
from insights.meanings import MEANINGS, Meaning
from insights.report import (
    KINDS,
    Concerns,
    Measured,
    Published,
    Report,
    publish,
    publish_concerns,
    publish_groups,
)
from insights.scope import Scope
from matching.models import Mentorship
from programmes.models import Cohort, Enrolment, Objective, Programme, Role
from pulses.models import OwnQuestion

State = Mentorship.State


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
    column: "Column"


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
                column=column(programme.name, report, threshold),
            )
        )
    return cards


def publish_all(scopes: Iterable[Scope], at: datetime) -> dict[int, list[Published]]:
    """By programme, its cohorts from the newest to the oldest; those of units in a second round of
    queries."""
    rounds: dict[frozenset[int] | None, list[Scope]] = {}
    for scope in scopes:
        rounds.setdefault(scope.units, []).append(scope)
    found: dict[int, list[Published]] = {}
    for units, same in rounds.items():
        thresholds = {scope.programme.pk: scope.programme.smallest_group for scope in same}
        found |= {pk: [] for pk in thresholds}
        cohorts = list(Cohort.objects.filter(programme__in=thresholds).exclude(state=Cohort.State.DRAFT))
        released = release.released(cohorts, at, units, same[0].reader)
        if units is None:
            queries.read_pulses({one.cohort.pk: one for one, _checked in released}, at)
        for figures, checked in released:
            programme = figures.cohort.programme_id
            found[programme].append(replace(publish(figures, thresholds[programme]), checked_at=checked))
    return found


@dataclass(frozen=True, slots=True)
class Profile:
    """The answers of one role, and its goals."""

    role: str
    title: str | Promise
    series: int
    scales: list[Scale]
    responses: list["Responses"]
    levels: list[Bar]
    attainment: str
    attainment_words: str

    @property
    def is_empty(self) -> bool:
        return not any(scale.marks for scale in self.scales)


@dataclass(frozen=True, slots=True)
class Responses:
    time: str | Promise
    asked: str
    answered: str
    rate: str
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Aim:
    """An objective with where it stands, in all cohorts of the view and in each."""

    measured: Measured
    scale: Scale
    how: str
    standing: str
    tone: str
    grid: list[tuple[int, str]]
    by_cohort: list[tuple[str, Scale]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Column:
    """A cohort or a programme beside others."""

    name: str
    figures: list[tuple[str | Promise, Figure]]


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of all columns."""

    label: str | Promise
    figures: list[Figure]


def side_by_side(columns: Sequence[Column]) -> list[Row]:
    return [
        Row(same[0][0], [figure for _label, figure in same])
        for same in zip(*(column.figures for column in columns), strict=True)
    ]


@dataclass(frozen=True, slots=True)
class View:
    """What the reader chose. A `group` ("unit", its name) is told over all cohorts and both roles."""

    cohort: Cohort | None = None
    role: str = ""
    year: int | None = None
    group: tuple[str, str] | None = None

    def takes(self, cohort: Cohort) -> bool:
        if self.group:
            return True
        if self.cohort:
            return cohort == self.cohort
        return self.year is None or cohort.starts_on.year == self.year


@dataclass(frozen=True, slots=True)
class Page:
    """One programme, in one view."""

    programme: Programme
    of_unit: bool
    is_staff: bool
    threshold: int
    view: View
    cohorts: list[Cohort]
    years: list[int]
    groups: list[tuple[str | Promise, str, list[str]]]
    """The units, grades and sites that are shown and can be chosen."""
    aims: list[Aim]
    works: list[str]
    look: list[str]
    course: list[Bar]
    match_rate: Figure
    acceptance: Figure
    wait: Figure
    again: Figure
    delivery: Figure
    planned: str
    is_due: bool
    meetings: list[Bar]
    lateness: list[Bar]
    goals: list[Bar]
    profiles: list[Profile]
    health: list[Bar]
    looking_back: Figure
    looked_back: Figure
    would_do_it_again: Figure
    answers: list[Bar]
    reach: list[Reach]
    concerns: Concerns | None
    waiting: Figure | None
    columns: list[Column]
    checked_at: datetime | None
    meanings: dict[str, Meaning]


def page(scope: Scope, at: datetime, view: View) -> Page:
    programme = scope.programme
    threshold = programme.smallest_group
    own = list(OwnQuestion.objects.filter(programme=programme))
    everything = publish_all([scope], at)[programme.pk]
    groups = publish_groups(everything, threshold)
    accepted = groups[queries.Step.ACCEPTED]
    if view.group and not accepted[view.group[0]].get(view.group[1], charts.UNKNOWN).is_shown:
        view = replace(view, group=None)
    published = [one for one in everything if view.takes(one.cohort)]
    report = Report(published, "" if view.group else view.role)
    objectives = list(Objective.objects.filter(programme=programme))
    measured = [report.measured(one) for one in objectives]
    concerns = None
    if scope.is_staff:
        waiting = queries.concerns([programme.pk]).get(programme.pk)
        concerns = publish_concerns(waiting, threshold, at)
    links = lists(programme, view) if scope.is_staff else {}
    each = [(one.cohort.name, Report([one], view.role)) for one in published]
    company = queries.company(scope.units)
    taking_part = Report(everything).step(queries.Step.ACCEPTED)
    return Page(
        programme=programme,
        of_unit=scope.units is not None,
        is_staff=scope.is_staff,
        threshold=threshold,
        view=view,
        cohorts=[one.cohort for one in everything],
        years=sorted({one.cohort.starts_on.year for one in everything}, reverse=True),
        groups=[
            (label, part, sorted(name for name, one in accepted[part].items() if name and one.is_shown))
            for part, label in queries.PARTS.items()
        ],
        aims=[aim(one, each) for one in measured],
        works=words.what_works(report, measured),
        look=words.what_needs_a_look(report, measured, concerns),
        course=charts.course_of_group(groups, *view.group, threshold)
        if view.group
        else charts.course(report, threshold, links),
        match_rate=rate(report.match_rate),
        acceptance=rate(report.acceptance),
        wait=Figure(words.days_text(report.wait), report.wait is not None),
        again=count(report.again, threshold),
        delivery=percent(report.delivery),
        planned=words.planned_text(*report.planned_for_each),
        is_due=report.is_due,
        meetings=charts.meetings(report, threshold),
        lateness=charts.lateness(report, threshold),
        goals=charts.goals(report, threshold),
        profiles=[profile(report, one, threshold, own) for one in report.roles],
        health=charts.health(report, threshold, links),
        looking_back=count(report.looking_back, threshold),
        looked_back=count(report.looked_back, threshold),
        would_do_it_again=percent(report.would_do_it_again),
        answers=charts.answers(report, threshold),
        reach=[
            charts.reach(label, company[part], accepted[part], taking_part, threshold)
            for part, label in queries.PARTS.items()
        ],
        concerns=concerns,
        waiting=count(concerns.waiting, threshold) if concerns else None,
        columns=[column(name, one, threshold) for name, one in each] if len(each) > 1 else [],
        checked_at=min((one.checked_at for one in published if one.checked_at), default=None),
        meanings=MEANINGS,
    )


def rate(percent: int | None) -> Figure:
    return Figure(words.rate_text(percent), percent is not None)


def lists(programme: Programme, view: View) -> dict[str, str]:
    """Where staff find the mentorships and enrolments behind a figure, by its cell."""
    of_cohort = f"&cohort__id__exact={view.cohort.pk}" if view.cohort else ""
    mentorships = reverse("admin:matching_mentorship_changelist")
    enrolments = reverse("admin:programmes_enrolment_changelist")
    states = {
        queries.Health.COMPLETED: State.COMPLETED,
        queries.Health.PAUSED: State.PAUSED,
        queries.Health.ENDED: State.ENDED,
    }
    return {
        **{str(one): f"{mentorships}?state__exact={state}{of_cohort}" for one, state in states.items()},
        queries.Health.QUIET: reverse("stalled"),
        queries.Health.STALLED: reverse("stalled"),
        queries.Step.ACCEPTED: f"{enrolments}?state__exact={Enrolment.State.ACCEPTED}{of_cohort}",
        queries.Step.ENROLLED: f"{enrolments}?{of_cohort.removeprefix('&')}",
    }


def column(name: str, report: Report, threshold: int) -> Column:
    """What cohorts and programmes are compared by."""
    health = {one: count(report.health.get(one, NOTHING), threshold) for one in queries.Health}
    return Column(
        name,
        [
            (_("People accepted"), count(report.step(queries.Step.ACCEPTED), threshold)),
            (MEANINGS["match_rate"].title, rate(report.match_rate)),
            (MEANINGS["acceptance"].title, rate(report.acceptance)),
            (_("Mentorships"), count(report.mentorships, threshold)),
            (MEANINGS["wait"].title, Figure(words.days_text(report.wait), report.wait is not None)),
            (MEANINGS["delivery"].title, percent(report.delivery)),
            (queries.Health.ON_TRACK.label, health[queries.Health.ON_TRACK]),
            (queries.Health.COMPLETED.label, health[queries.Health.COMPLETED]),
            (queries.Health.ENDED.label, health[queries.Health.ENDED]),
            *(
                (
                    words.attainment_of(role),
                    Figure(
                        words.mean_text(report.attainment(role), decimals=0),
                        report.attainment(role) is not None,
                    ),
                )
                for role in report.roles
            ),
            (MEANINGS["look_back"].title, percent(report.would_do_it_again)),
        ],
    )


def aim(measured: Measured, each: Collection[tuple[str, Report]]) -> Aim:
    standing, tone = words.standing(measured)
    grid = charts.PERCENT_GRID if words.is_percent(measured.objective) else charts.PULSE_GRID
    return Aim(
        measured,
        charts.objective(measured),
        words.measure_words(measured.objective),
        standing,
        tone,
        grid,
        by_cohort=[(name, charts.objective(one.measured(measured.objective))) for name, one in each]
        if len(each) > 1
        else [],
    )


def profile(report: Report, role: str, threshold: int, own: Collection[OwnQuestion]) -> Profile:
    attainment = report.attainment(role)
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
                is_shown=report.response_rate(kind, role) is not None,
            )
            for kind in KINDS
        ],
        levels=charts.levels(report, role, threshold),
        attainment=words.mean_text(attainment, decimals=0),
        attainment_words=words.attainment_text(attainment) if attainment else "",
    )
