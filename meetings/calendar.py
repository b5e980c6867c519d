"""Meetings as calendars read them: iTIP messages (RFC 5546) for mail, and what a feed publishes.

What stands in a calendar is read by assistants and colleagues: first names, time, place, link and the way to
the meeting's page, which asks who is there. Never the agenda, the topic or a goal.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from email.utils import parseaddr
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress

from meetings.calendar_zones import vtimezone
from meetings.models import Meeting
from participants.models import Person

PRODID = "-//Reverse Mentoring//Meetings//EN"
REFRESH = timedelta(hours=1)


def request(meeting: Meeting, *, to: Person, by: Person | None, at: datetime | None = None) -> str:
    """The invitation, or with a higher `sequence` its update, as `to` gets it by mail.

    `by` is who planned or moved it: their answer is yes already. The mentorship's members are read with
    their people.
    """
    with translation.override(to.language):
        event = event_of(meeting, to.zone, at or timezone.now(), "CONFIRMED")
        add_people(event, meeting, accepted=by)
        return message("REQUEST", [event], [meeting], to.zone)


def cancellation(meeting: Meeting, *, to: Person, at: datetime | None = None) -> str:
    """That a meeting is off; for `to` alone where they are no longer a member, whose name is all it carries
    then (RFC 5546, section 3.2.5). `meeting.sequence` is higher than that of the last request."""
    with translation.override(to.language):
        event = event_of(meeting, to.zone, at or timezone.now(), "CANCELLED")
        if to in meeting.mentorship.people():
            add_people(event, meeting, accepted=None)
        else:
            event.add("organizer", organizer())
            event.add("attendee", guest(to, "NEEDS-ACTION"))
        return message("CANCEL", [event], [meeting], to.zone)


def feed(meetings: Iterable[Meeting], *, person: Person) -> str:
    """What a subscribed calendar shows. The same meetings give the same bytes. `changed_at` is annotated.

    Published events name no attendees (RFC 5546, section 3.2.1).
    """
    meetings = list(meetings)
    with translation.override(person.language):
        events = []
        for meeting in meetings:
            event = event_of(meeting, person.zone, stamp_of(meeting), "CONFIRMED")
            event.add("organizer", organizer())
            events.append(event)
        return message("PUBLISH", events, meetings, person.zone, name=_("Mentoring"))


def message(method: str, events: list[Event], meetings: list[Meeting], zone: ZoneInfo, name: str = "") -> str:
    calendar = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    if name:
        calendar.add("name", name)
        calendar.add("x-wr-calname", name)
        calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    if meetings and zone.key != "UTC":
        calendar.add_component(vtimezone(zone, min(meeting.starts_at for meeting in meetings).year))
    for event in events:
        calendar.add_component(event)
    return calendar.to_ical().decode()


def event_of(meeting: Meeting, zone: ZoneInfo, stamp: datetime, status: str) -> Event:
    event = Event()
    event.add("uid", f"{meeting.uuid}@{domain()}")
    event.add("sequence", meeting.sequence)
    event.add("dtstamp", stamp)
    event.add("created", meeting.planned_at)
    event.add("dtstart", in_zone(meeting.starts_at, zone))
    event.add("dtend", in_zone(meeting.ends_at, zone))
    event.add("summary", summary(meeting))
    if meeting.place or meeting.link:
        event.add("location", meeting.place or meeting.link)
    address = settings.SITE_URL + reverse("meetings:detail", args=[meeting.uuid])
    event.add("description", description(meeting, address))
    event.add("url", address)
    event.add("status", status)
    event.add("transp", "OPAQUE")
    return event


def summary(meeting: Meeting) -> str:
    names = [person.first_name for person in meeting.mentorship.people()]
    return _("Mentoring: %(names)s") % {"names": get_text_list(names, _("and"))}


def description(meeting: Meeting, address: str) -> str:
    lines = [_("Video: %(link)s") % {"link": meeting.link}] if meeting.place and meeting.link else []
    lines.append(_("Another time, or cancel: %(address)s") % {"address": address})
    lines.append(_("An answer given in the calendar is not passed on."))
    return "\n".join(lines)


def add_people(event: Event, meeting: Meeting, *, accepted: Person | None) -> None:
    """The product is the organizer: both members are guests of the same standing, and neither's calendar
    has to send anything."""
    event.add("organizer", organizer())
    for person in meeting.mentorship.people():
        event.add("attendee", guest(person, "ACCEPTED" if person == accepted else "NEEDS-ACTION"))


def guest(person: Person, status: str) -> vCalAddress:
    made = vCalAddress(f"mailto:{person.email}")
    made.params["CN"] = person.name
    made.params["ROLE"] = "REQ-PARTICIPANT"
    made.params["PARTSTAT"] = status
    made.params["RSVP"] = "FALSE"
    return made


def organizer() -> vCalAddress:
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    made = vCalAddress(f"mailto:{address}")
    made.params["CN"] = name or "Mentoring"
    return made


def in_zone(moment: datetime, zone: ZoneInfo) -> datetime:
    """In `zone`; an hour that comes twice can only be told apart in UTC."""
    local = moment.astimezone(zone)
    if local.fold or zone.key == "UTC" or local.replace(fold=1).utcoffset() != local.utcoffset():
        return moment.astimezone(timezone.get_default_timezone())
    return local


def stamp_of(meeting: Meeting) -> datetime:
    return getattr(meeting, "changed_at", None) or meeting.planned_at


def domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
