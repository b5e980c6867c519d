"""Running the solver over a cohort: asked for by staff, done by a worker, one at a time."""

import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from domain.errors import DomainError
from domain.jobs import Stopped, work_on
from matching import explain, group_runs, groups, proof, reasons, scoring, solver, stored
from matching.explain import Side
from matching.models import MatchRun, Member, Proposal
from matching.people import People, pair_array
from matching.people_of import CURRENT, Snapshot, current_pairs, demand_ready, people_of
from participants.models import Person
from programmes.models import Cohort, Role

logger = logging.getLogger(__name__)

UNDER_WAY = MatchRun.WORKING

# Above so many combinations it is not tried what a looser rule would bring (each try is a run of its own),
# nor which proposals are close calls (that looks at all combinations once more).
HELP_MOST = 4_000_000
CLOSER_MOST = 1_000_000
# A close call: without the two the whole loses so many points at most. Of more than a tenth the closest.
CLOSE, CLOSE_SHARE = 10, 10
RIVALS_MOST = 500  # mentees for whom it is told who has the mentors they could have


@transaction.atomic
def request_run(
    *,
    cohort: Cohort,
    by: Person,
    trial: dict[str, Any] | None = None,
    move_price: int | None = None,
    at: datetime | None = None,
) -> MatchRun:
    """A run for the cohort, or a what-if that tries other rules and weights (`trial`) and decides nothing.

    In a running cohort it is for those who have nobody: mentorships that live are kept as they are, and so
    are offers, unless a `move_price` (points, see `Weights.stay`) lets them be moved.
    """
    at = at or timezone.now()
    cohort = Cohort.objects.select_for_update(of=["self"]).select_related("programme").get(pk=cohort.pk)
    if cohort.is_informal:
        raise DomainError(_("In an informal programme people find each other; nothing is matched."))
    if cohort.state not in (Cohort.State.MATCHING, Cohort.State.RUNNING):
        raise DomainError(
            _("Matching runs once enrolment is over. This cohort is “%(state)s”.")
            % {"state": cohort.get_state_display()}
        )
    if trial is not None and cohort.is_of_groups:
        raise DomainError(_("What-ifs are for pairs. Change the rules of the groups and run again instead."))
    if MatchRun.objects.filter(cohort=cohort, state__in=UNDER_WAY).exists():
        raise DomainError(_("A run is under way for this cohort already. Wait for it, or stop it."))
    demand_ready(cohort)
    run = MatchRun.objects.create(
        cohort=cohort, requested_by=by, requested_at=at, trial=trial, move_price=move_price
    )
    run.enqueue(at=at)
    return run


def execute_run(*, run: MatchRun, at: datetime | None = None) -> MatchRun:
    """Solve, check the proof, and store the proposals. Called by a worker; a second call does nothing.

    Not atomic as a whole: while it works, others read its progress. What a killed worker leaves behind is a
    run without proposals, which the next worker does anew.
    """
    work_on(run, lambda run: _execute(run, at), at=at)
    return run


def _execute(run: MatchRun, at: datetime | None) -> None:
    begun = at or timezone.now()
    if run.state == MatchRun.State.QUEUED:
        run.move_to(MatchRun.State.RUNNING, started_at=begun)
    else:  # the worker before was killed
        MatchRun.objects.filter(pk=run.pk).update(started_at=begun)
    try:
        if run.cohort.is_of_groups:
            group_runs.solve(run, at, progress=_progress_of(run), cancelled=_stopped(run))
        else:
            _solve(run, at)
    except (solver.Cancelled, groups.Cancelled) as stopped:
        raise Stopped from stopped
    except proof.ProofError as error:
        logger.exception("match run %s: the proof does not hold", run.pk)
        raise DomainError(
            _("The result could not be proved, so it was not kept. Please report this.")
        ) from error


def _solve(run: MatchRun, at: datetime | None) -> None:
    begun = time.monotonic()
    people = people_of(run.cohort, trial=run.trial, move_price=run.move_price)
    locks = _locks(run, people)
    sides = (locks.mentors, locks.mentees, people.rules, people.weights)
    try:
        solution = solver.solve(
            *sides,
            order=people.order,
            forbidden=locks.forbidden,
            fixed=locks.fixed,
            progress=_progress_of(run),
            cancelled=_stopped(run),
        )
    except solver.FixedPairError as error:
        mentor, mentee, bits = error.pairs[0]
        raise DomainError(
            _("%(people)s are locked, and no longer possible: %(why)s Unlock them, then run again.")
            % {
                "people": locks.names[mentor, mentee],
                "why": reasons.rule_sentence(bits, people.rules),
            }
        ) from error
    verdict = proof.check(solution, *sides, order=people.order, forbidden=locks.forbidden, fixed=locks.fixed)
    partnered = set(
        Member.objects.filter(mentorship__cohort=run.cohort, mentorship__state__in=CURRENT).values_list(
            "enrolment", flat=True
        )
    )
    partnered |= {pk for proposal in locks.kept for pk in (proposal.mentor_id, proposal.mentee_id)}
    outcome = {
        **_figures(people, solution, partnered),
        **_what_helps(people, locks, solution, partnered),
        "seconds": round(time.monotonic() - begun, 1),
        "proof": asdict(verdict),
        "left_out": _left_out(people, locks, solution, partnered),
    }
    _store(run, people, locks, solution, outcome, at or timezone.now())


