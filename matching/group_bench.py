"""What people decide about the groups of a run before anybody is told: kept together, kept apart, left out,
kept in a group, moved, and each taken back.

A decision holds for the cohort's later runs too. Every verb takes a reason, which only staff read, and the
`revision` its caller saw; if somebody decided something meanwhile it is refused.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.errors import DomainError
from matching import groups, workbench
from matching.actions import record
from matching.group_held import Held, held_in
from matching.group_runs import apart_in, breakdown_of, sizes_of
from matching.group_standing import refusal
from matching.models import Block, GroupDecision, MatchRun, Mentorship, ProposedGroup, Seat
from matching.people_of import Snapshot, people_of
from participants.models import Person
from programmes.models import Enrolment, Role

Kind = GroupDecision.Kind


@transaction.atomic
def keep_together(
    *,
    run: MatchRun,
    enrolment: Enrolment,
    other: Enrolment,
    reason: str,
    by: Person,
    revision: int,
    at: datetime | None = None,
) -> GroupDecision:
    """In the next runs they are in one group, or in none."""
    run = _turn(run, revision)
    _demand_two(enrolment, other)
    return _hold(run, Kind.TOGETHER, enrolment, [other], reason, by, at)


@transaction.atomic
def keep_apart(
    *,
    run: MatchRun,
    enrolment: Enrolment,
    other: Enrolment,
    reason: str,
    by: Person,
    revision: int,
    at: datetime | None = None,
) -> GroupDecision:
    """In no run of the programme are they in one group: a block, as for pairs."""
    run = _turn(run, revision)
    _demand_two(enrolment, other)
    two = (enrolment.person_id, other.person_id)
    if any({enrolment.pk, other.pk} == set(pair) for pair in held_in(run.cohort).together):
        raise DomainError(_("The two are kept together. Take that back first."), field="other")
    block = None
    if not Block.objects.filter(programme=run.cohort.programme_id, first__in=two, second__in=two).exists():
        block = Block.objects.create(
            programme=run.cohort.programme,
            first=enrolment.person,
            second=other.person,
            reason=_demanded(reason),
            created_by=by,
        )
    return _note(run, Kind.APART, enrolment, [other], reason, by, at, block=block)


@transaction.atomic
def leave_out(
    *,
    run: MatchRun,
    enrolment: Enrolment,
    reason: str,
    by: Person,
    revision: int,
    at: datetime | None = None,
) -> GroupDecision:
    """They stay enrolled, and no run of this cohort puts them into a group until it is taken back."""
    run = _turn(run, revision)
    if enrolment.pk in held_in(run.cohort).out:
        raise DomainError(_("%(who)s is left out already.") % {"who": enrolment.person})
    return _note(run, Kind.OUT, enrolment, [], reason, by, at)


@transaction.atomic
def pin(
    *,
    run: MatchRun,
    enrolment: Enrolment,
    group: ProposedGroup,
    reason: str,
    by: Person,
    revision: int,
    at: datetime | None = None,
) -> GroupDecision:
    """They stay in the group they are proposed for: in the next runs with its other mentors, whoever else
    is in it; a mentor without another with its mentees."""
    run = _turn(run, revision)
    _demand_open(run, group)
    if not group.seats.filter(enrolment=enrolment).exists():
        raise DomainError(_("%(who)s is not in this group.") % {"who": enrolment.person})
    return _hold(run, Kind.PIN, enrolment, _core(group, enrolment), reason, by, at)


@transaction.atomic
def move(
    *,
    run: MatchRun,
    enrolment: Enrolment,
    away_from: ProposedGroup | None,
    to: ProposedGroup,
    instead_of: Enrolment | None,
    reason: str,
    by: Person,
    revision: int,
    at: datetime | None = None,
) -> GroupDecision:
    """Put them into another proposed group at once, and keep them there in the next runs. `instead_of` takes
    their place, or is in no group where they had none. Every rule holds, for both groups."""
    run = _turn(run, revision)
    plan = plan_of(run, enrolment, away_from, to, instead_of)
    before = []
    for group, after in plan.changed:
        seats = list(group.seats.all())
        before.append(
            {
                "group": group.pk,
                "score": group.score,
                "breakdown": group.breakdown,
                "seats": [[seat.role, seat.enrolment_id] for seat in seats],
            }
        )
        _seat(group, after.seats)
        ProposedGroup.objects.filter(pk=group.pk).update(score=after.score, breakdown=after.breakdown)
    to = run.groups.with_seats().get(pk=to.pk)
    return _hold(run, Kind.MOVE, enrolment, _core(to, enrolment), reason, by, at, before=before)


@transaction.atomic
def undo(
    *, run: MatchRun, decision: GroupDecision, by: Person, revision: int, at: datetime | None = None
) -> GroupDecision:
    """Take a decision back, whoever took it; twice is once. A move brings both groups back as they were, as
    long as neither was changed or confirmed since; of an older run only what holds for later ones ends."""
    decision = GroupDecision.objects.with_people().get(pk=decision.pk, cohort=run.cohort_id)
    if decision.undone_at:
        return decision
    run = _turn(run, revision)
    if decision.before and decision.run_id == run.pk:
        _demand_untouched(run, decision)
        for row in decision.before:
            group = run.groups.get(pk=row["group"])
            _seat(group, [(role, pk) for role, pk in row["seats"]])
            ProposedGroup.objects.filter(pk=group.pk).update(score=row["score"], breakdown=row["breakdown"])
    if decision.block_id:
        Block.objects.filter(pk=decision.block_id).delete()
    at = at or timezone.now()
    decision.undone_at = at
    decision.save(update_fields=["undone_at"])
    record(by, [run], _("Undone: %(step)s.") % {"step": decision}, at)
    return decision


# --- What a move would mean -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class After:
    """A proposed group as it would be."""

    seats: list[tuple[str, int]]
    score: int
    breakdown: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """`changed` are the groups with what becomes of them. `placed` people are in a group now and afterwards;
    `floor` is the weakest group's score, `total` that of all pairs of a mentor and a mentee in a group."""

    changed: list[tuple[ProposedGroup, After]]
    displaced: Enrolment | None
    placed: tuple[int, int]
    floor: tuple[int, int]
    total: tuple[int, int]


