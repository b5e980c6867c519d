from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from domain.errors import DomainError
from domain.requests import SignedInRequest, require
from matching.models import Member, Mentorship
from meetings import actions
from meetings.forms import AnswerForm, PastForm, UnplannedForm, initial_time
from meetings.models import Confirmation, Meeting, NextStep, PrivateNote
from meetings.rows import row
from meetings.views.base import act, own_meeting
from meetings.views.planning import time_arguments
from meetings.waiting import to_answer


@require_safe
def detail(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    at, person = timezone.now(), request.user
    meeting = get_object_or_404(Meeting.objects.visible_to(person).with_people(), uuid=uuid)
    mentorship = meeting.mentorship
    context = {
        "meeting": meeting,
        "row": row(meeting, person, at),
        "others": mentorship.names_of_others(person),
        "may_arrange": (meeting.starts_at > at or mentorship.member_for(person))
        and meeting.may_be_moved(at)
        and person.has_perm("meetings.plan", meeting),
        "has_begun": meeting.starts_at <= at,
    }
    member = mentorship.member_for(person)
    if member is None:
        return render(request, "meetings/detail_arranger.html", context)
    logs = list(meeting.logs.select_related("member__enrolment__person").order_by("created_at"))
    writing = [log.member for log in logs if not log.is_shown_to(member, at)]
    earlier = list(NextStep.objects.from_before(meeting, at))
    context |= {
        "mentorship": mentorship,
        "member": member,
        "answers": answers(meeting, mentorship),
        "to_answer": to_answer(meeting) if meeting.status(at) == Meeting.Status.DUE else [],
        "disputed": meeting.status(at) == Meeting.Status.DISPUTED,
        "may_log": not meeting.cancelled_at and meeting.starts_at <= at,
        "logs": [log for log in logs if log.member not in writing],
        "writing": get_text_list([one.person.first_name for one in writing], _("and")),
        "own_log": any(log.member_id == member.pk for log in logs),
        "steps": [
            step
            for step in meeting.next_steps.select_related("member__enrolment__person")
            if step.is_shown_to(member, at)
        ],
        "earlier": earlier,
        "agenda": agenda_without(meeting, earlier),
        "note": PrivateNote.objects.visible_to(person).filter(meeting=meeting).first(),
        "resources": meeting.resources.select_related("member__enrolment__person"),
    }
    return render(request, "meetings/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    meeting, member = own_meeting(request, uuid)
    require(request, "meetings.log", meeting)
    form = AnswerForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data["answer"]
        try:
            actions.answer(meeting=meeting, member=member, answer=given)
        except DomainError as error:
            messages.error(request, error.message)
            return redirect("meetings:detail", uuid=uuid)
        return redirect(*after_answer(request, meeting, given))
    at = timezone.now()
    said = answers(meeting, meeting.mentorship)
    context = {
        "meeting": meeting,
        "row": row(meeting, request.user, at),
        "others": meeting.mentorship.names_of_others(request.user),
        "answers": said,
        "own": next(confirmation for one, confirmation in said if one == member),
        "disputed": meeting.status(at) == Meeting.Status.DISPUTED,
        "may_change": not meeting.cancelled_at and meeting.starts_at <= at,
        "choices": Confirmation.Answer.choices,
    }
    return render(request, "meetings/answer.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def moved(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """When they met instead, or will: one form for both, for people need not know the difference."""
    meeting, member = own_meeting(request, uuid)
    require(request, "meetings.plan", meeting)
    form = PastForm(
        request.POST or None,
        initial=initial_time(meeting, request.user.zone),
        **time_arguments(request.user, meeting.mentorship),
    )
    if form.is_valid():
        when = {"starts_at": form.cleaned_data["starts_at"], "minutes": form.cleaned_data["minutes"]}
        if when["starts_at"] > timezone.now():
            done = act(form, actions.move, meeting=meeting, by=request.user, **when)
            words, page = _("The meeting has its new time. The others are told."), "meetings:detail"
        else:
            done = act(form, actions.took_place_at, meeting=meeting, member=member, **when)
            words, page = _("Good. Would you like to write down what came out of it?"), "meetings:log"
        if done:
            messages.success(request, words)
            return redirect(page, uuid)
    context = {"form": form, "meeting": meeting, "others": meeting.mentorship.names_of_others(request.user)}
    return render(request, "meetings/moved.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def unplanned(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """A meeting that happened without a plan; then its log."""
    mentorship = get_object_or_404(Mentorship.objects.visible_to(request.user).with_members(), uuid=uuid)
    require(request, "meetings.log_unplanned", mentorship)
    form = UnplannedForm(request.POST or None, **time_arguments(request.user, mentorship))
    if form.is_valid():
        names = ("starts_at", "minutes", "request_key")
        data = {name: form.cleaned_data[name] for name in names}
        member = mentorship.member_for(request.user)
        meeting = act(form, actions.log_unplanned, mentorship=mentorship, member=member, **data)
        if meeting:
            messages.success(request, _("Good. Would you like to write down what came out of it?"))
            return redirect("meetings:log", meeting.uuid)
    context = {
        "form": form,
        "mentorship": mentorship,
        "others": mentorship.names_of_others(request.user),
    }
    return render(request, "meetings/unplanned.html", context)


def agenda_without(meeting: Meeting, steps: list[NextStep]) -> str:
    """The agenda, less the lines that stand beside it with a box to tick."""
    texts = tuple(f": {step.text}" for step in steps)
    return "\n".join(line for line in meeting.agenda.splitlines() if not (texts and line.endswith(texts)))


def answers(meeting: Meeting, mentorship: Mentorship) -> list[tuple[Member, Confirmation | None]]:
    """What each who is in it said, and what somebody who has left said where it still counts."""
    given = {confirmation.member_id: confirmation for confirmation in meeting.counting()}
    gone = [one for one in given.values() if one.member.left_at]
    left = Member.of_all_time.select_related("enrolment__person").in_bulk([one.member_id for one in gone])
    return [(member, given.get(member.pk)) for member in mentorship.members.all()] + [
        (left[one.member_id], one) for one in gone if one.member_id in left
    ]


def after_answer(request: SignedInRequest, meeting: Meeting, answer: str) -> tuple[str, UUID]:
    """Where each answer leads: to the log, to the other time, or to a new plan; without a way on from a
    mentorship that rests, back to the meeting."""
    going = meeting.mentorship.state in (Mentorship.State.CONFIRMED, Mentorship.State.ACTIVE)
    if answer == Confirmation.Answer.YES:
        messages.success(request, _("Good. Would you like to write down what came out of it?"))
        return "meetings:log", meeting.uuid
    if not going:
        messages.success(request, _("Thank you for saying so."))
        return "meetings:detail", meeting.uuid
    if answer == Confirmation.Answer.MOVED:
        messages.success(request, _("Thank you. When did you meet instead, or when will you?"))
        return "meetings:moved", meeting.uuid
    messages.success(request, _("Thank you for saying so. You can plan a new date here."))
    return "meetings:plan", meeting.mentorship.uuid
