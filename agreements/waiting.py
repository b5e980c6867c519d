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
    newest = Version.objects.filter(agreement__mentorship=OuterRef("pk")).order_by("-number")
    own = Signature.objects.filter(member__enrolment__person=person)
    mentorships = (
        Mentorship.objects.visible_to(person)
        .filter(state__in=[Mentorship.State.CONFIRMED, Mentorship.State.ACTIVE])
        .annotate(
            newest=newest.values("pk")[:1],
            signed_before=Exists(own.filter(version__agreement__mentorship=OuterRef("pk"))),
        )
        .filter(~Exists(own.filter(version=OuterRef("newest"))))
        .with_members()
    )
    return [
        to_sign(mentorship, mentorship.names_of_others(person), has_changed=mentorship.signed_before)
        for mentorship in mentorships
    ]


def to_sign(mentorship: Mentorship, others: str, *, has_changed: bool) -> Waiting:
    if has_changed:
        title = _("Your agreement with %(others)s has changed")
        text = _("See what is new since you signed. It counts once all of you have signed again.")
    else:
        title = _("Read and sign your agreement with %(others)s")
        text = _("What stays between you, what is taboo, how you work together. Change what does not fit.")
    url = reverse("agreements:detail", args=[mentorship.uuid])
    return Waiting(
        title=title % {"others": others},
        text=text,
        urgency=Urgency.SOON,
        actions=[Action(_("Read and sign"), url, primary=True)],
        about=mentorship.pk,
    )