def plan_of(
    run: MatchRun,
    enrolment: Enrolment,
    away_from: ProposedGroup | None,
    to: ProposedGroup,
    instead_of: Enrolment | None,
) -> Plan:
    """Raises DomainError where it cannot be: a group would break a rule, or go against another decision."""
    every = {group.pk: group for group in run.groups.with_seats()}
    to = every[to.pk]
    away = every[away_from.pk] if away_from else None
    for group in (to, away):
        if group:
            _demand_open(run, group)
    seats = {pk: [(s.role, s.enrolment_id) for s in group.seats.all()] for pk, group in every.items()}
    seat = (enrolment.role, enrolment.pk)
    if seat in seats[to.pk] or (away and seat not in seats[away.pk]):
        raise DomainError(_("Choose a group they are not in yet."), field="to")
    other = (instead_of.role, instead_of.pk) if instead_of else None
    if other and (other not in seats[to.pk] or other[0] != seat[0]):
        raise DomainError(_("Choose somebody of the other group who has the same role."), field="instead_of")
    if away and other and other in seats[away.pk]:
        raise DomainError(_("They are in both groups already."), field="instead_of")
    changed = {to.pk: [s for s in seats[to.pk] if s != other] + [seat]}
    if away:
        changed[away.pk] = [s for s in seats[away.pk] if s != seat] + ([other] if other else [])
    held = held_in(run.cohort)
    people = {pk for pk_seats in (*seats.values(), *changed.values()) for _role, pk in pk_seats}
    snapshot = people_of(run.cohort, only=held.with_companions(people))
    _demand_room(snapshot, enrolment, {**seats, **changed})
    after = {
        pk: _after(run, snapshot, every[pk], members, held if pk == to.pk else None)
        for pk, members in changed.items()
    }
    now = {pk: _worth(run, snapshot, every[pk], members) for pk, members in seats.items()}
    then = now | {pk: _worth(run, snapshot, every[pk], members) for pk, members in changed.items()}
    return Plan(
        changed=[(every[pk], found) for pk, found in after.items()],
        displaced=instead_of if instead_of and not away else None,
        placed=(_placed(seats), _placed({**seats, **changed})),
        floor=(min(s for s, _total in now.values()), min(s for s, _total in then.values())),
        total=(sum(t for _score, t in now.values()), sum(t for _score, t in then.values())),
    )


