from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from domain.errors import DomainError
from domain.requests import SignedInRequest
from participants.models import Person
from programmes import actions
from programmes.models import Cohort, Enrolment, Invitation
from programmes.standing import standing

WITHDRAWABLE = [Enrolment.State.APPLIED, Enrolment.State.WAITLISTED, Enrolment.State.ACCEPTED]


@require_safe
def programmes(request: SignedInRequest) -> HttpResponse:
    person, at = request.user, timezone.now()
    enrolments = list(
        Enrolment.objects.filter(person=person).with_standing().select_related("cohort__programme")
    )
    invitations = Invitation.objects.visible_to(person).open().select_related("cohort__programme")
    asked = [invitation for invitation in invitations if invitation.cohort.is_open(at)]
    known = {one.cohort_id for one in enrolments} | {one.cohort_id for one in asked}
    cohorts = Cohort.objects.open_to(person).exclude(pk__in=known).select_related("programme")
    return render(
        request,
        "programmes/list.html",
        {
            "invitations": asked,
            "enrolments": [(enrolment, standing(enrolment, at)) for enrolment in enrolments],
            "cohorts": [cohort for cohort in cohorts if cohort.is_open(at)],
        },
    )


@require_safe
def detail(request: SignedInRequest, cohort: str) -> HttpResponse:
    person, at = request.user, timezone.now()
    found = get_object_or_404(Cohort.objects.visible_to(person).select_related("programme"), uuid=cohort)
    enrolment = (
        found.enrolments.filter(person=person).with_standing().select_related("cohort__programme").first()
    )
    is_open = found.is_open(at)
    may_begin = enrolment is None or enrolment.is_draft or enrolment.may_return
    return render(
        request,
        "programmes/detail.html",
        {
            "cohort": found,
            "programme": found.programme,
            "enrolment": enrolment,
            "invitation": found.invitations.filter(person=person).first(),
            "is_open": is_open,
            "standing": standing(enrolment, at) if enrolment else None,
            "may_enrol": is_open and may_begin and bool(found.roles_for(person)),
            "may_withdraw": enrolment is not None and enrolment.state in WITHDRAWABLE,
            "why_not": why_not(found, person, at) if enrolment is None and not is_open else "",
            "others": others_open_to(person, but=found, at=at) if not is_open and may_begin else [],
            "objectives": found.programme.objectives.all(),
            "ground_rules": found.programme.ground_rules.all(),
        },
    )


def others_open_to(person: Person, *, but: Cohort, at: datetime) -> list[Cohort]:
    """The way on for whoever comes too late."""
    cohorts = Cohort.objects.open_to(person).exclude(pk=but.pk).exclude(enrolments__person=person)
    return [cohort for cohort in cohorts.select_related("programme") if cohort.is_open(at)]


def why_not(cohort: Cohort, person: Person, at: datetime) -> str:
    try:
        actions.refuse(cohort, person, at=at)
    except DomainError as error:
        return error.message
    return ""
