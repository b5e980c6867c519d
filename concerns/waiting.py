from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from concerns.models import Concern
from domain.waiting import Action, Urgency, Waiting
from participants.models import Person

URGENCY = {
    Concern.Urgency.NOW: Urgency.NOW,
    Concern.Urgency.SOON: Urgency.SOON,
    Concern.Urgency.CAN_WAIT: Urgency.LATER,
}


def waiting_for(person: Person, at: datetime) -> list[Waiting]:
    """For confidants, and without names: a home page is seen by whoever passes the desk."""
    concerns = (
        Concern.objects.readable_by(person)
        .unanswered()
        .filter(Q(state=Concern.State.OPEN) | Q(confidant=person), Q(since__lte=at))
        .only("uuid", "urgency", "state")
    )
    return [
        Waiting(
            title=_("Somebody has confided in you")
            if concern.state == Concern.State.OPEN
            else _("Somebody has written to you again"),
            text=f"{concern.get_urgency_display()}.",
            urgency=URGENCY[Concern.Urgency(concern.urgency)],
            actions=[Action(_("Read it"), reverse("concerns:detail", args=[concern.uuid]), primary=True)],
        )
        for concern in concerns
    ]
