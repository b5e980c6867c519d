"""What the workbench says of a proposal, a run and a choice: facts and sentences for staff."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Field
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from domain.errors import DomainError
from matching import reasons, rules, workbench
from matching.models import MatchingPolicy, MatchRun, Proposal
from matching.next_best import Choice, cost_for_all
from matching.rules import Rules
from participants.models import Expertise, Interest, Person, PersonLanguage, Profile, Topic
from programmes.models import Enrolment, Role


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two, as staff read them: what they told the programme, nothing they keep to themselves."""

    role: str
    person: Person
    about: str
    facts: list[tuple[str, str]]
    offers: list[str]
    wants: list[str]


def sides(proposal: Proposal) -> list[Side]:
    """Both people, in four queries."""
    enrolments = {Role.MENTOR: proposal.mentor, Role.MENTEE: proposal.mentee}
    people = [enrolment.person_id for enrolment in enrolments.values()]
    about = dict(Profile.objects.filter(person__in=people).values_list("person", "about"))
    languages: dict[int, list[str]] = {}
    for row in PersonLanguage.objects.filter(person__in=people):
        languages.setdefault(row.person_id, []).append(f"{row.code} ({row.get_level_display()})")
    offers: dict[int, list[str]] = {}
    for skill in Expertise.objects.filter(profile__person__in=people).select_related("topic", "profile"):
        offers.setdefault(skill.profile.person_id, []).append(
            f"{skill.topic}: {reasons.knows({'level': skill.level, 'years': skill.years})}"
        )
    wants: dict[int, list[str]] = {}
    for wish in Interest.objects.filter(profile__person__in=people).select_related("topic", "profile"):
        wants.setdefault(wish.profile.person_id, []).append(f"{wish.topic}: {reasons.wants(wish.priority)}")
    return [
        Side(
            role=str(role.label),
            person=enrolment.person,
            about=about.get(enrolment.person_id, ""),
            facts=[
                (label, str(value))
                for label, value in [
                    (_("Job title"), enrolment.person.job_title),
                    (_("Grade"), enrolment.person.grade),
                    (_("Unit"), enrolment.person.unit),
                    (_("Profession"), enrolment.person.profession),
                    (_("Site"), enrolment.person.site),
                    (_("Languages"), ", ".join(languages.get(enrolment.person_id, []))),
                    (_("Meets"), ways(enrolment)),
                    (_("Hours free in the week"), len(enrolment.weekly_hours)),
                    (_("Mentorships at a time"), enrolment.capacity),
                ]
                if value not in (None, "")
            ],
            offers=offers.get(enrolment.person_id, []),
            wants=wants.get(enrolment.person_id, []),
        )
        for role, enrolment in enrolments.items()
    ]


def ways(enrolment: Enrolment) -> str:
    named = [(enrolment.meets_remotely, _("by video")), (enrolment.meets_on_site, _("on site"))]
    return ", ".join(name for is_so, name in named if is_so)


def rules_of_run(run: MatchRun) -> Rules:
    return Rules(**run.snapshot.get("rules", {}))


def values(run: MatchRun) -> dict[str, int | None]:
    return rules.values(rules_of_run(run))


def rules_passed(run: MatchRun, proposal: Proposal) -> list[str]:
    """Names of the rules that were on and that the two keep; private ones are not named."""
    asked = rules_of_run(run)
    off = {
        "grade": asked.grade_gap is None,
        "unit": not asked.other_unit,
        "profession": not asked.other_profession,
        "language": not asked.language_level,
        "hours": not asked.common_hours,
        "reports": not asked.reports_of_reports,
        "way": not asked.common_way,
        "site": not asked.same_site,
        "same_person": True,
        "line": asked.line_reach == 0,
        "earlier": asked.earlier == "off",
    }
    return [
        _(rule.label)
        for rule in rules.ALL
        if rule.audience == "anybody" and not off.get(rule.name) and rule.name not in proposal.overrides
    ]


def rules_broken(run: MatchRun, mentor: Enrolment, mentee: Enrolment) -> list[str]:
    """Sentences about what somebody would override by putting the two together."""
    try:
        sketch = workbench.sketch_of(run, [(mentor.pk, mentee.pk)])[0]
    except DomainError:
        return []
    return [_(rules.BY_NAME[name].sentence) % values(run) for name in sketch.broken if sketch.is_possible]


