from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from domain.requests import SignedInRequest, require
from matching.models import Mentorship
from meetings import actions
from meetings.forms import ShareForm
from meetings.models import Meeting, Resource
from meetings.views.base import act, meeting_sent


@require_http_methods(["GET", "HEAD", "POST"])
def share(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    mentorship = get_object_or_404(Mentorship.objects.visible_to(request.user).with_members(), uuid=uuid)
    require(request, "meetings.share_resource", mentorship)
    meeting = meeting_sent(mentorship.meetings.all(), request.GET.get("meeting"))
    form = ShareForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        member = mentorship.member_for(request.user)
        data = {**form.cleaned_data, "meeting": meeting}
        if act(form, actions.share, mentorship=mentorship, member=member, **data):
            messages.success(request, _("It is shared. Only the members see it."))
            return redirect(page_of(mentorship, meeting))
    context = {
        "mentorship": mentorship,
        "form": form,
        "others": mentorship.names_of_others(request.user),
        "back": page_of(mentorship, meeting),
    }
    return render(request, "meetings/share.html", context)


@require_safe
def resource(request: SignedInRequest, uuid: UUID) -> FileResponse:
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


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """Asked first. Only who shared it finds it here."""
    shared = get_object_or_404(
        Resource.objects.visible_to(request.user).filter(member__enrolment__person=request.user), uuid=uuid
    )
    back = page_of(shared.mentorship, shared.meeting)
    if request.method == "POST":
        actions.remove(resource=shared, member=shared.member)
        messages.success(request, _("“%(title)s” is removed.") % {"title": shared.title})
        return redirect(back)
    context = {
        "title": _("Remove “%(title)s”?") % {"title": shared.title},
        "text": _("Nobody in this mentorship can open it any more. It cannot be brought back."),
        "confirm_label": _("Remove it"),
        "cancel_url": back,
        "cancel_label": _("Keep it"),
        "danger": True,
    }
    return render(request, "confirm.html", context)


def page_of(mentorship: Mentorship, meeting: Meeting | None) -> str:
    """The meeting it was shared for, else the mentorship."""
    if meeting:
        return reverse("meetings:detail", args=[meeting.uuid])
    return reverse("mentorship", args=[mentorship.uuid])
