"""Running the solver over a cohort: asked for by staff, done by a worker, one at a time."""

import logging
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.errors import DomainError
from domain.jobs import Stopped, work_on
from matching import group_runs, groups, proof, reasons, solver, stored
from matching.locks import Locks, locks_of
from matching.models import MatchRun, Member, Proposal
from matching.outcome import close_calls, figures, left_out, plain, what_helps
from matching.people_of import CURRENT, Snapshot, demand_ready, people_of
from participants.models import Person
from programmes.models import Cohort

logger = logging.getLogger(__name__)

UNDER_WAY = MatchRun.WORKING


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
    locks = locks_of(run, people)
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
        **figures(people, solution, partnered),
        **what_helps(people, locks, solution, partnered),
        "seconds": round(time.monotonic() - begun, 1),
        "proof": asdict(verdict),
        "left_out": left_out(people, locks, solution, partnered),
    }
    _store(run, people, locks, solution, outcome, at or timezone.now())


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


@transaction.atomic
def _store(
    run: MatchRun,
    snapshot: Snapshot,
    locks: Locks,
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
    close = close_calls(snapshot, locks, solution)
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
            plain(snapshot, solution),
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
