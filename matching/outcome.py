"""What is told of a solution beside its pairs: figures, who has nobody, what would help, close calls."""

from dataclasses import asdict, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching import explain, scoring, solver
from matching.explain import Side
from matching.locks import Locks
from matching.people_of import Snapshot
from programmes.models import Role

# Above so many combinations it is not tried what a looser rule would bring (each try is a run of its own),
# nor which proposals are close calls (that looks at all combinations once more).
HELP_MOST = 4_000_000
CLOSER_MOST = 1_000_000
# A close call: without the two the whole loses so many points at most. Of more than a tenth the closest.
CLOSE, CLOSE_SHARE = 10, 10
RIVALS_MOST = 500  # mentees for whom it is told who has the mentors they could have


def figures(snapshot: Snapshot, solution: solver.Solution, partnered: set[int]) -> dict[str, Any]:
    scores = plain(snapshot, solution)
    proposed = {snapshot.mentee_ids[row] for row in solution.pairs[:, 1].tolist()}
    return {
        "mentors": len(snapshot.mentors),
        "mentees": len(snapshot.mentees),
        "pairs": len(solution.pairs),
        "served": int(solution.objective.served),
        "with_mentor": len(proposed | partnered.intersection(snapshot.mentee_ids)),
        "total": int(scores.sum()),
        "gap": int(solution.gap),
        "status": solution.status.value,
        "worst": int(scores.min()) if len(scores) else None,
        "mean": round(float(scores.mean())) if len(scores) else None,
    }


def plain(snapshot: Snapshot, solution: solver.Solution) -> NDArray[np.int64]:
    """The scores without what offered pairs had in hand."""
    points = scoring.criteria(snapshot.mentors, snapshot.mentees, solution.pairs)
    return scoring.overall(points, replace(snapshot.weights, stay=0)).astype(np.int64)


def left_out(
    snapshot: Snapshot, locks: Locks, solution: solver.Solution, partnered: set[int]
) -> list[dict[str, Any]]:
    """Who has nobody, neither by this run nor before, what kept the others away, and for mentees whom the
    rules leave somebody who competes with them."""
    found = []
    sides = (locks.mentors, locks.mentees, snapshot.rules)
    both: list[tuple[Side, list[int], int]] = [
        ("mentees", snapshot.mentee_ids, 1),
        ("mentors", snapshot.mentor_ids, 0),
    ]
    for side, ids, column in both:
        proposed = set(solution.pairs[:, column].tolist())
        rows = [row for row, pk in enumerate(ids) if row not in proposed and pk not in partnered]
        entries = explain.why_nobody(*sides, side=side, rows=rows, forbidden=locks.forbidden)
        others: dict[int, list[int]] = {}
        if side == "mentees":
            asked = [entry.row for entry in entries if entry.possible][:RIVALS_MOST]
            have = explain.rivals(solution, *sides, snapshot.weights, rows=asked, forbidden=locks.forbidden)
            others = dict(zip(asked, have, strict=True))
        for entry in entries:
            told = {
                "enrolment": ids[entry.row],
                "role": Role.MENTOR if side == "mentors" else Role.MENTEE,
                **explain.entry_of(entry),
            }
            if entry.row in others:
                named = [ids[other] for other in others[entry.row][:3]]
                told["rivals"] = {"people": len(others[entry.row]), "named": named}
            found.append(told)
    return found


def close_calls(snapshot: Snapshot, locks: Locks, solution: solver.Solution) -> NDArray[np.bool_]:
    if len(locks.mentors) * len(locks.mentees) > CLOSER_MOST:
        return np.zeros(len(solution.pairs), np.bool_)
    margins = explain.margins(
        solution,
        locks.mentors,
        locks.mentees,
        snapshot.rules,
        snapshot.weights,
        forbidden=locks.forbidden,
        most=CLOSE,
    )
    close = np.zeros(len(margins), np.bool_)
    close[np.argsort(margins, kind="stable")[: max(3, len(margins) // CLOSE_SHARE)]] = True
    return close & (margins <= CLOSE)


def what_helps(
    snapshot: Snapshot, locks: Locks, solution: solver.Solution, partnered: set[int]
) -> dict[str, Any]:
    """For the mentees left without: what one looser rule would bring, and which topics lack a mentor."""
    proposed = set(solution.pairs[:, 1].tolist())
    without = [
        row
        for row, pk in enumerate(snapshot.mentee_ids)
        if row not in proposed and pk not in partnered and locks.mentees.capacity[row]
    ]
    helps: list[explain.Help] = []
    if without and len(locks.mentors) * len(locks.mentees) <= HELP_MOST:
        helps = explain.changes_that_help(
            locks.mentors,
            locks.mentees,
            snapshot.rules,
            snapshot.weights,
            served=int(solution.objective.served),
            forbidden=locks.forbidden,
            fixed=locks.fixed,
        )
    scarce = explain.scarce_topics(locks.mentees, without)[:5]
    return {
        "helps": [asdict(help) for help in helps],
        "scarce": [{"topic": snapshot.topics[topic], "mentees": count} for topic, count in scarce],
    }
