"""What people decide on the proposals of a run before anybody is told: lock, rule out, put together, swap,
undo.

Every verb takes the `revision` its caller saw. If somebody decided something meanwhile it is refused, so that
two coordinators never overwrite each other unseen.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.errors import DomainError
from matching import reasons, rules, scoring
from matching.actions import demand_decidable, hold, record
from matching.locks import seen
from matching.models import Block, MatchRun, Proposal, Step
from matching.people import pair_array
from matching.people_of import Snapshot, current_pairs, people_of
from matching.runs import UNDER_WAY
from participants.models import Person
from programmes.models import Enrolment

# What a step may change of a proposal, and undoing it brings back.
STATE = ("score", "breakdown", "is_locked", "by_hand", "overrides", "reason", "dropped_at")


@transaction.atomic
def lock(
    *, proposal: Proposal, locked: bool, by: Person, revision: int, at: datetime | None = None
) -> Proposal:
    """Hold a proposal through the next runs, or let it go."""
    turn = _turn(proposal.run, revision, by, at)
    proposal = turn.take(proposal.pk)
    turn.set(proposal, is_locked=locked)
    turn.note(Step.Kind.LOCK if locked else Step.Kind.UNLOCK, proposal)
    return proposal


@transaction.atomic
def forbid(
    *, proposal: Proposal, reason: str, by: Person, revision: int, at: datetime | None = None
) -> Block:
    """Rule two people out in the programme, for a reason only its staff see, and drop their proposal."""
    turn = _turn(proposal.run, revision, by, at)
    proposal = turn.take(proposal.pk)
    if not reason.strip():
        raise DomainError(_("Say why. Only the staff of the programme read it."), field="reason")
    programme, two = turn.run.cohort.programme, (proposal.mentor.person, proposal.mentee.person)
    block = Block.objects.filter(programme=programme, first__in=two, second__in=two).first()
    made = block is None
    if block is None:
        block = Block.objects.create(
            programme=programme, first=two[0], second=two[1], reason=reason.strip(), created_by=by
        )
    turn.set(proposal, dropped_at=turn.at, is_locked=False)
    turn.note(Step.Kind.FORBID, proposal, blocks=[block.pk] if made else [])
    return block


@transaction.atomic
def pair(
    *,
    run: MatchRun,
    mentor: Enrolment,
    mentee: Enrolment,
    by: Person,
    revision: int,
    reason: str = "",
    at: datetime | None = None,
) -> Proposal:
    """Put two people together by hand, and hold them. Where one has no room, their weakest proposal that is
    not locked gives way. A broken rule asks for a `reason`; those in `rules.NEVER` nobody overrides."""
    turn = _turn(run, revision, by, at)
    sketch = sketch_of(turn.run, [(mentor.pk, mentee.pk)])[0]
    _demand_allowed(sketch, reason)
    for proposal in _in_the_way(turn.run, mentor.pk, mentee.pk):
        turn.set(proposal, dropped_at=turn.at)
    made = turn.make(sketch, reason.strip())
    turn.note(Step.Kind.PAIR, made)
    return made


@transaction.atomic
def swap(
    *,
    proposal: Proposal,
    mentor: Enrolment,
    mentee: Enrolment,
    by: Person,
    revision: int,
    at: datetime | None = None,
) -> Proposal:
    """Give one of the two somebody else: `mentor` with `mentee`, one of whom is in `proposal`. Whoever both
    leave behind come together in their turn where the rules allow it."""
    turn = _turn(proposal.run, revision, by, at)
    proposal = turn.take(proposal.pk)
    plan = swap_of(turn.run, proposal, mentor.pk, mentee.pk)
    turn.set(proposal, dropped_at=turn.at, is_locked=False)
    if plan.other:
        turn.set(turn.take(plan.other.pk), dropped_at=turn.at)
    made = turn.make(plan.new, "")
    if plan.left_behind:
        turn.make(plan.left_behind, "", locked=False)
    turn.note(Step.Kind.SWAP, made)
    return made


@transaction.atomic
def undo(*, run: MatchRun, by: Person, revision: int, at: datetime | None = None) -> Step:
    """Take back the last decision, whoever took it. What was confirmed meanwhile stays."""
    turn = _turn(run, revision, by, at)
    step = turn.run.steps.filter(undone_at=None).first()
    if step is None:
        raise DomainError(_("There is nothing to undo."))
    touched = [row["pk"] for row in step.before["proposals"]] + step.before["made"]
    decided = current_pairs(turn.run.cohort)
    for proposal in Proposal.objects.filter(pk__in=touched).select_related(
        "mentor__person", "mentee__person"
    ):
        if (proposal.mentor_id, proposal.mentee_id) in decided:
            raise DomainError(
                _("%(people)s are confirmed already, so this cannot be undone.") % {"people": proposal}
            )
    Proposal.objects.filter(pk__in=step.before["made"]).delete()
    for row in step.before["proposals"]:
        Proposal.objects.filter(pk=row.pop("pk")).update(**row)
    Block.objects.filter(pk__in=step.before["blocks"]).delete()
    Step.objects.filter(pk=step.pk).update(undone_at=turn.at)
    record(by, [turn.run], _("Undone: %(step)s.") % {"step": step}, turn.at)
    return step


# --- What-if ---------------------------------------------------------------------------


@transaction.atomic
def keep_trial(*, run: MatchRun, by: Person, at: datetime | None = None) -> MatchRun:
    """Make a what-if the programme's rules, and its proposals those to decide on. Twice is once."""
    at = at or timezone.now()
    run = hold(run)
    if run.trial is None:
        return run
    _demand_no_run(run)
    if run.state != MatchRun.State.FINISHED:
        raise DomainError(_("This run has no result to keep."))
    newest = MatchRun.objects.filter(cohort=run.cohort).decidable().first()
    if "based_on" in run.snapshot and run.snapshot["based_on"] != seen(newest):
        raise DomainError(
            _(
                "Somebody decided on the proposals since this was tried, and keeping it would undo that."
                " Try it again."
            )
        )
    policy = run.cohort.programme.matching_policy
    for name, value in run.trial.items():
        setattr(policy, name, value)
    policy.full_clean()
    policy.save()
    MatchRun.objects.filter(pk=run.pk).update(trial=None, finished_at=at)
    run.trial, run.finished_at = None, at
    record(by, [run, policy], _("Kept what was tried."), at)
    return run


