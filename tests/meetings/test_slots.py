import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from meetings import slots
from meetings.slots import Week, rhythm, suggest

BERLIN, NEW_YORK, KATHMANDU = (
    ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "Asia/Kathmandu")
)
NOW = datetime(2026, 9, 15, 10, 0, tzinfo=UTC)  # a Tuesday

zones = st.sampled_from(
    [BERLIN, NEW_YORK, KATHMANDU]
    + [ZoneInfo(z) for z in ("UTC", "Australia/Lord_Howe", "America/St_Johns", "Africa/Casablanca")]
)
weeks = st.builds(Week, st.frozensets(st.integers(0, 167), max_size=60), zones)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)


def at_hour(*days_and_hours: tuple[int, int]) -> frozenset[int]:
    return frozenset(day * 24 + hour for day, hour in days_and_hours)


def local(slot, zone) -> str:
    return f"{slot.starts_at.astimezone(zone):%a %d %b %H:%M}"


def in_every_minute(week: Week, start: datetime, minutes: int) -> bool:
    """The plain meaning of a grid, minute by minute."""
    return all(
        slots.hour_of_week(start + timedelta(minutes=minute), week.zone) in week.usable
        for minute in range(minutes)
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(weeks, min_size=2, max_size=4), moments, st.sampled_from([30, 45, 60]), zones)
def test_suggestions_suit_everybody_every_minute_or_as_many_as_possible(people, around, minutes, zone):
    earliest = around - timedelta(days=2)
    busy = [(around + timedelta(days=1), around + timedelta(days=1, hours=5))]
    found = suggest(people, minutes=minutes, around=around, earliest=earliest, zone=zone, busy=busy)
    starts = [slot.starts_at for slot in found]
    assert starts == sorted(set(starts))
    assert len(found) <= 6
    for slot in found:
        assert slot.starts_at >= earliest
        assert not (busy[0][0] - timedelta(minutes=minutes) < slot.starts_at < busy[0][1])
        can = [in_every_minute(week, slot.starts_at, minutes) for week in people]
        assert slot.unsuited == tuple(number for number, fits in enumerate(can) if not fits)
    assert len({len(slot.unsuited) for slot in found}) <= 1


def test_suggestions_are_the_nearest_days_at_two_hours():
    people = [Week(frozenset(), BERLIN), Week(frozenset(), BERLIN)]
    found = suggest(people, minutes=60, around=NOW + timedelta(days=3), earliest=NOW, zone=BERLIN)
    assert [local(slot, BERLIN) for slot in found] == [
        "Tue 15 Sep 12:00",
        "Wed 16 Sep 12:00",
        "Thu 17 Sep 09:00",
        "Thu 17 Sep 12:00",
        "Fri 18 Sep 11:00",
        "Fri 18 Sep 14:00",
    ]


def test_common_hour_of_two_zones_moves_while_only_one_has_set_its_clocks():
    """New York sets its clocks on 1 November, Berlin on 25 October: in between they are 5 hours apart."""
    people = [Week(at_hour((2, 15), (2, 16)), BERLIN), Week(at_hour((2, 10)), NEW_YORK)]
    for day, hour in ((21, 16), (28, 15)):
        around = datetime(2026, 10, day, tzinfo=UTC)
        [slot] = suggest(
            people, minutes=60, around=around, earliest=around, zone=BERLIN, days_before=0, days_after=2
        )
        assert local(slot, BERLIN) == f"Wed {day} Oct {hour}:00"
        assert slot.starts_at.astimezone(NEW_YORK).hour == 10


def test_half_hours_between_odd_zones_are_found():
    people = [Week(at_hour((0, 9), (0, 10)), BERLIN), Week(at_hour((0, 13)), KATHMANDU)]
    [slot] = suggest(people, minutes=60, around=NOW, earliest=NOW, zone=BERLIN, days_after=7)
    assert (local(slot, BERLIN), local(slot, KATHMANDU)) == ("Mon 21 Sep 09:15", "Mon 21 Sep 13:00")


def test_where_nothing_suits_all_it_suits_most_and_nobody_at_night():
    people = [Week(at_hour((0, 9)), BERLIN), Week(at_hour((0, 9)), BERLIN), Week(at_hour((3, 2)), BERLIN)]
    found = suggest(people, minutes=60, around=NOW, earliest=NOW, zone=BERLIN)
    assert {local(slot, BERLIN)[-5:] for slot in found} == {"09:00"}
    assert {slot.unsuited for slot in found} == {(2,)}
    apart = [Week(at_hour((0, 9)), BERLIN), Week(at_hour((0, 9)), ZoneInfo("Pacific/Auckland"))]
    for slot in suggest(apart, minutes=60, around=NOW, earliest=NOW, zone=BERLIN):
        assert all(week.awake(slot.starts_at, 60) for week in apart)


def rhythm_of(people, first, **more):
    arguments = {
        "count": 4,
        "weeks_between": 2,
        "minutes": 60,
        "zone": BERLIN,
        "until": NOW + timedelta(days=300),
    }
    return rhythm(people, first=first, **{**arguments, **more})


def test_rhythm_keeps_the_planners_hour_across_the_change_of_clocks():
    office = Week(frozenset(), BERLIN)
    found = rhythm_of([office, office], datetime(2026, 10, 6, 8, tzinfo=UTC))
    assert [local(slot, BERLIN) for slot in found] == [
        "Tue 06 Oct 10:00",
        "Tue 20 Oct 10:00",
        "Tue 03 Nov 10:00",
        "Tue 17 Nov 10:00",
    ]


def test_rhythm_steps_aside_where_the_hour_is_taken_or_does_not_suit():
    office = Week(frozenset(), BERLIN)
    first = datetime(2026, 10, 6, 8, tzinfo=UTC)
    taken = first + timedelta(weeks=2)
    found = rhythm_of([office, office], first, busy=[(taken, taken + timedelta(hours=1))], count=2)
    assert [local(slot, BERLIN) for slot in found] == ["Tue 06 Oct 10:00", "Tue 20 Oct 09:00"]


@settings(max_examples=40, deadline=None)
@given(st.lists(weeks, min_size=2, max_size=3), moments, st.integers(1, 6), st.integers(1, 5), zones)
def test_rhythm_is_in_order_within_its_end_and_never_twice_at_once(people, first, count, between, zone):
    first = first.replace(minute=0, second=0, microsecond=0)
    until = first + timedelta(weeks=10, hours=3)
    found = rhythm_of(people, first, count=count, weeks_between=between, zone=zone, until=until)
    starts = [slot.starts_at for slot in found]
    assert starts[0] == first
    assert all(later - earlier >= timedelta(minutes=60) for earlier, later in itertools.pairwise(starts))
    assert all(start + timedelta(minutes=60) <= until for start in starts)
    assert len(starts) == min(count, 1 + 10 // between)
