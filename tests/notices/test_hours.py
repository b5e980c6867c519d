from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notices import hours
from notices.kinds import Pace

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [BERLIN, ZoneInfo("America/Los_Angeles"), ZoneInfo("Asia/Kathmandu"), ZoneInfo("Pacific/Kiritimati")]


def berlin(day: int, hour: int, minute: int = 0, month: int = 9) -> datetime:
    """September 2026 begins on a Tuesday."""
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        (berlin(15, 7), berlin(15, 7)),  # a Tuesday
        (berlin(15, 19, 59), berlin(15, 19, 59)),
        (berlin(15, 20), berlin(16, 7)),
        (berlin(15, 6, 59), berlin(15, 7)),
        (berlin(18, 20), berlin(21, 7)),  # from Friday evening to Monday
        (berlin(19, 12), berlin(21, 7)),
        (berlin(20, 23, 59), berlin(21, 7)),
        (berlin(23, 22, month=10), berlin(26, 7, month=10)),  # summer time ends in between
    ],
)
def test_next_open_waits_for_the_morning_of_a_working_day(at, opens):
    assert hours.next_open(at, BERLIN) == opens


def test_next_morning_is_the_recipients_and_never_this_moment():
    assert hours.next_morning(berlin(15, 7), BERLIN) == berlin(16, 7)
    assert hours.next_morning(berlin(15, 7), ZoneInfo("America/New_York")) == datetime(
        2026, 9, 15, 11, tzinfo=UTC
    )


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(ZONES),
)
def test_next_open_is_open_not_before_and_at_most_three_days_away(at, zone):
    opens = hours.next_open(at, zone)
    assert hours.is_open(opens, zone)
    assert at <= opens <= at + timedelta(days=3)
    assert hours.next_open(opens, zone) == opens


@pytest.mark.parametrize(
    ("pace", "at", "meeting", "expected"),
    [
        (Pace.AT_ONCE, berlin(15, 22), None, (Pace.AT_ONCE, berlin(16, 7))),
        (Pace.UNCOUNTED, berlin(15, 22), None, (Pace.UNCOUNTED, berlin(16, 7))),
        (Pace.DIGEST, berlin(15, 10), None, (Pace.DIGEST, berlin(16, 7))),
        # A meeting of that day, and one before mail goes again: at any hour.
        (Pace.AT_ONCE, berlin(15, 6), berlin(15, 6, 30), (Pace.UNCOUNTED, berlin(15, 6))),
        (Pace.DIGEST, berlin(15, 10), berlin(15, 18), (Pace.UNCOUNTED, berlin(15, 10))),
        (Pace.AT_ONCE, berlin(18, 21), berlin(19, 6, 30), (Pace.UNCOUNTED, berlin(18, 21))),
        # One of that day, or of the weekend, that leaves time until the day begins: then.
        (Pace.AT_ONCE, berlin(15, 2), berlin(15, 15), (Pace.UNCOUNTED, berlin(15, 7))),
        (Pace.AT_ONCE, berlin(18, 21), berlin(19, 11), (Pace.UNCOUNTED, berlin(19, 7))),
        (Pace.AT_ONCE, berlin(19, 2), berlin(19, 15), (Pace.UNCOUNTED, berlin(19, 7))),
        (Pace.AT_ONCE, berlin(19, 12), berlin(20, 15), (Pace.UNCOUNTED, berlin(19, 12))),
        # After a meeting: by day on its day, a weekend's too, and never at night.
        (Pace.AT_ONCE, berlin(15, 19, 30), berlin(15, 18, 30), (Pace.UNCOUNTED, berlin(15, 19, 30))),
        (Pace.AT_ONCE, berlin(15, 20, 5), berlin(15, 19), (Pace.AT_ONCE, berlin(16, 7))),
        (Pace.AT_ONCE, berlin(19, 12, 5), berlin(19, 11), (Pace.UNCOUNTED, berlin(19, 12, 5))),
        (Pace.AT_ONCE, berlin(19, 20, 5), berlin(19, 19), (Pace.AT_ONCE, berlin(21, 7))),
        (Pace.AT_ONCE, berlin(15, 22), berlin(16, 9), (Pace.UNCOUNTED, berlin(16, 7))),
        # The reminder of a meeting on Saturday goes on Saturday, not on Monday; of one on Monday, on Monday.
        (Pace.DIGEST, berlin(18, 12), berlin(19, 11), (Pace.UNCOUNTED, berlin(19, 7))),
        (Pace.DIGEST, berlin(18, 12), berlin(21, 11), (Pace.DIGEST, berlin(21, 7))),
        (Pace.DIGEST, berlin(15, 12), berlin(16, 6), (Pace.UNCOUNTED, berlin(16, 6))),
    ],
)
def test_when_due_by_pace_hour_and_meeting(pace, at, meeting, expected):
    assert hours.when_due(pace, at, BERLIN, meeting) == expected


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(ZONES),
    st.timedeltas(timedelta(days=-3), timedelta(days=3)),
)
def test_at_night_comes_only_what_a_meeting_of_that_night_needs(at, zone, ahead):
    chance = hours.next_chance(at, zone, at + ahead)
    assert at <= chance <= hours.next_open(at, zone)
    assert hours.next_chance(chance, zone, at + ahead) == chance
    if not 7 <= chance.astimezone(zone).hour < 20:
        assert chance == at <= at + ahead < hours.next_dawn(at, zone)