@transaction.atomic
def discard_trial(*, run: MatchRun, by: Person) -> None:
    """Forget a what-if; nothing was decided on it. Twice is once."""
    MatchRun.objects.filter(pk=run.pk, trial__isnull=False).exclude(
        state__in=[MatchRun.State.QUEUED, MatchRun.State.RUNNING]
    ).delete()


# --- What a decision would mean --------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sketch:
    """Two people as a proposal they could be: its worth, what it would rest on, and the rules it breaks."""

    mentor: int
    mentee: int
    score: int
    breakdown: dict[str, Any]
    broken: tuple[str, ...]

    @property
    def is_allowed(self) -> bool:
        return not self.broken

    @property
    def is_possible(self) -> bool:
        """At least by hand, with a reason."""
        return not set(self.broken) & set(rules.NEVER)


@dataclass(frozen=True, slots=True)
class Swap:
    """What giving somebody another partner means: the new pair, whose proposal it takes away, and the pair
    that is left behind, where the rules allow it."""

    old: Proposal
    new: Sketch
    other: Proposal | None
    left_behind: Sketch | None

    @property
    def change(self) -> int:
        """Points the two people at hand gain."""
        return self.new.score - self.old.score

    @property
    def change_for_all(self) -> int:
        """Points of all pairs together."""
        rest = self.left_behind.score if self.left_behind else 0
        return self.change + rest - (self.other.score if self.other else 0)


