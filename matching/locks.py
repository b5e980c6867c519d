"""What people decided on the workbench and a new run has to keep to."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.models import MatchRun, Proposal
from matching.people import People, pair_array
from matching.people_of import Snapshot, current_pairs


@dataclass(frozen=True, slots=True, eq=False)
class Locks:
    """What the workbench holds fast: `fixed` pairs for the solver, and `kept` proposals that break a rule on
    purpose, which it must not see: their places are taken, and they stay beside its result."""

    mentors: People
    mentees: People
    forbidden: NDArray[np.int64]
    fixed: NDArray[np.int64]
    locked: list[Proposal]
    kept: list[Proposal]
    names: dict[tuple[int, int], str]
    based_on: list[int] | None


def seen(run: MatchRun | None) -> list[int] | None:
    """Which decisions a new run knows of: those of this run, up to its revision."""
    return [run.pk, run.revision] if run else None


def locks_of(run: MatchRun, snapshot: Snapshot) -> Locks:
    """Those locked in the run that is decided on now, as far as both are still here and not yet decided."""
    before = MatchRun.objects.filter(cohort=run.cohort).exclude(pk=run.pk).decidable().first()
    row = {pk: place for place, pk in enumerate(snapshot.mentor_ids)}
    column = {pk: place for place, pk in enumerate(snapshot.mentee_ids)}
    decided = current_pairs(run.cohort)
    locked = [
        proposal
        for proposal in (
            before.proposals.kept().filter(is_locked=True).select_related("mentor__person", "mentee__person")
            if before
            else ()
        )
        if proposal.mentor_id in row
        and proposal.mentee_id in column
        and (proposal.mentor_id, proposal.mentee_id) not in decided
    ]
    place = {p.pk: (row[p.mentor_id], column[p.mentee_id]) for p in locked}
    kept = [p for p in locked if p.overrides]
    apart = pair_array([place[p.pk] for p in kept])
    room = [snapshot.mentors.capacity.copy(), snapshot.mentees.capacity.copy()]
    for side in (0, 1):
        np.subtract.at(room[side], apart[:, side], 1)
    return Locks(
        mentors=snapshot.mentors.but(capacity=np.maximum(room[0], 0)),
        mentees=snapshot.mentees.but(capacity=np.maximum(room[1], 0)),
        forbidden=np.concatenate([snapshot.forbidden, apart]),
        fixed=pair_array([place[p.pk] for p in locked if not p.overrides]),
        locked=locked,
        kept=kept,
        names={place[p.pk]: str(p) for p in locked},
        based_on=seen(before),
    )
