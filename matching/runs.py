"""Running the solver over a cohort: asked for by staff, done by a worker, one at a time."""

import logging
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from domain.errors import DomainError
from matching import explain, proof, reasons, solver, tasks
from matching.models import MatchRun, Member, Proposal
from matching.people_of import CURRENT, Snapshot, demand_ready, people_of
from participants.models import Person
from programmes.models import Cohort, Role

logger = logging.getLogger(__name__)

# A run nobody finished in this time is lost: longer than a worker may take, see CELERY_TASK_TIME_LIMIT.
LEASE = timedelta(minutes=35)
UNDER_WAY = (MatchRun.State.QUEUED, MatchRun.State.RUNNING)


@transaction.atomic
def request_run(*, cohort: Cohort, by: Person, at: datetime | None = None) -> MatchRun:
    at = at or timezone.now()
    cohort = Cohort.objects.select_for_update(of=["self"]).select_related("programme").get(pk=cohort.pk)
    if cohort.state != Cohort.State.MATCHING:
        raise DomainError(
            _("Matching runs once enrolment is over. This cohort is “%(state)s”.")
            % {"state": cohort.get_state_display()}
        )
    for other in MatchRun.objects.filter(cohort=cohort, state__in=UNDER_WAY):
        if not _is_lost(other, at):
            raise DomainError(_("A run is under way for this cohort already. Wait for it, or stop it."))
        _fail(other, _("It was interrupted. Nothing was changed; you can run matching again."), at)
    demand_ready(cohort)
    run = MatchRun.objects.create(cohort=cohort, requested_by=by, requested_at=at)
    transaction.on_commit(lambda: tasks.run.delay(run.pk), robust=True)
    return run


def execute_run(*, run: MatchRun, at: datetime | None = None) -> MatchRun:
    """Solve, check the proof, and store the proposals. Called by a worker; a second call does nothing.

    Not atomic as a whole: while it works, others read its progress. A failure ends in the run's `error`, in
    the language of who asked for it.
    """
    if not _claim(run, at or timezone.now()):
        return run
    with translation.override(run.requested_by.language if run.requested_by else None):
        try:
            _solve(run, at)
        except solver.Cancelled:
            run.refresh_from_db()
        except DomainError as error:
            _fail(run, error.message, at or timezone.now())
        except proof.ProofError:
            logger.exception("match run %s: the proof does not hold", run.pk)
            message = _("The result could not be proved, so it was not kept. Please report this.")
            _fail(run, message, at or timezone.now())
        except Exception:
            logger.exception("match run %s failed", run.pk)
            message = _("Something went wrong on our side. Nothing was changed; you can run matching again.")
            _fail(run, message, at or timezone.now())
    return run


def _solve(run: MatchRun, at: datetime | None) -> None:
    begun = time.monotonic()
    people = people_of(run.cohort)
    sides = (people.mentors, people.mentees, people.rules, people.weights)
    solution = solver.solve(
        *sides,
        order=people.order,
        forbidden=people.forbidden,
        progress=_progress_of(run),
        cancelled=_stopped(run),
    )
    verdict = proof.check(solution, *sides, order=people.order, forbidden=people.forbidden)
    partnered = set(
        Member.objects.filter(mentorship__cohort=run.cohort, mentorship__state__in=CURRENT).values_list(
            "enrolment", flat=True
        )
    )
    outcome = {
        **_figures(people, solution, partnered),
        "seconds": round(time.monotonic() - begun, 1),
        "proof": asdict(verdict),
        "left_out": _left_out(people, solution, partnered),
    }
    _store(run, people, solution, outcome, at or timezone.now())


def cancel_run(*, run: MatchRun, at: datetime | None = None) -> MatchRun:
    at = at or timezone.now()
    run.move_to(MatchRun.State.CANCELLED, finished_at=at)
    return run


def _is_lost(run: MatchRun, at: datetime) -> bool:
    return (run.started_at or run.requested_at) < at - LEASE


def _claim(run: MatchRun, at: datetime) -> bool:
    """Whether this worker is the one to do it: the run waited, or its worker has vanished."""
    run.refresh_from_db(fields=["state", "started_at"])
    if run.state == MatchRun.State.QUEUED and run.move_to(MatchRun.State.RUNNING, started_at=at):
        return True
    lost = MatchRun.objects.filter(pk=run.pk, state=MatchRun.State.RUNNING, started_at__lt=at - LEASE).update(
        started_at=at, progress=0
    )
    return bool(lost)


def _fail(run: MatchRun, message: str, at: datetime) -> None:
    try:
        run.move_to(MatchRun.State.FAILED, error=message[:300], finished_at=at)
    except DomainError:
        run.refresh_from_db()  # stopped, or finished by another worker


def _progress_of(run: MatchRun) -> Callable[[str, float], None]:
    def progress(stage: str, share: float) -> None:
        percent = min(99, int(share * 100))
        if percent > run.progress:
            run.progress = percent
            MatchRun.objects.filter(pk=run.pk).update(progress=percent)

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
    scores = solution.scores
    proposed = {snapshot.mentee_ids[row] for row in solution.pairs[:, 1].tolist()}
    return {
        "mentors": len(snapshot.mentors),
        "mentees": len(snapshot.mentees),
        "pairs": len(solution.pairs),
        "served": int(solution.objective.served),
        "with_mentor": len(proposed | partnered.intersection(snapshot.mentee_ids)),
        "total": int(solution.objective.total),
        "gap": int(solution.gap),
        "status": solution.status.value,
        "worst": int(scores.min()) if len(scores) else None,
        "mean": round(float(scores.mean())) if len(scores) else None,
    }


def _left_out(snapshot: Snapshot, solution: solver.Solution, partnered: set[int]) -> list[dict[str, Any]]:
    """Who has nobody, neither by this run nor before, and what kept the others away."""
    found = []
    for side, ids, column in [("mentees", snapshot.mentee_ids, 1), ("mentors", snapshot.mentor_ids, 0)]:
        proposed = set(solution.pairs[:, column].tolist())
        rows = [row for row, pk in enumerate(ids) if row not in proposed and pk not in partnered]
        for entry in explain.why_nobody(
            snapshot.mentors,
            snapshot.mentees,
            snapshot.rules,
            side=side,
            rows=rows,
            forbidden=snapshot.forbidden,
        ):
            found.append(
                {
                    "enrolment": ids[entry.row],
                    "role": Role.MENTOR if side == "mentors" else Role.MENTEE,
                    "candidates": int(entry.candidates),
                    "possible": int(entry.possible),
                    "reasons": [
                        {"rule": r.rule, "removed": int(r.removed), "alone": int(r.alone)}
                        for r in entry.reasons
                    ],
                }
            )
    return found


@transaction.atomic
def _store(
    run: MatchRun, snapshot: Snapshot, solution: solver.Solution, outcome: dict[str, Any], at: datetime
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
    }
    if not run.move_to(
        MatchRun.State.FINISHED, finished_at=at, progress=100, snapshot=used, outcome=outcome, error=""
    ):
        return
    Proposal.objects.bulk_create(
        Proposal(
            run=run,
            mentor_id=snapshot.mentor_ids[mentor],
            mentee_id=snapshot.mentee_ids[mentee],
            score=int(score),
            breakdown=breakdown,
        )
        for (mentor, mentee), score, breakdown in zip(
            solution.pairs, solution.scores, reasons.breakdowns(snapshot, solution.pairs), strict=True
        )
    )
