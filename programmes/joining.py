"""Where an open link leads: to the enrolment, or to a sentence that helps."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from domain.errors import DomainError
from domain.requests import SignedInRequest
from programmes import actions, steps
from programmes.models import InvitationLink


@require_safe
def join(request: SignedInRequest, token: str) -> HttpResponse:
    link = get_object_or_404(InvitationLink.objects.select_related("cohort__programme"), token=token)
    try:
        role = actions.follow_link(link=link, person=request.user)
    except DomainError as error:
        return render(
            request, "programmes/link.html", {"sentence": error.message, "programme": link.cohort.programme}
        )
    if link.cohort.enrolments.filter(person=request.user).exists():
        return redirect(link.cohort)
    first = reverse("programmes:enrol-step", args=[link.cohort.uuid, steps.NAMES[0]], query={"role": role})
    return redirect(first)
