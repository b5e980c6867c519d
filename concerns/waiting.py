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
        .waiting(at)
        .with_care()
        .filter(Q(confidant=person) | Q(is_cared_for=False))
        .select_related("raised_by")
        .only("uuid", "urgency", "confidant", "raised_by__erased_at")
    )
    return [
        Waiting(
            title=title(concern),
            text=f"{concern.get_urgency_display()}.",
            urgency=URGENCY[Concern.Urgency(concern.urgency)],
            actions=[Action(_("Read it"), reverse("concerns:detail", args=[concern.uuid]), primary=True)],
        )
        for concern in concerns
    ]


def title(concern: Concern) -> str:
    if concern.raised_by.erased_at:
        return _("Somebody who confided in you was erased")
    if concern.confidant_id:
        return _("Somebody has written to you again")
    return _("Somebody has confided in you")
