"""A run for a cohort of groups: what `matching.groups` finds, checked, and kept with what it went by."""

import time
from collections.abc import Callable, Collection
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone

from matching import groups, proof, scoring, stored
from matching.explain import Side
from matching.group_held import held_in
from matching.models import Block, MatchRun, ProposedGroup, Seat
from matching.people_of import Snapshot, people_of
from matching.policies import policy_for
from programmes.models import Cohort, Role


def sizes_of(cohort: Cohort) -> groups.Sizes:
    policy = policy_for(cohort.programme)
    return groups.Sizes(policy.group_mentors, policy.group_least, policy.group_most)


def themes_of(cohort: Cohort, snapshot: Snapshot) -> list[int]:
    """Columns of the themes groups can be about: those chosen, or all topics anybody named."""
    chosen = set(policy_for(cohort.programme).themes.values_list("pk", flat=True))
    return [place for place, pk in enumerate(snapshot.topics) if not chosen or pk in chosen]


def apart_in(cohort: Cohort, *, but: Collection[int] = ()) -> np.ndarray:
    """Pairs of people a coordinator ruled out, by key; `but` are blocks to leave out of account."""
    ruled_out = Block.objects.filter(programme=cohort.programme_id).exclude(pk__in=but)
    blocks = list(ruled_out.values_list("first", "second"))
    return np.array(blocks, np.int64).reshape(-1, 2)


def solve(
    run: MatchRun,
    at: datetime | None,
    *,
    progress: Callable[[str, float], None],
    cancelled: Callable[[], bool],
) -> None:
    """Raises ProofError if a group would break a rule when it is looked at by itself."""
    begun = time.monotonic()
    cohort = run.cohort
    free, sizes, apart, held = people_of(cohort), sizes_of(cohort), apart_in(cohort), held_in(cohort)
    themes = themes_of(cohort, free)
    snapshot = replace(
        free,
        mentors=held.without_those_left_out(free.mentors, free.mentor_ids),
        mentees=held.without_those_left_out(free.mentees, free.mentee_ids),
    )
    given: dict[str, Any] = {"themes": themes, "cancelled": cancelled}

    def form(of: Snapshot, **how: Any) -> groups.Grouping:
        return groups.form_groups(of.mentors, of.mentees, of.rules, of.weights, sizes, **given, **how)

    share = 0.5 if held.count else 1.0  # the other half tells what the decisions cost
    found = form(
        snapshot,
        apart=apart,
        together=held.keys,
        progress=lambda stage, done: progress(stage, done * share),
    )
    for group in found.groups:
        if broken := groups.faults(found.case, group):
            raise proof.ProofError(f"{group}: {broken}")
    outcome = {
        "mentors": int((snapshot.mentors.capacity > 0).sum()),
        "mentees": int((snapshot.mentees.capacity > 0).sum()),
        "groups": len(found.groups),
        "worth": found.worth._asdict(),
        "bound": found.bound._asdict(),
        "proven": found.proven,
        "left_out": _left_out(snapshot, found),
    }
    if held.count:
        undecided = form(
            free,
            apart=apart_in(cohort, but=held.blocks),
            progress=lambda stage, done: progress(stage, share + done * share),
        )
        outcome["decisions"] = held.count
        outcome["undecided"] = max(undecided.worth, found.worth)._asdict()
    outcome["seconds"] = round(time.monotonic() - begun, 1)
    used = {
        "version": 1,
        "mentors": snapshot.mentor_ids,
        "mentees": snapshot.mentee_ids,
        "rules": asdict(snapshot.rules),
        "weights": asdict(snapshot.weights),
        "sizes": asdict(sizes),
        "topics": snapshot.topics,
        "themes": [snapshot.topics[theme] for theme in themes],
        "languages": snapshot.languages,
    }
    _store(run, snapshot, found, used, outcome, apart, at or timezone.now())


def _left_out(snapshot: Snapshot, found: groups.Grouping) -> list[dict[str, Any]]:
    entries = []
    both: list[tuple[Side, list[int], Role]] = [
        ("mentees", snapshot.mentee_ids, Role.MENTEE),
        ("mentors", snapshot.mentor_ids, Role.MENTOR),
    ]
    for side, ids, role in both:
        for left in groups.why_left(found.case, found.groups, side=side):
            entry = {**asdict(left), "enrolment": ids[left.row], "role": role}
            del entry["row"]
            entries.append(entry)
    return entries


@transaction.atomic
def _store(
    run: MatchRun,
    snapshot: Snapshot,
    found: groups.Grouping,
    used: dict[str, Any],
    outcome: dict[str, Any],
    apart: np.ndarray,
    at: datetime,
) -> None:
    inputs = stored.pack(snapshot.mentors, snapshot.mentees, apart, None)
    done = {"finished_at": at, "error": ""}
    if not run.move_to(MatchRun.State.FINISHED, snapshot=used, outcome=outcome, inputs=inputs, **done):
        return
    made = ProposedGroup.objects.bulk_create(
        ProposedGroup(
            run=run,
            theme_id=snapshot.topics[group.theme],
            score=group.score,
            breakdown=breakdown_of(snapshot, group),
        )
        for group in found.groups
    )
    Seat.objects.bulk_create(
        Seat(group=proposed, enrolment_id=ids[row], role=role)
        for proposed, group in zip(made, found.groups, strict=True)
        for role, ids, rows in [
            (Role.MENTOR, snapshot.mentor_ids, group.mentors),
            (Role.MENTEE, snapshot.mentee_ids, group.mentees),
        ]
        for row in rows
    )


def breakdown_of(snapshot: Snapshot, group: groups.Group) -> dict[str, Any]:
    """The facts that the sentences are made of, and the mean points per criterion over all pairs."""
    one, two = snapshot.mentors.take(group.mentors), snapshot.mentees.take(group.mentees)
    hours = np.bitwise_and.reduce(np.concatenate([one.hours, two.hours]), axis=0)
    level = np.concatenate([one.languages, two.languages]).min(axis=0)
    sites = {*one.site.tolist(), *two.site.tolist()}
    pairs = [(m, n) for m in range(len(one)) for n in range(len(two))]
    points = scoring.criteria(one, two, pairs)
    return {
        "facts": {
            "hours": int(np.bitwise_count(hours).sum()),
            "languages": [
                code
                for code, least in zip(snapshot.languages, level, strict=True)
                if least >= max(1, snapshot.rules.language_level)
            ],
            "video": bool(one.remote.all() and two.remote.all()),
            "site": bool(one.onsite.all() and two.onsite.all() and len(sites) == 1 and min(sites) >= 0),
            "units": len({*one.unit.tolist(), *two.unit.tolist()} - {-1}),
            "mentors": [
                {
                    "enrolment": snapshot.mentor_ids[row],
                    "level": int(snapshot.mentors.expertise[row, group.theme]),
                    "years": int(snapshot.mentors.practice[row, group.theme]),
                }
                for row in group.mentors
            ],
            "mentees": [
                {
                    "enrolment": snapshot.mentee_ids[row],
                    "priority": int(snapshot.mentees.interest[row, group.theme]),
                }
                for row in group.mentees
            ],
        },
        "points": {name: int(column.mean()) for name, column in points.items() if name != "topics"},
    }
