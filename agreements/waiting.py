from datetime import datetime

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.models import Signature, Version
from domain.waiting import Action, Urgency, Waiting
from matching.models import Mentorship
from participants.models import Person


def waiting_for(person: Person, at: datetime) -> list[Waiting]:
    """The agreements whose newest version the person has not signed."""
    newest = Version.objects.filter(agreement__mentorship=OuterRef("pk")).order_by("-number").values("pk")[:1]
    signed = Signature.objects.filter(version=OuterRef("newest"), member__enrolment__person=person)
    mentorships = (
        Mentorship.objects.visible_to(person)
        .filter(state__in=[Mentorship.State.CONFIRMED, Mentorship.State.ACTIVE])
        .annotate(newest=newest)
        .filter(~Exists(signed))
        .with_members()
    )
    return [
        Waiting(
            title=_("Read and sign your agreement with %(others)s")
            % {"others": mentorship.names_of_others(person)},
            text=_("What stays between you, what is taboo, how you work together. Change what does not fit."),
            urgency=Urgency.SOON,
            actions=[
                Action(
                    _("Read and sign"),
                    reverse("agreements:detail", args=[mentorship.uuid]),
                    primary=True,
                )
            ],
        )
        for mentorship in mentorships
    ]
