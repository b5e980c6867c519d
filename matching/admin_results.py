"""What the page of a run says: its proposals, what came out, who was left out, and what to match next."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from domain.errors import DomainError
from matching import actions, reasons
from matching.models import MatchRun, Member, Mentorship, Proposal
from matching.reasons import Bar
from matching.runs import UNDER_WAY
from participants.models import Person, Topic
from programmes.models import Cohort, Enrolment, Programme, Role

PER_PAGE = 20
FEW_HOURS = 1


def cohorts_to_match(person: Person) -> Sequence[Cohort]:
    """Cohorts in matching, and running ones in which somebody has nobody; with how many stand on each side,
    how many have nobody, and their newest run."""
    newest = MatchRun.objects.filter(cohort=OuterRef("pk")).order_by("-requested_at", "-pk")
    current = Member.objects.current()
    offered = (
        Mentorship.objects.filter(cohort=OuterRef("pk"), state=Mentorship.State.OFFERED)
        .order_by()
        .values("cohort")
        .values(count=Count("pk"))
    )
    accepted = Q(enrolments__state=Enrolment.State.ACCEPTED, enrolments__person__is_active=True)
    found = list(
        Cohort.objects.managed_by(person)
        .filter(state__in=[Cohort.State.MATCHING, Cohort.State.RUNNING])
        .exclude(programme__form=Programme.Form.INFORMAL)
        .select_related("programme")
        .annotate(
            mentors=Count("enrolments", accepted & Q(enrolments__role=Role.MENTOR)),
            mentees=Count("enrolments", accepted & Q(enrolments__role=Role.MENTEE)),
            alone=Count(
                "enrolments",
                accepted & Q(~Exists(current.filter(enrolment=OuterRef("enrolments")))),
            ),
            # Not joined as well: each enrolment of a cohort would stand beside each of its mentorships.
            movable=Coalesce(Subquery(offered), 0),
            run_id=Subquery(newest.values("pk")[:1]),
            run_state=Subquery(newest.values("state")[:1]),
            is_under_way=ExpressionWrapper(Q(run_state__in=UNDER_WAY), BooleanField()),
            is_decidable=ExpressionWrapper(Q(run_state=MatchRun.State.FINISHED), BooleanField()),
        )
        .order_by("starts_on", "pk")
    )
    return [cohort for cohort in found if cohort.alone or cohort.state == Cohort.State.MATCHING]


@dataclass(frozen=True, slots=True)
class Card:
    """One proposal as staff read it."""

    proposal: Proposal
    standing: actions.Standing
    words: str
    tone: str
    reasons: list[str]
    bars: list[Bar]
    marks: list[str]


SHOWN = {
    "": gettext_lazy("All"),
    "open": gettext_lazy("Still open"),
    "weak": gettext_lazy("Weak"),
    "close": gettext_lazy("Close calls"),
    "unusual": gettext_lazy("Unusual"),
    "locked": gettext_lazy("Locked or by hand"),
    "impossible": gettext_lazy("No longer possible"),
    "returned": gettext_lazy("Declined or lapsed"),
    "decided": gettext_lazy("Decided"),
}


def result(run: MatchRun, asked: QueryDict) -> dict[str, Any]:
    """What needs a look first: what has become impossible, then the weakest; decided ones last."""
    proposals = list(
        run.proposals.kept().select_related(
            "mentor__person__unit", "mentor__person__grade", "mentee__person__unit", "mentee__person__grade"
        )
    )
    try:
        now = actions.standing(run, proposals)
    except DomainError as error:
        now, problem = {}, error.message
    else:
        problem = ""
    unknown = actions.Standing(None, problem)
    standing = {p.pk: now.get(p.pk, unknown) for p in proposals}
    back = returned(run)
    kinds = {p.pk: kinds_of(p, standing[p.pk]) for p in proposals}
    for p in proposals:
        if (p.mentor_id, p.mentee_id) in back:
            kinds[p.pk].add("returned")
    counts = {name: sum(name in kinds[p.pk] for p in proposals) if name else len(proposals) for name in SHOWN}
    which, words = asked.get("show", ""), asked.get("q", "").strip().casefold()
    found = [
        p
        for p in proposals
        if (which not in SHOWN or not which or which in kinds[p.pk])
        and (not words or words in f"{p.mentor.person} {p.mentee.person}".casefold())
    ]
    found.sort(
        key=lambda p: (
            standing[p.pk].mentorship is not None,
            not standing[p.pk].refusal,
            p.score >= reasons.WEAK,
            not kinds[p.pk] & {"close", "unusual"},
            p.score,
            p.pk,
        )
    )
    shown = Paginator(found, PER_PAGE).get_page(asked.get("page"))
    topics = reasons.topics_in(p.breakdown for p in shown)
    return {
        "page": shown,
        "cards": [card(p, standing[p.pk], topics, kinds[p.pk]) for p in shown],
        "open": sum(s.is_open for s in standing.values()),
        "problem": problem,
        "filters": [(name, label, counts[name]) for name, label in SHOWN.items() if counts[name] or not name],
        "show": which if which in SHOWN else "",
        "q": asked.get("q", ""),
        "has_any": bool(proposals),
    }


def kinds_of(proposal: Proposal, standing: actions.Standing) -> set[str]:
    """Under which of SHOWN a proposal comes. Unusual: they share no topic, or hardly an hour."""
    facts = proposal.breakdown.get("facts", {})
    told = {
        "decided": standing.mentorship is not None,
        "impossible": bool(standing.refusal),
        "open": standing.is_open,
        "locked": proposal.is_locked or proposal.by_hand,
        "weak": proposal.score < reasons.WEAK,
        "close": proposal.breakdown.get("close", False),
        "unusual": bool(facts) and (not facts.get("topics") or facts.get("hours", 0) <= FEW_HOURS),
    }
    return {name for name, is_so in told.items() if is_so}


def returned(run: MatchRun) -> set[tuple[int, int]]:
    """(mentor, mentee) enrolments of the cohort whose offer was declined or lapsed; by whom is not told."""
    sides: dict[int, dict[str, int]] = {}
    members = Member.objects.filter(
        mentorship__cohort=run.cohort, mentorship__state=Mentorship.State.DECLINED
    ).values_list("mentorship", "role", "enrolment")
    for mentorship, role, enrolment in members:
        sides.setdefault(mentorship, {})[role] = enrolment
    return {(of[Role.MENTOR], of[Role.MENTEE]) for of in sides.values() if len(of) == len(Role)}


def workbench_of(run: MatchRun) -> dict[str, Any]:
    """What was decided on the workbench, what undoing would take back, and runs to compare with."""
    steps = list(run.steps.select_related("by")[:10])
    newest = MatchRun.objects.filter(cohort=run.cohort).decidable().first()
    earlier = (
        MatchRun.objects.filter(cohort=run.cohort, state=MatchRun.State.FINISHED)
        .exclude(pk=run.pk)
        .order_by("-finished_at", "-pk")
    )
    return {
        "steps": steps,
        "undoable": next((step for step in steps if not step.undone_at), None),
        "is_current": newest == run,
        "newest": newest,
        "others": list(earlier.filter(finished_at__lte=run.finished_at)[:5]) if run.finished_at else [],
        "locked": run.proposals.kept().filter(is_locked=True).count(),
        "withdrawn": actions.offers_in_the_way(run) if newest == run else [],
    }


def card(proposal: Proposal, standing: actions.Standing, topics: dict[int, Topic], kinds: set[str]) -> Card:
    words, tone = reasons.band(proposal.score)
    return Card(
        proposal,
        standing,
        words,
        tone,
        reasons.for_staff(proposal.breakdown, proposal.mentor.person, proposal.mentee.person, topics),
        reasons.bars(proposal.breakdown),
        marks(proposal, kinds),
    )


def marks(proposal: Proposal, kinds: set[str]) -> list[str]:
    told = [
        (proposal.is_locked, _("Locked")),
        (proposal.by_hand, _("By hand")),
        ("close" in kinds, _("Close call")),
        ("unusual" in kinds, _("Unusual")),
        ("returned" in kinds, _("Declined or lapsed")),
    ]
    return [word for is_so, word in told if is_so]


def open_proposals(run: MatchRun) -> list[Proposal]:
    proposals = list(run.proposals.kept())
    now = actions.standing(run, proposals)
    return [p for p in proposals if now[p.pk].is_open]


def summary(run: MatchRun, *, decided: bool) -> list[str]:
    """What came out, and how sure it is; after people decided, what is left of it."""
    outcome = run.outcome
    served = with_mentor_now(run) if decided else outcome.get("with_mentor", 0)
    mentees = outcome.get("mentees", 0)
    sentences = [
        ngettext(
            "With what is proposed %(served)s of %(mentees)s mentee has a mentor.",
            "With what is proposed %(served)s of %(mentees)s mentees have a mentor.",
            mentees,
        )
        % {"served": served, "mentees": mentees}
    ]
    proof = outcome.get("proof")
    if proof and proof["optimal"]:
        sentences.append(
            _("As the run made it, before people decided, nothing better was possible within your rules.")
            if decided
            else _("Within your rules nothing better is possible: proved over %(pairs)s combinations.")
            % {"pairs": number_format(proof["pairs_checked"], force_grouping=True)}
        )
    elif proof:
        sentences.append(
            _("Time ran out. At most %(gap)s points of %(total)s are missing to the best there can be.")
            % {"gap": outcome["gap"], "total": outcome["total"] + outcome["gap"]}
        )
    return sentences


def with_mentor_now(run: MatchRun) -> int:
    """Mentees of the cohort who are proposed to somebody, or together with somebody already."""
    kept = run.proposals.kept().values("mentee")
    current = Member.objects.current().filter(mentorship__cohort=run.cohort, role=Role.MENTEE)
    mentees = Enrolment.objects.accepted().filter(cohort=run.cohort)
    return mentees.filter(Q(pk__in=kept) | Q(pk__in=current.values("enrolment"))).count()


def left_out(run: MatchRun) -> list[dict[str, Any]]:
    """Who has nobody, by role, each with the sentences that say why."""
    entries = run.outcome.get("left_out", [])
    asked = {pk for e in entries for pk in (e["enrolment"], *e.get("rivals", {}).get("named", []))}
    people = Enrolment.objects.select_related("person").in_bulk(asked)
    names = {pk: str(enrolment.person) for pk, enrolment in people.items()}
    groups = []
    for role, title in [
        (Role.MENTEE, _("Mentees without a mentor")),
        (Role.MENTOR, _("Mentors without a mentee")),
    ]:
        rows = [
            {"person": people[entry["enrolment"]].person, "why": reasons.why_nobody(entry, names)}
            for entry in entries
            if entry["role"] == role and entry["enrolment"] in people
        ]
        if rows:
            groups.append({"title": title, "count": len(rows), "rows": rows})
    return groups
