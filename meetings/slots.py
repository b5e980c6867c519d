"""When people who said which hours of the week suit them can meet. Plain Python on hours and zones.

Everything is reckoned in UTC and asked in local time, so that the weeks in which only one of two countries
has set its clocks come out right.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

STEP = timedelta(minutes=15)  # every offset in use today is a multiple of it
DAY = timedelta(days=1)
OFFICE_HOURS = frozenset(day * 24 + hour for day in range(5) for hour in range(9, 17))
AWAKE = range(7, 21)
NEAR = 4  # days of which a second hour is offered
APART = timedelta(hours=3)


@dataclass(frozen=True)
class Week:
    """The hours of the week that suit one person, 0 to 167 from Monday 00:00, in their zone.

    Without any, those of an office.
    """

    hours: frozenset[int]
    zone: ZoneInfo

    def suits(self, start: datetime, minutes: int) -> bool:
        return all(hour_of_week(moment, self.zone) in self.usable for moment in quarters(start, minutes))

    def awake(self, start: datetime, minutes: int) -> bool:
        return all(moment.astimezone(self.zone).hour in AWAKE for moment in quarters(start, minutes))

    @property
    def usable(self) -> frozenset[int]:
        return self.hours or OFFICE_HOURS


@dataclass(frozen=True)
class Slot:
    """`unsuited` are the indices of those whose hours it does not suit."""

    starts_at: datetime
    unsuited: tuple[int, ...] = ()


Busy = Collection[tuple[datetime, datetime]]


def suggest(
    weeks: Sequence[Week],
    *,
    minutes: int,
    around: datetime,
    earliest: datetime,
    zone: ZoneInfo,
    busy: Busy = (),
    days_before: int = 7,
    days_after: int = 14,
    count: int = 6,
) -> list[Slot]:
    """Up to `count` times near `around`, in their order: a few days, at two hours each.

    All of them suit everybody; only where nothing does, they suit as many as possible, and nobody at night.
    """
    first = max(earliest, around - days_before * DAY)
    free = [
        start
        for start in moments(first, around + days_after * DAY)
        if start != around and is_free(start, minutes, busy)
    ]
    judged = [Slot(start, unsuited(weeks, start, minutes)) for start in free]
    best = [slot for slot in judged if not slot.unsuited]
    if not best:
        awake = [slot for slot in judged if all(week.awake(slot.starts_at, minutes) for week in weeks)]
        fewest = min((len(slot.unsuited) for slot in awake), default=0)
        best = [slot for slot in awake if len(slot.unsuited) == fewest]
    return sorted(spread(best, around, zone, count), key=lambda slot: slot.starts_at)


def spread(slots: Iterable[Slot], around: datetime, zone: ZoneInfo, count: int) -> list[Slot]:
    """The best hour of the nearest days, then another hour of each, well apart; then days farther off."""
    by_day: dict[date, list[Slot]] = {}
    for slot in sorted(slots, key=lambda slot: rank(slot.starts_at, around, zone)):
        of_day = by_day.setdefault(slot.starts_at.astimezone(zone).date(), [])
        if all(abs(slot.starts_at - other.starts_at) >= APART for other in of_day):
            of_day.append(slot)
    wanted = around.astimezone(zone).date()
    days = sorted(by_day, key=lambda day: (abs(day - wanted), day))
    near, far = days[:NEAR], days[NEAR:]
    best = [by_day[day][0] for day in near]
    others = [slot for day in near for slot in by_day[day][1:2]]
    return (best + others + [by_day[day][0] for day in far])[:count]


def rank(start: datetime, around: datetime, zone: ZoneInfo) -> tuple[int, int, datetime]:
    """Full hours before half ones before quarters, then near the hour of `around`."""
    local, wanted = start.astimezone(zone), around.astimezone(zone)
    roundness = 0 if local.minute == 0 else 1 if local.minute == 30 else 2
    return roundness, abs(minute_of_day(local) - minute_of_day(wanted)), start


def rhythm(
    weeks: Sequence[Week],
    *,
    first: datetime,
    count: int,
    weeks_between: int,
    minutes: int,
    zone: ZoneInfo,
    busy: Busy = (),
    until: datetime,
) -> list[Slot]:
    """`count` times from `first` on, every so many weeks at the same hour of `zone`, none after `until`.

    Where that hour does not suit, or is taken, the nearest that does within half the distance to the next;
    where nothing does, the hour itself, with whom it does not suit.
    """
    made: list[Slot] = []
    taken = list(busy)
    half = min(6, weeks_between * 7 // 2)
    for number in range(count):
        wanted = shifted(first, number * weeks_between, zone)
        if wanted + timedelta(minutes=minutes) > until:
            break
        slot = Slot(wanted, unsuited(weeks, wanted, minutes))
        if number and (slot.unsuited or not is_free(wanted, minutes, taken)):
            nearest = suggest(
                weeks,
                minutes=minutes,
                around=wanted,
                earliest=made[-1].starts_at + DAY if made else first,
                zone=zone,
                busy=taken,
                days_before=half,
                days_after=half,
                count=1,
            )
            if nearest and not nearest[0].unsuited and nearest[0].starts_at < until:
                slot = nearest[0]
        made.append(slot)
        taken.append((slot.starts_at, slot.starts_at + timedelta(minutes=minutes)))
    return made


def shifted(first: datetime, weeks: int, zone: ZoneInfo) -> datetime:
    """The same weekday and hour on the clocks of `zone`, so many weeks later."""
    local = first.astimezone(zone)
    later = datetime.combine(local.date() + timedelta(weeks=weeks), local.time(), tzinfo=zone)
    return later.astimezone(UTC)


def moments(first: datetime, last: datetime) -> Iterator[datetime]:
    """Every quarter of an hour from `first` to `last`."""
    moment = first.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    while moment <= last:
        if moment >= first:
            yield moment
        moment += STEP


def quarters(start: datetime, minutes: int) -> Iterator[datetime]:
    """The moments at which a meeting could touch another hour of anybody's week."""
    moment, end = start, start + timedelta(minutes=minutes)
    while moment < end:
        yield moment
        moment += STEP
    yield end - timedelta(seconds=1)


def unsuited(weeks: Sequence[Week], start: datetime, minutes: int) -> tuple[int, ...]:
    return tuple(number for number, week in enumerate(weeks) if not week.suits(start, minutes))


def is_free(start: datetime, minutes: int, busy: Busy) -> bool:
    end = start + timedelta(minutes=minutes)
    return not any(begins < end and start < ends for begins, ends in busy)


def hour_of_week(moment: datetime, zone: ZoneInfo) -> int:
    local = moment.astimezone(zone)
    return local.weekday() * 24 + local.hour


def minute_of_day(local: datetime) -> int:
    return local.hour * 60 + local.minute
