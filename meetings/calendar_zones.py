"""VTIMEZONE components (RFC 5545, section 3.6.5) made from the time zone database.

The parts are icalendar's; its own `Timezone.from_tzid` puts spring onsets an hour late and leaves out
the second year of zones without a yearly rule, see docs/decisions/calendar-messages.md.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
SAMPLE_YEARS = 6


@dataclass(frozen=True)
class Change:
    """The moment a zone's offset becomes another; `onset` is what its clocks showed until then."""

    onset: datetime
    before: timedelta
    after: timedelta
    name: str


@lru_cache(maxsize=256)
def vtimezone(zone: ZoneInfo, year: int) -> Timezone:
    """How `zone` sets its clocks in `year` and in the years around it.

    Zones with a lasting yearly rule are written with it, as Outlook expects; others change by change.
    """
    component = Timezone()
    component.add("tzid", zone.key)
    found = changes(zone, year - 1, year + SAMPLE_YEARS - 2)
    by_rule = rules(found)
    if by_rule:
        for change, rule in by_rule:
            component.add_component(observance(change, rule))
        return component
    start = datetime(year - 1, 1, 1, tzinfo=UTC).astimezone(zone)
    offset = start.utcoffset() or timedelta(0)
    first = Change(start.replace(tzinfo=None), offset, offset, start.tzname() or zone.key)
    for change in [first, *found]:
        component.add_component(observance(change))
    return component


def changes(zone: ZoneInfo, first_year: int, last_year: int) -> list[Change]:
    """Every change of the offset from the beginning of `first_year` to the end of `last_year`, UTC."""
    found = []
    at, end = datetime(first_year, 1, 1, tzinfo=UTC), datetime(last_year + 1, 1, 1, tzinfo=UTC)
    step = timedelta(days=1)
    while at < end:
        if offset_at(zone, at) != offset_at(zone, at + step):
            found.append(change_between(zone, at, at + step))
        at += step
    return found


def change_between(zone: ZoneInfo, low: datetime, high: datetime) -> Change:
    """By bisection to the second; low has the earlier offset, high the later."""
    before = offset_at(zone, low)
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        if offset_at(zone, middle) == before:
            low = middle
        else:
            high = middle
    local = high.astimezone(zone)
    return Change((high + before).replace(tzinfo=None), before, offset_at(zone, high), local.tzname() or "")


def rules(found: list[Change]) -> list[tuple[Change, dict[str, object]]]:
    """The two yearly rules the changes follow, each with its first change; empty where they follow none."""
    kinds: dict[object, list[Change]] = defaultdict(list)
    for change in found:
        kinds[(change.before, change.after, change.name, change.onset.month, change.onset.time())].append(
            change
        )
    if len(kinds) != 2:
        return []
    made = []
    for alike in kinds.values():
        weekdays = {change.onset.weekday() for change in alike}
        places = set.intersection(*(places_in_month(change.onset) for change in alike))
        if len(alike) != SAMPLE_YEARS or len(weekdays) != 1 or not places:
            return []
        day = f"{min(places)}{DAYS[weekdays.pop()]}"
        made.append((alike[0], {"freq": "yearly", "bymonth": alike[0].onset.month, "byday": day}))
    return made


def places_in_month(day: datetime) -> set[int]:
    """The third Sunday is 3; the last one is also -1."""
    return {(day.day - 1) // 7 + 1} | ({-1} if (day + timedelta(days=7)).month != day.month else set())


def observance(change: Change, rule: dict[str, object] | None = None) -> TimezoneDaylight | TimezoneStandard:
    component = TimezoneDaylight() if change.after > change.before else TimezoneStandard()
    component.add("dtstart", change.onset)
    component.add("tzoffsetfrom", change.before)
    component.add("tzoffsetto", change.after)
    component.add("tzname", change.name)
    if rule:
        component.add("rrule", rule)
    return component


def offset_at(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)