def sketch_of(run: MatchRun, pairs: Iterable[tuple[int, int]]) -> list[Sketch]:
    """By enrolment; as the people and the rules stand now. Room is not asked: proposals are not decided."""
    pairs = list(pairs)
    snapshot = people_of(run.cohort, only={pk for pair in pairs for pk in pair}, trial=run.trial)
    return _sketches(snapshot, pairs)


def _sketches(snapshot: Snapshot, pairs: list[tuple[int, int]]) -> list[Sketch]:
    row = {pk: place for place, pk in enumerate(snapshot.mentor_ids)}
    column = {pk: place for place, pk in enumerate(snapshot.mentee_ids)}
    if any(mentor not in row or mentee not in column for mentor, mentee in pairs):
        raise DomainError(_("One of the two is no longer enrolled."))
    at = pair_array([(row[mentor], column[mentee]) for mentor, mentee in pairs])
    bits = rules.blocked_pairs(
        snapshot.mentors, snapshot.mentees, snapshot.rules, at, forbidden=snapshot.forbidden
    )
    points = scoring.criteria(snapshot.mentors, snapshot.mentees, at)
    scores = scoring.overall(points, snapshot.weights)
    return [
        Sketch(mentor, mentee, int(score), breakdown, tuple(rule.name for rule in rules.broken(int(broken))))
        for (mentor, mentee), score, broken, breakdown in zip(
            pairs, scores, bits, reasons.breakdowns(snapshot, at), strict=True
        )
    ]


def swap_of(run: MatchRun, proposal: Proposal, mentor: int, mentee: int) -> Swap:
    """Raises DomainError where it would be no swap, break a rule, or take somebody's locked proposal away."""
    keeps_mentor, keeps_mentee = mentor == proposal.mentor_id, mentee == proposal.mentee_id
    if keeps_mentor == keeps_mentee:
        raise DomainError(_("One of the two stays, the other is exchanged."))
    other = _taken_from(run, **({"mentee": mentee} if keeps_mentor else {"mentor": mentor}))
    asked = [(mentor, mentee)]
    if other:
        asked.append(
            (other.mentor_id, proposal.mentee_id) if keeps_mentor else (proposal.mentor_id, other.mentee_id)
        )
    new, *rest = sketch_of(run, asked)
    _demand_allowed(new, "")
    behind = rest[0] if rest and rest[0].is_allowed and not _stands(run, *asked[1]) else None
    return Swap(proposal, new, other, behind)


def _taken_from(run: MatchRun, **side: int) -> Proposal | None:
    """The proposal that has to give way so that this person has room: their weakest that is not locked."""
    (role, pk) = next(iter(side.items()))
    held = list(run.proposals.kept().filter(**{role: pk}).select_related("mentor__person", "mentee__person"))
    decided = current_pairs(run.cohort)
    held = [p for p in held if (p.mentor_id, p.mentee_id) not in decided]
    if len(held) < _room(run, pk):
        return None
    free = [p for p in held if not p.is_locked]
    if not free:
        person = Enrolment.objects.select_related("person").get(pk=pk).person
        raise DomainError(
            _("%(person)s has no room: what is proposed for them is locked or confirmed. Unlock it first.")
            % {"person": person}
        )
    return min(free, key=lambda p: (p.score, p.pk))


def _room(run: MatchRun, pk: int) -> int:
    snapshot = people_of(run.cohort, only={pk}, trial=run.trial)
    return int(sum(snapshot.mentors.capacity) + sum(snapshot.mentees.capacity))


def _in_the_way(run: MatchRun, mentor: int, mentee: int) -> list[Proposal]:
    if _stands(run, mentor, mentee):
        raise DomainError(_("The two are proposed already."))
    taken = [_taken_from(run, mentor=mentor), _taken_from(run, mentee=mentee)]
    return [proposal for proposal in taken if proposal]


def _stands(run: MatchRun, mentor: int, mentee: int) -> bool:
    return run.proposals.kept().filter(mentor=mentor, mentee=mentee).exists()


