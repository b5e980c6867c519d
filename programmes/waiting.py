from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from domain.waiting import Action, Urgency, Waiting
from participants.models import Person
from programmes.models import BriefingPage, Cohort, Enrolment, Invitation, Role

State = Enrolment.State


def waiting_for(person: Person, at: datetime) -> list[Waiting]:
    """Invitations to answer, briefings to work through, enrolments not decided on."""
    return [*invitations(person, at), *enrolments(person)]


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


def enrolments(person: Person) -> list[Waiting]:
    has_pages = Exists(
        BriefingPage.objects.filter(programme=OuterRef("cohort__programme"), role=OuterRef("role"))
    )
    found = (
        Enrolment.objects.filter(person=person)
        .filter(
            Q(state__in=[State.APPLIED, State.WAITLISTED], cohort__state=Cohort.State.ENROLLING)
            | Q(
                has_pages,
                state=State.ACCEPTED,
                briefed_at=None,
                briefing_waived=False,
                cohort__state__in=[
                    Cohort.State.ENROLLING,
                    Cohort.State.MATCHING,
                    Cohort.State.RUNNING,
                ],
            )
        )
        .select_related("cohort__programme")
    )
    return [
        briefing(enrolment) if enrolment.state == State.ACCEPTED else pending(enrolment)
        for enrolment in found
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


def pending(enrolment: Enrolment) -> Waiting:
    detail = enrolment.cohort.get_absolute_url()
    if enrolment.state == State.WAITLISTED:
        text = _("All places are taken for now. You move up by yourself when one becomes free.")
    else:
        text = _("The coordinator decides on it. There is nothing for you to do until then.")
    return Waiting(
        title=_("Your enrolment in “%(programme)s” has arrived") % {"programme": enrolment.cohort.programme},
        text=text,
        urgency=Urgency.LATER,
        actions=[Action(_("Look at it"), detail)],
    )