def rearranged(run: MatchRun, plan: workbench.Swap) -> list[str]:
    """What the choice costs where a new run finds the best around it; empty where that is not known."""
    gives_way = {plan.old.pk, plan.other.pk} if plan.other else {plan.old.pk}
    cost = cost_for_all(run, plan.new.mentor, plan.new.mentee, gives_way)
    if cost is None:
        return []
    text = _("With everybody else rearranged as well as possible, by another run: %(all)s points.")
    found = [text % {"all": signed(-cost.total)}]
    if cost.floor > 0:
        found.append(_("The weakest mentorship is %(points)s points weaker then.") % {"points": cost.floor})
    if cost.served > 0:
        found.append(
            ngettext(
                "Even so %(count)s mentee fewer has a mentor.",
                "Even so %(count)s mentees fewer have a mentor.",
                cost.served,
            )
            % {"count": cost.served}
        )
    return found


def consequences_of(plan: workbench.Swap, proposal: Proposal) -> list[str]:
    found = [
        _("%(one)s and %(other)s are no longer proposed to each other.")
        % {"one": proposal.mentor.person, "other": proposal.mentee.person}
    ]
    if plan.other:
        found.append(
            _("Neither are %(one)s and %(other)s.")
            % {"one": plan.other.mentor.person, "other": plan.other.mentee.person}
        )
    if plan.left_behind:
        behind = Enrolment.objects.select_related("person").in_bulk(
            [plan.left_behind.mentor, plan.left_behind.mentee]
        )
        found.append(
            _("In their turn %(one)s and %(other)s come together.")
            % {
                "one": behind[plan.left_behind.mentor].person,
                "other": behind[plan.left_behind.mentee].person,
            }
        )
    elif plan.other:
        found.append(_("The two who are left behind do not come together: a rule is in the way."))
    found.append(points(plan.change, plan.change_for_all))
    return found


def points(change: int, for_all: int) -> str:
    return _("These two: %(change)s points. All together: %(all)s points.") % {
        "change": signed(change),
        "all": signed(for_all),
    }


def signed(value: int) -> str:
    return f"{value:+d}".replace("-", "−") if value else "±0"


def choice_words(choice: Choice) -> list[str]:
    """What choosing somebody else would mean, for the list beside a proposal."""
    words = [points(choice.change, choice.for_all)]
    if choice.holder:
        words.append(_("Proposed for %(who)s now.") % {"who": choice.holder.person})
    if choice.alone:
        names = ", ".join(str(enrolment.person) for enrolment in choice.alone)
        words.append(_("Left without: %(names)s.") % {"names": names})
    if choice.is_held:
        words.append(_("Locked there; unlock it first."))
    return words


HELPS = {
    "grade": gettext_lazy("One grade less apart: %(count)s more with a mentor."),
    "unit": gettext_lazy("The same unit allowed: %(count)s more with a mentor."),
    "profession": gettext_lazy("The same profession allowed: %(count)s more with a mentor."),
    "language": gettext_lazy("Basic knowledge of a common language: %(count)s more with a mentor."),
    "hours": gettext_lazy("One common hour less: %(count)s more with a mentor."),
    "line": gettext_lazy("A reporting line that reaches two levels: %(count)s more with a mentor."),
    "earlier": gettext_lazy("Together before allowed: %(count)s more with a mentor."),
    "remote": gettext_lazy("If everybody would also meet by video: %(count)s more with a mentor."),
}


def what_would_help(run: MatchRun) -> list[str]:
    """The smallest changes that bring somebody a mentor, as the run tried them."""
    sentences = [
        HELPS[row["change"]] % {"count": row["more"]}
        for row in run.outcome.get("helps", [])
        if row["change"] in HELPS
    ]
    scarce = run.outcome.get("scarce", [])
    topics = Topic.objects.in_bulk([row["topic"] for row in scarce])
    sentences += [
        ngettext(
            "%(count)s more mentor for “%(topic)s”: what those without want above all.",
            "%(count)s more mentors for “%(topic)s”: what those without want above all.",
            row["mentees"],
        )
        % {"count": row["mentees"], "topic": topics[row["topic"]]}
        for row in scarce
        if row["topic"] in topics
    ]
    return sentences


def policy_changes(run: MatchRun) -> list[str]:
    """What a what-if tries, in the words of the form."""
    return [f"{column(name).verbose_name}: {shown(name, value)}" for name, value in (run.trial or {}).items()]


def column(name: str) -> Field:
    return next(one for one in MatchingPolicy._meta.fields if one.name == name)


def shown(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    choices = dict(column(name).flatchoices)
    return str(choices.get(value, "–" if value is None else value))
