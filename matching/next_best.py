"""Who else would have been possible for the two of a proposal, and what it would mean for everybody.

Read from what the run kept, not from the people as they are now: it explains the run.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from matching import explain, scoring, stored
from matching.models import MatchRun, Proposal
from matching.rules import BY_NAME, TOLD, Rulebook, Rules
from matching.scoring import Weights
from matching.solution import FixedPairError, Objective, Order
from matching.solver import solve
from programmes.models import Enrolment, Role


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody else for one of the two. `change` is in points for the two, `for_all` for all pairs together
    when the two partners left behind come together; `alone` names who would be left without."""

    person: Enrolment
    mentor: int
    mentee: int
    score: int
    change: int
    holder: Enrolment | None
    for_all: int
    alone: list[Enrolment]
    is_held: bool
    """Their proposal is locked, so it does not give way."""


class Bench:
    """The people and proposals of a run, in rows."""

    def __init__(self, run: MatchRun) -> None:
        self.run = run
        self.inputs = stored.unpack(bytes(run.inputs or b""))
        self.rules, self.weights = Rules(**run.snapshot["rules"]), Weights(**run.snapshot["weights"])
        self.ids: dict[str, list[int]] = {
            Role.MENTOR: run.snapshot["mentors"],
            Role.MENTEE: run.snapshot["mentees"],
        }
        self.rows = {role: {pk: row for row, pk in enumerate(ids)} for role, ids in self.ids.items()}
        self.proposals = [
            p
            for p in run.proposals.kept()
            if p.mentor_id in self.rows[Role.MENTOR] and p.mentee_id in self.rows[Role.MENTEE]
        ]
        self.book = Rulebook(self.inputs.mentors, self.inputs.mentees, self.rules, self.inputs.forbidden)
        self.plain = replace(self.weights, stay=0)
        self.scorer = scoring.Scorer(self.inputs.mentors, self.inputs.mentees, self.plain)

    def at(self, mentor: int, mentee: int) -> tuple[int, int]:
        return self.rows[Role.MENTOR][mentor], self.rows[Role.MENTEE][mentee]

    def score(self, mentor: int, mentee: int) -> int:
        """As it is shown: without what an offer has in hand."""
        return int(scoring.overall(self.scorer.criteria([self.at(mentor, mentee)]), self.plain)[0])

    def is_possible(self, mentor: int, mentee: int) -> bool:
        """By the rules that may be told of, and whoever has room."""
        return not int(self.book.pairs([self.at(mentor, mentee)])[0]) & TOLD & ~BY_NAME["capacity"].bit

    def held(self, role: str, pk: int) -> list[Proposal]:
        return [p for p in self.proposals if pk == (p.mentor_id if role == Role.MENTOR else p.mentee_id)]

    def has_only_one(self, role: str, pk: int) -> bool:
        return len(self.held(role, pk)) == 1

    def weakest(self, role: str, pk: int) -> tuple[Proposal | None, bool]:
        """The proposal that would give way for somebody new, None while there is room; and whether all are
        locked."""
        held = self.held(role, pk)
        side = self.inputs.mentors if role == Role.MENTOR else self.inputs.mentees
        if len(held) < int(side.capacity[self.rows[role][pk]]):
            return None, False
        free = [p for p in held if not p.is_locked]
        return min(free, key=lambda p: (p.score, p.pk), default=None), not free


