from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from domain import dates
from matching.models import Member, Mentorship
from meetings.models import Meeting, Resource
from participants.models import Person

STATES = {
    Meeting.Status.PLANNED: "coming",
    Meeting.Status.DUE: "waiting",
    Meeting.Status.DISPUTED: "waiting",
    Meeting.Status.HELD: "happened",
    Meeting.Status.MISSED: "missed",
    Meeting.Status.CANCELLED: "missed",
}


# What `entries` and `bars` read, to be prefetched where several mentorships are shown.
COURSE = ("meetings__confirmations", "meetings__next_steps", "resources__member__enrolment__person")


@dataclass(frozen=True)
class Entry:
    """What `components/_timeline.html` draws; `at` is what entries are ordered by."""

    at: datetime
    title: str
    when: str
    text: str
    url: str
    state: str


def entries(mentorship: Mentorship, person: Person, at: datetime) -> list[Entry]:
    """The meetings of a mentorship and what was shared in it, oldest first. For a member: `person`.

    Costs no query where `COURSE` is prefetched.
    """
    number, made, member = 0, [], mentorship.member_for(person)
    for meeting in mentorship.meetings.all():
        number += not meeting.cancelled_at
        made.append(of_meeting(meeting, number, at, member))
    made += [of_resource(resource, person) for resource in mentorship.resources.all()]
    return sorted(made, key=lambda entry: entry.at)


def of_meeting(meeting: Meeting, number: int, at: datetime, member: Member | None) -> Entry:
    status = meeting.status(at)
    when = dates.day(meeting.starts_at)
    if status == Meeting.Status.PLANNED:
        when = f"{when}, {dates.clock(meeting.starts_at)}"
    elif status != Meeting.Status.HELD:
        when = f"{when}, {status.label}"
    steps = [
        step.text for step in meeting.next_steps.all() if not step.done_at and step.is_shown_to(member, at)
    ]
    return Entry(
        at=meeting.starts_at,
        title=title_of(number, cancelled=status == Meeting.Status.CANCELLED),
        when=when,
        text=_("Next step: %(step)s") % {"step": steps[0]} if steps else "",
        url=reverse("meetings:detail", args=[meeting.uuid]),
        state=STATES[status],
    )


def title_of(number: int, *, cancelled: bool) -> str:
    if cancelled:
        return _("A meeting")
    return _("First meeting") if number == 1 else _("Meeting %(number)s") % {"number": number}


def of_resource(resource: Resource, person: Person) -> Entry:
    by = resource.member.person
    words = _("You shared “%(title)s”") if by == person else _("%(name)s shared “%(title)s”")
    return Entry(
        at=resource.shared_at,
        title=words % {"name": by.first_name, "title": resource.title},
        when=dates.day(resource.shared_at),
        text="",
        url=resource.address,
        state="happened",
    )
