"""The steps of a cohort from draft to closed, and one cohort made after another."""

from datetime import date, datetime

from django.contrib.admin.models import ADDITION
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from domain.errors import DomainError
from participants.models import Person
from programmes.actions.history import record
from programmes.actions.invitations import BATCH, begin_round, put_on_list, record_invited, tell
from programmes.models import Cohort, Enrolment, InvitationRound, Role
from programmes.readiness import before_step


@transaction.atomic
def open_enrolment(*, cohort: Cohort, by: Person, at: datetime | None = None) -> bool:
    """People can enrol from today on; those who are on the list of invitations are told, many of them by a
    worker."""
    at = at or timezone.now()
    refuse_unready(cohort, Cohort.State.DRAFT, at)
    opens_on = min(cohort.enrolment_opens_on, cohort.today(at))
    if not cohort.move_to(Cohort.State.ENROLLING, enrolment_opens_on=opens_on):
        return False
    untold = cohort.invitations.untold().select_related("person").order_by("pk")
    count = untold.count()
    if count > BATCH:
        begin_round(cohort=cohort, whom=InvitationRound.Whom.WAITING, by=by, at=at)
    else:
        tell(cohort, untold, at)
    record(cohort, by, gettext_noop("Enrolment opened. People told: %(count)d."), at, count=count)
    return True


@transaction.atomic
def begin_matching(*, cohort: Cohort, by: Person, at: datetime | None = None) -> bool:
    """Enrolment ends, whatever the calendar says. Needs somebody accepted in either role."""
    if cohort.is_informal:
        raise DomainError(_("In an informal programme people find each other. Start the cohort instead."))
    refuse_unready(cohort, Cohort.State.ENROLLING, at)
    began = step(cohort, Cohort.State.MATCHING, by, gettext_noop("Matching began."), at)
    if began:
        end_drafts(cohort)
    return began


def end_drafts(cohort: Cohort) -> None:
    """Nobody needs what was never sent. Who had taken part before is withdrawn again."""
    drafts = cohort.enrolments.drafts()
    drafts.filter(decided_at=None).delete()
    drafts.update(state=Enrolment.State.WITHDRAWN)


@transaction.atomic
def start(*, cohort: Cohort, by: Person, at: datetime | None = None) -> bool:
    """What was matched begins its course; an informal cohort opens its directory and stays open."""
    if cohort.state == Cohort.State.ENROLLING and not cohort.is_informal:
        raise DomainError(_("A cohort starts once it was matched. Begin its matching first."))
    return step(cohort, Cohort.State.RUNNING, by, gettext_noop("The cohort started."), at)


@transaction.atomic
def close(*, cohort: Cohort, by: Person, at: datetime | None = None) -> bool:
    return step(cohort, Cohort.State.CLOSED, by, gettext_noop("The cohort was closed."), at)


def refuse_unready(cohort: Cohort, source: str, at: datetime | None) -> None:
    """Say what blocks the step from `source`. A cohort that is elsewhere is left to `move_to`."""
    if cohort.state == source:
        for finding in before_step(cohort, at or timezone.now()):
            if finding.blocks:
                raise DomainError(finding.sentence)


def step(cohort: Cohort, to: str, by: Person, message: str, at: datetime | None) -> bool:
    if not cohort.move_to(to):
        return False
    record(cohort, by, message, at)
    return True


@transaction.atomic
def copy_cohort(
    *,
    cohort: Cohort,
    name: str,
    starts_on: date,
    by: Person,
    invites_left_over: bool = False,
    at: datetime | None = None,
) -> Cohort:
    """The next cohort: the same rhythm, places and time zone, every date as far from the start as before.

    `invites_left_over` puts on its list who was accepted or waited and is in no mentorship, in their role.
    """
    at = at or timezone.now()
    if Cohort.objects.filter(programme=cohort.programme_id, name=name).exists():
        raise DomainError(_("The programme has a cohort of this name already."), field="name")
    shift = starts_on - cohort.starts_on
    made = Cohort.objects.create(
        programme=cohort.programme,
        name=name,
        created_at=at,
        enrolment_opens_on=cohort.enrolment_opens_on + shift,
        enrolment_closes_on=cohort.enrolment_closes_on + shift,
        starts_on=starts_on,
        ends_on=cohort.ends_on + shift,
        **{name: getattr(cohort, name) for name in COPIED},
    )
    record(made, by, gettext_noop("Copied from “%(cohort)s”."), at, flag=ADDITION, cohort=cohort.name)
    if invites_left_over:
        for role in Role:
            people = left_over(cohort).filter(role=role).values_list("person", flat=True)
            if invited := put_on_list(made, people, role, at):
                record_invited(made, by, len(invited), at)
    return made


COPIED = ["time_zone", "meetings_planned", "weeks_between", "meeting_minutes", "check_in_weeks", "places"]


def left_over(cohort: Cohort) -> QuerySet[Enrolment]:
    """Who wanted to take part and was matched with nobody."""
    return cohort.enrolments.filter(
        state__in=[Enrolment.State.ACCEPTED, Enrolment.State.WAITLISTED], person__is_active=True
    ).exclude(
        memberships__mentorship__state__in=["offered", "confirmed", "active", "paused", "completed", "ended"]
    )
