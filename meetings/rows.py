from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from domain import dates
from meetings.models import Meeting
from participants.models import Person

TONES = {
    Meeting.Status.HELD: "success",
    Meeting.Status.DUE: "waiting",
    Meeting.Status.DISPUTED: "waiting",
    Meeting.Status.PLANNED: "info",
}


@dataclass(frozen=True)
class Row:
    """One meeting in a list, as `person` sees it."""

    title: str
    when: str
    where: str
    status: str
    tone: str
    url: str


def row(meeting: Meeting, person: Person, at: datetime) -> Row:
    status = meeting.status(at)
    others = meeting.mentorship.names_of_others(person)
    return Row(
        title=_("With %(others)s") % {"others": others},
        when=when(meeting),
        where=where(meeting),
        status=str(status.label),
        tone=tone(meeting, person, status),
        url=reverse("meetings:detail", args=[meeting.uuid]),
    )


def tone(meeting: Meeting, person: Person, status: Meeting.Status) -> str:
    """Apricot only where it waits for the reader: not for a delegate, who cannot answer."""
    if TONES.get(status) == "waiting" and meeting.mentorship.member_for(person) is None:
        return ""
    return TONES.get(status, "")


def when(meeting: Meeting) -> str:
    return _("%(day)s, %(start)s to %(end)s") % {
        "day": dates.day(meeting.starts_at),
        "start": dates.clock(meeting.starts_at),
        "end": dates.clock(meeting.ends_at),
    }


def where(meeting: Meeting) -> str:
    if meeting.place:
        return meeting.place
    return _("by video") if meeting.link else ""
