"""Before a run: what is offered and wanted per topic, and whom the rules leave nobody; so that HR can invite
the right people in time."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, Sum
from numpy.typing import NDArray

from matching import explain
from matching.explain import Side
from matching.people_of import people_of
from matching.rules import matchable_with_nobody
from participants.models import Expertise, Interest, Topic
from programmes.models import Cohort, Enrolment, Role

# Above so many combinations the rules are not tried before the run; the run says it then.
MOST = 4_000_000
STATES = (Enrolment.State.ACCEPTED, Enrolment.State.APPLIED, Enrolment.State.WAITLISTED)


@dataclass(frozen=True, slots=True)
class TopicRow:
    topic: Topic
    mentors: int
    places: int
    mentees: int
    above_all: int

    @property
    def missing(self) -> int:
        """Mentees who want it above all beyond the places of those who offer it."""
        return max(0, self.above_all - self.places)


def per_topic(cohort: Cohort) -> list[TopicRow]:
    """Everybody accepted, applied or waiting; where most is missing first. Three queries."""

    def enrolled(role: str) -> Q:
        path = "profile__person__enrolments"
        return Q(**{f"{path}__cohort": cohort, f"{path}__role": role, f"{path}__state__in": STATES})

    offered = {
        row["topic"]: (row["mentors"], row["places"])
        for row in Expertise.objects.filter(enrolled(Role.MENTOR))
        .values("topic")
        .annotate(mentors=Count("pk"), places=Sum("profile__person__enrolments__capacity"))
    }
    wanted = {
        row["topic"]: (row["mentees"], row["above_all"])
        for row in Interest.objects.filter(enrolled(Role.MENTEE))
        .values("topic")
        .annotate(mentees=Count("pk"), above_all=Count("pk", filter=Q(priority=3)))
    }
    topics = Topic.objects.in_bulk(offered.keys() | wanted.keys())
    rows = [
        TopicRow(topic, *offered.get(pk, (0, 0)), *wanted.get(pk, (0, 0))) for pk, topic in topics.items()
    ]
    return sorted(rows, key=lambda row: (-row.missing, -row.mentees, str(row.topic)))


@dataclass(frozen=True, slots=True)
class Stranded:
    """Somebody whom the rules leave nobody, with what `reasons.why_nobody` reads."""

    enrolment: Enrolment
    entry: dict


def stranded(cohort: Cohort, most: int = 50) -> list[Stranded] | None:
    """Those who could be matched with nobody, whoever else is chosen; None where it is too much to try.
    Raises DomainError when grades are compared and not in order."""
    snapshot = people_of(cohort)
    if len(snapshot.mentors) * len(snapshot.mentees) > MOST:
        return None
    sides = (snapshot.mentors, snapshot.mentees, snapshot.rules)
    mentors, mentees = matchable_with_nobody(*sides, forbidden=snapshot.forbidden)
    found: list[tuple[int, dict]] = []
    both: list[tuple[Side, NDArray[Any], list[int]]] = [
        ("mentees", mentees, snapshot.mentee_ids),
        ("mentors", mentors, snapshot.mentor_ids),
    ]
    for side, rows, ids in both:
        free = [row for row in rows.tolist() if getattr(snapshot, side).capacity[row]]
        entries = explain.why_nobody(*sides, side=side, rows=free[:most], forbidden=snapshot.forbidden)
        found += [(ids[entry.row], explain.entry_of(entry)) for entry in entries]
    people = Enrolment.objects.select_related("person").in_bulk([pk for pk, _entry in found])
    return [Stranded(people[pk], entry) for pk, entry in found if pk in people]
