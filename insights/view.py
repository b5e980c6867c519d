"""What a reader chose to see."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from programmes.models import Cohort


@dataclass(frozen=True, slots=True)
class Period:
    """A year, or a quarter of one: "2026", "2026-Q3"."""

    key: str
    first: date
    """The first days of its first and last month."""
    last: date

    @classmethod
    def of(cls, key: str) -> "Period | None":
        year, dash, quarter = key.partition("-Q")
        if not (year.isascii() and year.isdigit() and len(year) == 4 and "1900" < year < "2200"):
            return None
        if not dash:
            return cls(key, date(int(year), 1, 1), date(int(year), 12, 1)) if key == year else None
        if quarter not in ("1", "2", "3", "4"):
            return None
        begins = 3 * int(quarter) - 2
        return cls(key, date(int(year), begins, 1), date(int(year), begins + 2, 1))

    @property
    def label(self) -> str:
        return self.key.replace("-Q", " Q")

    def holds(self, cohort: Cohort) -> bool:
        """Whether the cohort ran in it."""
        return cohort.starts_on < self.last + timedelta(days=31) and cohort.ends_on >= self.first


@dataclass(frozen=True, slots=True)
class View:
    """What the reader chose."""

    cohort: Cohort | None = None
    role: str = ""
    period: Period | None = None
    unit: int | None = None
    grade: int | None = None
    site: int | None = None

    def takes(self, cohort: Cohort) -> bool:
        return (not self.cohort or cohort == self.cohort) and (not self.period or self.period.holds(cohort))

    @property
    def is_narrowed(self) -> bool:
        return self != View()

    def query(self, **changes: int) -> str:
        """For the address of this view, or of one beside it."""
        chosen = {
            "cohort": self.cohort and self.cohort.uuid,
            "period": self.period and self.period.key,
            "role": self.role,
            "unit": self.unit,
            "grade": self.grade,
            "site": self.site,
        } | changes
        return urlencode({name: value for name, value in chosen.items() if value})

    @property
    def is_of_a_part(self) -> bool:
        return bool(self.unit or self.grade or self.site)


def periods(cohorts: Collection[Cohort], at: datetime) -> list[Period]:
    """The years in which cohorts ran, each with its quarters, up to now; the newest first."""
    first = min((one.starts_on.year for one in cohorts), default=at.year)
    keys = [
        key
        for year in range(at.year, first - 1, -1)
        for key in (f"{year}", *(f"{year}-Q{n}" for n in (4, 3, 2, 1)))
    ]
    found = [period for key in keys if (period := Period.of(key))]
    return [one for one in found if one.first <= at.date() and any(one.holds(cohort) for cohort in cohorts)]
