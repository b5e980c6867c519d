"""The order of the grades: who is junior to whom."""

from collections.abc import Sequence

from django.db import transaction
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
