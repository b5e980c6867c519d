"""The way from a preset to an open enrolment, as the page of a programme shows it."""

from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.translation import gettext as _

from programmes.models import Cohort, Programme
from programmes.readiness import of_programme


@dataclass(frozen=True)
class Stage:
    title: str
    url: str
    remarks: list[str] = field(default_factory=list)
    done: bool = False


@dataclass(frozen=True)
class Path:
    stages: list[Stage]

    @property
    def next(self) -> Stage | None:
        return next((stage for stage in self.stages if not stage.done), None)

    @property
    def done(self) -> int:
        return sum(stage.done for stage in self.stages)


def path_of(programme: Programme) -> Path:
    """Each stage with what is missing in it. A constant number of queries."""
    findings = of_programme(programme)
    page = reverse("admin:programmes_programme_change", args=[programme.pk])
    remarks: dict[str, list[str]] = {}
    for finding in findings:
        remarks.setdefault(finding.part, []).append(finding.sentence)
    parts = [
        ("about", _("Name, and what it asks"), f"{page}#general"),
        ("grades", _("Grades in order"), reverse("admin:participants_grade_changelist")),
        ("rules", _("Who may take part"), reverse("admin:programmes_programme_who", args=[programme.pk])),
        ("objectives", _("Objectives"), f"{page}#objectives"),
        ("ground_rules", _("Ground rules"), f"{page}#ground_rules"),
        ("briefing", _("Briefing"), f"{page}#briefing_pages"),
        ("people", _("Coordinators and confidants"), f"{page}#roles"),
    ]
    stages = [
        Stage(title, url, remarks.get(part, []), done=part not in remarks)
        for part, title, url in parts
        if part != "grades" or part in remarks
    ]
    return Path([*stages, *of_cohorts(programme)])


def of_cohorts(programme: Programme) -> list[Stage]:
    cohorts = list(programme.cohorts.exclude(state=Cohort.State.ARCHIVED))
    newest = next((cohort for cohort in cohorts if cohort.state == Cohort.State.DRAFT), None)
    newest = newest or next(iter(cohorts), None)
    if newest is None:
        add = reverse("admin:programmes_cohort_add", query={"programme": programme.pk})
        return [
            Stage(_("A first cohort"), add, [_("Its dates, rhythm and places: one run of the programme.")]),
            Stage(_("Invite people"), add, [_("Possible once there is a cohort.")]),
            Stage(_("Open enrolment"), add, [_("From then on people can enrol.")]),
        ]
    here = reverse("admin:programmes_cohort_change", args=[newest.pk])
    asked = newest.invitations.exists() or newest.links.live().exists()
    is_open = any(cohort.state != Cohort.State.DRAFT for cohort in cohorts)
    return [
        Stage(_("A first cohort"), here, done=True),
        Stage(
            _("Invite people"),
            reverse("admin:programmes_cohort_invite", args=[newest.pk]),
            []
            if asked or is_open
            else [_("By the rules, a list or a link. Nobody is told before you open.")],
            done=asked or is_open,
        ),
        Stage(
            _("Open enrolment"),
            reverse("admin:programmes_cohort_open_enrolment", args=[newest.pk]) if not is_open else here,
            [] if is_open else [_("From then on people can enrol.")],
            done=is_open,
        ),
    ]
