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

# What members said of a meeting is theirs.
OPEN_TO_DELEGATES = (Meeting.Status.PLANNED, Meeting.Status.CANCELLED)


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
    is_member = meeting.mentorship.member_for(person) is not None
    others = meeting.mentorship.names_of_others(person)
    return Row(
        title=_("With %(others)s") % {"others": others},
        when=when(meeting),
        where=where(meeting),
        status=str(status.label) if is_member or status in OPEN_TO_DELEGATES else _("past"),
        tone=TONES.get(status, "") if is_member or status in OPEN_TO_DELEGATES else "",
        url=reverse("meetings:detail", args=[meeting.uuid]),
    )


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
