"""The calendar messages, read back by independent readers: icalendar's parser, dateutil's VTIMEZONE."""

import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil import tz
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from meetings import actions, calendar
from meetings.calendar_zones import vtimezone
from meetings.models import Meeting
from participants.time_zones import time_zone_names
from tests import factories
from tests.factories import NOW

START = NOW + timedelta(days=3)
ZONES = sorted(
    name for name in time_zone_names() if "/" in name and not name.startswith(("Etc/", "posix", "right"))
)


def read_back(local: datetime, zone: ZoneInfo) -> datetime:
    """The moment another program takes `local` for, by the rules of the component alone."""
    shown = vtimezone(zone, local.year).to_ical().decode()
    reader = tz.tzical(io.StringIO("BEGIN:VCALENDAR\r\n" + shown + "END:VCALENDAR\r\n")).get(zone.key)
    return (local.replace(tzinfo=None) - reader.utcoffset(local.replace(tzinfo=None))).replace(tzinfo=UTC)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(ZONES),
    st.datetimes(datetime(2025, 1, 1), datetime(2036, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC)),
)
def test_moment_in_any_zone_is_read_back_by_its_component(name, moment):
    zone = ZoneInfo(name)
    moment = moment.replace(microsecond=0)
    shown = calendar.in_zone(moment, zone)
    if shown.tzinfo == zone:
        assert read_back(shown, zone) == moment
    else:
        assert shown == moment


@pytest.mark.parametrize(
    "name", ["Europe/Berlin", "America/New_York", "Africa/Casablanca", "Australia/Lord_Howe"]
)
def test_every_hour_around_each_change_is_read_back(name):
    zone = ZoneInfo(name)
    day = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(730 * 2):
        moment = day + timedelta(hours=12 * number)
        if moment.astimezone(zone).utcoffset() == (moment + timedelta(hours=12)).astimezone(zone).utcoffset():
            continue
        for quarter in range(4 * 12):
            at = moment + timedelta(minutes=15 * quarter)
            shown = calendar.in_zone(at, zone)
            assert shown == at
            if shown.tzinfo == zone:
                assert read_back(shown, zone) == at


@pytest.fixture
def meeting(db, mentorship, aylin):
    return actions.plan(
        mentorship=mentorship,
        by=aylin,
        starts_at=START,
        minutes=60,
        place="Kantine; Tisch 3, Süd",
        link="https://meet.example.org/a,b;c",
        agenda="Secret plans",
        at=NOW,
    )


def with_people(meeting) -> Meeting:
    return Meeting.objects.with_people().get(pk=meeting.pk)


def event_in(text: str):
    [event] = Calendar.from_ical(text).walk("VEVENT")
    return event


def test_request_holds_what_rfc_5546_asks_for(meeting, aylin, martin):
    text = calendar.request(with_people(meeting), to=martin, by=aylin, at=NOW)
    whole = Calendar.from_ical(text)
    assert (whole["method"], whole["version"], whole["calscale"]) == ("REQUEST", "2.0", "GREGORIAN")
    assert [zone["tzid"] for zone in whole.walk("VTIMEZONE")] == ["America/New_York"]
    event = event_in(text)
    assert event["uid"] == f"{meeting.uuid}@localhost"
    assert event["sequence"] == 0
    assert event["dtstamp"].dt == NOW
    assert event["status"] == "CONFIRMED"
    assert event["organizer"] == "mailto:mentoring@localhost"
    assert event["dtstart"].params["TZID"] == "America/New_York"
    assert (event["dtstart"].dt, event["dtend"].dt) == (START, START + timedelta(hours=1))
    guests = {str(guest): guest.params for guest in event["attendee"]}
    assert {address: params["PARTSTAT"] for address, params in guests.items()} == {
        f"mailto:{aylin.email}": "ACCEPTED",
        f"mailto:{martin.email}": "NEEDS-ACTION",
    }
    assert {params["RSVP"] for params in guests.values()} == {"FALSE"}
    assert event["location"] == "Kantine; Tisch 3, Süd"
    assert "https://meet.example.org/a,b;c" in event["description"]


def test_text_keeps_the_rules_of_lines(meeting, martin, aylin):
    aylin.given_name = "Çağrı Ayşegül Ömür Şükran" * 3
    aylin.save()
    text = calendar.request(with_people(meeting), to=martin, by=aylin, at=NOW)
    lines = text.encode().split(b"\r\n")
    assert text.endswith("END:VCALENDAR\r\n")
    assert text.count("\n") == text.count("\r\n")
    assert max(len(line) for line in lines) <= 75
    assert event_in(text)["summary"] == f"Mentoring: Martin and {aylin.first_name}"


def test_language_and_zone_are_the_recipients(meeting, aylin):
    aylin.language = "de"
    event = event_in(calendar.request(with_people(meeting), to=aylin, by=None, at=NOW))
    assert event["dtstart"].params["TZID"] == "Europe/Berlin"
    assert "Martin und Aylin" in event["summary"]


def test_nothing_confidential_stands_in_any_message(meeting, martin, aylin):
    meeting = with_people(meeting)
    meeting.mentorship.topic = "Secret topic"
    texts = [
        calendar.request(meeting, to=martin, by=aylin, at=NOW),
        calendar.cancellation(meeting, to=martin, at=NOW),
        calendar.feed([meeting], person=martin),
    ]
    assert [text for text in texts if "Secret" in text] == []


def test_feed_names_no_guests_and_is_the_same_bytes_again(meeting, martin):
    meeting = with_people(meeting)
    text = calendar.feed([meeting], person=martin)
    assert text == calendar.feed([meeting], person=martin)
    assert Calendar.from_ical(text)["method"] == "PUBLISH"
    assert "attendee" not in event_in(text)


def test_utc_needs_no_zone(meeting):
    person = factories.person(time_zone="UTC")
    text = calendar.request(with_people(meeting), to=person, by=None, at=NOW)
    assert "VTIMEZONE" not in text
    assert "DTSTART:20260918T100000Z" in text
