"""The proposals of a run for a cohort of groups, and deciding on them."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from domain.errors import DomainError
from domain.requests import signed_in
from matching import group_actions, group_words, reasons
from matching.models import MatchRun, Mentorship, ProposedGroup
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
        ]

    def groups_page(self, request: HttpRequest, run: MatchRun, context: dict[str, Any]) -> HttpResponse:
        found, problem = cards(run)
        context |= {
            "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
            "open": sum(card.is_open for card in found),
            "is_current": run == MatchRun.objects.filter(cohort=run.cohort).decidable().first(),
            "problem": problem,
            "summary": group_words.summary(run.outcome),
            "left_out": left_out(run),
        }
        return render(request, "admin/matching/matchrun/groups.html", context)

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
    """Who is in no group, by role, each with the sentences that say why."""
    entries = run.outcome.get("left_out", [])
    people = Enrolment.objects.select_related("person").in_bulk([entry["enrolment"] for entry in entries])
    found = []
    for role, title in [
        (Role.MENTEE, _("Mentees without a group")),
        (Role.MENTOR, _("Mentors without a group")),
    ]:
        rows = [
            {"person": people[entry["enrolment"]].person, "why": group_words.why_left(entry)}
            for entry in entries
            if entry["role"] == role and entry["enrolment"] in people
        ]
        if rows:
            found.append({"title": title, "count": len(rows), "rows": rows})
    return found
