from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from domain.waiting import Action, Urgency, Waiting
from participants.models import Person
from programmes.models import Cohort, Enrolment, Invitation, Role, TimeRequest
from programmes.standing import standing

State = Enrolment.State


def waiting_for(person: Person, at: datetime) -> list[Waiting]:
    """Invitations to answer, time to grant, enrolments begun or not decided on, briefings to work through."""
    return [*invitations(person, at), *times(person), *enrolments(person, at)]


def invitations(person: Person, at: datetime) -> list[Waiting]:
    found = Invitation.objects.visible_to(person).open().select_related("cohort__programme")
    return [
        Waiting(
            title=_("Would you like to take part in “%(programme)s” as %(role)s?")
            % {
                "programme": invitation.cohort.programme,
                "role": Role(invitation.role).label,
            },
            text=_("You can enrol until %(day)s. A no needs no reason.")
            % {"day": date_format(invitation.cohort.last_day_to_enrol)},
            urgency=Urgency.SOON,
            actions=[
                Action(
                    _("See what it asks"),
                    invitation.cohort.get_absolute_url(),
                    primary=True,
                ),
                Action(_("No, thank you"), reverse("programmes:decline", args=[invitation.uuid])),
            ],
            kicker=_("You are invited"),
        )
        for invitation in found
        if invitation.cohort.is_open(at)
    ]


def times(person: Person) -> list[Waiting]:
    found = TimeRequest.objects.open().filter(manager=person)
    return [
        Waiting(
            title=_("Can %(name)s have the time for “%(programme)s”?")
            % {"name": request.enrolment.person.name, "programme": request.enrolment.cohort.programme},
            text=_("You are asked as line manager. A yes or a not at the moment is enough."),
            urgency=Urgency.SOON,
            actions=[Action(_("Answer"), request.get_absolute_url(), primary=True)],
        )
        for request in found.select_related("enrolment__person", "enrolment__cohort__programme")
    ]


def enrolments(person: Person, at: datetime) -> list[Waiting]:
    found = (
        Enrolment.objects.filter(person=person)
        .filter(
            Q(state__in=[State.DRAFT, State.APPLIED, State.WAITLISTED], cohort__state=Cohort.State.ENROLLING)
            | Q(
                pk__in=Enrolment.objects.unbriefed().filter(person=person).values("pk"),
                cohort__state__in=[
                    Cohort.State.ENROLLING,
                    Cohort.State.MATCHING,
                    Cohort.State.RUNNING,
                ],
            )
        )
        .with_standing()
        .select_related("cohort__programme")
    )
    return [
        item
        for enrolment in found
        for item in (
            [briefing(enrolment)]
            if enrolment.state == State.ACCEPTED
            else unfinished(enrolment, at)
            if enrolment.is_draft
            else [pending(enrolment, at)]
        )
    ]


def unfinished(enrolment: Enrolment, at: datetime) -> list[Waiting]:
    if not enrolment.cohort.is_open(at):
        return []
    return [
        Waiting(
            title=_("Your enrolment in “%(programme)s” is not sent yet")
            % {"programme": enrolment.cohort.programme},
            text=_("What you told is kept. You can send it until %(day)s.")
            % {"day": date_format(enrolment.cohort.last_day_to_enrol)},
            urgency=Urgency.SOON,
            actions=[
                Action(
                    _("Go on where you left"),
                    reverse("programmes:enrol", args=[enrolment.cohort.uuid]),
                    primary=True,
                )
            ],
        )
    ]


def briefing(enrolment: Enrolment) -> Waiting:
    running = enrolment.cohort.state == Cohort.State.RUNNING
    return Waiting(
        title=_("Shall we prepare your first meeting?"),
        text=_("A few short pages for you as %(role)s in “%(programme)s”, about ten minutes.")
        % {"role": Role(enrolment.role).label, "programme": enrolment.cohort.programme},
        urgency=Urgency.SOON if running else Urgency.LATER,
        actions=[
            Action(
                _("Begin the briefing"),
                reverse("programmes:briefing", args=[enrolment.uuid]),
                primary=True,
            )
        ],
    )


def pending(enrolment: Enrolment, at: datetime) -> Waiting:
    return Waiting(
        title=_("Your enrolment in “%(programme)s” has arrived") % {"programme": enrolment.cohort.programme},
        text=standing(enrolment, at).text,
        urgency=Urgency.LATER,
        actions=[Action(_("Look at it"), enrolment.cohort.get_absolute_url())],
    )
