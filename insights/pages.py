"""What the pages show, put together from what `insights.report` tells."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from concerns.queries import weeks_waited
from insights import charts, queries, tasks, words
from insights.charts import Bar, Reach, Scale, Trend
from insights.counting import Health, Step
from insights.disclosure import NOTHING, AtLeast, Mean
from insights.meanings import MEANINGS, Meaning
from insights.parts import Choice, Parts
from insights.queries import Means, Part, People, Tree
from insights.report import KINDS, Measured, Report, months_of
from insights.scope import Scope
from insights.view import Period, View, periods
from matching.models import Mentorship
from programmes.models import Cohort, Enrolment, Objective, Programme, Role
from pulses.models import OwnQuestion

State = Mentorship.State


@dataclass(frozen=True, slots=True)
class Figure:
    text: str
    is_shown: bool


def count(one: AtLeast) -> Figure:
    return Figure(words.count_text(one), one.is_shown)


def percent(mean: Mean | None) -> Figure:
    return Figure(words.percent_text(mean), mean is not None)


# --- The overview ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Card:
    """One programme in the overview."""

    programme: Programme
    of_unit: bool
    cohorts: int
    is_counted: bool
    people: Figure
    mentorships: Figure
    delivery: Figure
    works: list[str]
    look: list[str]
    column: "Column"


def overview(scopes: Collection[Scope], at: datetime) -> list[Card]:
    """The same queries for whatever number of programmes; those of units in a second round."""
    waited = weeks_waited([scope.programme.pk for scope in scopes if scope.is_staff], at)
    objectives: dict[int, list[Objective]] = {}
    programmes = [scope.programme.pk for scope in scopes]
    for one in Objective.objects.filter(programme__in=programmes):
        objectives.setdefault(one.programme_id, []).append(one)
    reports = reports_of(scopes, at)
    cards = []
    for scope in scopes:
        programme = scope.programme
        report = reports[programme.pk]
        measured = [report.measured(one) for one in objectives.get(programme.pk, [])]
        cards.append(
            Card(
                programme=programme,
                of_unit=scope.units is not None,
                cohorts=len(report.cohorts),
                is_counted=any(one.counted_at for one in report.means.values()),
                people=count(report.step(Step.ACCEPTED)),
                mentorships=count(report.mentorships),
                delivery=percent(report.delivery),
                works=words.what_works(report, measured),
                look=words.what_needs_a_look(report, measured, waited.get(programme.pk, 0)),
                column=column(programme.name, report),
            )
        )
    return cards


def reports_of(scopes: Collection[Scope], at: datetime) -> dict[int, Report]:
    """By programme, all of what each reader may read of it."""
    rounds: dict[frozenset[int] | None, list[Scope]] = {}
    for scope in scopes:
        rounds.setdefault(scope.units, []).append(scope)
    found = {}
    for units, same in rounds.items():
        part = Part(units=units)
        by_programme: dict[int, list[Cohort]] = {scope.programme.pk: [] for scope in same}
        for cohort in shown_cohorts(by_programme):
            by_programme[cohort.programme_id].append(cohort)
        cohorts = [cohort.pk for some in by_programme.values() for cohort in some]
        figures = queries.figures(cohorts, part)
        people = queries.people_by("cohort__programme", cohorts, part)
        means = means_for(same[0], cohorts)
        for scope in same:
            pk = scope.programme.pk
            own = {cohort.pk for cohort in by_programme[pk]}
            found[pk] = Report(
                by_programme[pk],
                {one: figures[one] for one in own},
                people.get(pk, People()),
                {one: means[one] for one in own},
                part,
                part,
                scope.programme.smallest_group,
                at,
            )
    return found


def shown_cohorts(programmes: Iterable[int]) -> QuerySet[Cohort]:
    return Cohort.objects.filter(programme__in=programmes).exclude(state=Cohort.State.DRAFT)


def means_for(scope: Scope, cohorts: Collection[int]) -> dict[int, Means]:
    """What is told of whole cohorts. A part is counted from when its reader looks for the first time."""
    found = queries.means(cohorts, scope.reader)
    if scope.reader and (unknown := [pk for pk in cohorts if pk not in found]):
        transaction.on_commit(partial(tasks.begin.delay, scope.reader.pk, unknown), robust=True)
    return {pk: found.get(pk, Means()) for pk in cohorts}


# --- One programme --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Responses:
    time: str | Promise
    asked: str
    answered: str
    rate: str
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """The answers of one role, and its goals."""

    role: str
    title: str | Promise
    series: int
    scales: list[Scale]
    responses: list[Responses]
    levels: list[Bar]
    attainment: str
    attainment_words: str

    @property
    def is_empty(self) -> bool:
        return not any(scale.marks for scale in self.scales)


@dataclass(frozen=True, slots=True)
class Aim:
    """An objective with where it stands, in all cohorts of the view and in each, and how it came there."""

    measured: Measured
    scale: Scale
    target: str
    how: str
    standing: str
    tone: str
    grid: list[tuple[int, str]]
    trend: Trend | None
    unit: str
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
class Page:
    """One programme, in one view."""

    programme: Programme
    of_unit: bool
    is_staff: bool
    threshold: int
    view: View
    view_text: str
    is_too_small: bool
    tells_means: bool
    tells_answers: bool
    cohorts: list[Cohort]
    periods: list[Period]
    choices: dict[str, list[Choice]]
    """The units, grades and sites that are large enough to be chosen."""
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
    months: list[Bar]
    goals: list[Bar]
    profiles: list[Profile]
    mentorships: Figure
    health: list[Bar]
    looking_back: Figure
    looked_back: Figure
    would_do_it_again: Figure
    answers: list[Bar]
    reach: list[Reach]
    weeks_waited: int | None
    """For how many whole weeks a concern waits; None for who is no staff."""
    columns: list[Column]
    is_of_cohorts: bool
    """Whether any cohort fits the view."""
    checked_at: datetime | None
    meanings: dict[str, Meaning]


def page(scope: Scope, at: datetime, view: View) -> Page:
    programme = scope.programme
    threshold = programme.smallest_group
    tree, names = Tree.of(scope.units), queries.names()
    view = replace(
        view,
        unit=view.unit if view.unit in tree.names else None,
        grade=view.grade if view.grade in names["grade"] else None,
        site=view.site if view.site in names["site"] else None,
    )
    everything = list(shown_cohorts([programme.pk]))
    cohorts = [one for one in everything if view.takes(one)]
    reads = Part(units=scope.units)
    part = Part(
        role=view.role,
        units=tree.all_in(view.unit) if view.unit else scope.units,
        grade=view.grade,
        site=view.site,
    )
    report = report_of(scope, cohorts, part, reads, at)
    each = [(one.name, report.of_one(one)) for one in cohorts]
    own = list(OwnQuestion.objects.filter(programme=programme))
    objectives = list(Objective.objects.filter(programme=programme))
    measured = [report.measured(one) for one in objectives] if report.tells_means else []
    waited = weeks_waited([programme.pk], at).get(programme.pk, 0) if scope.is_staff else None
    links = lists(programme, view) if scope.is_staff and not view.is_of_a_part else {}
    period = view.period
    shown_months = (period.first, period.last) if period else (date.min, date.max)
    in_period = queries.meetings_in([one.pk for one in cohorts], part, shown_months) if period else None
    meetings = report.meetings(in_period, period.key if period else "")
    parts = Parts(tree, names, threshold)
    return Page(
        programme=programme,
        of_unit=scope.units is not None,
        is_staff=scope.is_staff,
        threshold=threshold,
        view=view,
        view_text=words.view_text(view, tree.names, names),
        is_too_small=view.is_of_a_part and not report.step(Step.ACCEPTED).is_shown,
        tells_means=report.tells_means,
        tells_answers=report.tells_answers,
        cohorts=everything,
        periods=periods(everything, at),
        choices=parts.choices(everything, reads, view),
        aims=[aim(one, report, each) for one in measured],
        works=words.what_works(report, measured),
        look=words.what_needs_a_look(report, measured, waited or 0),
        course=charts.course(report, links),
        match_rate=rate(report.match_rate),
        acceptance=rate(report.acceptance),
        wait=Figure(words.days_text(report.wait), report.wait is not None),
        again=count(report.again),
        delivery=percent(report.delivery),
        planned=words.planned_text(*report.planned_for_each),
        is_due=report.is_due,
        meetings=charts.meetings(meetings),
        lateness=charts.lateness(meetings),
        months=charts.months(report, *shown_months),
        goals=charts.goals(report),
        profiles=[profile(report, one, own) for one in report.roles],
        mentorships=count(report.mentorships),
        health=charts.health(report, links),
        looking_back=count(report.looking_back),
        looked_back=count(report.looked),
        would_do_it_again=percent(report.would_do_it_again),
        answers=charts.answers(report),
        reach=parts.reach(report, view),
        weeks_waited=waited,
        columns=[column(name, one) for name, one in each] if len(each) > 1 else [],
        is_of_cohorts=bool(cohorts),
        checked_at=min(
            (one.counted_at for one in report.means.values() if one.counted_at),
            default=None,
        ),
        meanings=MEANINGS,
    )


def report_of(scope: Scope, cohorts: list[Cohort], part: Part, reads: Part, at: datetime) -> Report:
    pks = [one.pk for one in cohorts]
    months = months_of(cohorts, at)
    return Report(
        cohorts,
        queries.figures(pks, part, (months[0], months[-1])),
        queries.people_by("cohort__programme", pks, part).get(scope.programme.pk, People()),
        means_for(scope, pks),
        part,
        reads,
        scope.programme.smallest_group,
        at,
    )


def rate(percent: int | None) -> Figure:
    return Figure(words.rate_text(percent), percent is not None)


def lists(programme: Programme, view: View) -> dict[str, str]:
    """Where staff find the mentorships and enrolments behind a figure, by its cell."""
    of_cohort = f"&cohort__id__exact={view.cohort.pk}" if view.cohort else ""
    mentorships = reverse("admin:matching_mentorship_changelist")
    enrolments = reverse("admin:programmes_enrolment_changelist")
    states = {
        Health.COMPLETED: State.COMPLETED,
        Health.PAUSED: State.PAUSED,
        Health.ENDED: State.ENDED,
    }
    return {
        **{str(one): f"{mentorships}?state__exact={state}{of_cohort}" for one, state in states.items()},
        Health.QUIET: reverse("stalled"),
        Health.STALLED: reverse("stalled"),
        Step.ACCEPTED: f"{enrolments}?state__exact={Enrolment.State.ACCEPTED}{of_cohort}",
        Step.ENROLLED: f"{enrolments}?{of_cohort.removeprefix('&')}",
    }


def column(name: str, report: Report) -> Column:
    """What cohorts and programmes are compared by."""
    health = {one: count(report.health.get(one, NOTHING)) for one in Health}
    return Column(
        name,
        [
            (_("People accepted"), count(report.step(Step.ACCEPTED))),
            (MEANINGS["match_rate"].title, rate(report.match_rate)),
            (MEANINGS["acceptance"].title, rate(report.acceptance)),
            (_("Mentorships"), count(report.mentorships)),
            (MEANINGS["wait"].title, Figure(words.days_text(report.wait), report.wait is not None)),
            (MEANINGS["delivery"].title, percent(report.delivery)),
            (Health.ON_TRACK.label, health[Health.ON_TRACK]),
            (Health.COMPLETED.label, health[Health.COMPLETED]),
            (Health.ENDED.label, health[Health.ENDED]),
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


def aim(measured: Measured, report: Report, each: Collection[tuple[str, Report]]) -> Aim:
    standing, tone = words.standing(measured)
    objective = measured.objective
    grid = charts.PERCENT_GRID if words.is_percent(objective) else charts.PULSE_GRID
    return Aim(
        measured,
        charts.objective(measured),
        words.measure_text(objective, measured.target),
        words.measure_words(objective),
        standing,
        tone,
        grid,
        charts.trend(measured, report.trend(objective)),
        " %" if words.is_percent(objective) else "",
        by_cohort=[(name, charts.objective(one.measured(objective))) for name, one in each]
        if len(each) > 1
        else [],
    )


def profile(report: Report, role: str, own: Collection[OwnQuestion]) -> Profile:
    attainment = report.attainment(role)
    return Profile(
        role=role,
        title=words.role_title(role),
        series=1 if role == Role.MENTOR else 2,
        scales=charts.profile(report, role, own),
        responses=[
            Responses(
                time=charts.TIMES[kind][1],
                asked=words.count_text(report.asked(kind, role)),
                answered=words.count_text(report.answered(kind, role)),
                rate=words.rate_text(report.response_rate(kind, role)),
                is_shown=report.response_rate(kind, role) is not None,
            )
            for kind in KINDS
        ],
        levels=charts.levels(report, role),
        attainment=words.mean_text(attainment, decimals=0),
        attainment_words=words.attainment_text(attainment) if attainment else "",
    )
