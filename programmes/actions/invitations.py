from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from domain.errors import DomainError
from notices.outbox import post
from participants.models import Person
from programmes.actions.history import record
from programmes.models import Cohort, Invitation, Role


@transaction.atomic
def invite(
    *, cohort: Cohort, people: Iterable[Person], role: str, by: Person, at: datetime | None = None
) -> list[Invitation]:
    """Ask people to take part, each once. While the cohort is a draft they stand on its list and are told
    when enrolment opens. Returns the new invitations; who was asked or is enrolled already is passed over."""
    at = at or timezone.now()
    if cohort.state != Cohort.State.DRAFT and not cohort.takes_enrolments:
        raise DomainError(_("Enrolment in this cohort is over; nobody can be invited any more."))
    known = {
        *cohort.invitations.values_list("person", flat=True),
        *cohort.enrolments.values_list("person", flat=True),
    }
    fresh = {person.pk: person for person in people if person.pk not in known and person.is_active}
    invitations = Invitation.objects.bulk_create(
        [Invitation(cohort=cohort, person=person, role=role, created_at=at) for person in fresh.values()]
    )
    if cohort.takes_enrolments:
        for invitation in invitations:
            send_invitation(invitation, cohort, at)
    if invitations:
        record(cohort, by, gettext_noop("People were invited."), at)
    return invitations


def send_invitation(invitation: Invitation, cohort: Cohort, at: datetime) -> None:
    post(
        "invitation",
        to=invitation.person,
        key=f"invitation:{invitation.pk}",
        context={"cohort": cohort, "role": Role(invitation.role)},
        url=cohort.get_absolute_url(),
        at=at,
    )


@transaction.atomic
def decline_invitation(*, invitation: Invitation, at: datetime | None = None) -> None:
    """No reason is asked for. They can still enrol while enrolment is open."""
    if invitation.cohort.enrolments.filter(person=invitation.person).exists():
        raise DomainError(_("You are enrolled already. To step back, withdraw your enrolment."))
    Invitation.objects.filter(pk=invitation.pk, declined_at=None).update(declined_at=at or timezone.now())
