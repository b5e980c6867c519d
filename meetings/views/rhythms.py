"""The whole rhythm in one go: its course by GET, then every date to change or leave out, saved by POST."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from domain import dates
from domain.requests import SignedInRequest
from matching.models import Mentorship
from meetings import actions
from meetings.forms import DateFormSet, RhythmDetailsForm, RhythmForm, local_time
from meetings.models import Meeting
from meetings.suggestions import Planner, still_to_plan
from meetings.views.base import act
from meetings.views.planning import held_up, minutes_of, time_arguments, to_be_planned


@require_http_methods(["GET", "HEAD", "POST"])
def rhythm(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    at, person = timezone.now(), request.user
    mentorship = to_be_planned(request, uuid)
    planner = Planner(mentorship, person, at, minutes=minutes_of(request, mentorship))
    if request.method == "POST":
        return dates_of(request, planner)
    if held_up(mentorship, person):
        return redirect("meetings:plan", uuid=uuid)  # which says what comes first
    form = RhythmForm(
        request.GET if "count" in request.GET else None,
        initial={"weeks_between": mentorship.cohort.weeks_between, "count": still_to_plan(mentorship, at)},
        **time_arguments(person, mentorship),
    )
    if form.is_valid():
        return preview(request, planner, form.cleaned_data)
    return answer(request, "rhythm", planner, form=form, offers=planner.offers())


def preview(request: SignedInRequest, planner: Planner, data: dict[str, Any]) -> HttpResponse:
    found = planner.rhythm(data["starts_at"], count=data["count"], weeks_between=data["weeks_between"])
    zone = planner.by.zone
    initial = [{"keep": True, **local_time(slot.starts_at, zone)} for slot in found]
    forms = DateFormSet(initial=initial, form_kwargs={"zone": zone})
    details = RhythmDetailsForm(initial={"minutes": data["minutes"]})
    rows = [(form, planner.seen(slot.starts_at)) for form, slot in zip(forms, found, strict=True)]
    left_over = data["count"] - len(found)
    return answer(
        request, "rhythm_dates", planner, dates=forms, details=details, rows=rows, left_over=left_over
    )


def dates_of(request: SignedInRequest, planner: Planner) -> HttpResponse:
    """Save the dates, or show them again: with their hours, or with what is wrong beside each."""
    forms = DateFormSet(request.POST, form_kwargs={"zone": planner.by.zone})
    details = RhythmDetailsForm(request.POST)
    if forms.is_valid() and details.is_valid() and "save" in request.POST:
        starts = [data["starts_at"] for data in forms.cleaned_data if data["keep"]]
        if not starts:
            details.add_error(None, _("Every date is left out. Keep at least one."))
        elif outcome := act(
            details,
            actions.plan_all,
            mentorship=planner.mentorship,
            by=planner.by,
            starts=starts,
            **details.cleaned_data,
        ):
            say(request, *outcome)
            return redirect("meetings:list")
    rows = [(form, planner.seen(form.cleaned_data.get("starts_at"))) for form in forms]
    return answer(request, "rhythm_dates", planner, dates=forms, details=details, rows=rows)


def say(request: SignedInRequest, made: list[Meeting], left_out: list[datetime]) -> None:
    if made:
        words = ngettext("%(count)d meeting is planned.", "%(count)d meetings are planned.", len(made))
        messages.success(request, words % {"count": len(made)})
    if left_out:
        days = get_text_list([dates.day(start) for start in left_out], _("and"))
        messages.info(request, _("Left out, because a meeting is there already: %(days)s.") % {"days": days})


def answer(request: SignedInRequest, page: str, planner: Planner, **context: Any) -> HttpResponse:
    mentorship: Mentorship = planner.mentorship
    context |= {"mentorship": mentorship, "others": mentorship.names_of_others(planner.by)}
    return render(request, f"meetings/{page}.html", context)
