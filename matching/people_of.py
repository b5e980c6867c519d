"""What the database knows of a cohort's people, as the arrays the matching core reads.

A constant number of queries, however many people there are. Avoidances are read here without a viewer and
leave this module only as rows of numbers.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from numpy.typing import NDArray

from domain.errors import DomainError
from matching.hours import free_hours, full_years
from matching.models import Block, Member, Mentorship
from matching.models.mentorship import MentorshipQuerySet
from matching.people import People, Ragged
from matching.policies import CEFR, policy_for, rules_of, tried, weights_of
from matching.rules import Rules, blocked_pairs
from matching.scoring import Weights
from matching.solution import Order
from participants.models import (
    Expertise,
    Grade,
    Interest,
    PersonLanguage,
)
from programmes.models import Avoidance, Cohort, Enrolment, Programme, Role, Wish

# The product asks for four levels of a language, the core compares the six of the Common European Framework.
# Who counts as a partner: offered and not yet answered, or together now.
CURRENT = (Mentorship.State.OFFERED, *Mentorship.LIVE)
MATCHED = (Cohort.State.RUNNING, Cohort.State.CLOSED, Cohort.State.ARCHIVED)


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Row i of `mentors` is the enrolment `mentor_ids[i]`; the same for mentees."""

    mentors: People
    mentees: People
    mentor_ids: list[int]
    mentee_ids: list[int]
    topics: list[int]
    """The topic behind each column of expertise and interest."""
    languages: list[str]
    forbidden: NDArray[np.int64]
    """(mentor row, mentee row) a coordinator ruled out."""
    rules: Rules
    weights: Weights
    order: Order

    def with_room(self) -> set[int]:
        """Enrolments that have a place left."""
        sides = ((self.mentor_ids, self.mentors), (self.mentee_ids, self.mentees))
        return {pk for ids, of in sides for pk, room in zip(ids, of.capacity, strict=True) if room}

    def broken(self, pairs: Sequence[tuple[int, int]]) -> list[int]:
        """Bits of the rules each (mentor enrolment, mentee enrolment) breaks; both must be in it."""
        mentor = {pk: row for row, pk in enumerate(self.mentor_ids)}
        mentee = {pk: row for row, pk in enumerate(self.mentee_ids)}
        rows = np.array([(mentor[one], mentee[two]) for one, two in pairs], np.int64).reshape(-1, 2)
        bits = blocked_pairs(self.mentors, self.mentees, self.rules, rows, forbidden=self.forbidden)
        return bits.tolist()


def people_of(
    cohort: Cohort,
    *,
    only: Collection[int] | QuerySet[Enrolment] | None = None,
    trial: Mapping[str, Any] | None = None,
    move_price: int | None = None,
    aside: Mentorship | None = None,
) -> Snapshot:
    """Everybody accepted in the cohort, or those of them among the enrolments, or their ids, in
    `only`. `trial` are values of the policy to try instead of the saved ones. With a `move_price`, offers
    nobody has accepted yet take up no room: their two may be given others, where that gains more points.
    `aside` is left out of account, as if it had never been made.

    Hours are converted with the UTC offsets of the week the cohort starts in, years in the company are full
    years on its first day. Raises DomainError when grades are compared and not in order.
    """
    policy = tried(policy_for(cohort.programme), trial)
    accepted = Enrolment.objects.accepted().filter(cohort=cohort, person__is_active=True)
    if only is not None:
        accepted = accepted.filter(Q(pk__in=only))
    enrolments = list(accepted.select_related("person__grade").order_by("pk"))
    if policy.grade_gap:
        _demand_ordered_grades(accepted)
    known = _Known(cohort, enrolments, moves=move_price is not None, aside=aside)
    sides = {role: [e for e in enrolments if e.role == role] for role in Role}
    mentors, mentees = known.people(sides[Role.MENTOR]), known.people(sides[Role.MENTEE])
    return Snapshot(
        mentors=mentors,
        mentees=mentees,
        mentor_ids=[e.pk for e in sides[Role.MENTOR]],
        mentee_ids=[e.pk for e in sides[Role.MENTEE]],
        topics=known.topics,
        languages=known.languages,
        forbidden=_ruled_out(cohort.programme, mentors, mentees),
        rules=rules_of(policy),
        weights=replace(weights_of(policy), stay=move_price or 0),
        order=Order(policy.aim),
    )


def demand_ready(cohort: Cohort) -> None:
    """Raises DomainError with what has to be done first, where a run could lead to nothing."""
    accepted = Enrolment.objects.accepted().filter(cohort=cohort, person__is_active=True)
    roles = set(accepted.order_by().values_list("role", flat=True).distinct())
    if Role.MENTOR not in roles:
        raise DomainError(_("Nobody is accepted as a mentor yet. Accept enrolments first."))
    if Role.MENTEE not in roles:
        raise DomainError(_("Nobody is accepted as a mentee yet. Accept enrolments first."))
    if policy_for(cohort.programme).grade_gap:
        _demand_ordered_grades(accepted)


