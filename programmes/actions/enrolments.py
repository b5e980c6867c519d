"""From the first step of a draft to sending it, and back out again."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from domain.errors import DomainError
from participants.models import Person
from programmes.actions.decisions import admit, fill_places, hold, tell
from programmes.actions.history import record
from programmes.actions.line_managers import ask_line_manager
from programmes.models import Avoidance, Cohort, Enrolment, Role, Wish

State = Enrolment.State
MOST_WISHES, MOST_AVOIDANCES = 3, 10


# --- Filling it in -----------------------------------------------------------------------


@transaction.atomic
def begin(*, cohort: Cohort, person: Person, role: str, at: datetime | None = None) -> Enrolment:
    """The draft of `person`, in `role`: a new one, or the one they left.

    Who withdrew comes back to what they had told. Raises DomainError for whoever cannot enrol.
    """
    at = at or timezone.now()
    cohort = hold(cohort)
    refuse(cohort, person, at=at)
    refuse_role(cohort, person, role)
    enrolment, _is_new = Enrolment.objects.get_or_create(
        cohort=cohort,
        person=person,
        defaults={"role": role, "state": State.DRAFT, "applied_at": at, "saved_at": at},
    )
    if enrolment.state == State.WITHDRAWN:
        enrolment.move_to(State.DRAFT, role=role, saved_at=at, may_return=False)
    elif enrolment.role != role:
        enrolment.role = role
        enrolment.save(update_fields=["role"])
    cohort.invitations.filter(person=person).update(declined_at=None)
    return enrolment


@transaction.atomic
def keep(*, enrolment: Enrolment, step: str = "", at: datetime | None = None, **told: Any) -> None:
    """Store what a step of the form told. `step` is where a draft goes on when it is resumed."""
    at = at or timezone.now()
    refuse_if_settled(enrolment)
    if "weekly_hours" in told:
        told["weekly_hours"] = sorted(set(told["weekly_hours"]))
    if "capacity" in told:
        refuse_more_time(enrolment, told["capacity"])
    if step and enrolment.is_draft:
        told["step"] = step
    told["saved_at"] = at
    for name, value in told.items():
        setattr(enrolment, name, value)
    enrolment.save(update_fields=list(told))


@transaction.atomic
def wish_for(*, enrolment: Enrolment, people: Iterable[Person]) -> None:
    """Whom they would like, dearest first, instead of whom they named before."""
    refuse_if_settled(enrolment)
    chosen = list(dict.fromkeys(person.pk for person in people))
    if len(chosen) > MOST_WISHES:
        raise DomainError(_("Name at most %d people.") % MOST_WISHES)
    refuse_in_both(enrolment, chosen, enrolment.avoidances.values_list("person", flat=True))
    store_wishes(enrolment, chosen)


@transaction.atomic
def rank_wishes(*, enrolment: Enrolment, first: Sequence[Person], instead_of: Sequence[Person]) -> None:
    """Put these people first among those the person would like, in this order, until the cohort is matched.
    Whom they named before follows, but for those in `instead_of`; three in all."""
    enrolment = Enrolment.objects.select_for_update().get(pk=enrolment.pk)
    if enrolment.cohort.state not in (Cohort.State.ENROLLING, Cohort.State.MATCHING):
        raise DomainError(_("The matching is over; wishes play no part any more."))
    before = list(enrolment.wishes.order_by("rank").values_list("person", flat=True))
    gone = {*enrolment.avoidances.values_list("person", flat=True), *(person.pk for person in instead_of)}
    wanted = [pk for pk in dict.fromkeys([*(person.pk for person in first), *before]) if pk not in gone]
    store_wishes(enrolment, wanted[:MOST_WISHES])


def store_wishes(enrolment: Enrolment, people: Iterable[int]) -> None:
    enrolment.wishes.all().delete()
    Wish.objects.bulk_create(
        Wish(enrolment=enrolment, person_id=pk, rank=rank) for rank, pk in enumerate(people, start=1)
    )


@transaction.atomic
def avoid(*, enrolment: Enrolment, people: Iterable[Person]) -> None:
    refuse_if_settled(enrolment)
    chosen = list(dict.fromkeys(person.pk for person in people))
    if len(chosen) > MOST_AVOIDANCES:
        raise DomainError(_("Name at most %d people.") % MOST_AVOIDANCES)
    refuse_in_both(enrolment, chosen, enrolment.wishes.values_list("person", flat=True))
    enrolment.avoidances.all().delete()
    Avoidance.objects.bulk_create(Avoidance(enrolment=enrolment, person_id=pk) for pk in chosen)


def refuse_in_both(enrolment: Enrolment, chosen: Iterable[int], other: Iterable[int]) -> None:
    # Held until the end, so that two windows at once cannot put one person into both lists.
    Enrolment.objects.select_for_update().get(pk=enrolment.pk)
    if enrolment.person_id in chosen:
        raise DomainError(_("That is you. Name somebody else."))
    if set(chosen) & set(other):
        raise DomainError(_("You named somebody in both lists. Keep them in one."))


@transaction.atomic
def discard(*, enrolment: Enrolment, at: datetime | None = None) -> None:
    """Throw a draft away. Who had taken part before is withdrawn again."""
    enrolment.refresh_from_db()
    if not enrolment.is_draft:
        raise DomainError(_("Your enrolment was sent already. To step back, withdraw it."))
    if enrolment.decided_at is None:
        enrolment.delete()
    else:
        enrolment.move_to(State.WITHDRAWN, may_return=True)


# --- Sending it --------------------------------------------------------------------------


@transaction.atomic
def submit(*, enrolment: Enrolment, at: datetime | None = None) -> bool:
    """Send a draft, once: accepted at once while places last, else on the waiting list; where the programme
    asks the line manager, it waits for their answer."""
    at = at or timezone.now()
    cohort = hold(enrolment.cohort)
    enrolment.refresh_from_db(fields=["state", "role"])
    if not enrolment.is_draft:
        return False
    refuse(cohort, enrolment.person, at=at)
    refuse_role(cohort, enrolment.person, enrolment.role)
    if not enrolment.move_to(State.APPLIED, applied_at=at, decided_at=None):
        return False
    cohort.invitations.filter(person=enrolment.person_id).update(declined_at=None)
    if not cohort.programme.asks_line_manager:
        admit(enrolment, at)
    elif enrolment.time_requests.filter(answer="yes", manager=enrolment.person.manager_id).exists():
        admit(enrolment, at)  # they came back; their manager had said yes
    else:
        ask_line_manager(enrolment=enrolment, at=at)
    if enrolment.state != State.ACCEPTED:
        tell(enrolment, "enrolment-received", at)
    return True


@transaction.atomic
def enrol(
    *,
    cohort: Cohort,
    person: Person,
    role: str,
    wishes: Iterable[Person] = (),
    avoidances: Iterable[Person] = (),
    at: datetime | None = None,
    **told: Any,
) -> Enrolment:
    """Fill in and send in one go. `wishes` come dearest first; `told` are fields of the enrolment."""
    if cohort.enrolments.sent().exclude(state=State.WITHDRAWN).filter(person=person).exists():
        raise DomainError(_("You are enrolled in this cohort already."))
    enrolment = begin(cohort=cohort, person=person, role=role, at=at)
    keep(enrolment=enrolment, at=at, **told)
    avoided = [other for other in avoidances if other != person]
    avoid(enrolment=enrolment, people=avoided)
    wished = [other for other in wishes if other != person and other not in avoided]
    wish_for(enrolment=enrolment, people=wished)
    submit(enrolment=enrolment, at=at)
    return enrolment


def refuse(cohort: Cohort, person: Person, *, at: datetime) -> None:
    """Say why `person` cannot enrol, if they cannot, and what they can do instead."""
    if earlier := cohort.enrolments.sent().filter(person=person).first():
        if earlier.state == State.DECLINED or (earlier.state == State.WITHDRAWN and not earlier.may_return):
            raise DomainError(
                _("Your enrolment in this cohort was decided on. Its coordinator can tell you more.")
            )
        if earlier.state != State.WITHDRAWN:
            raise DomainError(_("You are enrolled in this cohort already."))
    if cohort.is_open(at):
        return
    if cohort.state == Cohort.State.DRAFT or cohort.today(at) < cohort.enrolment_opens_on:
        raise DomainError(
            _("Enrolment has not begun yet. It opens on %(day)s.")
            % {"day": date_format(cohort.enrolment_opens_on)}
        )
    if cohort.today(at) > cohort.last_day_to_enrol:
        raise DomainError(
            _("Enrolment in this cohort is over: it ended with %(day)s, in the time of %(zone)s.")
            % {"day": date_format(cohort.last_day_to_enrol), "zone": city(cohort.time_zone)}
        )
    raise DomainError(_("Enrolment in this cohort is over: people are being matched already."))


def city(time_zone: str) -> str:
    return time_zone.rpartition("/")[2].replace("_", " ")


def refuse_role(cohort: Cohort, person: Person, role: str) -> None:
    roles = cohort.roles_for(person)
    if role in roles:
        return
    message = _("In this programme the role “%(role)s” is meant for others.") % {"role": Role(role).label}
    if roles:
        message += " " + _("You could take part as %(role)s.") % {"role": roles[0].label}
    raise DomainError(message, field="role")


def refuse_if_settled(enrolment: Enrolment) -> None:
    if not enrolment.is_editable:
        raise DomainError(
            _("This can no longer be changed: matching has started, or your enrolment is over.")
        )


def refuse_more_time(enrolment: Enrolment, capacity: int) -> None:
    """The line manager said yes to a time; more of it would have to be asked for anew."""
    granted = enrolment.time_requests.exclude(answer="no").values_list("capacity", flat=True).first()
    if enrolment.is_draft or granted is None or capacity <= granted:
        return
    raise DomainError(
        _(
            "Your line manager was asked for the time of fewer mentorships. To have more, talk to them and to"
            " the coordinator."
        ),
        field="capacity",
    )


# --- Leaving ------------------------------------------------------------------------------


@transaction.atomic
def withdraw(*, enrolment: Enrolment, by: Person, at: datetime | None = None) -> bool:
    """Leave the cohort, without a reason. Whoever has waited longest for the same role moves up.

    Who withdraws themselves may come back while enrolment is open. Raises DomainError while the person is in
    a mentorship: that is ended on its own page, where the other side is told.
    """
    at = at or timezone.now()
    cohort = hold(enrolment.cohort)
    enrolment.refresh_from_db(fields=["state"])
    if enrolment.memberships.filter(
        mentorship__state__in=("offered", "confirmed", "active", "paused")
    ).exists():
        raise DomainError(_("There is a mentorship in this cohort. End it on its page first."))
    themselves = by.pk == enrolment.person_id
    may_return = themselves and enrolment.state != State.DECLINED
    if not enrolment.move_to(State.WITHDRAWN, decided_at=at, may_return=may_return):
        return False
    if not themselves:
        record(enrolment, by, gettext_noop("Withdrawn."), at)
    fill_places(cohort, enrolment.role, at)
    return True
