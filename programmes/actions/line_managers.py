"""Asking a line manager for the time an enrolment takes, where the programme wants it."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.errors import DomainError
from notices.outbox import post
from participants.models import Person
from programmes.actions.decisions import admit, hold
from programmes.models import Enrolment, TimeRequest

Answer = TimeRequest.Answer


@transaction.atomic
def ask_line_manager(*, enrolment: Enrolment, at: datetime) -> TimeRequest | None:
    """Ask, once per manager. Without a manager who can answer, the coordinator decides alone: None."""
    manager = enrolment.person.manager
    if manager is None or not manager.is_active:
        return None
    request, created = TimeRequest.objects.get_or_create(
        enrolment=enrolment, manager=manager, defaults={"capacity": enrolment.capacity, "asked_at": at}
    )
    if not created and not request.answer and request.capacity != enrolment.capacity:
        request.capacity = enrolment.capacity
        request.save(update_fields=["capacity"])
    send_request(request, "line-manager-asked", at)
    return request


def send_request(request: TimeRequest, kind: str, at: datetime) -> None:
    post(
        kind,
        to=request.manager,
        key=f"{kind}:{request.pk}",
        context=request_context(request),
        url=request.get_absolute_url(),
        at=at,
    )


def request_context(request: TimeRequest) -> dict[str, object]:
    """What a line manager is told: who, which programme, how much time. Nothing the person wrote."""
    cohort = request.enrolment.cohort
    return {"request": request, "person": request.enrolment.person, "cohort": cohort}


@transaction.atomic
def answer_time(*, request: TimeRequest, by: Person, answer: str, at: datetime | None = None) -> bool:
    """The manager's word, which they can change while the enrolment waits.

    A yes lets the enrolment in, or onto the waiting list. A no leaves it to the coordinator and tells the
    person that they can talk with their manager. Returns False where the same was answered already.
    """
    at = at or timezone.now()
    if by.pk != request.manager_id:
        raise DomainError(_("Only the line manager answers this."))
    hold(request.enrolment.cohort)
    request = (
        TimeRequest.objects.select_for_update(of=["self"])
        .select_related("enrolment__cohort__programme", "enrolment__person", "manager")
        .get(pk=request.pk)
    )
    enrolment = request.enrolment
    if request.answer == answer:
        return False
    if enrolment.state != Enrolment.State.APPLIED or not enrolment.cohort.takes_enrolments:
        raise DomainError(
            _(
                "This has been settled in the meantime, so your answer would change nothing. Talk to %(name)s"
                " or to the coordinator."
            )
            % {"name": enrolment.person.first_name}
        )
    request.answer, request.answered_at = answer, at
    request.save(update_fields=["answer", "answered_at"])
    if answer == Answer.YES:
        admit(enrolment, at)
    if enrolment.state != Enrolment.State.ACCEPTED:  # of that they are told anyway
        post(
            "line-manager-answered",
            to=enrolment.person,
            key=f"line-manager-answered:{request.pk}:{at:%Y%m%d%H%M%S%f}",
            context={**request_context(request), "enrolment": enrolment},
            url=enrolment.cohort.get_absolute_url(),
            at=at,
        )
    return True
