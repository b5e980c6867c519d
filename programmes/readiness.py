"""What is missing before a programme or a cohort can take its next step, in sentences.

A finding that blocks is held by the verb itself (`programmes.actions`), whoever calls it; one that does not
is advice. `part` says where it is mended.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from domain import dates
from participants.models import Grade
from programmes.models import (
    Cohort,
    Eligibility,
    Enrolment,
    GroundRule,
    Programme,
    ProgrammeRole,
    Role,
)

State = Cohort.State


@dataclass(frozen=True)
class Finding:
    part: str
    """`about`, `grades`, `rules`, `objectives`, `ground_rules`, `briefing`, `people`, `dates`, `invitations`,
    `enrolments`, `matching` or `mentorships`."""
    sentence: str
    blocks: bool = False
    urgent: bool = False
    """Strongly advised: it does not hold the step up, and people could come to harm without it."""


def before_step(cohort: Cohort, at: datetime) -> list[Finding]:
    """What is missing before the step that comes next for the cohort."""
    match cohort.state:
        case State.DRAFT:
            found = [*of_programme(cohort.programme), *before_opening(cohort, at)]
            return sorted(found, key=lambda finding: (not finding.blocks, not finding.urgent))
        case State.ENROLLING if cohort.is_informal:
            return []
        case State.ENROLLING:
            return list(before_matching(cohort, at))
        case State.MATCHING:
            return list(before_start(cohort, at))
        case State.RUNNING:
            return list(before_closing(cohort, at))
    return []


def of_programme(programme: Programme) -> list[Finding]:
    return [
        *of_texts(programme),
        *of_rules(programme),
        *of_objectives(programme),
        *of_ground_rules(programme),
        *of_briefing(programme),
        *of_people(programme),
    ]


# --- The programme, part by part ---


def of_texts(programme: Programme) -> Iterator[Finding]:
    if not any(getattr(programme, f"summary_{language}") for language in ("en", "de")):
        yield Finding(
            "about", _("Nothing says yet what it is and what it asks. It is the first thing people read.")
        )
    elif missing := missing_language(programme, "name", "summary"):
        yield Finding("about", missing)


def missing_language(thing: object, *fields: str) -> str:
    """A sentence if a text stands in one of the two languages only."""
    texts = [(getattr(thing, f"{field}_en"), getattr(thing, f"{field}_de")) for field in fields]
    if any(english and not german for english, german in texts):
        return _("A German text is missing; people who read German would get the English one.")
    if any(german and not english for english, german in texts):
        return _("An English text is missing; people who read English would get the German one.")
    return ""


def of_rules(programme: Programme) -> Iterator[Finding]:
    unordered = Grade.objects.filter(rank=None, people__is_active=True).distinct().count()
    if unordered:
        yield Finding(
            "grades",
            ngettext(
                "%(count)d grade has no place in the order yet. Rules about grades let in nobody with it.",
                "%(count)d grades have no place in the order yet. Rules about grades let in nobody with one.",
                unordered,
            )
            % {"count": unordered},
        )
    rules = {rule.role: rule for rule in programme.eligibility.all()}
    for role in Role:
        if role not in rules:
            sentence = _("As %(role)s only people you invite can take part: there is no rule for it.")
            yield Finding("rules", sentence % {"role": role.label})
        elif not rules[role].people().exists():
            yield Finding("rules", _("The rules let nobody in as %(role)s.") % {"role": role.label})


def of_objectives(programme: Programme) -> Iterator[Finding]:
    objectives = list(programme.objectives.all())
    if not objectives:
        yield Finding(
            "objectives", _("There is no objective: at the end nobody could say whether it has worked.")
        )
    for objective in objectives:
        if missing := missing_language(objective, "statement", "question"):
            yield Finding("objectives", missing)
            break
    if objectives and not any(objective.due_on for objective in objectives):
        yield Finding("objectives", _("No objective says by when."))


def of_ground_rules(programme: Programme) -> Iterator[Finding]:
    rules = list(programme.ground_rules.all())
    if not rules:
        yield Finding(
            "ground_rules",
            _("There are no ground rules, so there would be nothing for people to agree on and sign."),
            blocks=True,
        )
        return
    kinds = {rule.kind for rule in rules}
    for kind in GroundRule.Kind:
        if kind not in kinds:
            yield Finding(
                "ground_rules", _("There is no ground rule about “%(kind)s”.") % {"kind": kind.label}
            )
    for rule in rules:
        if missing := missing_language(rule, "text"):
            yield Finding("ground_rules", missing)
            break


def of_briefing(programme: Programme) -> Iterator[Finding]:
    pages = list(programme.briefing_pages.all())
    for role in Role:
        if not any(page.role == role for page in pages):
            yield Finding(
                "briefing", _("There is no briefing for the role “%(role)s”.") % {"role": role.label}
            )
    for page in pages:
        if missing := missing_language(page, "title", "text", "question"):
            yield Finding("briefing", missing)
            break


def of_people(programme: Programme) -> Iterator[Finding]:
    active = programme.roles.filter(person__is_active=True)
    kinds = set(active.values_list("role", flat=True))
    if ProgrammeRole.Kind.COORDINATOR not in kinds:
        yield Finding("people", _("Nobody coordinates it yet. Until then what needs a decision comes to HR."))
    if not programme.roles.confidants().exists():
        yield Finding(
            "people",
            _(
                "There is no confidant: whoever feels uneasy would have nobody to turn to. Name one outside"
                " the reporting lines of those who take part before you open."
            ),
            urgent=True,
        )


# --- The steps of a cohort ---


def before_opening(cohort: Cohort, at: datetime) -> Iterator[Finding]:
    today = cohort.today(at)
    if cohort.last_day_to_enrol < today:
        yield Finding(
            "dates", _("The last day to enrol lies in the past. Set a later one first."), blocks=True
        )
    if cohort.ends_on <= today:
        yield Finding("dates", _("The course would have ended already. Set later dates first."), blocks=True)
    elif cohort.starts_on <= today:
        yield Finding("dates", _("The course would have begun already; there is no time left to match."))
    last = cohort.starts_on + timedelta(weeks=cohort.weeks_between * cohort.meetings_planned)
    if last > cohort.ends_on:
        yield Finding(
            "dates",
            _("%(meetings)d meetings every %(weeks)d weeks need until %(day)s; the course ends before.")
            % {
                "meetings": cohort.meetings_planned,
                "weeks": cohort.weeks_between,
                "day": dates.full_day(last),
            },
        )
    listed = cohort.invitations.filter(declined_at=None).exists()
    rules = list(Eligibility.objects.filter(programme=cohort.programme_id))
    if not listed and not any(rule.people().exists() for rule in rules):
        yield Finding(
            "invitations",
            _("Nobody could enrol: the rules let nobody in, and nobody is on the list of invitations."),
            blocks=True,
        )
    elif not listed:
        yield Finding("invitations", _("Nobody is on the list of invitations yet, so nobody is told."))


def before_matching(cohort: Cohort, at: datetime) -> Iterator[Finding]:
    states = Enrolment.State
    counts = cohort.enrolments.aggregate(
        mentor=Count("pk", filter=Q(state=states.ACCEPTED, role=Role.MENTOR)),
        mentee=Count("pk", filter=Q(state=states.ACCEPTED, role=Role.MENTEE)),
        undecided=Count("pk", filter=Q(state=states.APPLIED)),
    )
    for role in Role:
        if not counts[role]:
            yield Finding(
                "enrolments",
                _("Nobody is accepted as %(role)s yet, so there is nothing to match.") % {"role": role.label},
                blocks=True,
            )
    if counts["undecided"]:
        yield Finding(
            "enrolments",
            ngettext(
                "%(count)d enrolment waits for your decision and would not be matched.",
                "%(count)d enrolments wait for your decision and would not be matched.",
                counts["undecided"],
            )
            % {"count": counts["undecided"]},
        )
    if cohort.enrolment_closes_on >= cohort.today(at):
        yield Finding(
            "dates",
            _("People were promised that they can enrol until %(day)s.")
            % {"day": dates.day(cohort.enrolment_closes_on)},
        )
    if Grade.objects.filter(rank=None, people__enrolments__cohort=cohort).exists():
        yield Finding("grades", _("Somebody in this cohort has a grade without a place in the order."))


def before_start(cohort: Cohort, at: datetime) -> Iterator[Finding]:
    if not cohort.mentorships.exclude(state__in=["declined", "ended"]).exists():
        yield Finding(
            "matching", _("No mentorship is confirmed yet, so the course would begin with nobody in it.")
        )
    if cohort.starts_on > cohort.today(at):
        yield Finding("dates", _("Its first day is %(day)s.") % {"day": dates.full_day(cohort.starts_on)})


def before_closing(cohort: Cohort, at: datetime) -> Iterator[Finding]:
    live = cohort.mentorships.filter(state__in=["offered", "confirmed", "active", "paused"]).count()
    if live:
        yield Finding(
            "mentorships",
            ngettext(
                "%(count)d mentorship is still under way.", "%(count)d mentorships are still under way.", live
            )
            % {"count": live},
        )
    if cohort.ends_on > cohort.today(at):
        yield Finding("dates", _("Its last day is %(day)s.") % {"day": dates.full_day(cohort.ends_on)})