def _demand_allowed(sketch: Sketch, reason: str) -> None:
    if not sketch.is_possible:
        raise DomainError(_(rules.NEVER_SENTENCE))
    if sketch.broken and not reason.strip():
        raise DomainError(_("This breaks a rule of the programme. Say why it shall be so."), field="reason")


# --- One decision at a time ------------------------------------------------------------


@dataclass
class _Turn:
    """Holds the run while one decision is taken, and remembers what it changes."""

    run: MatchRun
    by: Person
    at: datetime
    touched: dict[int, dict[str, Any]] = field(default_factory=dict)
    made: list[int] = field(default_factory=list)

    def take(self, pk: int) -> Proposal:
        """The proposal as it stands now. Raises DomainError where it is gone or decided."""
        proposal = (
            self.run.proposals.kept().select_related("mentor__person", "mentee__person").filter(pk=pk).first()
        )
        if proposal is None:
            raise DomainError(_("Somebody took this proposal off the workbench."))
        if (proposal.mentor_id, proposal.mentee_id) in current_pairs(self.run.cohort):
            raise DomainError(_("%(people)s are confirmed already.") % {"people": proposal})
        return proposal

    def set(self, proposal: Proposal, **values: Any) -> None:
        before = {name: getattr(proposal, name) for name in ("pk", *STATE)}
        before["dropped_at"] = proposal.dropped_at and proposal.dropped_at.isoformat()
        self.touched.setdefault(proposal.pk, before)
        for name, value in values.items():
            setattr(proposal, name, value)
        proposal.save(update_fields=list(values))

    def make(self, sketch: Sketch, reason: str, *, locked: bool = True) -> Proposal:
        """The proposal by hand; one that was dropped before is taken up again."""
        values = {
            "score": sketch.score,
            "breakdown": sketch.breakdown,
            "is_locked": locked,
            "by_hand": True,
            "overrides": list(sketch.broken),
            "reason": reason if sketch.broken else "",
        }
        before = self.run.proposals.filter(mentor=sketch.mentor, mentee=sketch.mentee).first()
        if before:
            self.set(before, dropped_at=None, **values)
            return before
        made = Proposal.objects.create(
            run=self.run, mentor_id=sketch.mentor, mentee_id=sketch.mentee, **values
        )
        self.made.append(made.pk)
        return made

    def note(self, kind: Step.Kind, proposal: Proposal, blocks: Iterable[int] = ()) -> Step:
        before = {"proposals": list(self.touched.values()), "made": self.made, "blocks": list(blocks)}
        step = Step.objects.create(
            run=self.run, kind=kind, people=str(proposal), by=self.by, at=self.at, before=before
        )
        record(self.by, [self.run], str(step), self.at)
        return step


def _turn(run: MatchRun, revision: int, by: Person, at: datetime | None) -> _Turn:
    if run.cohort.is_of_groups:
        raise DomainError(_("This cohort is of groups: decide about somebody on the page of the groups."))
    run = take_turn(run, revision, lambda run: run.steps.select_related("by").first())
    return _Turn(run, by, at or timezone.now())


def take_turn(run: MatchRun, revision: int, last_of: Callable[[MatchRun], Any]) -> MatchRun:
    """Hold the run, and its cohort, for one decision of somebody who saw everything before it."""
    run = hold(run)
    demand_decidable(run)
    _demand_no_run(run)
    if run.revision != revision:
        last = last_of(run)
        raise DomainError(
            _("%(who)s changed something here meanwhile (%(what)s). Look at it, then decide again.")
            % {"who": (last and last.by) or _("Somebody"), "what": last or "–"}
        )
    run.revision += 1
    run.save(update_fields=["revision"])
    return run


def _demand_no_run(run: MatchRun) -> None:
    if MatchRun.objects.filter(cohort=run.cohort, trial__isnull=True, state__in=UNDER_WAY).exists():
        raise DomainError(
            _("A new run is under way and would not know of this. Wait until it is done, or stop it.")
        )
