"""Saying no, stepping back, throwing a draft away. None of it asks for a reason."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from domain.errors import DomainError
from domain.requests import SignedInRequest
from programmes import actions
from programmes.models import Cohort, Enrolment, Invitation

require_form = require_http_methods(["GET", "HEAD", "POST"])


@require_form
def decline(request: SignedInRequest, invitation: str) -> HttpResponse:
    found = get_object_or_404(
        Invitation.objects.visible_to(request.user)
        .exclude(cohort__state=Cohort.State.DRAFT)
        .select_related("cohort__programme"),
        uuid=invitation,
    )
    if request.method == "POST":
        try:
            actions.decline_invitation(invitation=found)
        except DomainError as error:
            messages.error(request, error.message)
            return redirect("programmes:detail", cohort=found.cohort.uuid)
        messages.success(request, _("Thank you for your answer. You will not be asked again."))
        return redirect("programmes:list")
    consequences = [
        _("You need not give a reason, and nobody above you is told."),
        _("You can change your mind until %(day)s.") % {"day": date_format(found.cohort.last_day_to_enrol)},
    ]
    return render(
        request,
        "confirm.html",
        {
            "title": _("Decline the invitation to “%(programme)s”?") % {"programme": found.cohort.programme},
            "consequences": consequences,
            "confirm_label": _("Decline"),
            "cancel_url": found.cohort.get_absolute_url(),
        },
    )


@require_form
def withdraw(request: SignedInRequest, enrolment: str) -> HttpResponse:
    found = get_object_or_404(
        Enrolment.objects.filter(person=request.user).select_related("cohort__programme"), uuid=enrolment
    )
    if request.method == "POST":
        try:
            actions.withdraw(enrolment=found, by=request.user)
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, _("You have withdrawn. Thank you for having thought about it."))
        return redirect("programmes:detail", cohort=found.cohort.uuid)
    return render(
        request,
        "confirm.html",
        {
            "title": _("Withdraw from “%(programme)s”?") % {"programme": found.cohort.programme},
            "consequences": [
                _("You need not give a reason."),
                _("Your place goes to whoever has waited longest for it."),
                coming_back(found),
            ],
            "confirm_label": _("Withdraw"),
            "cancel_url": found.cohort.get_absolute_url(),
            "danger": True,
        },
    )


@require_form
def discard(request: SignedInRequest, enrolment: str) -> HttpResponse:
    found = get_object_or_404(
        Enrolment.objects.filter(person=request.user).select_related("cohort__programme"), uuid=enrolment
    )
    if request.method == "POST":
        try:
            actions.discard(enrolment=found)
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, _("Your draft is gone. You can begin anew while enrolment is open."))
        return redirect("programmes:detail", cohort=found.cohort.uuid)
    return render(
        request,
        "confirm.html",
        {
            "title": _("Throw away what you have not sent?"),
            "consequences": [
                _("Your wishes, hopes and hours in this cohort are deleted. Nobody has seen them."),
                _("Topics and languages stay in your profile."),
            ],
            "confirm_label": _("Throw it away"),
            "cancel_url": found.cohort.get_absolute_url(),
            "danger": True,
        },
    )


def coming_back(enrolment: Enrolment) -> str:
    cohort = enrolment.cohort
    if cohort.is_open():
        day = date_format(cohort.last_day_to_enrol)
        return _("You can come back until %(day)s, behind those who are waiting by then.") % {"day": day}
    return _("Enrolment is over, so you could not come back to this cohort.")
