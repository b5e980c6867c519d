from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from domain.errors import DomainError
from matching.models import Mentorship
from pulses import actions
from pulses.forms import AnswerForm
from pulses.models import InvitationToAnswer
from pulses.questions import feels_unsafe, questions_for


@never_cache
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, uuid: UUID) -> HttpResponse:
    invitations = InvitationToAnswer.objects.visible_to(request.user).select_related(
        "wave__cohort__programme", "enrolment"
    )
    invitation = get_object_or_404(invitations, uuid=uuid)
    if not request.user.has_perm("pulses.answer", invitation):
        raise PermissionDenied
    if invitation.is_answered:
        return render(request, "pulses/thanks.html")
    questions = questions_for(invitation.wave, invitation.enrolment.role)
    form = AnswerForm(request.POST or None, questions=questions)
    if form.is_valid():
        try:
            actions.answer(invitation=invitation, answers=form.cleaned_data)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            # Decided from what was just sent and kept nowhere; a page and no redirect in either case, so that
            # no log tells one from the other by its status.
            return render(request, "pulses/thanks.html", help_offered(request, invitation, form.cleaned_data))
    is_open = actions.is_open(invitation.wave)
    return render(request, "pulses/answer.html", {"form": form, "wave": invitation.wave, "is_open": is_open})


def help_offered(
    request: HttpRequest, invitation: InvitationToAnswer, answers: dict[str, int]
) -> dict[str, object]:
    if not feels_unsafe(answers):
        return {}
    mine = Mentorship.objects.visible_to(request.user).live().filter(cohort=invitation.wave.cohort)
    return {
        "offers": [(one, one.names_of_others(request.user)) for one in mine.with_members()],
    }
