"""The order of the grades: who is junior to whom."""

from collections import Counter
from collections.abc import Sequence

from django.db import connection, transaction
from django.utils.translation import gettext as _

from domain.errors import DomainError
from participants.models import Grade


@transaction.atomic
def order_grades(names: Sequence[str]) -> None:
    """Rank the grades from the lowest to the highest; those not named lose their rank."""
    grades = {grade.name.casefold(): grade for grade in Grade.objects.all()}
    if unknown := [name for name in names if name.casefold() not in grades]:
        raise DomainError(
            _("There is no grade “%(unknown)s”. There are: %(known)s.")
            % {"unknown": "”, “".join(unknown), "known": ", ".join(grade.name for grade in grades.values())}
        )
    for grade in grades.values():
        grade.rank = None
    for rank, name in enumerate(names, start=1):
        grades[name.casefold()].rank = rank
    Grade.objects.bulk_update(grades.values(), ["rank"])


# Of everybody with a line: whose grade stands above whose, however far above.
PAIRS = """
    SELECT above.grade_id, below.grade_id, count(*)
      FROM participants_person below
      CROSS JOIN LATERAL unnest(below.line) manager
      JOIN participants_person above ON above.id = manager
     WHERE below.is_active AND above.is_active AND above.grade_id <> below.grade_id
     GROUP BY 1, 2
"""


def suggested_order() -> list[Grade]:
    """A first guess from the reporting lines, the most senior first: the greater the share of those below
    among all whom the people of a grade have above or below them, the higher. The lines say nothing of
    grades without anybody below; these come last, by name."""
    below: Counter[int] = Counter()
    above: Counter[int] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(PAIRS)
        for high, low, pairs in cursor:
            below[high] += pairs
            above[low] += pairs

    def place(grade: Grade) -> tuple[float, int, str]:
        under, over = below[grade.pk], above[grade.pk]
        return (-under / (under + over) if under else 0, -under, grade.name.casefold())

    return sorted(Grade.objects.all(), key=place)