def _placed(seats: dict[int, list[tuple[str, int]]]) -> int:
    return len({pk for members in seats.values() for _role, pk in members})


def _after(
    run: MatchRun,
    snapshot: Snapshot,
    group: ProposedGroup,
    members: list[tuple[str, int]],
    held: Held | None,
) -> After:
    sizes = sizes_of(run.cohort)
    if not sizes.fit(*(sum(of == role for of, _pk in members) for role in Role)):
        raise DomainError(
            _("The group on “%(theme)s” would no longer have the right size. Let two people change places.")
            % {"theme": group.theme},
            field="instead_of",
        )
    problem = refusal(snapshot, group.theme_id, members, sizes, apart_in(run.cohort))
    if not problem and held:
        problem = held.against({pk for _role, pk in members}, snapshot.with_room())
    if problem:
        raise DomainError(
            _("The group on “%(theme)s” would not be possible: %(why)s")
            % {"theme": group.theme, "why": problem}
        )
    whole = _case(run, snapshot, group, members)[1]
    return After(members, whole.score, breakdown_of(snapshot, _in_snapshot(snapshot, group, members)))


def _worth(
    run: MatchRun, snapshot: Snapshot, group: ProposedGroup, members: list[tuple[str, int]]
) -> tuple[int, int]:
    """Score and total, as the people are now; of a group somebody has meanwhile left as it was proposed."""
    here = {*snapshot.mentor_ids, *snapshot.mentee_ids}
    if any(pk not in here for _role, pk in members) or group.theme_id not in snapshot.topics:
        pairs = sum(role == Role.MENTOR for role, _pk in members)
        return group.score, group.score * pairs * (len(members) - pairs)
    case, whole = _case(run, snapshot, group, members)
    return whole.score, case.total(whole.theme, whole.mentors, whole.mentees)


def _in_snapshot(
    snapshot: Snapshot, group: ProposedGroup, members: Collection[tuple[str, int]]
) -> groups.Group:
    """The group as rows of the snapshot."""
    rows = [
        tuple(sorted(ids.index(pk) for of, pk in members if of == role))
        for role, ids in ((Role.MENTOR, snapshot.mentor_ids), (Role.MENTEE, snapshot.mentee_ids))
    ]
    return groups.Group(rows[0], rows[1], snapshot.topics.index(group.theme_id))


def _case(
    run: MatchRun, snapshot: Snapshot, group: ProposedGroup, members: Collection[tuple[str, int]]
) -> tuple[groups.Case, groups.Group]:
    rows = _in_snapshot(snapshot, group, members)
    case = groups.case_of(
        snapshot.mentors.take(rows.mentors),
        snapshot.mentees.take(rows.mentees),
        snapshot.rules,
        snapshot.weights,
        sizes_of(run.cohort),
        themes=[rows.theme],
    )
    return case, case.group(rows.theme, range(len(rows.mentors)), range(len(rows.mentees)))


def _demand_room(snapshot: Snapshot, enrolment: Enrolment, seats: dict[int, list[tuple[str, int]]]) -> None:
    """No more proposed groups than the person has places."""
    ids, side = (
        (snapshot.mentor_ids, snapshot.mentors)
        if enrolment.role == Role.MENTOR
        else (snapshot.mentee_ids, snapshot.mentees)
    )
    if enrolment.pk not in ids:
        raise DomainError(_("Somebody of the group is no longer enrolled."))
    taken = sum((enrolment.role, enrolment.pk) in members for members in seats.values())
    if taken > int(side.capacity[ids.index(enrolment.pk)]):
        raise DomainError(_("%(who)s has no room for another group.") % {"who": enrolment.person})


# --- One decision at a time ---------------------------------------------------------------


