"""Places and who gets them: accepted, waiting, moved up, declined.

Whatever gives or frees a place holds the cohort's row first, so that of two people at once each gets what
is theirs.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from domain.errors import DomainError
from notices.outbox import post
from participants.models import Person
from programmes.actions.history import record
from programmes.models import Cohort, Enrolment, Role

State = Enrolment.State


def hold(cohort: Cohort) -> Cohort:
    """The cohort as it stands, held until the act is done: places are given one after the other."""
    held = Cohort.objects.select_for_update(of=["self"], no_key=True)
    return held.select_related("programme").get(pk=cohort.pk)


def admit(enrolment: Enrolment, at: datetime) -> None:
    """Accepted while places last, behind those who wait; else on the waiting list. Holds the cohort."""
    cohort = hold(enrolment.cohort)
    fill_places(cohort, enrolment.role, at)
    if cohort.has_place(enrolment.role):
        accept(enrolment=enrolment, at=at)
    else:
        enrolment.move_to(State.WAITLISTED, decided_at=at)


def fill_places(cohort: Cohort, role: str, at: datetime) -> int:
    """Whoever has waited longest moves up, one for each free place. Needs the cohort held."""
    if not (cohort.takes_enrolments or cohort.state == Cohort.State.MATCHING):
        return 0
    moved = 0
    waiting = cohort.enrolments.filter(role=role, state=State.WAITLISTED, person__is_active=True)
    while cohort.has_place(role):
        next_one = waiting.select_related("person", "cohort__programme").order_by("applied_at", "pk").first()
        if next_one is None:
            break
        moved += decide(next_one, State.ACCEPTED, None, "", at, moved_up=True)
    return moved


@transaction.atomic
def move_up(*, cohort: Cohort, at: datetime | None = None) -> int:
    """Give the free places of a cohort to those who wait: after a withdrawal, when places were added, or
    when somebody left the company. Returns how many moved up."""
    at, cohort = at or timezone.now(), hold(cohort)
    return sum(fill_places(cohort, role, at) for role in Role.values)


# --- Decisions ---------------------------------------------------------------------------


@transaction.atomic
def accept(
    *, enrolment: Enrolment, by: Person | None = None, reason: str = "", at: datetime | None = None
) -> bool:
    """Where the line manager is asked and has not said yes, staff need a `reason`; it stands in the
    history."""
    message = gettext_noop("Accepted.")
    if by is not None and enrolment.state == State.APPLIED and lacks_yes(enrolment):
        if not reason.strip():
            raise DomainError(
                _("The line manager has not said yes. Say in a sentence why you accept without it."),
                field="reason",
            )
        message = gettext_noop("Accepted without the line manager's yes: %(reason)s")
        return decide(enrolment, State.ACCEPTED, by, message, at, reason=reason.strip())
    return decide(enrolment, State.ACCEPTED, by, message, at)


def lacks_yes(enrolment: Enrolment) -> bool:
    return (
        enrolment.cohort.programme.asks_line_manager
        and not enrolment.time_requests.filter(answer="yes").exists()
    )


@transaction.atomic
def decline(*, enrolment: Enrolment, by: Person, at: datetime | None = None) -> bool:
    return decide(enrolment, State.DECLINED, by, gettext_noop("Declined."), at)


def decide(
    enrolment: Enrolment,
    to: str,
    by: Person | None,
    message: str,
    at: datetime | None,
    *,
    moved_up: bool = False,
    **figures: Any,
) -> bool:
    at = at or timezone.now()
    if not enrolment.move_to(to, decided_at=at):
        return False
    tell(enrolment, "enrolment-decided", at, moved_up=moved_up)
    record(enrolment, by, message, at, **figures)
    return True


def tell(enrolment: Enrolment, kind: str, at: datetime, *, moved_up: bool = False) -> None:
    post(
        kind,
        to=enrolment.person,
        # Who withdrew and came back is told anew.
        key=f"{kind}:{enrolment.pk}:{enrolment.state}:{enrolment.applied_at:%Y%m%d%H%M%S%f}",
        context={
            "enrolment": enrolment,
            "cohort": enrolment.cohort,
            "role": Role(enrolment.role),
            "moved_up": moved_up,
            "manager": asked_manager(enrolment),
        },
        url=enrolment.cohort.get_absolute_url(),
        at=at,
    )


def asked_manager(enrolment: Enrolment) -> Person | None:
    """The line manager whose answer the enrolment waits for."""
    if enrolment.state != State.APPLIED:
        return None
    asked = enrolment.time_requests.filter(answer="").select_related("manager").first()
    return asked.manager if asked else None
