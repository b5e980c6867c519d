"""Whom somebody may find by name when they say with whom they would like to be matched."""

import time
from functools import reduce
from operator import or_

from django.core.cache import cache
from django.db.models import Q

from participants.models import Person
from participants.models.person import PersonQuerySet
from programmes.models import Cohort, Enrolment, Role

SHORTEST, MOST, PER_MINUTE = 3, 8, 40
TAKES_PART = [Enrolment.State.APPLIED, Enrolment.State.ACCEPTED, Enrolment.State.WAITLISTED]


def candidates(cohort: Cohort, role: str, person: Person) -> PersonQuerySet:
    """Those who may take part in the other role than `role`, by rule, invited or enrolled: never the whole
    directory, and nothing says which of the three somebody is."""
    other = Role(role).other
    known = [
        Q(pk__in=cohort.enrolments.filter(role=other, state__in=TAKES_PART).values("person")),
        Q(pk__in=cohort.invitations.filter(role=other).values("person")),
        *(
            Q(pk__in=rule.people().values("pk"))
            for rule in cohort.programme.eligibility.filter(role=other).select_related(
                "lowest_grade", "highest_grade"
            )
        ),
    ]
    return Person.objects.active().filter(reduce(or_, known)).exclude(pk=person.pk)


def named(people: PersonQuerySet, text: str) -> list[Person]:
    """At most eight whose name has every word of `text`, or whose address it is; nobody for less than three
    letters."""
    words = text.split()
    if len("".join(words)) < SHORTEST:
        return []
    by_name = reduce(lambda found, word: found & Q(name__icontains=word), words[:5], Q())
    return list(
        people.filter(by_name | Q(email=text.strip().lower())).select_related("unit", "profile")[:MOST]
    )


def may_look(person: Person) -> bool:
    """Whether `person` has not looked for names more than forty times in this minute: enough for whoever
    types, too slow for whoever collects."""
    key = f"find-people:{person.pk}:{int(time.time() // 60)}"
    cache.add(key, 0, timeout=60)
    try:
        return cache.incr(key) <= PER_MINUTE
    except ValueError:  # the minute ended between the two
        return True
