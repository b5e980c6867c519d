"""The workbench of a run: one proposal looked at closely, decisions about it, what-ifs, runs compared."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from domain.errors import DomainError
from domain.forms import refuse
from domain.requests import require, signed_in, whole_number
from matching import actions, reasons, rules, supply, workbench
from matching.attempts import BY_HAND, BY_RUNNING, attempt
from matching.comparing import compare
from matching.forms import PairForm, ReasonForm, TrialForm
from matching.models import MatchRun, Proposal
from matching.next_best import next_best
from matching.policies import policy_for
from matching.workbench_words import (
    consequences_of,
    rearranged,
    rules_broken,
    rules_passed,
    sides,
    values,
)
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
            Cohort.objects.managed_by(signed_in(request)).select_related("programme"), pk=cohort_id
        )
        require(request, "matching.run_matching", cohort)
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
            by=signed_in(request),
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
            by=signed_in(request),
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
        if not self._may_try(request, run.cohort, BY_HAND):
            return redirect(back)
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
                by=signed_in(request),
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
        if form.is_valid() and self._may_try(request, run.cohort, BY_HAND, form):
            data = form.cleaned_data
            made = self._done(
                request,
                _("%(mentor)s and %(mentee)s are proposed now, and held.")
                % {"mentor": data["mentor"].person, "mentee": data["mentee"].person},
                form,
                workbench.pair,
                run=run,
                by=signed_in(request),
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
            by=signed_in(request),
            revision=number(request.POST.get("revision")),
        )
        return redirect("admin:matching_matchrun_change", run.pk)

    # --- What-if, and comparing ----------------------------------------------------------

    def what_if(self, request: HttpRequest, cohort_id: int) -> HttpResponse:
        cohort = self._cohort(request, cohort_id)
        form = TrialForm(request.POST or None, instance=policy_for(cohort.programme))
        if request.method == "POST" and form.is_valid() and self._may_try(request, cohort, BY_RUNNING, form):
            run = self._done(
                request,
                "",
                form,
                actions.request_run,
                cohort=cohort,
                by=signed_in(request),
                trial=form.trial(),
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
            by=signed_in(request),
        )
        return redirect("admin:matching_matchrun_change", run.pk)

    def discard(self, request: HttpRequest, run_id: int) -> HttpResponse:
        run = self._run(request, run_id, "matching.decide")
        workbench.discard_trial(run=run, by=signed_in(request))
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

    def _may_try(
        self, request: HttpRequest, cohort: Cohort, what: str, form: forms.BaseForm | None = None
    ) -> bool:
        """Counted before it is tried, and refused where that was too often (`matching.attempts`)."""
        return bool(self._done(request, "", form, attempt, cohort=cohort, by=signed_in(request), what=what))

    def _done(
        self, request: HttpRequest, text: str, form: forms.BaseForm | None, verb: Any, **arguments: Any
    ) -> Any:
        """What the verb made; None where it refused, with its sentence beside the field or above the page."""
        try:
            made = verb(**arguments)
        except DomainError as error:
            if form is None:
                messages.error(request, error.message)
            else:
                refuse(form, error)
            return None
        if text:
            messages.success(request, text)
        return made or True


def number(value: str | None) -> int:
    """A revision as posted; one that is none fits nothing."""
    found = whole_number(value)
    return -1 if found is None else found
