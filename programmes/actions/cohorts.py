"""The steps of a cohort from draft to closed."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from domain.errors import DomainError
from participants.models import Person
from programmes.actions.history import record
from programmes.actions.invitations import send_invitation
from programmes.models import Cohort, Role


@transaction.atomic
def open_enrolment(*, cohort: Cohort, by: Person, at: datetime | None = None) -> bool:
    """People can enrol from today on; those who are on the list of invitations are told."""
    at = at or timezone.now()
    today = cohort.today(at)
    if today > cohort.last_day_to_enrol:
        raise DomainError(
            _("The last day to enrol lies in the past. Set a later one first."),
            field="enrolment_closes_on",
        )
    opens_on = min(cohort.enrolment_opens_on, today)
    if not cohort.move_to(Cohort.State.ENROLLING, enrolment_opens_on=opens_on):
        return False
    waiting = cohort.invitations.filter(declined_at=None)
    waiting.update(created_at=at)
    for invitation in waiting.select_related("person"):
        send_invitation(invitation, cohort, at)
    record(cohort, by, gettext_noop("Enrolment opened."), at)
    return True


@transaction.atomic
def begin_matching(*, cohort: Cohort, by: Person, at: datetime | None = None) -> bool:
    """Enrolment ends, whatever the calendar says. Needs somebody accepted in either role."""
    if cohort.is_informal:
        raise DomainError(_("In an informal programme people find each other. Start the cohort instead."))
    if cohort.state == Cohort.State.ENROLLING:
        accepted = set(cohort.enrolments.accepted().values_list("role", flat=True))
        if missing := [role for role in Role if role not in accepted]:
            raise DomainError(
                _("Nobody is accepted as %(role)s yet, so there is nothing to match.")
                % {"role": missing[0].label}
            )
    return step(cohort, Cohort.State.MATCHING, by, gettext_noop("Matching began."), at)


@transaction.atomic
def start(*, cohort: Cohort, by: Person, at: datetime | None = None) -> bool:
    """What was matched begins its course; an informal cohort opens its directory and stays open."""
    if cohort.state == Cohort.State.ENROLLING and not cohort.is_informal:
        raise DomainError(_("A cohort starts once it was matched. Begin its matching first."))
    return step(cohort, Cohort.State.RUNNING, by, gettext_noop("The cohort started."), at)


@transaction.atomic
def close(*, cohort: Cohort, by: Person, at: datetime | None = None) -> bool:
    return step(cohort, Cohort.State.CLOSED, by, gettext_noop("The cohort was closed."), at)


def step(cohort: Cohort, to: str, by: Person, message: str, at: datetime | None) -> bool:
    if not cohort.move_to(to):
        return False
    record(cohort, by, message, at)
    return True
