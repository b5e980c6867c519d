"""When people have time, and how long they have been here, as columns of the core."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from matching.people import HOURS


# The product asks for four levels of a language, the core compares the six of the Common European Framework.
def full_years(since: date | None, on: date) -> int:
    if since is None:
        return 0
    return max(0, on.year - since.year - ((on.month, on.day) < (since.month, since.day)))


def free_hours(people: list[tuple[list[int], str]], *, in_week_of: date) -> NDArray[np.uint64]:
    """Hours of the week in people's own time zones, as `People.hours` in UTC.

    The offsets are those of the week of `in_week_of`, from Monday to Sunday in UTC. An hour of UTC counts as
    free when all of it is: where a zone is off by half an hour, both local hours it touches must be.
    """
    monday = in_week_of - timedelta(days=in_week_of.weekday())
    midnight = datetime(monday.year, monday.month, monday.day, tzinfo=UTC)
    hours = [midnight + timedelta(hours=hour) for hour in range(HOURS)]
    free = np.zeros((len(people), HOURS), np.bool_)
    zones: dict[str, list[int]] = defaultdict(list)
    for row, (local, zone) in enumerate(people):
        free[row, local] = True
        zones[zone].append(row)
    out = np.zeros((len(people), 192), np.bool_)
    for zone, rows in zones.items():
        begins = [_hour_of_week(hour.astimezone(ZoneInfo(zone))) for hour in hours]
        ends = [_hour_of_week((h + timedelta(minutes=59)).astimezone(ZoneInfo(zone))) for h in hours]
        out[rows, :HOURS] = free[np.ix_(rows, begins)] & free[np.ix_(rows, ends)]
    return np.packbits(out, axis=1, bitorder="little").view("<u8").astype(np.uint64)


def _hour_of_week(moment: datetime) -> int:
    return moment.weekday() * 24 + moment.hour
