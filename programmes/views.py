from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from domain.errors import DomainError
from programmes import actions
from programmes.forms import EnrolmentForm
from programmes.models import Cohort, Enrolment, Invitation

require_form = require_http_methods(["GET", "POST"])


@require_GET
def programmes(request: HttpRequest) -> HttpResponse:
    person, at = request.user, timezone.now()
    enrolments = list(Enrolment.objects.filter(person=person).select_related("cohort__programme"))
    invitations = Invitation.objects.visible_to(person).open().select_related("cohort__programme")
    asked = [invitation for invitation in invitations if invitation.cohort.is_open(at)]
    known = {item.cohort_id for item in [*enrolments, *asked]}
    cohorts = Cohort.objects.open_to(person).exclude(pk__in=known).select_related("programme")
    return render(
        request,
        "programmes/list.html",
        {
            "invitations": asked,
            "enrolments": enrolments,
            "cohorts": [cohort for cohort in cohorts if cohort.is_open(at)],
        },
    )


@require_GET
def detail(request: HttpRequest, cohort: str) -> HttpResponse:
    person, at = request.user, timezone.now()
    found = get_object_or_404(Cohort.objects.visible_to(person).select_related("programme"), uuid=cohort)
    enrolment = found.enrolments.filter(person=person).first()
    is_open = found.is_open(at)
    return render(
        request,
        "programmes/detail.html",
        {
            "cohort": found,
            "programme": found.programme,
            "enrolment": enrolment,
            "invitation": found.invitations.filter(person=person).first(),
            "is_open": is_open,
            "may_enrol": is_open and not enrolment and bool(found.roles_for(person)),
            "may_withdraw": enrolment is not None and enrolment.may_become(Enrolment.State.WITHDRAWN),
            "has_briefing": enrolment is not None
            and found.programme.briefing_pages.filter(role=enrolment.role).exists(),
            "objectives": found.programme.objectives.all(),
            "ground_rules": found.programme.ground_rules.all(),
        },
    )


@require_form
def enrol(request: HttpRequest, cohort: str) -> HttpResponse:
    found = get_object_or_404(
        Cohort.objects.visible_to(request.user).select_related("programme"), uuid=cohort
    )
    try:
        actions.refuse(found, request.user, at=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("programmes:detail", cohort=cohort)
    form = EnrolmentForm(request.POST or None, cohort=found, person=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                enrolment = form.save()
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, thanks(enrolment))
            return redirect("programmes:detail", cohort=cohort)
    return render(request, "programmes/enrol.html", {"form": form, "cohort": found})


def thanks(enrolment: Enrolment) -> str:
    if enrolment.state == Enrolment.State.ACCEPTED:
        return _("Thank you. You take part.")
    if enrolment.state == Enrolment.State.WAITLISTED:
        return _("Thank you. All places are taken for now; you are on the waiting list.")
    return _("Thank you. Your enrolment has arrived; the coordinator decides on it.")


@require_form
def decline(request: HttpRequest, invitation: str) -> HttpResponse:
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
def withdraw(request: HttpRequest, enrolment: str) -> HttpResponse:
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
                _("To come back to this cohort you would have to ask its coordinator."),
            ],
            "confirm_label": _("Withdraw"),
            "cancel_url": found.cohort.get_absolute_url(),
            "danger": True,
        },
    )


@require_form
def briefing(request: HttpRequest, enrolment: str) -> HttpResponse:
    found = get_object_or_404(
        Enrolment.objects.filter(person=request.user, state=Enrolment.State.ACCEPTED).select_related(
            "cohort__programme"
        ),
        uuid=enrolment,
    )
    if request.method == "POST":
        actions.complete_briefing(enrolment=found)
        messages.success(request, _("You are prepared. You can come back to these pages whenever you like."))
        return redirect("programmes:detail", cohort=found.cohort.uuid)
    pages = found.cohort.programme.briefing_pages.filter(role=found.role)
    return render(request, "programmes/briefing.html", {"enrolment": found, "pages": pages})