def _demand_ordered_grades(accepted: QuerySet[Enrolment]) -> None:
    unordered = Grade.objects.filter(rank=None, people__enrolments__in=accepted).order_by("name").distinct()
    if names := [grade.name for grade in unordered]:
        raise DomainError(
            _("Put the grades in order first. These have no rank yet: %(names)s.")
            % {"names": ", ".join(names)}
        )
    without = accepted.filter(person__grade=None).order_by("person__name")
    if people := list(without.values_list("person__name", flat=True)):
        raise DomainError(
            ngettext(
                "%(count)s person has no grade, so seniority cannot be compared: %(names)s.",
                "%(count)s people have no grade, so seniority cannot be compared: %(names)s.",
                len(people),
            )
            % {"count": len(people), "names": ", ".join(people[:5]) + (" …" if len(people) > 5 else "")}
        )


class _Known:
    """What is read once for all people of both sides, by id."""

    def __init__(
        self, cohort: Cohort, enrolments: list[Enrolment], *, moves: bool, aside: Mentorship | None
    ) -> None:
        self.moves, self.aside = moves, aside
        self.starts_on = cohort.starts_on
        ids = [e.pk for e in enrolments]
        people = [e.person_id for e in enrolments]
        self.spoken = _grouped(
            PersonLanguage.objects.filter(person__in=people).values_list("person", "code", "level")
        )
        self.expertise = _grouped(
            Expertise.objects.filter(profile__person__in=people).values_list(
                "profile__person", "topic", "level", "years"
            )
        )
        self.interest = _grouped(
            Interest.objects.filter(profile__person__in=people).values_list(
                "profile__person", "topic", "priority"
            )
        )
        self.wishes = _grouped(
            Wish.objects.filter(enrolment__in=ids).order_by("rank").values_list("enrolment", "person")
        )
        self.avoids = _grouped(Avoidance.objects.filter(enrolment__in=ids).values_list("enrolment", "person"))
        self._read_mentorships(cohort, people)
        self.waited = _rounds_waited(cohort, people)
        self.topics = sorted(
            {topic for rows in self.expertise.values() for topic, *_rest in rows}
            | {topic for rows in self.interest.values() for topic, *_rest in rows}
        )
        self.languages = sorted({code for rows in self.spoken.values() for code, _level in rows})

    def _read_mentorships(self, cohort: Cohort, people: list[int]) -> None:
        """Partners before and now, places taken in this cohort, mentorships seen through.

        An offer somebody declined is as if they had named the other among those they would rather not be
        with. Who was asked to join a group that began without them was never together with it.
        """
        self.together: dict[int, list[tuple[int, ...]]] = defaultdict(list)
        self.earlier: dict[int, list[tuple[int, ...]]] = defaultdict(list)
        self.elsewhere: dict[int, list[tuple[int, ...]]] = defaultdict(list)
        self.stays: dict[int, list[tuple[int, ...]]] = defaultdict(list)
        self.taken: dict[int, int] = defaultdict(int)
        self.completed: dict[int, int] = defaultdict(int)
        mine = list(
            Member.ever_asked.filter(enrolment__person__in=people)
            .exclude(mentorship__state=Mentorship.State.PROPOSED)
            .exclude(mentorship=self.aside)
            .annotate(only_asked=Member.ONLY_ASKED)
            .values_list(
                "mentorship",
                "enrolment",
                "enrolment__person",
                "role",
                "mentorship__state",
                "mentorship__confirmed_at",
                "mentorship__cohort",
                "mentorship__cohort__programme",
                "declined_at",
                "left_at",
                "only_asked",
            )
        )
        movable = set(movable_offers(cohort).values_list("pk", flat=True)) if self.moves else set()
        members = _grouped(
            Member.of_all_time.filter(mentorship__in={row[0] for row in mine}).values_list(
                "mentorship", "enrolment__person", "role", "left_at"
            )
        )
        for mentorship, enrolment, person, role, state, confirmed, of, programme, *answers in mine:
            declined, left, only_asked = answers
            others = [row for row in members[mentorship] if row[1] != role]
            partners = [(pk,) for pk, *_rest in others]
            self.completed[person] += state == Mentorship.State.COMPLETED and not only_asked
            if mentorship in movable and not only_asked:
                self.stays[person] += partners
                continue
            if state in CURRENT and of == cohort.pk and not left:
                # a group takes one of somebody's mentorships, however many are in it
                here = sum(gone is None for *_other, gone in others)
                self.taken[enrolment] += 1 if cohort.is_of_groups else here
            if declined and of == cohort.pk:
                self.avoids.setdefault(enrolment, []).extend(partners)
            if only_asked:
                continue
            if state in CURRENT or parted(state, left):
                self.together[person] += partners
            elif confirmed:
                before = self.earlier if programme == cohort.programme_id else self.elsewhere
                before[person] += partners

    def people(self, enrolments: list[Enrolment]) -> People:
        count = len(enrolments)
        topic = {pk: place for place, pk in enumerate(self.topics)}
        language = {code: place for place, code in enumerate(self.languages)}
        languages = np.zeros((count, len(language)), np.uint8)
        expertise, practice, interest = (np.zeros((count, len(topic)), np.uint8) for _table in range(3))
        for row, enrolment in enumerate(enrolments):
            person = enrolment.person_id
            for code, level in self.spoken.get(person, []):
                languages[row, language[code]] = CEFR[level]
            for pk, level, years in self.expertise.get(person, []):
                expertise[row, topic[pk]], practice[row, topic[pk]] = level, years
            for pk, priority in self.interest.get(person, []):
                interest[row, topic[pk]] = priority

        def column(read: Callable[[Enrolment], Any]) -> NDArray[Any]:
            return np.array([read(enrolment) for enrolment in enrolments])

        def keys(rows: dict[int, list[tuple[int, ...]]], by: str) -> Ragged:
            return Ragged.of([[pk for (pk,) in rows.get(getattr(e, by), [])] for e in enrolments])

        return People(
            key=column(lambda e: e.person_id),
            grade=column(lambda e: (e.person.grade.rank or 0) if e.person.grade else 0),
            unit=column(lambda e: e.person.unit_id or -1),
            profession=column(lambda e: e.person.profession_id or -1),
            site=column(lambda e: e.person.site_id or -1),
            years=column(lambda e: full_years(e.person.joined_on, self.starts_on)),
            languages=languages,
            hours=free_hours(
                [(e.weekly_hours, e.person.time_zone) for e in enrolments], in_week_of=self.starts_on
            ),
            remote=column(lambda e: e.meets_remotely),
            onsite=column(lambda e: e.meets_on_site),
            expertise=expertise,
            practice=practice,
            interest=interest,
            line=Ragged.of([e.person.line for e in enrolments]),
            capacity=column(lambda e: max(0, e.capacity - self.taken[e.pk])),
            wishes=keys(self.wishes, "pk"),
            avoids=keys(self.avoids, "pk"),
            together=keys(self.together, "person_id"),
            earlier=keys(self.earlier, "person_id"),
            elsewhere=keys(self.elsewhere, "person_id"),
            stays=keys(self.stays, "person_id"),
            waited=column(lambda e: self.waited.get(e.person_id, 0)),
            experience=column(lambda e: self.completed[e.person_id]),
        )


