from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from domain.waiting import Action, Urgency, Waiting
from participants.models import Person
from pulses.actions import is_open
from pulses.models import InvitationToAnswer, Wave


def waiting_for(person: Person, at: datetime) -> list[Waiting]:
    # A day of room on either side: the round closes with the day in the time zone of the cohort.
    around = [at.date() - timedelta(days=1), at.date() + timedelta(days=1)]
    invitations = (
        InvitationToAnswer.objects.visible_to(person)
        .filter(is_answered=False, wave__opens_on__lte=around[1], closes_on__gte=around[0])
        .select_related("wave__cohort")
        .order_by("closes_on", "pk")
    )
    return [
        Waiting(
            title=_("A short question round"),
            text=_("Three sentences, skip what you like. Nobody sees your answers.")
            if invitation.wave.kind == Wave.Kind.SHORT
            else _("About a minute, skip what you like. Nobody sees your answers."),
            urgency=Urgency.LATER,
            actions=[Action(_("Answer"), reverse("pulses:answer", args=[invitation.uuid]), primary=True)],
        )
        for invitation in invitations
        if is_open(invitation, at)
    ]