@dataclass(frozen=True, slots=True, eq=False)
class _Locks:
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


def _locks(run: MatchRun, snapshot: Snapshot) -> _Locks:
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
    return _Locks(
        mentors=snapshot.mentors.but(capacity=np.maximum(room[0], 0)),
        mentees=snapshot.mentees.but(capacity=np.maximum(room[1], 0)),
        forbidden=np.concatenate([snapshot.forbidden, apart]),
        fixed=pair_array([place[p.pk] for p in locked if not p.overrides]),
        locked=locked,
        kept=kept,
        names={place[p.pk]: str(p) for p in locked},
        based_on=seen(before),
    )


def _what_helps(
    snapshot: Snapshot, locks: _Locks, solution: solver.Solution, partnered: set[int]
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


def cancel_run(*, run: MatchRun, at: datetime | None = None) -> MatchRun:
    at = at or timezone.now()
    run.move_to(MatchRun.State.CANCELLED, finished_at=at)
    return run


def _progress_of(run: MatchRun) -> Callable[[str, float], None]:
    told = 0

    def progress(stage: str, share: float) -> None:
        nonlocal told
        percent = min(99, int(share * 100))
        if percent > told:
            told = percent
            run.report(percent)

    return progress


def _stopped(run: MatchRun) -> Callable[[], bool]:
    asked = time.monotonic()

    def cancelled() -> bool:
        nonlocal asked
        if time.monotonic() - asked < 1:
            return False
        asked = time.monotonic()
        return not MatchRun.objects.filter(pk=run.pk, state=MatchRun.State.RUNNING).exists()

    return cancelled


def _figures(snapshot: Snapshot, solution: solver.Solution, partnered: set[int]) -> dict[str, Any]:
    scores = _plain(snapshot, solution)
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


def _plain(snapshot: Snapshot, solution: solver.Solution) -> NDArray[np.int64]:
    """The scores without what offered pairs had in hand."""
    points = scoring.criteria(snapshot.mentors, snapshot.mentees, solution.pairs)
    return scoring.overall(points, replace(snapshot.weights, stay=0)).astype(np.int64)


def _left_out(
    snapshot: Snapshot, locks: _Locks, solution: solver.Solution, partnered: set[int]
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


def _close_calls(snapshot: Snapshot, locks: _Locks, solution: solver.Solution) -> NDArray[np.bool_]:
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


@transaction.atomic
def _store(
    run: MatchRun,
    snapshot: Snapshot,
    locks: _Locks,
    solution: solver.Solution,
    outcome: dict[str, Any],
    at: datetime,
) -> None:
    """Proposals and the end of the run together, and what it went by, without what people keep private."""
    used = {
        "version": 1,
        "mentors": snapshot.mentor_ids,
        "mentees": snapshot.mentee_ids,
        "rules": asdict(snapshot.rules),
        "weights": asdict(snapshot.weights),
        "order": snapshot.order.value,
        "blocks": snapshot.forbidden.tolist(),
        "topics": snapshot.topics,
        "languages": snapshot.languages,
        "locked": locks.fixed.tolist(),
        "based_on": locks.based_on,
    }
    inputs = stored.pack(locks.mentors, locks.mentees, locks.forbidden, solution.proof)
    if not run.move_to(
        MatchRun.State.FINISHED,
        finished_at=at,
        snapshot=used,
        outcome=outcome,
        error="",
        inputs=inputs,
    ):
        return
    locked = {(p.mentor_id, p.mentee_id): p for p in locks.locked}
    close = _close_calls(snapshot, locks, solution)
    found = [
        Proposal(
            run=run,
            mentor_id=snapshot.mentor_ids[mentor],
            mentee_id=snapshot.mentee_ids[mentee],
            score=int(score),
            breakdown={**breakdown, "close": bool(is_close)},
        )
        for (mentor, mentee), score, breakdown, is_close in zip(
            solution.pairs,
            _plain(snapshot, solution),
            reasons.breakdowns(snapshot, solution.pairs),
            close,
            strict=True,
        )
    ]
    for proposal in found:
        if before := locked.get((proposal.mentor_id, proposal.mentee_id)):
            proposal.is_locked, proposal.by_hand = True, before.by_hand
    found += [
        Proposal(
            run=run,
            mentor_id=p.mentor_id,
            mentee_id=p.mentee_id,
            score=p.score,
            breakdown=p.breakdown,
            is_locked=True,
            by_hand=True,
            overrides=p.overrides,
            reason=p.reason,
        )
        for p in locks.kept
    ]
    Proposal.objects.bulk_create(found)
