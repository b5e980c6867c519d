"""Asking people: by rule, by list, by an open link; each once, and never again after a no."""

from collections.abc import Iterable
from datetime import date, datetime

from django.contrib.admin.models import ADDITION, DELETION
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from domain.errors import DomainError
from notices.outbox import post
from participants.models import Person
from programmes.actions.enrolments import discard
from programmes.actions.history import record
from programmes.models import (
    Cohort,
    Eligibility,
    Enrolment,
    Invitation,
    InvitationLink,
    InvitationRound,
    Role,
)
from programmes.models.cohort import taking_enrolments
from programmes.models.invitation import InvitationQuerySet

BATCH = 200
"""So many people are invited or told in one transaction; more than that is a worker's job."""


def invitable(cohort: Cohort, role: str) -> QuerySet[Person]:
    """Whom the rule of the role admits and who was neither asked for this cohort, nor is enrolled in it, nor
    said no in this programme before. Nobody, where the role has no rule."""
    rule = cohort.programme.eligibility.filter(role=role).first()
    return uninvited(cohort, rule.people() if rule else Person.objects.none())


def uninvited(cohort: Cohort, people: QuerySet[Person]) -> QuerySet[Person]:
    refused = Invitation.objects.refused_in(cohort.programme_id)
    return (
        people.filter(is_active=True)
        .exclude(pk__in=cohort.invitations.values("person"))
        .exclude(pk__in=cohort.enrolments.values("person"))
        .exclude(pk__in=refused.values("person"))
    )


@transaction.atomic
def invite(
    *, cohort: Cohort, people: Iterable[Person], role: str, by: Person, at: datetime | None = None
) -> list[Invitation]:
    """Ask people to take part, each once. While the cohort is a draft they stand on its list and are told
    when enrolment opens. Returns the new invitations; who was asked, is enrolled already, or said no to this
    programme before is passed over."""
    at = at or timezone.now()
    refuse_to_invite(cohort)
    invitations = put_on_list(cohort, {person.pk for person in people}, role, at)
    if cohort.takes_enrolments:
        tell(cohort, invitations, at)
    if invitations:
        record_invited(cohort, by, len(invitations), at)
    return invitations


def refuse_to_invite(cohort: Cohort) -> None:
    if cohort.state != Cohort.State.DRAFT and not cohort.takes_enrolments:
        raise DomainError(_("Enrolment in this cohort is over; nobody can be invited any more."))


def put_on_list(cohort: Cohort, people: Iterable[int], role: str, at: datetime) -> list[Invitation]:
    """The new invitations. Two at once never make two of one: the unique constraint decides."""
    fresh = uninvited(cohort, Person.objects.filter(pk__in=list(people))).values_list("pk", flat=True)
    keys = list(fresh)
    Invitation.objects.bulk_create(
        [Invitation(cohort=cohort, person_id=key, role=role, created_at=at) for key in keys],
        ignore_conflicts=True,
    )
    made = cohort.invitations.filter(person__in=keys, created_at=at, role=role)
    return list(made.select_related("person"))


def tell(cohort: Cohort, invitations: Iterable[Invitation], at: datetime) -> int:
    """Tell those who were not told. Each is claimed first, so that of two workers one tells."""
    told = 0
    for invitation in invitations:
        claimed = Invitation.objects.filter(pk=invitation.pk).untold().update(told_at=at)
        if claimed and invitation.person.is_active:
            invitation.told_at = at
            send_invitation(invitation, cohort, at)
            told += 1
    return told


def send_invitation(invitation: Invitation, cohort: Cohort, at: datetime) -> None:
    post(
        "invitation",
        to=invitation.person,
        key=f"invitation:{invitation.pk}",
        context={"cohort": cohort, "role": Role(invitation.role)},
        url=cohort.get_absolute_url(),
        at=at,
    )


def record_invited(cohort: Cohort, by: Person | None, count: int, at: datetime) -> None:
    record(cohort, by, gettext_noop("People invited: %(count)d."), at, count=count)


# --- Many at once ---