def next_best(run: MatchRun, proposal: Proposal, count: int = 3) -> dict[str, list[Choice]]:
    """By the role of who stays: the `count` best others for them, the cheapest for everybody first."""
    if not run.inputs:
        return {}
    bench = Bench(run)
    if proposal.mentor_id not in bench.rows[Role.MENTOR] or proposal.mentee_id not in bench.rows[Role.MENTEE]:
        return {}
    pairs = np.array([bench.at(p.mentor_id, p.mentee_id) for p in bench.proposals], np.int64).reshape(-1, 2)
    solution = bench.inputs.solution(pairs, np.array([p.score for p in bench.proposals], np.int16))
    found: dict[str, list[dict[str, Any]]] = {}
    for role, side in ((Role.MENTOR, "mentors"), (Role.MENTEE, "mentees")):
        own = proposal.mentor_id if role == Role.MENTOR else proposal.mentee_id
        others = explain.alternatives(
            solution,
            bench.inputs.mentors,
            bench.inputs.mentees,
            bench.rules,
            bench.weights,
            side=side,  # type: ignore[arg-type]
            row=bench.rows[role][own],
            count=count,
            forbidden=bench.inputs.forbidden,
        )
        found[role] = [_effect(bench, proposal, role, other) for other in others]
    asked = {
        pk for rows in found.values() for row in rows for pk in (row["person"], row["holder"], *row["alone"])
    }
    people = Enrolment.objects.select_related("person__unit").in_bulk(asked - {None})
    return {
        role: [
            Choice(
                **{
                    **row,
                    "person": people[row["person"]],
                    "holder": people.get(row["holder"]),
                    "alone": [people[pk] for pk in row["alone"]],
                }
            )
            for row in rows
            if row["person"] in people
        ]
        for role, rows in found.items()
    }


def _effect(bench: Bench, proposal: Proposal, role: str, other: explain.Alternative) -> dict[str, Any]:
    mentor = bench.ids[Role.MENTOR][other.mentor]
    mentee = bench.ids[Role.MENTEE][other.mentee]
    other_role = Role.MENTEE if role == Role.MENTOR else Role.MENTOR
    person = mentee if role == Role.MENTOR else mentor
    gives_way, is_held = bench.weakest(other_role, person)
    score = bench.score(mentor, mentee)
    change = score - proposal.score
    for_all, alone, holder = change, [], None
    left = proposal.mentee_id if role == Role.MENTOR else proposal.mentor_id
    if gives_way is None:
        alone = [left] if bench.has_only_one(other_role, left) else []
    else:
        holder = gives_way.mentor_id if role == Role.MENTOR else gives_way.mentee_id
        rest = (holder, left) if role == Role.MENTOR else (left, holder)
        for_all -= gives_way.score
        if bench.is_possible(*rest):
            for_all += bench.score(*rest)
        else:
            alone = [
                pk for whose, pk in ((other_role, left), (role, holder)) if bench.has_only_one(whose, pk)
            ]
    return {
        "person": person,
        "mentor": mentor,
        "mentee": mentee,
        "score": score,
        "change": change,
        "holder": holder,
        "for_all": for_all,
        "alone": alone,
        "is_held": is_held,
    }


# Up to so many combinations it is worked out while somebody waits what a choice costs everybody.
EXACT_MOST = 250_000


def cost_for_all(run: MatchRun, mentor: int, mentee: int, gives_way: Collection[int]) -> Objective | None:
    """What the two together take from the best there is, with everybody else rearranged as well as possible
    around what is locked now, but for the proposals that give way. None where that is not known: too many
    people, or somebody the run did not know."""
    if not run.inputs or len(run.snapshot["mentors"]) * len(run.snapshot["mentees"]) > EXACT_MOST:
        return None
    bench = Bench(run)
    if mentor not in bench.rows[Role.MENTOR] or mentee not in bench.rows[Role.MENTEE]:
        return None
    locked = [
        bench.at(p.mentor_id, p.mentee_id)
        for p in bench.proposals
        if p.is_locked and not p.overrides and p.pk not in gives_way
    ]
    sides = (bench.inputs.mentors, bench.inputs.mentees, bench.rules, bench.weights)
    how: dict[str, Any] = {"order": Order(run.snapshot["order"]), "forbidden": bench.inputs.forbidden}
    try:
        best = solve(*sides, fixed=locked, **how)
        return explain.cost(best, *sides, pair=bench.at(mentor, mentee), fixed=locked, **how)
    except FixedPairError:
        return None
