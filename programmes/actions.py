"""The verbs of a cohort's life: inviting, enrolling, deciding, and the steps from draft to closed."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from domain.errors import DomainError
from notices.outbox import post
from participants.models import Person
from programmes.models import (
    Avoidance,
    BriefingPage,
    Cohort,
    Eligibility,
    Enrolment,
    GroundRule,
    Invitation,
    Objective,
    Programme,
    Role,
    Wish,
)
from programmes.presets import preset as load_preset

State = Enrolment.State


# --- Programmes ------------------------------------------------------------------------


@transaction.atomic
def create_from_preset(
    *, preset: str, by: Person, name: str = "", name_de: str = "", at: datetime | None = None
) -> Programme:
    """A programme with everything the preset brings, in both languages. `name` stands for both languages
    unless `name_de` is given."""
    content = load_preset(preset).content
    names = {"en": name or content["name"]["en"], "de": name_de or name or content["name"]["de"]}
    if Programme.objects.filter(name_en=names["en"]).exists():
        raise DomainError(_("There is a programme of this name already."), field="name")
    programme = Programme.objects.create(
        form=preset,
        created_at=at or timezone.now(),
        **both("name", names),
        **both("summary", content["summary"]),
    )
    for role in Role.values:
        Eligibility.objects.create(programme=programme, role=role)
    for position, item in enumerate(content["objectives"]):
        Objective.objects.create(
            programme=programme,
            measure=item["measure"],
            dimension=item.get("dimension", ""),
            baseline=item.get("baseline"),
            target=item["target"],
            position=position,
            **both("statement", item["statement"]),
            **both("question", item.get("question", {"en": "", "de": ""})),
        )
    for position, item in enumerate(content["ground_rules"]):
        GroundRule.objects.create(
            programme=programme,
            kind=item["kind"],
            is_mandatory=item.get("mandatory", False),
            position=position,
            **both("text", item["text"]),
        )
    for position, item in enumerate(content["briefing"]):
        BriefingPage.objects.create(
            programme=programme,
            role=item["role"],
            position=position,
            **both("title", item["title"]),
            **both("text", item["text"]),
            **both("question", item["question"]),
        )
    record(programme, by, gettext_noop("Created from a preset."), at, flag=ADDITION)
    return programme


def both(field: str, text: dict[str, str]) -> dict[str, str]:
    return {f"{field}_{language}": text[language].strip() for language in ("en", "de")}


# --- A cohort's steps --------------------------------------------------------------------


@transaction.atomic
def open_enrolment(*, cohort: Cohort, by: Person, at: datetime | None = None) -> bool:
    """People can enrol from today on; those who are on the list of invitations are told."""
    at = at or timezone.now()
    today = cohort.today(at)
    if today > cohort.enrolment_closes_on:
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
    return step(cohort, Cohort.State.RUNNING, by, gettext_noop("The cohort started."), at)


@transaction.atomic
def close(*, cohort: Cohort, by: Person, at: datetime | None = None) -> bool:
    return step(cohort, Cohort.State.CLOSED, by, gettext_noop("The cohort was closed."), at)


def step(cohort: Cohort, to: str, by: Person, message: str, at: datetime | None) -> bool:
    if not cohort.move_to(to):
        return False
    record(cohort, by, message, at)
    return True


def record(
    obj: models.Model, by: Person | None, message: str, at: datetime | None, flag: int = CHANGE
) -> None:
    """A line in the history the admin site shows beside the object, where somebody of the staff acted."""
    if by is not None:
        LogEntry.objects.create(
            user=by,
            content_type=ContentType.objects.get_for_model(obj),
            object_id=str(obj.pk),
            object_repr=str(obj)[:200],
            action_flag=flag,
            change_message=message,
            action_time=at or timezone.now(),
        )


# --- Invitations -------------------------------------------------------------------------


@transaction.atomic
def invite(
    *, cohort: Cohort, people: Iterable[Person], role: str, by: Person, at: datetime | None = None
) -> list[Invitation]:
    """Ask people to take part, each once. While the cohort is a draft they stand on its list and are told
    when enrolment opens. Returns the new invitations; who was asked or is enrolled already is passed over."""
    at = at or timezone.now()
    if cohort.state not in (Cohort.State.DRAFT, Cohort.State.ENROLLING):
        raise DomainError(_("Enrolment in this cohort is over; nobody can be invited any more."))
    known = {
        *cohort.invitations.values_list("person", flat=True),
        *cohort.enrolments.values_list("person", flat=True),
    }
    fresh = {person.pk: person for person in people if person.pk not in known and person.is_active}
    invitations = Invitation.objects.bulk_create(
        [Invitation(cohort=cohort, person=person, role=role, created_at=at) for person in fresh.values()]
    )
    if cohort.state == Cohort.State.ENROLLING:
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


# --- Enrolments --------------------------------------------------------------------------


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
    if cohort.state not in (Cohort.State.ENROLLING, Cohort.State.MATCHING) or not cohort.has_place(role):
        return
    next_one = (
        cohort.enrolments.filter(role=role, state=State.WAITLISTED, person__is_active=True)
        .order_by("applied_at", "pk")
        .first()
    )
    if next_one:
        accept(enrolment=next_one, at=at)


def complete_briefing(*, enrolment: Enrolment, at: datetime | None = None) -> bool:
    at = at or timezone.now()
    done = Enrolment.objects.filter(pk=enrolment.pk, briefed_at=None).update(briefed_at=at)
    if done:
        enrolment.briefed_at = at
    return bool(done)


def tell(enrolment: Enrolment, kind: str, at: datetime) -> None:
    post(
        kind,
        to=enrolment.person,
        key=f"{kind}:{enrolment.pk}:{enrolment.state}",
        context={"enrolment": enrolment, "cohort": enrolment.cohort, "role": Role(enrolment.role)},
        url=enrolment.cohort.get_absolute_url(),
        at=at,
    )