@transaction.atomic
def begin_round(
    *,
    cohort: Cohort,
    whom: str,
    by: Person | None,
    role: str = "",
    people: Iterable[Person] = (),
    at: datetime | None = None,
) -> InvitationRound:
    """Hand inviting to a worker. One round at a time per cohort: a second click leads to the first."""
    at = at or timezone.now()
    cohort = Cohort.objects.select_for_update(of=["self"]).select_related("programme").get(pk=cohort.pk)
    refuse_to_invite(cohort)
    running = cohort.invitation_rounds.filter(state=InvitationRound.State.RUNNING).first()
    if running:
        return running
    started = InvitationRound.objects.create(
        cohort=cohort,
        whom=whom,
        role=role,
        people=[person.pk for person in people],
        requested_by=by,
        requested_at=at,
    )
    started.enqueue(at=at)
    return started


def execute_round(round: InvitationRound, *, at: datetime | None = None) -> None:
    """In batches that each commit: first onto the list, then, while people can enrol, telling them.

    Whoever a batch has put on the list or told is passed over when it is done again after an interruption.
    """
    at = at or timezone.now()
    cohort = Cohort.objects.select_related("programme").get(pk=round.cohort_id)
    refuse_to_invite(cohort)
    waiting = list(wanted(round, cohort))
    whole = len(waiting) * 2 if cohort.takes_enrolments else len(waiting)
    for start in range(0, len(waiting), BATCH):
        round.report(start, whole)
        with transaction.atomic():
            made = put_on_list(cohort, waiting[start : start + BATCH], round.role, at)
            round.listed += len(made)
            round.save(update_fields=["listed"])
    cohort.refresh_from_db(fields=["state"])
    if cohort.takes_enrolments:
        tell_the_list(round, cohort, len(waiting), at)
    with transaction.atomic():
        if round.move_to(InvitationRound.State.FINISHED, finished_at=at) and round.listed:
            record_invited(cohort, round.requested_by, round.listed, at)


def wanted(round: InvitationRound, cohort: Cohort) -> QuerySet[Person, int]:
    people = Person.objects.none()
    if round.whom == InvitationRound.Whom.RULE:
        people = invitable(cohort, round.role)
    elif round.whom == InvitationRound.Whom.LIST:
        people = uninvited(cohort, Person.objects.filter(pk__in=round.people))
    return people.order_by("pk").values_list("pk", flat=True)


def tell_the_list(round: InvitationRound, cohort: Cohort, before: int, at: datetime) -> None:
    untold = cohort.invitations.untold()
    whole, last, done = before + untold.count(), 0, before
    while batch := list(untold.filter(pk__gt=last).select_related("person").order_by("pk")[:BATCH]):
        round.report(done, whole)
        with transaction.atomic():
            round.told += tell(cohort, batch, at)
            round.save(update_fields=["told"])
        last, done = batch[-1].pk, done + len(batch)


@transaction.atomic
def tell_the_forgotten(*, at: datetime) -> int:
    """For the sweep: a round for each cohort that is open while somebody on its list was not told, as after a
    crash between opening and telling. A round that failed waits for a person instead."""
    State = InvitationRound.State
    busy = InvitationRound.objects.filter(state__in=[State.RUNNING, State.FAILED]).values("cohort")
    untold = Invitation.objects.untold().filter(person__is_active=True).values("cohort")
    found = Cohort.objects.filter(taking_enrolments(), pk__in=untold).exclude(pk__in=busy)
    for cohort in found:
        begin_round(cohort=cohort, whom=InvitationRound.Whom.WAITING, by=None, at=at)
    return len(found)


@transaction.atomic
def stop_round(*, round: InvitationRound, by: Person, at: datetime | None = None) -> bool:
    """Who was told stays told; who stands on the list stays on it."""
    if not round.move_to(InvitationRound.State.CANCELLED, finished_at=at or timezone.now()):
        return False
    record(round.cohort, by, gettext_noop("A round of invitations was stopped."), at)
    return True


