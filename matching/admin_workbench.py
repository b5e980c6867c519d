"""The workbench of a run: one proposal looked at closely, decisions about it, what-ifs, runs compared."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from domain.errors import DomainError
from matching import actions, reasons, rules, supply, workbench
from matching.comparing import compare
from matching.forms import PairForm, ReasonForm, TrialForm
from matching.models import MatchingPolicy, MatchRun, Proposal
from matching.next_best import Choice, cost_for_all, next_best
from matching.people_of import policy_for
from matching.rules import Rules
from participants.models import Expertise, Interest, Person, PersonLanguage, Profile, Topic
from programmes.models import Cohort, Enrolment, Role


class Workbench:
    """Mixed into the admin of match runs; every view asks the permission table about the row at hand."""

    admin_site: Any
    opts: Any
    _run: Callable[[HttpRequest, int | str, str], MatchRun]

    def workbench_urls(self) -> list[Any]:
        def to(route: str, view: Any, name: str) -> Any:
            return path(route, self.admin_site.admin_view(view), name=f"matching_matchrun_{name}")

        return [
            to("<int:run_id>/proposal/<int:proposal_id>/", self.proposal, "proposal"),
            to("<int:run_id>/proposal/<int:proposal_id>/lock/", require_POST(self.lock), "lock"),
            to(
                "<int:run_id>/proposal/<int:proposal_id>/swap/<int:mentor_id>/<int:mentee_id>/",
                self.swap,
                "swap",
            ),
            to("<int:run_id>/pair/", self.pair, "pair"),
            to("<int:run_id>/undo/", require_POST(self.undo), "undo"),
            to("<int:run_id>/keep/", require_POST(self.keep), "keep"),
            to("<int:run_id>/discard/", require_POST(self.discard), "discard"),
            to("<int:run_id>/compare/<int:other_id>/", self.compare, "compare"),
            to("cohort/<int:cohort_id>/what-if/", self.what_if, "what_if"),
            to("cohort/<int:cohort_id>/before/", self.before, "before"),
        ]

    def page(self, request: HttpRequest, name: str, **context: Any) -> HttpResponse:
        frame = {**self.admin_site.each_context(request), "opts": self.opts}
        return render(request, f"admin/matching/matchrun/{name}.html", {**frame, **context})

    def _cohort(self, request: HttpRequest, cohort_id: int) -> Cohort:
        cohort = get_object_or_404(
            Cohort.objects.managed_by(request.user).select_related("programme"), pk=cohort_id
        )
        if not request.user.has_perm("matching.run_matching", cohort):
            raise PermissionDenied
        return cohort

    def _proposal(self, run: MatchRun, proposal_id: int) -> Proposal:
        people = ["unit", "grade", "site", "profession"]
        return get_object_or_404(
            run.proposals.select_related(
                *(f"{role}__person__{name}" for role in ("mentor", "mentee") for name in people)
            ),
            pk=proposal_id,
        )

    # --- One proposal ------------------------------------------------------------------

    def proposal(self, request: HttpRequest, run_id: int, proposal_id: int) -> HttpResponse:
        """Looked at closely; posting a reason rules it out."""
        posted = request.method == "POST"
        run = self._run(request, run_id, "matching.decide" if posted else "matching.view_proposal")
        proposal = self._proposal(run, proposal_id)
        form = ReasonForm(request.POST if posted else None, initial={"revision": run.revision})
        if form.is_valid() and self._done(
            request,
            _("%(people)s are ruled out. Nobody is told.") % {"people": proposal},
            form,
            workbench.forbid,
            proposal=proposal,
            by=request.user,
            **form.cleaned_data,
        ):
            return redirect("admin:matching_matchrun_change", run.pk)
        standing = actions.standing(run, [proposal])[proposal.pk]
        others = next_best(run, proposal)
        context = {
            "run": run,
            "proposal": proposal,
            "title": str(proposal),
            "form": form,
            "standing": standing,
            "words": reasons.band(proposal.score),
            "bars": reasons.bars(proposal.breakdown),
            "reasons": reasons.for_staff(
                proposal.breakdown,
                proposal.mentor.person,
                proposal.mentee.person,
                reasons.topics_in([proposal.breakdown]),
            ),
            "sides": sides(proposal),
            "passed": rules_passed(run, proposal),
            "overridden": [_(rules.BY_NAME[name].sentence) % values(run) for name in proposal.overrides],
            "next_best": [
                (str(proposal.mentor.person), others.get(Role.MENTOR, [])),
                (str(proposal.mentee.person), others.get(Role.MENTEE, [])),
            ]
            if standing.is_open and not proposal.dropped_at
            else [],
        }
        return self.page(request, "proposal", **context)

    def lock(self, request: HttpRequest, run_id: int, proposal_id: int) -> HttpResponse:
        run = self._run(request, run_id, "matching.decide")
        proposal = get_object_or_404(run.proposals, pk=proposal_id)
        locked = request.POST.get("locked") == "yes"
        text = (
            _("%(people)s stay together in the next runs.")
            if locked
            else _("%(people)s are free for the next run.")
        )
        self._done(
            request,
            text % {"people": proposal},
            None,
            workbench.lock,
            proposal=proposal,
            locked=locked,
            by=request.user,
            revision=number(request.POST.get("revision")),
        )
        return redirect("admin:matching_matchrun_proposal", run.pk, proposal.pk)

    def swap(
        self, request: HttpRequest, run_id: int, proposal_id: int, mentor_id: int, mentee_id: int
    ) -> HttpResponse:
        run = self._run(request, run_id, "matching.decide")
        proposal = self._proposal(run, proposal_id)
        here = Enrolment.objects.filter(cohort=run.cohort).select_related("person")
        mentor = get_object_or_404(here, pk=mentor_id, role=Role.MENTOR)
        mentee = get_object_or_404(here, pk=mentee_id, role=Role.MENTEE)
        back = reverse("admin:matching_matchrun_proposal", args=[run.pk, proposal.pk])
        if request.method == "POST":
            made = self._done(
                request,
                _("%(mentor)s and %(mentee)s are proposed now, and held.")
                % {"mentor": mentor.person, "mentee": mentee.person},
                None,
                workbench.swap,
                proposal=proposal,
                mentor=mentor,
                mentee=mentee,
                by=request.user,
                revision=number(request.POST.get("revision")),
            )
            return redirect("admin:matching_matchrun_change", run.pk) if made else redirect(back)
        try:
            plan = workbench.swap_of(run, proposal, mentor.pk, mentee.pk)
        except DomainError as error:
            messages.error(request, error.message)
            return redirect(back)
        context = {
            "run": run,
            "title": _("%(mentor)s and %(mentee)s instead?")
            % {"mentor": mentor.person, "mentee": mentee.person},
            "consequences": [*consequences_of(plan, proposal), *rearranged(run, plan)],
            "revision": run.revision,
            "label": _("Swap"),
            "back": back,
        }
        return self.page(request, "ask", **context)

    def pair(self, request: HttpRequest, run_id: int) -> HttpResponse:
        run = self._run(request, run_id, "matching.decide")
        posted = request.method == "POST"
        form = PairForm(request.POST if posted else None, run=run, initial={"revision": run.revision})
        broken: list[str] = []
        if form.is_valid():
            data = form.cleaned_data
            made = self._done(
                request,
                _("%(mentor)s and %(mentee)s are proposed now, and held.")
                % {"mentor": data["mentor"].person, "mentee": data["mentee"].person},
                form,
                workbench.pair,
                run=run,
                by=request.user,
                **data,
            )
            if made:
                return redirect("admin:matching_matchrun_proposal", run.pk, made.pk)
            broken = rules_broken(run, data["mentor"], data["mentee"])
        context = {"run": run, "title": _("Put two people together"), "form": form, "broken": broken}
        return self.page(request, "pair", **context)

    def undo(self, request: HttpRequest, run_id: int) -> HttpResponse:
        run = self._run(request, run_id, "matching.decide")
        self._done(
            request,
            _("Undone. It is as before."),
            None,
            workbench.undo,
            run=run,
            by=request.user,
            revision=number(request.POST.get("revision")),
        )
        return redirect("admin:matching_matchrun_change", run.pk)

    # --- What-if, and comparing ----------------------------------------------------------

    def what_if(self, request: HttpRequest, cohort_id: int) -> HttpResponse:
        cohort = self._cohort(request, cohort_id)
        form = TrialForm(request.POST or None, instance=policy_for(cohort.programme))
        if request.method == "POST" and form.is_valid():
            run = self._done(
                request, "", form, actions.request_run, cohort=cohort, by=request.user, trial=form.trial()
            )
            if run:
                return redirect("admin:matching_matchrun_change", run.pk)
        context = {"cohort": cohort, "title": _("What if?"), "form": form}
        return self.page(request, "what_if", **context)

    def keep(self, request: HttpRequest, run_id: int) -> HttpResponse:
        run = self._run(request, run_id, "matching.decide")
        self._done(
            request,
            _("Kept: these are the rules of the programme now, and these the proposals."),
            None,
            workbench.keep_trial,
            run=run,
            by=request.user,
        )
        return redirect("admin:matching_matchrun_change", run.pk)

    def discard(self, request: HttpRequest, run_id: int) -> HttpResponse:
        run = self._run(request, run_id, "matching.decide")
        workbench.discard_trial(run=run, by=request.user)
        messages.success(request, _("Discarded. Nothing has changed."))
        return redirect("admin:matching_matchrun_changelist")

    def compare(self, request: HttpRequest, run_id: int, other_id: int) -> HttpResponse:
        after = self._run(request, run_id, "matching.view_matchrun")
        before = self._run(request, other_id, "matching.view_matchrun")
        if before.cohort_id != after.cohort_id:
            messages.error(request, _("Only runs of the same cohort can be compared."))
            return redirect("admin:matching_matchrun_change", after.pk)
        context = {"run": after, "before": before, "title": _("Two runs compared")}
        return self.page(request, "compare", comparison=compare(before, after), **context)

    def before(self, request: HttpRequest, cohort_id: int) -> HttpResponse:
        cohort = self._cohort(request, cohort_id)
        problem, stranded = "", None
        try:
            stranded = supply.stranded(cohort)
        except DomainError as error:
            problem = error.message
        context = {
            "cohort": cohort,
            "title": _("Before you run the matching"),
            "topics": supply.per_topic(cohort),
            "problem": problem,
            "too_many": stranded is None and not problem,
            "stranded": [
                (s.enrolment.person, Role(s.enrolment.role).label, reasons.why_nobody(s.entry))
                for s in stranded or ()
            ],
        }
        return self.page(request, "before", **context)

    def _done(
        self, request: HttpRequest, text: str, form: forms.Form | None, verb: Any, **arguments: Any
    ) -> Any:
        """What the verb made; None where it refused, with its sentence beside the field or above the page."""
        try:
            made = verb(**arguments)
        except DomainError as error:
            if form is None:
                messages.error(request, error.message)
            else:
                form.add_error(error.field if error.field in form.fields else None, error.message)
            return None
        if text:
            messages.success(request, text)
        return made or True


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


def number(value: str | None) -> int:
    """A revision as posted; one that is none fits nothing."""
    return int(value) if value and value.isdecimal() else -1


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
    for row in scarce:
        if row["topic"] in topics:
            sentences.append(
                ngettext(
                    "%(count)s more mentor for “%(topic)s”: what those without want above all.",
                    "%(count)s more mentors for “%(topic)s”: what those without want above all.",
                    row["mentees"],
                )
                % {"count": row["mentees"], "topic": topics[row["topic"]]}
            )
    return sentences


def policy_changes(run: MatchRun) -> list[str]:
    """What a what-if tries, in the words of the form."""
    return [
        f"{MatchingPolicy._meta.get_field(name).verbose_name}: {shown(name, value)}"
        for name, value in (run.trial or {}).items()
    ]


def shown(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    choices = dict(MatchingPolicy._meta.get_field(name).flatchoices)
    return str(choices.get(value, "–" if value is None else value))
