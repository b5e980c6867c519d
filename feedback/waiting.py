from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from domain.waiting import Action, Urgency, Waiting
from feedback.reminders import asked
from matching.models import Member, Mentorship
from participants.models import Person


def waiting_for(person: Person, at: datetime) -> list[Waiting]:
    members = Member.objects.filter(enrolment__person=person).values_list("pk", flat=True)
    found = list(asked(at, list(members)))
    if not found:
        return []
    mentorships = Mentorship.objects.with_members().in_bulk({member.mentorship_id for member, _name in found})
    return [to_write(mentorships[member.mentorship_id], person) for member, _name in found]


def to_write(mentorship: Mentorship, person: Person) -> Waiting:
    return Waiting(
        title=_("What has helped so far? Tell %(names)s") % {"names": mentorship.names_of_others(person)},
        text=_("Two sentences are plenty. You read each other’s once both have written, or after a week."),
        urgency=Urgency.LATER,
        actions=[Action(_("Write feedback"), reverse("feedback:give", args=[mentorship.uuid]), primary=True)],
        about=mentorship.pk,
    )