@transaction.atomic
def resume_round(*, round: InvitationRound, by: Person, at: datetime | None = None) -> bool:
    """Begin again where a failed round ended."""
    if not round.move_to(InvitationRound.State.RUNNING, requested_by=by, finished_at=None):
        return False
    round.enqueue(at=at)
    return True


# --- Taking back, answering ---


@transaction.atomic
def take_off_list(*, invitations: InvitationQuerySet, by: Person, at: datetime | None = None) -> int:
    """Take back invitations of which nobody was told yet. Returns how many."""
    taken = 0
    for invitation in invitations.untold().select_related("cohort__programme", "person"):
        deleted, _rows = Invitation.objects.filter(pk=invitation.pk).untold().delete()
        if deleted:
            message = gettext_noop("%(person)s was taken off the list of invitations.")
            record(invitation.cohort, by, message, at, flag=DELETION, person=invitation.person.name)
            taken += 1
    return taken


@transaction.atomic
def decline_invitation(*, invitation: Invitation, at: datetime | None = None) -> None:
    """No reason is asked for. They can still enrol while enrolment is open."""
    mine = invitation.cohort.enrolments.filter(person=invitation.person)
    for draft in mine.drafts():
        discard(enrolment=draft, at=at)
    if mine.exclude(state=Enrolment.State.WITHDRAWN).exists():
        raise DomainError(_("You are enrolled already. To step back, withdraw your enrolment."))
    Invitation.objects.filter(pk=invitation.pk, declined_at=None).update(declined_at=at or timezone.now())


# --- Open links ---


@transaction.atomic
def make_link(
    *, cohort: Cohort, role: str, by: Person, expires_on: date | None = None, at: datetime | None = None
) -> InvitationLink:
    """An open link to enrol in the role. One at a time: a new one takes the place of the one before."""
    at = at or timezone.now()
    cohort = Cohort.objects.select_for_update(of=["self"]).select_related("programme").get(pk=cohort.pk)
    refuse_to_invite(cohort)
    if expires_on and expires_on < cohort.today(at):
        raise DomainError(_("This day lies in the past."), field="expires_on")
    if not Eligibility.objects.filter(programme=cohort.programme_id, role=role).exists():
        raise DomainError(
            _("This role has no rules of who may take part, so the link would let nobody in."), field="role"
        )
    cohort.links.live().filter(role=role).update(revoked_at=at)
    link = InvitationLink.objects.create(
        cohort=cohort, role=role, expires_on=expires_on, created_by=by, created_at=at
    )
    record(cohort, by, gettext_noop("An open link was made."), at, flag=ADDITION)
    return link


@transaction.atomic
def revoke_link(*, link: InvitationLink, by: Person, at: datetime | None = None) -> bool:
    at = at or timezone.now()
    if not InvitationLink.objects.live().filter(pk=link.pk).update(revoked_at=at):
        return False
    record(link.cohort, by, gettext_noop("An open link was revoked."), at)
    return True


def follow_link(*, link: InvitationLink, person: Person, at: datetime | None = None) -> str:
    """The role in which `person` may enrol by the link. Raises DomainError with a sentence that helps."""
    at = at or timezone.now()
    cohort = link.cohort
    if link.revoked_at:
        raise DomainError(_("This link was withdrawn. Whoever gave it to you may have a newer one."))
    if link.has_expired(at):
        raise DomainError(_("This link was valid until a day that has passed. Ask for a new one."))
    if cohort.enrolments.filter(person=person).exists():
        return link.role
    if cohort.state == Cohort.State.DRAFT or (
        cohort.state == Cohort.State.ENROLLING and cohort.today(at) < cohort.enrolment_opens_on
    ):
        raise DomainError(_("Enrolment has not begun yet. Keep the link; it will work then."))
    if not cohort.is_open(at):
        raise DomainError(_("Enrolment in this cohort is over. The next one will be announced."))
    if link.role not in cohort.roles_for(person):
        raise DomainError(
            _("“%(programme)s” is meant for other grades or areas in this role. Ask its coordinators.")
            % {"programme": cohort.programme}
        )
    return link.role