def _turn(run: MatchRun, revision: int) -> MatchRun:
    if not run.cohort.is_of_groups:
        raise DomainError(_("This cohort is of pairs: decide on its proposals."))
    decisions = GroupDecision.objects.filter(cohort=run.cohort_id).with_people()
    return workbench.take_turn(run, revision, lambda _run: decisions.first())


def _demanded(reason: str) -> str:
    if not reason.strip():
        raise DomainError(_("Say why. Only the staff of the programme read it."), field="reason")
    return reason.strip()[:300]


def _demand_two(enrolment: Enrolment, other: Enrolment) -> None:
    if enrolment.pk == other.pk:
        raise DomainError(_("Choose somebody else."), field="other")


def _demand_open(run: MatchRun, group: ProposedGroup) -> None:
    if group.run_id != run.pk:
        raise DomainError(_("A newer run has replaced this proposal. Decide on the newest one."))
    if Mentorship.objects.filter(proposed_group=group).exists():
        raise DomainError(_("The group on “%(theme)s” is decided already.") % {"theme": group.theme})


def _core(group: ProposedGroup, enrolment: Enrolment) -> list[Enrolment]:
    """Who make up the group: its mentors besides the person, or, if there are none, its mentees."""
    seats = [seat for seat in group.seats.select_related("enrolment") if seat.enrolment_id != enrolment.pk]
    mentors = [seat.enrolment for seat in seats if seat.role == Role.MENTOR]
    return mentors or [seat.enrolment for seat in seats]


def _hold(
    run: MatchRun,
    kind: str,
    enrolment: Enrolment,
    others: Collection[Enrolment],
    reason: str,
    by: Person,
    at: datetime | None,
    **fields: Any,
) -> GroupDecision:
    """A decision that keeps people together, unless they could not be."""
    decision = _note(run, kind, enrolment, others, reason, by, at, **fields)
    held = held_in(run.cohort)
    if held.out & {enrolment.pk, *(other.pk for other in others)}:
        raise DomainError(_("One of them is left out this round. Take that back first."))
    snapshot = people_of(run.cohort)
    case = groups.case_of(
        snapshot.mentors,
        snapshot.mentees,
        snapshot.rules,
        snapshot.weights,
        sizes_of(run.cohort),
        apart=apart_in(run.cohort),
        together=held.keys,
    )
    for kept in case.together:
        sides = [[row for side, row in sorted(kept) if side == of] for of in (0, 1)]
        if len(sides[0]) > case.sizes.mentors or len(sides[1]) > case.sizes.most:
            raise DomainError(_("More people would be kept together than a group holds."))
        if not case.can_sit_together(*sides):
            raise DomainError(
                _("They cannot be in one group: a rule stands between two of them, or they cannot all meet.")
            )
    return decision


def _note(
    run: MatchRun,
    kind: str,
    enrolment: Enrolment,
    others: Collection[Enrolment],
    reason: str,
    by: Person,
    at: datetime | None,
    **fields: Any,
) -> GroupDecision:
    at = at or timezone.now()
    made = GroupDecision.objects.create(
        cohort=run.cohort,
        run=run,
        kind=kind,
        enrolment=enrolment,
        reason=_demanded(reason),
        by=by,
        at=at,
        **fields,
    )
    made.others.set(others)
    made = GroupDecision.objects.with_people().get(pk=made.pk)
    record(by, [run], str(made), at)
    return made


def _seat(group: ProposedGroup, seats: Collection[tuple[str, int]]) -> None:
    group.seats.exclude(enrolment__in=[pk for _role, pk in seats]).delete()
    have = set(group.seats.values_list("enrolment", flat=True))
    Seat.objects.bulk_create(
        Seat(group=group, enrolment_id=pk, role=role) for role, pk in seats if pk not in have
    )


def _demand_untouched(run: MatchRun, decision: GroupDecision) -> None:
    changed = {row["group"] for row in decision.before}
    for group in run.groups.filter(pk__in=changed).select_related("theme"):
        _demand_open(run, group)
    for later in GroupDecision.objects.standing().filter(run=run, pk__gt=decision.pk).with_people():
        if changed & {row["group"] for row in later.before}:
            raise DomainError(_("Take this back first: %(step)s.") % {"step": later})