def parted(state: str, left: datetime | None) -> bool:
    """Whether it ended before its course was run: who parted are not proposed to each other again."""
    return state == Mentorship.State.ENDED or left is not None


def movable_offers(cohort: Cohort) -> MentorshipQuerySet:
    """Offers that none of their members has accepted yet."""
    accepted = Member.objects.exclude(accepted_at=None).filter(mentorship__cohort=cohort)
    return Mentorship.objects.filter(cohort=cohort, state=Mentorship.State.OFFERED).exclude(
        pk__in=accepted.values("mentorship")
    )


def current_pairs(cohort: Cohort) -> dict[tuple[int, int], int]:
    """(mentor enrolment, mentee enrolment) → mentorship, of all that are offered or live in the cohort."""
    sides: dict[int, dict[str, list[int]]] = {}
    members = Member.objects.filter(mentorship__cohort=cohort, mentorship__state__in=CURRENT)
    for mentorship, enrolment, role in members.values_list("mentorship", "enrolment", "role"):
        sides.setdefault(mentorship, {Role.MENTOR: [], Role.MENTEE: []})[role].append(enrolment)
    return {
        (mentor, mentee): mentorship
        for mentorship, of in sides.items()
        for mentor in of[Role.MENTOR]
        for mentee in of[Role.MENTEE]
    }


def _grouped(rows: Iterable[tuple[Any, ...]]) -> dict[Any, list[tuple[Any, ...]]]:
    """Rows by their first value."""
    groups: dict[Any, list[tuple[Any, ...]]] = {}
    for first, *rest in rows:
        groups.setdefault(first, []).append(tuple(rest))
    return groups


def _rounds_waited(cohort: Cohort, people: list[int]) -> dict[int, int]:
    """In how many earlier cohorts of the programme each person stood ready and was left without."""
    stood_ready = Enrolment.objects.filter(
        person__in=people,
        state__in=[Enrolment.State.ACCEPTED, Enrolment.State.WAITLISTED],
        cohort__programme=cohort.programme_id,
        cohort__starts_on__lt=cohort.starts_on,
        cohort__state__in=MATCHED,
    ).exclude(pk__in=Member.objects.exclude(mentorship__confirmed_at=None).values("enrolment"))
    rounds: dict[int, int] = defaultdict(int)
    for person in stood_ready.values_list("person", flat=True):
        rounds[person] += 1
    return rounds


def _ruled_out(programme: Programme, mentors: People, mentees: People) -> NDArray[np.int64]:
    """The programme's blocks as rows, whichever of the two is named first."""
    mentor_row = {int(key): row for row, key in enumerate(mentors.key)}
    mentee_row = {int(key): row for row, key in enumerate(mentees.key)}
    blocks = list(Block.objects.filter(programme=programme).values_list("first", "second"))
    pairs = [
        (mentor_row[one], mentee_row[two])
        for first, second in blocks
        for one, two in ((first, second), (second, first))
        if one in mentor_row and two in mentee_row
    ]
    return np.array(pairs, np.int64).reshape(-1, 2)
