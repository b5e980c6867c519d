"""When mail may go: in working hours of the recipient's time zone, and round a meeting at any hour."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from notices.kinds import Pace


def is_open(at: datetime, zone: ZoneInfo) -> bool:
    local = at.astimezone(zone)
    opens, closes = settings.MAIL_HOURS
    return local.isoweekday() in settings.MAIL_DAYS and opens <= local.hour < closes


def next_open(at: datetime, zone: ZoneInfo) -> datetime:
    """`at` itself in working hours, else the next morning of a working day."""
    return at if is_open(at, zone) else next_morning(at, zone)


def next_morning(at: datetime, zone: ZoneInfo) -> datetime:
    """When the next working day begins that has not begun by `at`."""
    day = at.astimezone(zone).date()
    while (morning := morning_of(day, zone)) <= at or morning.isoweekday() not in settings.MAIL_DAYS:
        day += timedelta(days=1)
    return morning


def morning_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(settings.MAIL_HOURS[0]), tzinfo=zone)


def next_chance(at: datetime, zone: ZoneInfo, meeting_at: datetime | None) -> datetime:
    """`next_open`, but for what concerns a meeting at a weekend or at night: by day on the day of the
    meeting, or at once when it begins before the next day does. What is asked after a meeting never comes
    at night."""
    opens = next_open(at, zone)
    if meeting_at is None or opens == at:
        return opens
    dawn = next_dawn(at, zone)
    if dawn == at or at <= meeting_at < dawn:
        return at if is_for_a_meeting_now(at, zone, meeting_at) else opens
    return dawn if is_for_a_meeting_now(dawn, zone, meeting_at) else opens


def next_dawn(at: datetime, zone: ZoneInfo) -> datetime:
    """`at` itself by day, on whatever day, else when the next day begins."""
    local = at.astimezone(zone)
    opens, closes = settings.MAIL_HOURS
    if opens <= local.hour < closes:
        return at
    return morning_of(local.date() + timedelta(days=local.hour >= closes), zone)


def is_for_a_meeting_now(at: datetime, zone: ZoneInfo, meeting_at: datetime | None) -> bool:
    """Whether the meeting is on this very day, or comes before mail may go again."""
    if meeting_at is None:
        return False
    same_day = meeting_at.astimezone(zone).date() == at.astimezone(zone).date()
    return same_day or at <= meeting_at < next_open(at, zone)


def when_due(
    pace: Pace, at: datetime, zone: ZoneInfo, meeting_at: datetime | None = None
) -> tuple[Pace, datetime]:
    """How a notice that is posted at `at` goes by e-mail, and when at the earliest."""
    chance = next_chance(at, zone, meeting_at)
    if is_for_a_meeting_now(chance, zone, meeting_at):
        return Pace.UNCOUNTED, chance
    if pace != Pace.DIGEST:
        return pace, chance
    morning = next_morning(at, zone)
    if meeting_at and meeting_at > at:
        # Before a meeting at a weekend there is no digest any more; it goes on the day itself.
        own = min(meeting_at, morning_of(meeting_at.astimezone(zone).date(), zone))
        if own < morning:
            return Pace.UNCOUNTED, own
    return Pace.DIGEST, morning
