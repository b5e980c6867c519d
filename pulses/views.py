from secrets import token_hex
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from domain.errors import DomainError
from domain.requests import SignedInRequest, require
from matching.models import Mentorship
from matching.models.mentorship import MentorshipQuerySet
from participants.models import Person
from pulses import actions
from pulses.forms import AnswerForm
from pulses.models import InvitationToAnswer
from pulses.questions import feels_unsafe, questions_for


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    invitations = InvitationToAnswer.objects.visible_to(request.user).select_related(
        "wave__cohort__programme", "enrolment"
    )
    invitation = get_object_or_404(invitations, uuid=uuid)
    require(request, "pulses.answer", invitation)
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
            return thanks(request, invitation, form.cleaned_data)
    is_open = actions.is_open(invitation)
    context = {"form": form, "invitation": invitation, "wave": invitation.wave, "is_open": is_open}
    return render(request, "pulses/answer.html", context)


PADDED_TO = 16 * 1024
"""Bytes of which every page of thanks is a multiple."""


def thanks(request: SignedInRequest, invitation: InvitationToAnswer, answers: dict[str, int]) -> HttpResponse:
    """Where to turn, for everybody; open before whoever has just answered that they do not feel safe.

    Decided from what was sent and kept nowhere. So that no log tells one from the other, it is a page and no
    redirect in either case, reads the same rows, and has the same length.
    """
    mine = Mentorship.objects.visible_to(request.user).live().filter(cohort=invitation.wave.cohort)
    context = {
        "offers": offers(mine, request.user),
        "is_low": feels_unsafe(answers),
    }
    response = render(request, "pulses/thanks.html", context)
    missing = -(len(response.content) + len(b"<!---->")) % PADDED_TO
    # Random, because a proxy that compresses would make nothing of blanks.
    response.content += b"<!--" + token_hex(missing // 2 + 1)[:missing].encode() + b"-->"
    return response


def offers(mine: MentorshipQuerySet, person: Person) -> list[tuple[Mentorship, str, bool]]:
    return [
        (one, one.names_of_others(person), one.membership_of(person).needs_the_pause)
        for one in mine.with_members()
    ]


@never_cache
@require_safe
def advice(request: SignedInRequest) -> HttpResponse:
    """What one can do when something does not feel right; the same words for everybody who is signed in."""
    mine = Mentorship.objects.visible_to(request.user).live()
    return render(request, "pulses/advice.html", {"offers": offers(mine, request.user)})
