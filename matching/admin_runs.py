"""Where staff run the matching of a cohort and decide on what it proposes."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from domain.errors import DomainError
from domain.requests import require, signed_in, whole_number
from matching import actions, reasons
from matching.admin_groups import GroupRuns
from matching.admin_results import cohorts_to_match, left_out, open_proposals, result, summary, workbench_of
from matching.admin_scope import OfProgrammes
from matching.admin_workbench import Workbench, number
from matching.attempts import BY_RUNNING, attempt
from matching.models import MatchRun, Member, Mentorship
from matching.people_of import movable_offers
from matching.runs import UNDER_WAY
from matching.scoring import STAY_MOST
from matching.workbench_words import policy_changes, what_would_help
from programmes.models import Cohort, Enrolment, Programme

MOVE_PRICE = 30  # points: with so small a price hardly anybody's offer moves, and the weakest still gain


class MatchRunAdmin(Workbench, GroupRuns, OfProgrammes):
    while_empty = gettext_lazy("Each run stands here, with its proposals.")
    programme_path = "cohort__programme"
    list_display = ["cohort", "state", "requested_by", "requested_at", "finished_at"]
    list_select_related = ["cohort__programme", "requested_by"]
    list_before_template = "admin/matching/matchrun/cohorts.html"
    ordering = ["-requested_at"]

    def get_urls(self) -> list[Any]:
        def to(route: str, view: Any, name: str) -> Any:
            return path(route, self.admin_site.admin_view(view), name=f"matching_matchrun_{name}")

        return [
            to("cohort/<int:cohort_id>/run/", require_POST(self.request_run), "request"),
            to("cohort/<int:cohort_id>/again/", self.again, "again"),
            to("<int:run_id>/progress/", self.progress, "progress"),
            to("<int:run_id>/stop/", require_POST(self.stop), "stop"),
            to("<int:run_id>/confirm/", self.confirm_all, "confirm_all"),
            to("<int:run_id>/confirm/<int:proposal_id>/", require_POST(self.confirm), "confirm"),
            *self.workbench_urls(),
            *self.group_urls(),
            *super().get_urls(),
        ]

    def _run(self, request: HttpRequest, run_id: int | str, permission: str) -> MatchRun:
        runs = MatchRun.objects.visible_to(signed_in(request)).select_related(
            "cohort__programme", "requested_by"
        )
        run = get_object_or_404(runs, pk=whole_number(str(run_id)))
        require(request, permission, run)
        return run

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        enrolling = Cohort.objects.managed_by(signed_in(request)).filter(state=Cohort.State.ENROLLING)
        context = {
            "title": _("Matching"),
            "cohorts": cohorts_to_match(signed_in(request)),
            "enrolling": enrolling.exclude(programme__form=Programme.Form.INFORMAL).select_related(
                "programme"
            ),
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def request_run(self, request: HttpRequest, cohort_id: int) -> HttpResponse:
        cohort = get_object_or_404(Cohort.objects.managed_by(signed_in(request)), pk=cohort_id)
        require(request, "matching.run_matching", cohort)
        price = number(request.POST.get("price")) if request.POST.get("offers") == "move" else None
        try:
            if price is not None and not 0 <= price <= STAY_MOST:
                raise DomainError(
                    _("Give the price as a whole number from 0 to %(most)d.") % {"most": STAY_MOST}
                )
            attempt(cohort=cohort, by=signed_in(request), what=BY_RUNNING)
            run = actions.request_run(cohort=cohort, by=signed_in(request), move_price=price)
        except DomainError as error:
            messages.error(request, error.message)
            return redirect("admin:matching_matchrun_changelist")
        return redirect("admin:matching_matchrun_change", run.pk)

    def again(self, request: HttpRequest, cohort_id: int) -> HttpResponse:
        """Before another run: what stays as it is, and whether offers may be moved."""
        cohort = get_object_or_404(
            Cohort.objects.managed_by(signed_in(request)).select_related("programme"), pk=cohort_id
        )
        require(request, "matching.run_matching", cohort)
        mine = Mentorship.objects.filter(cohort=cohort)
        accepted = Enrolment.objects.accepted().filter(cohort=cohort, person__is_active=True)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "cohort": cohort,
            "title": _("Match again"),
            "live": mine.live().count(),
            "offers": mine.filter(state=Mentorship.State.OFFERED).count(),
            "movable": movable_offers(cohort).count(),
            "alone": accepted.exclude(pk__in=Member.objects.current().values("enrolment")).count(),
            "price": MOVE_PRICE,
            "most": STAY_MOST,
        }
        return render(request, "admin/matching/matchrun/again.html", context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        run = self._run(request, object_id, "matching.view_matchrun")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "run": run,
            "title": str(run.cohort),
            "under_way": run.state in UNDER_WAY,
        }
        if run.state == MatchRun.State.FINISHED and run.cohort.is_of_groups:
            return self.groups_page(request, run, context)
        if run.state == MatchRun.State.FINISHED:
            bench = workbench_of(run)
            context |= {
                **result(run, request.GET),
                "summary": summary(run, decided=bench["undoable"] is not None),
                "left_out": left_out(run),
                "helps": what_would_help(run),
                "changes": policy_changes(run),
                **bench,
            }
        return render(request, "admin/matching/matchrun/run.html", context)

    def progress(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """The part of the page that is asked for again and again; once done, the page itself."""
        run = self._run(request, run_id, "matching.view_matchrun")
        if run.state not in UNDER_WAY:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return render(request, "admin/matching/matchrun/_progress.html", {"run": run})

    def stop(self, request: HttpRequest, run_id: int) -> HttpResponse:
        run = self._run(request, run_id, "matching.run_matching")
        try:
            actions.cancel_run(run=run)
        except DomainError as error:
            messages.error(request, error.message)
        return redirect("admin:matching_matchrun_change", run.pk)

    def confirm(self, request: HttpRequest, run_id: int, proposal_id: int) -> HttpResponse:
        run = self._run(request, run_id, "matching.decide")
        proposal = get_object_or_404(run.proposals, pk=proposal_id)
        try:
            mentorship = actions.confirm(proposal=proposal, by=signed_in(request))
        except DomainError as error:
            messages.error(request, error.message)
        else:
            text = _("%(people)s: confirmed, and they are told.")
            if mentorship.state == mentorship.State.OFFERED:
                text = _("%(people)s: offered to them.")
            messages.success(request, text % {"people": mentorship})
        here = reverse("admin:matching_matchrun_change", args=[run.pk])
        return redirect(f"{here}?{request.GET.urlencode()}" if request.GET else here)

    def confirm_all(self, request: HttpRequest, run_id: int) -> HttpResponse:
        run = self._run(request, run_id, "matching.decide")
        here = reverse("admin:matching_matchrun_change", args=[run.pk])
        if request.method == "POST":
            try:
                made = actions.confirm_all(run=run, by=signed_in(request))
            except DomainError as error:
                messages.error(request, error.message)
            else:
                text = ngettext(
                    "%(count)s mentorship is decided.", "%(count)s mentorships are decided.", len(made)
                )
                messages.success(request, text % {"count": len(made)})
            return redirect(here)
        waiting = open_proposals(run)
        if not waiting:
            messages.info(request, _("There is nothing left to confirm."))
            return redirect(here)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "run": run,
            "title": _("Offer all proposals?")
            if run.cohort.programme.uses_offers
            else _("Confirm all proposals?"),
            "count": len(waiting),
            "told": len({p.mentor_id for p in waiting} | {p.mentee_id for p in waiting}),
            "weak": sum(p.score < reasons.WEAK for p in waiting),
            "withdrawn": actions.offers_in_the_way(run),
            "back": here,
        }
        return render(request, "admin/matching/matchrun/confirm_all.html", context)
