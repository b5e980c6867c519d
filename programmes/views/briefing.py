from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from domain.requests import SignedInRequest
from programmes import actions
from programmes.forms import ThoughtsForm
from programmes.models import BriefingPage, BriefingStep, Enrolment


def fetch(
    request: SignedInRequest, enrolment: str
) -> tuple[Enrolment, list[BriefingPage], dict[int, BriefingStep]]:
    """Their own enrolment, the pages of its role in order, and by page what they worked through."""
    found = get_object_or_404(
        Enrolment.objects.accepted().filter(person=request.user).select_related("cohort__programme"),
        uuid=enrolment,
    )
    pages = list(found.cohort.programme.briefing_pages.filter(role=found.role))
    done = BriefingStep.objects.visible_to(request.user).filter(enrolment=found)
    return found, pages, {step.page_id: step for step in done}


@require_safe
def briefing(request: SignedInRequest, enrolment: str) -> HttpResponse:
    """Leads to the first page that is open; once done, shows them all with their own thoughts."""
    found, pages, done = fetch(request, enrolment)
    unread = next((number for number, page in enumerate(pages, start=1) if page.pk not in done), None)
    if unread and not found.is_briefed:
        return redirect("programmes:briefing-page", found.uuid, unread)
    worked = [(number, page, done.get(page.pk)) for number, page in enumerate(pages, start=1)]
    return render(request, "programmes/briefing.html", {"enrolment": found, "pages": worked})


@require_http_methods(["GET", "HEAD", "POST"])
def briefing_page(request: SignedInRequest, enrolment: str, number: int) -> HttpResponse:
    found, pages, done = fetch(request, enrolment)
    if not 1 <= number <= len(pages):
        raise Http404
    page = pages[number - 1]
    step = done.get(page.pk)
    form = ThoughtsForm(
        request.POST if request.method == "POST" else None,
        initial={"thoughts": step.thoughts if step else ""},
    )
    if request.method == "POST" and form.is_valid():
        was_briefed = found.is_briefed
        actions.finish_page(enrolment=found, page=page, **form.cleaned_data)
        if number < len(pages):
            return redirect("programmes:briefing-page", found.uuid, number + 1)
        if found.is_briefed and not was_briefed:
            messages.success(request, _("You are prepared. These pages stay here for you."))
        return redirect("programmes:briefing", found.uuid)
    context = {
        "enrolment": found,
        "page": page,
        "form": form,
        "number": number,
        "total": len(pages),
        "done": len(done),
    }
    return render(request, "programmes/briefing_page.html", context)
