from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from domain.errors import DomainError
from domain.requests import SignedInRequest
from programmes import actions
from programmes.models import Enrolment, TimeRequest

Answer = TimeRequest.Answer


@require_http_methods(["GET", "HEAD", "POST"])
def time(request: SignedInRequest, uuid: str) -> HttpResponse:
    """A line manager answers whether somebody who reports to them can have the time."""
    found = get_object_or_404(
        TimeRequest.objects.visible_to(request.user).select_related(
            "enrolment__cohort__programme", "enrolment__person__manager", "manager"
        ),
        uuid=uuid,
    )
    person = found.enrolment.person
    if request.method == "POST" and request.POST.get("answer") in (Answer.YES, Answer.NO):
        try:
            actions.answer_time(request=found, by=request.user, answer=request.POST["answer"])
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(
                request, _("Thank you. %(name)s is told of your answer.") % {"name": person.first_name}
            )
        return redirect(found.get_absolute_url())
    is_open = found.enrolment.state == Enrolment.State.APPLIED and found.enrolment.is_editable
    context = {"found": found, "person": person, "cohort": found.enrolment.cohort, "is_open": is_open}
    return render(request, "programmes/time.html", context)
