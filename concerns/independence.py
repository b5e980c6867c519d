"""Who can listen: somebody of another reporting line than everybody they would hear of."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, Exists, ExpressionWrapper, F, OuterRef, Q

from matching.models import Member

PEOPLE = ArrayField(BigIntegerField())


def has_part(person: str, mentorship: Any) -> Exists:
    """Whether the row's `person` is a member of the mentorship, or stands above or below one.

    `mentorship` as the query for its members sees it. Whoever left a group was in it, and their line stays
    out, too. That somebody arranges the meetings of a member counts for nothing: a member could shut out a
    confidant by naming them as delegate.
    """
    members = Member.of_all_time.filter(mentorship=mentorship).annotate(
        above_confidant=ExpressionWrapper(OuterRef(f"{person}__line"), PEOPLE)
    )
    return Exists(
        members.filter(
            Q(enrolment__person=OuterRef(person))
            | Q(enrolment__person__line__contains=[OuterRef(person)])
            | Q(above_confidant__contains=[F("enrolment__person")])
        )
    )
