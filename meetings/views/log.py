from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from domain import dates
from domain.errors import DomainError
from domain.requests import SignedInRequest, require
from matching.models import Member
from meetings import actions
from meetings.actions.log import TEXTS, note_of, open_steps
from meetings.forms import LogForm, RevisionForm
from meetings.models import Meeting, MeetingLog, NextStep
from meetings.views.base import meeting_sent, own_meeting


@require_http_methods(["GET", "HEAD", "POST"])
def log(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """The form without JavaScript; `save` is what it sends as one types."""
    meeting, member = own_meeting(request, uuid)
    require(request, "meetings.log", meeting)
    saved, initial = saved_log(meeting, member)
    form = LogForm(request.POST if request.method == "POST" else None, initial=initial)
    outdated = None
    if form.is_valid():
        try:
            record(request, meeting, member, form, finished=True)
        except actions.OutdatedLog as error:
            outdated = error.message
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("The log is saved."))
            return redirect("meetings:detail", uuid=uuid)
    context = {
        "form": form,
        "meeting": meeting,
        "member": member,
        "others": meeting.mentorship.names_of_others(request.user),
        "too_early": meeting.starts_at > timezone.now(),
        "revision": saved.revision if saved else 0,
        "last_editor": (saved and saved.editor) or "",
        "pages": RevisionForm(),
        "outdated": outdated,
        "saved": [(form.fields[name].label, text) for name, text in initial.items() if text],
        "earlier": NextStep.objects.from_before(meeting, timezone.now()),
    }
    return render(request, "meetings/log.html", context, status=409 if outdated else 200)


@require_POST
def save(request: SignedInRequest, uuid: UUID) -> JsonResponse:
    """What the page sends as one types. Answers the revision it now stands at; 409 with what is saved where
    the same member wrote elsewhere meanwhile, 422 with what is wrong."""
    meeting, member = own_meeting(request, uuid)
    require(request, "meetings.log", meeting)
    form, finished = LogForm(request.POST, may_be_empty=True), "finished" in request.POST
    if not form.is_valid():
        found = [str(error) for errors in form.errors.values() for error in errors]
        return JsonResponse({"message": " ".join(found)}, status=422)
    try:
        log = record(request, meeting, member, form, finished=finished)
    except actions.OutdatedLog as error:
        saved, texts = saved_log(meeting, member)
        revision = saved.revision if saved else 0
        return JsonResponse({"message": error.message, "revision": revision, "saved": texts}, status=409)
    except DomainError as error:
        return JsonResponse({"message": error.message}, status=422)
    if finished:
        messages.success(request, _("The log is saved."))
    return JsonResponse(
        {
            "revision": log.revision,
            "at": dates.clock(timezone.now()),
            "next": reverse("meetings:detail", args=[uuid]),
        }
    )


@require_POST
def tick(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """Answers htmx with the one row, and everybody else with the meeting they came from."""
    step = get_object_or_404(
        NextStep.objects.visible_to(request.user).select_related("meeting", "member__enrolment__person"),
        uuid=uuid,
    )
    actions.tick(step=step, done=request.POST.get("done") == "yes")
    if request.htmx:
        step.refresh_from_db(fields=["done_at"])
        return render(request, "meetings/_step.html", {"step": step, "now": True})
    meeting = meeting_sent(Meeting.objects.of(request.user), request.POST.get("meeting")) or step.meeting
    return redirect(reverse("meetings:detail", args=[meeting.uuid]) + "#steps")


def record(
    request: SignedInRequest, meeting: Meeting, member: Member, form: LogForm, *, finished: bool
) -> MeetingLog:
    page = RevisionForm(request.POST)
    known = page.cleaned_data if page.is_valid() else {}
    return actions.record_log(meeting=meeting, member=member, **form.cleaned_data, **known, finished=finished)


def saved_log(meeting: Meeting, member: Member) -> tuple[MeetingLog | None, dict[str, Any]]:
    """What the member has written so far, as the form's fields."""
    log = MeetingLog.objects.filter(meeting=meeting, member=member).first()
    texts = {name: getattr(log, name, "") for name in TEXTS}
    steps = "\n".join(open_steps(meeting, member))
    return log, {**texts, "next_steps": steps, "private_note": note_of(meeting, member)}
