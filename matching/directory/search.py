"""Who in an informal cohort fits a person: the solver's rules and score, for one row of its table."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Q, QuerySet

from matching import reasons
from matching.models import Request
from matching.people_of import Snapshot
from matching.requests import MOST_RECEIVED, known_of
from matching.rules import blocked
from matching.scoring import lot, lots, scores
from participants.models import Part, PersonLanguage, Profile, Site, Topic
from programmes.models import Enrolment, Role


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched for; empty finds everybody."""

    topic: Topic | None = None
    language: str = ""
    site: Site | None = None


EVERYBODY = Wanted()


def candidates(mine: Enrolment, wanted: Wanted) -> QuerySet[Enrolment]:
    """The other role of the cohort, without those who said no to this person before. Nobody is found by what
    they keep back."""
    found = (
        Enrolment.objects.accepted()
        .filter(cohort=mine.cohort, person__is_active=True)
        .exclude(role=mine.role)
        .exclude(requests_received__in=Request.objects.filter(asker=mine, state=Request.State.DECLINED))
    )
    if wanted.topic:
        side = "interests" if mine.role == Role.MENTOR else "expertise"
        fitting = Profile.objects.filter(**{f"{side}__topic": wanted.topic}).values("person")
        found = found.filter(person__in=fitting)
    if wanted.language:
        level = mine.cohort.programme.matching_policy.language_level
        found = found.filter(
            person__in=PersonLanguage.objects.filter(code=wanted.language, level__gte=level).values("person")
        ).exclude(person__profile__hidden__contains=[Part.LANGUAGES])
    if wanted.site:
        found = found.filter(person__site=wanted.site)
        found = found.exclude(person__profile__hidden__contains=[Part.SITE])
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Enrolments that may be asked, the best first, with what is needed to say why."""

    snapshot: Snapshot
    ids: list[int]
    pairs: np.ndarray
    has_room: bool

    def breakdowns(self, part: slice) -> list[dict[str, Any]]:
        return reasons.breakdowns(self.snapshot, self.pairs[part])


def search(mine: Enrolment, wanted: Wanted = EVERYBODY, *, only: int | None = None) -> Found:
    """Everybody the rules allow, by score. Who would break a rule, or is on either's list of people they
    would rather avoid, is not in it, and nothing tells why. `only` asks about one enrolment."""
    others = candidates(mine, wanted)
    if only is not None:
        others = others.filter(pk=only)
    snapshot = known_of(mine.cohort, Enrolment.objects.filter(Q(pk=mine.pk) | Q(pk__in=others.values("pk"))))
    mentoring = mine.role == Role.MENTOR
    own, ids = (
        (snapshot.mentors, snapshot.mentee_ids) if mentoring else (snapshot.mentees, snapshot.mentor_ids)
    )
    sides = (snapshot.mentors, snapshot.mentees)
    bits = blocked(*sides, snapshot.rules, forbidden=snapshot.forbidden).ravel()
    score = scores(*sides, snapshot.weights).ravel()
    rows = np.flatnonzero(bits == 0)
    one, two = lots(snapshot.mentors.key, snapshot.mentees.key)
    drawn = lot(one[:, None], two[None, :]).ravel()
    rows = rows[np.lexsort((drawn[rows], -score[rows].astype(np.int64)))]
    zero = np.zeros(len(rows), np.int64)
    pairs = np.stack([zero, rows] if mentoring else [rows, zero], axis=1)
    return Found(snapshot, [ids[row] for row in rows], pairs, bool(len(own) and own.capacity[0]))


def busy(enrolments: list[int], at: Any) -> set[int]:
    """Those who have as many requests to answer as one should."""
    received = Request.objects.open(at).filter(asked__in=enrolments).values_list("asked", flat=True)
    counts: dict[int, int] = {}
    for pk in received:
        counts[pk] = counts.get(pk, 0) + 1
    return {pk for pk, count in counts.items() if count >= MOST_RECEIVED}


def between(mine: Enrolment, at: Any) -> dict[int, Request]:
    """Open requests of this person, made and received, by the other enrolment."""
    found = Request.objects.open(at).filter(Q(asker=mine) | Q(asked=mine)).with_people()
    return {r.asked_id if r.asker_id == mine.pk else r.asker_id: r for r in found}
