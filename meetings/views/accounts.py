from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from domain.errors import DomainError
from matching.models import Member, Mentorship
from meetings import actions
from meetings.forms import AnswerForm, LogForm, ShareForm
from meetings.models import Confirmation, Meeting, MeetingLog, NextStep, PrivateNote, Resource
from meetings.rows import row
from meetings.views.base import act, require


@require_GET
def detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
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
    context |= {
        "mentorship": mentorship,
        "answers": answers(meeting, mentorship),
        "disputed": meeting.status(at) == Meeting.Status.DISPUTED,
        "may_log": not meeting.cancelled_at and meeting.starts_at <= at,
        "logs": meeting.logs.select_related("member__enrolment__person").order_by("created_at"),
        "own_log": meeting.logs.filter(member=member).exists(),
        "steps": meeting.next_steps.select_related("member__enrolment__person"),
        "note": PrivateNote.objects.visible_to(person).filter(meeting=meeting).first(),
        "resources": meeting.resources.select_related("member__enrolment__person"),
    }
    return render(request, "meetings/detail.html", context)


@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, uuid: UUID) -> HttpResponse:
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
    context = {
        "meeting": meeting,
        "row": row(meeting, request.user, timezone.now()),
        "others": meeting.mentorship.names_of_others(request.user),
        "answers": answers(meeting, meeting.mentorship),
        "choices": Confirmation.Answer.choices,
    }
    return render(request, "meetings/answer.html", context)


@require_http_methods(["GET", "POST"])
def log(request: HttpRequest, uuid: UUID) -> HttpResponse:
    meeting, member = own_meeting(request, uuid)
    require(request, "meetings.log", meeting)
    steps = meeting.next_steps.filter(member=member, done_at=None).values_list("text", flat=True)
    initial = LogForm.initial_of(
        MeetingLog.objects.visible_to(request.user).filter(meeting=meeting, member=member).first(),
        list(steps),
        PrivateNote.objects.visible_to(request.user).filter(meeting=meeting).first(),
    )
    form = LogForm(request.POST or None, initial=initial)
    if form.is_valid() and act(form, actions.record_log, meeting=meeting, member=member, **form.cleaned_data):
        messages.success(request, _("The log is saved."))
        return redirect("meetings:detail", uuid=uuid)
    context = {
        "form": form,
        "meeting": meeting,
        "others": meeting.mentorship.names_of_others(request.user),
        "too_early": meeting.starts_at > timezone.now(),
    }
    return render(request, "meetings/log.html", context)


@require_POST
def tick(request: HttpRequest, uuid: UUID) -> HttpResponse:
    step = get_object_or_404(NextStep.objects.visible_to(request.user), uuid=uuid)
    actions.tick(step=step, done=request.POST.get("done") == "yes")
    return redirect(reverse("meetings:detail", args=[step.meeting.uuid]) + "#steps")


@require_http_methods(["GET", "POST"])
def share(request: HttpRequest, uuid: UUID) -> HttpResponse:
    mentorship = get_object_or_404(Mentorship.objects.visible_to(request.user).with_members(), uuid=uuid)
    require(request, "meetings.share_resource", mentorship)
    meeting = mentorship.meetings.filter(uuid=as_uuid(request.GET.get("meeting"))).first()
    form = ShareForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        member = mentorship.member_for(request.user)
        data = {**form.cleaned_data, "meeting": meeting}
        if act(form, actions.share, mentorship=mentorship, member=member, **data):
            messages.success(request, _("It is shared. Only the members see it."))
            return redirect(meeting_url(meeting) or reverse("mentorship", args=[uuid]))
    context = {"form": form, "others": mentorship.names_of_others(request.user)}
    return render(request, "meetings/share.html", context)


@require_GET
def resource(request: HttpRequest, uuid: UUID) -> FileResponse:
    """A shared file as a download: never shown in the browser, whatever it holds."""
    shared = get_object_or_404(Resource.objects.visible_to(request.user).exclude(file=""), uuid=uuid)
    response = FileResponse(
        shared.file.open("rb"),
        as_attachment=True,
        filename=shared.file_name,
        content_type="application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def own_meeting(request: HttpRequest, uuid: UUID) -> tuple[Meeting, Member]:
    """A meeting of a mentorship the person is a member of; to their delegates it does not exist here."""
    meeting = get_object_or_404(Meeting.objects.of(request.user).with_people(), uuid=uuid)
    return meeting, meeting.mentorship.member_for(request.user)


def answers(meeting: Meeting, mentorship: Mentorship) -> list[tuple[Member, Confirmation | None]]:
    given = {confirmation.member_id: confirmation for confirmation in meeting.confirmations.all()}
    return [(member, given.get(member.pk)) for member in mentorship.members.all()]


def after_answer(request: HttpRequest, meeting: Meeting, answer: str) -> tuple[str, UUID]:
    """Where each answer leads: to the log, to a new time, or to a new plan."""
    match answer:
        case Confirmation.Answer.YES:
            messages.success(request, _("Good. Would you like to write down what came out of it?"))
            return "meetings:log", meeting.uuid
        case Confirmation.Answer.MOVED:
            messages.success(request, _("Thank you. When do you meet instead?"))
            return "meetings:move", meeting.uuid
    messages.success(request, _("Thank you for saying so. You can plan a new date here."))
    return "meetings:plan", meeting.mentorship.uuid


def meeting_url(meeting: Meeting | None) -> str:
    return reverse("meetings:detail", args=[meeting.uuid]) if meeting else ""


def as_uuid(value: str | None) -> UUID | None:
    try:
        return UUID(value or "")
    except ValueError:
        return None
