"""The proposals of a run for a cohort of groups, and deciding on them."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from domain.errors import DomainError
from domain.forms import refuse
from domain.requests import signed_in
from matching import group_actions, group_bench, group_words, reasons
from matching.admin_workbench import number
from matching.attempts import BY_HAND, attempt
from matching.forms import GroupDecisionForm
from matching.group_held import held_in
from matching.models import GroupDecision, MatchRun, Mentorship, ProposedGroup, Seat
from matching.reasons import Bar
from programmes.models import Enrolment, Role

PER_PAGE = 20


@dataclass(frozen=True, slots=True)
class Card:
    """One proposed group as staff read it."""

    group: ProposedGroup
    mentors: list[Any]
    mentees: list[Any]
    mentorship: int | None
    refusal: str
    words: str
    tone: str
    reasons: list[str]
    bars: list[Bar]

    @property
    def is_open(self) -> bool:
        return self.mentorship is None and not self.refusal


class GroupRuns:
    """The part of `MatchRunAdmin` that is about groups."""

    admin_site: Any
    opts: Any
    _run: Any
    page: Any

    def group_urls(self) -> list[Any]:
        def to(route: str, view: Any, name: str) -> Any:
            return path(route, self.admin_site.admin_view(view), name=f"matching_matchrun_{name}")

        return [
            to("<int:run_id>/groups/confirm/", self.confirm_groups, "confirm_groups"),
            to(
                "<int:run_id>/groups/<int:group_id>/confirm/",
                require_POST(self.confirm_group),
                "confirm_group",
            ),
            to("<int:run_id>/people/<int:enrolment_id>/", self.decide, "decide"),
            to("<int:run_id>/people/<int:enrolment_id>/<int:group_id>/", self.decide, "decide_in"),
            to(
                "<int:run_id>/decisions/<int:decision_id>/undo/",
                require_POST(self.undo_decision),
                "undo_decision",
            ),
        ]

    def groups_page(self, request: HttpRequest, run: MatchRun, context: dict[str, Any]) -> HttpResponse:
        found, problem = cards(run)
        taken = decisions(run)
        context |= {
            "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
            "open": sum(card.is_open for card in found),
            "is_current": run == MatchRun.objects.filter(cohort=run.cohort).decidable().first(),
            "problem": problem,
            "summary": group_words.summary(run.outcome),
            "cost": group_words.cost(run.outcome),
            "decisions": taken,
            "standing": sum(decision.undone_at is None for decision in taken),
            "left_out": left_out(run),
        }
        return render(request, "admin/matching/matchrun/groups.html", context)

    def decide(
        self, request: HttpRequest, run_id: int, enrolment_id: int, group_id: int | None = None
    ) -> HttpResponse:
        """About one person, seen in a proposed group or in none. A move is asked about once more, with what
        it costs."""
        run = self._run(request, run_id, "matching.decide")
        enrolment = get_object_or_404(
            Enrolment.objects.accepted().filter(cohort=run.cohort).select_related("person"), pk=enrolment_id
        )
        group = get_object_or_404(run.groups.with_seats(), pk=group_id) if group_id else None
        posted = request.method == "POST"
        form = GroupDecisionForm(
            request.POST if posted else None,
            run=run,
            enrolment=enrolment,
            group=group,
            initial={"revision": run.revision},
        )
        context = {"run": run, "enrolment": enrolment, "group": group, "form": form}
        if form.is_valid():
            what, given = form.cleaned_data["what"], form.cleaned_data
            try:
                if what in ("together", "pin", "move"):
                    attempt(cohort=run.cohort, by=signed_in(request), what=BY_HAND)
                if what == "move" and "sure" not in request.POST:
                    chosen = (given["to"], given["instead_of"])
                    plan = group_bench.plan_of(run, enrolment, group, *chosen)
                    context |= {
                        "title": _("Move %(who)s?") % {"who": enrolment.person},
                        "consequences": group_words.consequences(plan),
                    }
                    return self.page(request, "group_move", **context)
                made = take(run, enrolment, group, given, signed_in(request))
            except DomainError as error:
                refuse(form, error)
            else:
                text = (
                    _("Decided: %(what)s. Nobody is told.")
                    if what == "move"
                    else _("Decided: %(what)s. It holds from the next run on. Nobody is told.")
                )
                messages.success(request, text % {"what": made})
                return redirect("admin:matching_matchrun_change", run.pk)
        context["title"] = _("What should happen with %(who)s?") % {"who": enrolment.person}
        return self.page(request, "group_decide", **context)

    def undo_decision(self, request: HttpRequest, run_id: int, decision_id: int) -> HttpResponse:
        run = self._run(request, run_id, "matching.decide")
        decision = get_object_or_404(run.cohort.group_decisions, pk=decision_id)
        revision = number(request.POST.get("revision"))
        try:
            group_bench.undo(run=run, decision=decision, by=signed_in(request), revision=revision)
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, _("Undone."))
        return redirect("admin:matching_matchrun_change", run.pk)

    def confirm_group(self, request: HttpRequest, run_id: int, group_id: int) -> HttpResponse:
        run = self._run(request, run_id, "matching.decide")
        group = get_object_or_404(run.groups.with_seats(), pk=group_id)
        try:
            mentorship = group_actions.confirm_group(group=group, by=signed_in(request))
        except DomainError as error:
            messages.error(request, error.message)
        else:
            text = _("The group on “%(theme)s” is confirmed, and its members are told.")
            if mentorship.state == Mentorship.State.OFFERED:
                text = _("The group on “%(theme)s” is offered to its members.")
            messages.success(request, text % {"theme": group.theme})
        return redirect("admin:matching_matchrun_change", run.pk)

    def confirm_groups(self, request: HttpRequest, run_id: int) -> HttpResponse:
        run = self._run(request, run_id, "matching.decide")
        here = reverse("admin:matching_matchrun_change", args=[run.pk])
        if request.method == "POST":
            try:
                made = group_actions.confirm_groups(run=run, by=signed_in(request))
            except DomainError as error:
                messages.error(request, error.message)
            else:
                text = ngettext("%(count)s group is decided.", "%(count)s groups are decided.", len(made))
                messages.success(request, text % {"count": len(made)})
            return redirect(here)
        waiting = [card for card in cards(run)[0] if card.is_open]
        if not waiting:
            messages.info(request, _("There is nothing left to confirm."))
            return redirect(here)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "run": run,
            "title": _("Confirm all groups?"),
            "count": len(waiting),
            "told": len({e.pk for card in waiting for e in (*card.mentors, *card.mentees)}),
            "weak": 0,
            "back": here,
            "of_groups": True,
        }
        return render(request, "admin/matching/matchrun/confirm_all.html", context)


def take(
    run: MatchRun, enrolment: Enrolment, group: ProposedGroup | None, given: dict[str, Any], by: Any
) -> GroupDecision:
    """The decision a form asks for."""
    common = {
        "run": run,
        "enrolment": enrolment,
        "reason": given["reason"],
        "revision": given["revision"],
        "by": by,
    }
    if given["what"] == "together":
        return group_bench.keep_together(other=given["other"], **common)
    if given["what"] == "apart":
        return group_bench.keep_apart(other=given["other"], **common)
    if given["what"] == "pin" and group:
        return group_bench.pin(group=group, **common)
    if given["what"] == "move":
        return group_bench.move(away_from=group, to=given["to"], instead_of=given["instead_of"], **common)
    return group_bench.leave_out(**common)


def decisions(run: MatchRun) -> list[GroupDecision]:
    """Those that stand, and those taken back while this run was the one to decide on; the newest first."""
    mine = GroupDecision.objects.filter(cohort=run.cohort).filter(Q(undone_at=None) | Q(run=run))
    return list(mine.with_people())


def cards(run: MatchRun) -> tuple[list[Card], str]:
    """What needs a look first: what has become impossible, then the weakest; decided ones last. And what
    keeps all from being looked at, if something does."""
    found = list(run.groups.with_seats())
    decided = dict(Mentorship.objects.filter(proposed_group__in=found).values_list("proposed_group", "pk"))
    waiting = [group for group in found if group.pk not in decided]
    problem, refusals = "", {}
    try:
        refusals = group_actions.standing(run, waiting)
    except DomainError as error:
        problem = error.message
    made = [card(group, decided.get(group.pk), refusals.get(group.pk, problem)) for group in found]
    made.sort(key=lambda c: (c.mentorship is not None, not c.refusal, c.group.score, c.group.pk))
    return made, problem


def card(group: ProposedGroup, mentorship: int | None, refusal: str) -> Card:
    words, tone = reasons.band(group.score)
    seats = list(group.seats.all())
    return Card(
        group=group,
        mentors=[seat.enrolment for seat in seats if seat.role == Role.MENTOR],
        mentees=[seat.enrolment for seat in seats if seat.role == Role.MENTEE],
        mentorship=mentorship,
        refusal="" if mentorship else refusal,
        words=words,
        tone=tone,
        reasons=group_words.for_staff(group),
        bars=reasons.bars(group.breakdown),
    )


def left_out(run: MatchRun) -> list[dict[str, Any]]:
    """Who is in no group, by role, each with the sentences that say why; as people were moved since."""
    seated = set(Seat.objects.filter(group__run=run).values_list("enrolment", flat=True))
    entries = [entry for entry in run.outcome.get("left_out", []) if entry["enrolment"] not in seated]
    entries += [
        {"enrolment": pk, "role": role, "cause": "moved"}
        for pk, role in {
            pk: role
            for decision in GroupDecision.objects.standing().filter(run=run)
            for row in decision.before
            for role, pk in row["seats"]
        }.items()
        if pk not in seated
    ]
    people = Enrolment.objects.select_related("person").in_bulk([entry["enrolment"] for entry in entries])
    held = held_in(run.cohort)
    found = []
    for role, title in [
        (Role.MENTEE, _("Mentees without a group")),
        (Role.MENTOR, _("Mentors without a group")),
    ]:
        rows = [
            {
                "enrolment": people[entry["enrolment"]],
                "why": [*group_words.why_left(entry), *group_words.why_held(held, entry["enrolment"])],
            }
            for entry in entries
            if entry["role"] == role and entry["enrolment"] in people
        ]
        if rows:
            found.append({"title": title, "count": len(rows), "rows": rows})
    return found
