from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from domain import dates
from domain.errors import DomainError
from domain.forms import NUMBER
from domain.requests import SignedInRequest, require
from matching.models import Mentorship
from meetings import actions, agenda
from meetings.forms import (
    PlanForm,
    TimeForm,
    initial_time,
)
from meetings.models import Meeting
from meetings.rows import row
from meetings.suggestions import Planner
from meetings.views.base import act, said
from participants.models import Person


@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    at, person = timezone.now(), request.user
    visible = Meeting.objects.visible_to(person).with_people()
    asked = list(Meeting.objects.of(person).to_answer(at).with_people())
    past = visible.over(at).exclude(pk__in=[m.pk for m in asked]).order_by("-starts_at", "-pk")
    page = Paginator(past, 20).get_page(request.GET.get("page"))
    context = {
        "to_confirm": [row(m, person, at) for m in asked],
        "coming": [row(m, person, at) for m in visible.upcoming(at)],
        "page": page,
        "past": [row(m, person, at) for m in page],
        "to_plan": to_plan(person),
    }
    return render(request, "meetings/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    at, person = timezone.now(), request.user
    mentorship = to_be_planned(request, uuid)
    suggestion = agenda.suggested(mentorship, at)
    last = mentorship.meetings.uncancelled().last()
    initial = {"agenda": suggestion, "place": last.place if last else "", "link": last.link if last else ""}
    form = PlanForm(request.POST or None, initial=initial, **time_arguments(person, mentorship))
    if mentorship.member_for(person) is None:
        del form.fields["agenda"]
    if form.is_valid():
        data = {"agenda": suggestion} | form.cleaned_data
        meeting = act(form, actions.plan, mentorship=mentorship, by=person, **chosen(data))
        if meeting:
            messages.success(
                request, said(_("The meeting is planned. A notice went to %s."), meeting, person)
            )
            return redirect("meetings:detail", uuid=meeting.uuid)
    planner = Planner(mentorship, person, at, minutes=minutes_of(request, mentorship))
    context = {
        "form": form,
        "others": mentorship.names_of_others(person),
        "mentorship": mentorship,
        "offers": planner.offers(),
        "first_contact": None if last else first_contact(mentorship, person),
    }
    return render(request, "meetings/plan.html", context | held_up(mentorship, person))


def held_up(mentorship: Mentorship, person: Person) -> dict[str, str]:
    """Why the first meeting cannot be planned yet, where it cannot, and the way to one's own briefing."""
    try:
        actions.check_briefed(mentorship, person)
    except DomainError as error:
        own = next((m.enrolment for m in mentorship.unbriefed_members() if m.person == person), None)
        return {
            "held_up": error.message,
            "briefing": reverse("programmes:briefing", args=[own.uuid]) if own else "",
        }
    return {}


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    at, person = timezone.now(), request.user
    meeting = get_object_or_404(Meeting.objects.visible_to(person).with_people(), uuid=uuid)
    require(request, "meetings.plan", meeting)
    initial = initial_time(meeting, person.zone)
    tapped = request.method == "POST" and "minutes" not in request.POST
    form = TimeForm(
        one_tap(request, initial) if tapped else request.POST or None,
        initial=initial,
        **time_arguments(person, meeting.mentorship),
    )
    if form.is_valid():
        moved = act(form, actions.move, meeting=meeting, by=person, **chosen(form.cleaned_data))
        if moved:
            if moved.sequence > meeting.sequence:
                messages.success(
                    request, said(_("The meeting is changed. A notice went to %s."), meeting, person)
                )
            return redirect("meetings:detail", uuid=uuid)
    planner = Planner(
        meeting.mentorship, person, at, minutes=minutes_of(request, meeting.mentorship, meeting), but=meeting
    )
    context = {
        "form": form,
        "meeting": meeting,
        "row": row(meeting, person, at),
        "others": meeting.mentorship.names_of_others(person),
        "offers": planner.offers(),
    }
    return render(request, "meetings/move.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    person = request.user
    meeting = get_object_or_404(Meeting.objects.visible_to(person).with_people(), uuid=uuid)
    require(request, "meetings.plan", meeting)
    if request.method == "POST":
        try:
            actions.cancel(meeting=meeting, by=person)
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(
                request, said(_("The meeting is cancelled. A notice went to %s."), meeting, person)
            )
        return redirect("meetings:detail", uuid=uuid)
    context = {
        "meeting": meeting,
        "title": _("Cancel the meeting on %(day)s?") % {"day": dates.day(meeting.starts_at)},
        "consequences": [
            said(_("A notice goes to %s. You need not give a reason."), meeting, person),
            _("If only the time does not suit you, move it instead."),
        ],
        "confirm_label": _("Cancel the meeting"),
        "cancel_url": reverse("meetings:detail", args=[uuid]),
        "cancel_label": _("Keep it"),
        "danger": True,
    }
    return render(request, "confirm.html", context)


# --- What they stand on ----------------------------------------------------------------


def to_be_planned(request: SignedInRequest, uuid: UUID) -> Mentorship:
    """A mentorship whose meetings the person may plan, as a member or a member's delegate."""
    person = request.user
    mentorship = get_object_or_404(Mentorship.objects.scheduled_by(person).with_members(), uuid=uuid)
    require(request, "meetings.plan", mentorship)
    return mentorship


def one_tap(request: SignedInRequest, initial: dict[str, Any]) -> dict[str, Any]:
    """What a suggested time stands for when it is tapped: place, link and length stay."""
    kept = {name: initial[name] for name in ("minutes", "place", "link")}
    return {**kept, "slot": request.POST.get("slot", "")}


def chosen(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in ("slot", "day", "clock")}


def time_arguments(person: Person, mentorship: Mentorship) -> dict[str, Any]:
    return {"zone": person.zone, "usual_minutes": mentorship.cohort.meeting_minutes}


def minutes_of(request: SignedInRequest, mentorship: Mentorship, meeting: Meeting | None = None) -> int:
    """For how long times are suggested: as chosen in the form, or as the meeting or the cohort has it."""
    given = request.POST.get("minutes") or request.GET.get("minutes") or ""
    if NUMBER.fullmatch(given) and 10 <= int(given) <= 240:
        return int(given)
    return meeting.minutes if meeting else mentorship.cohort.meeting_minutes


def first_contact(mentorship: Mentorship, person: Person) -> dict[str, Any]:
    """Who writes first: “you” where it is the reader, else the names of those whose part it is."""
    writers = [member for member in mentorship.members.all() if member.makes_first_contact]
    return {
        "you": any(member.person == person for member in writers),
        "names": get_text_list([member.person.first_name for member in writers], _("and")),
    }


def to_plan(person: Person) -> list[tuple[Mentorship, str]]:
    going = [Mentorship.State.CONFIRMED, Mentorship.State.ACTIVE]
    found = Mentorship.objects.scheduled_by(person).filter(state__in=going).with_members()
    return [(each, each.names_of_others(person)) for each in found]
