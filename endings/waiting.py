from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from domain import dates
from domain.waiting import Action, Urgency, Waiting
from endings.course import closing
from endings.models import LookBack
from matching.models import Mentorship
from participants.models import Person


def waiting_for(person: Person, at: datetime) -> list[Waiting]:
    """What rounds a mentorship off in its last weeks, and one look back when it is over."""
    mine = closing(at).filter(pk__in=Mentorship.objects.of(person).values("pk")).with_members()
    return [*(round_off(each, person) for each in mine), *looks_back(person)]


def round_off(mentorship: Mentorship, person: Person) -> Waiting:
    return Waiting(
        title=_("How do you and %(names)s want to finish?") % {"names": mentorship.names_of_others(person)},
        text=_("Your cohort ends on %(day)s. A last meeting and a thank-you make it a good end.")
        % {"day": dates.day(mentorship.cohort.ends_on)},
        urgency=Urgency.SOON,
        about=mentorship.pk,
        actions=[Action(_("Round it off"), reverse("endings:close", args=[mentorship.uuid]), primary=True)],
    )


def looks_back(person: Person) -> list[Waiting]:
    found = LookBack.objects.filter(enrolment__person=person, is_answered=False)
    return [
        Waiting(
            title=_("Would you do it again?"),
            text=_("One question about “%(programme)s”. Nobody sees your answer.")
            % {"programme": asked.enrolment.cohort.programme},
            urgency=Urgency.LATER,
            actions=[Action(_("Answer"), reverse("endings:look_back", args=[asked.uuid]), primary=True)],
        )
        for asked in found.select_related("enrolment__cohort__programme")
    ]
