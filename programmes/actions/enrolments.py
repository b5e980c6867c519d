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
from programmes.models import Avoidance, Cohort, Enrolment, Role, Wish

State = Enrolment.State


@transaction.atomic
def enrol(
    *,
    cohort: Cohort,
    person: Person,
    role: str,
    capacity: int = 1,
    meets_remotely: bool = True,
    meets_on_site: bool = True,
    weekly_hours: Iterable[int] = (),
    hopes: str = "",
    wishes: Iterable[Person] = (),
    avoidances: Iterable[Person] = (),
    at: datetime | None = None,
) -> Enrolment:
    """Accepted at once while places last, else on the waiting list; where the programme asks the line
    manager, it waits for a decision. `wishes` come dearest first."""
    at = at or timezone.now()
    # One after the other, so that the last place is given once.
    cohort = Cohort.objects.select_for_update(of=["self"]).select_related("programme").get(pk=cohort.pk)
    refuse(cohort, person, at=at)
    if role not in cohort.roles_for(person):
        raise DomainError(
            _("In this programme the role “%(role)s” is meant for others.") % {"role": Role(role).label},
            field="role",
        )
    enrolment = Enrolment.objects.create(
        cohort=cohort,
        person=person,
        role=role,
        capacity=capacity,
        meets_remotely=meets_remotely,
        meets_on_site=meets_on_site,
        weekly_hours=sorted(set(weekly_hours)),
        hopes=hopes,
        applied_at=at,
    )
    avoided = {other.pk for other in avoidances} - {person.pk}
    wished = dict.fromkeys(other.pk for other in wishes if other.pk not in avoided | {person.pk})
    Wish.objects.bulk_create(
        Wish(enrolment=enrolment, person_id=pk, rank=rank) for rank, pk in enumerate(wished, start=1)
    )
    Avoidance.objects.bulk_create(Avoidance(enrolment=enrolment, person_id=pk) for pk in avoided)
    cohort.invitations.filter(person=person).update(declined_at=None)
    if cohort.programme.asks_line_manager:
        tell(enrolment, "enrolment-received", at)
    elif cohort.has_place(role):
        accept(enrolment=enrolment, at=at)
    else:
        enrolment.move_to(State.WAITLISTED, decided_at=at)
        tell(enrolment, "enrolment-received", at)
    return enrolment


def refuse(cohort: Cohort, person: Person, *, at: datetime) -> None:
    """Say why `person` cannot enrol, if they cannot."""
    if earlier := cohort.enrolments.filter(person=person).first():
        if earlier.state == State.WITHDRAWN:
            raise DomainError(
                _("You withdrew from this cohort. Write to its coordinator if you would like to come back.")
            )
        raise DomainError(_("You are enrolled in this cohort already."))
    if not cohort.is_open(at):
        if cohort.state == Cohort.State.ENROLLING and cohort.today(at) < cohort.enrolment_opens_on:
            raise DomainError(_("Enrolment has not begun yet."))
        raise DomainError(_("Enrolment in this cohort is over."))


@transaction.atomic
def accept(*, enrolment: Enrolment, by: Person | None = None, at: datetime | None = None) -> bool:
    return decide(enrolment, State.ACCEPTED, by, gettext_noop("Accepted."), at)


@transaction.atomic
def decline(*, enrolment: Enrolment, by: Person, at: datetime | None = None) -> bool:
    return decide(enrolment, State.DECLINED, by, gettext_noop("Declined."), at)


def decide(enrolment: Enrolment, to: str, by: Person | None, message: str, at: datetime | None) -> bool:
    at = at or timezone.now()
    if not enrolment.move_to(to, decided_at=at):
        return False
    tell(enrolment, "enrolment-decided", at)
    record(enrolment, by, message, at)
    return True


@transaction.atomic
def withdraw(*, enrolment: Enrolment, by: Person, at: datetime | None = None) -> bool:
    """Leave the cohort, without a reason. Whoever has waited longest for the same role moves up.

    Raises DomainError while the person is in a mentorship: that is ended on its own page, where the other
    side is told.
    """
    at = at or timezone.now()
    if enrolment.memberships.filter(
        mentorship__state__in=("offered", "confirmed", "active", "paused")
    ).exists():
        raise DomainError(_("There is a mentorship in this cohort. End it on its page first."))
    freed_place = enrolment.state == State.ACCEPTED
    if not enrolment.move_to(State.WITHDRAWN, decided_at=at):
        return False
    if by.pk != enrolment.person_id:
        record(enrolment, by, gettext_noop("Withdrawn."), at)
    if freed_place:
        move_up(enrolment.cohort, enrolment.role, at)
    return True


def move_up(cohort: Cohort, role: str, at: datetime) -> None:
    cohort = Cohort.objects.select_for_update().get(pk=cohort.pk)
    if not (cohort.takes_enrolments or cohort.state == Cohort.State.MATCHING) or not cohort.has_place(role):
        return
    next_one = (
        cohort.enrolments.filter(role=role, state=State.WAITLISTED, person__is_active=True)
        .order_by("applied_at", "pk")
        .first()
    )
    if next_one:
        accept(enrolment=next_one, at=at)


def tell(enrolment: Enrolment, kind: str, at: datetime) -> None:
    post(
        kind,
        to=enrolment.person,
        key=f"{kind}:{enrolment.pk}:{enrolment.state}",
        context={"enrolment": enrolment, "cohort": enrolment.cohort, "role": Role(enrolment.role)},
        url=enrolment.cohort.get_absolute_url(),
        at=at,
    )
