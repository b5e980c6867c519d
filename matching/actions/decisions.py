"""What staff decide on the proposals of a run."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.errors import DomainError
from matching import reasons
from matching.actions.base import hold, record
from matching.actions.offers import offers_in_the_way, withdraw_offer
from matching.models import MatchRun, Mentorship, Proposal
from matching.notify import notify
from matching.people_of import Snapshot, current_pairs, people_of
from matching.rules import BY_NAME, NEVER_SENTENCE
from participants.models import Person
from programmes.models import Cohort, Enrolment, Role

State = Mentorship.State


@transaction.atomic
def confirm(*, proposal: Proposal, by: Person, at: datetime | None = None) -> Mentorship:
    """Confirm the mentorship, or offer it where the programme asks its members first. Twice is once."""
    run, [proposal] = _as_they_stand(proposal.run, pk=proposal.pk)
    if proposal.dropped_at:
        raise DomainError(_("Somebody took this proposal off the workbench."))
    mentorships, refused = _decide(run, [proposal], by, at or timezone.now())
    if refused:
        raise DomainError(refused[0])
    return mentorships[0]


@transaction.atomic
def confirm_all(*, run: MatchRun, by: Person, at: datetime | None = None) -> list[Mentorship]:
    """The mentorships of all proposals of a run; those that have become impossible are left out."""
    run, proposals = _as_they_stand(run, dropped_at=None)
    return _decide(run, proposals, by, at or timezone.now())[0] if proposals else []


def _as_they_stand(run: MatchRun, **which: Any) -> tuple[MatchRun, list[Proposal]]:
    """Proposals read under the lock of the workbench: what a coordinator swaps or drops at this moment is
    either done, and seen here, or waits until this is decided."""
    run = hold(run)
    return run, list(run.proposals.filter(**which).select_related("mentor", "mentee"))


def _decide(
    run: MatchRun, proposals: list[Proposal], by: Person, at: datetime
) -> tuple[list[Mentorship], list[str]]:
    """Mentorships, and sentences about proposals that are no longer possible. Called with the run held.

    Both enrolments are locked, then capacity and rules are read anew: since the run somebody may have
    changed manager, named whom they would rather avoid, or been given to somebody else.
    """
    enrolments = {p.mentor_id for p in proposals} | {p.mentee_id for p in proposals}
    list(Enrolment.objects.select_for_update().filter(pk__in=enrolments).order_by("pk"))
    decided = current_pairs(run.cohort)
    open_ones = [p for p in proposals if (p.mentor_id, p.mentee_id) not in decided]
    found = Mentorship.objects.in_bulk(
        {decided[p.mentor_id, p.mentee_id] for p in proposals if (p.mentor_id, p.mentee_id) in decided}
    )
    if not open_ones:
        return list(found.values()), []
    demand_decidable(run)
    if run.move_price is not None:
        for offer in offers_in_the_way(run, enrolments):
            withdraw_offer(mentorship=offer, by=by, at=at)
    snapshot = people_of(run.cohort, only=enrolments)
    room = dict(zip(snapshot.mentor_ids, snapshot.mentors.capacity.tolist(), strict=True))
    room |= dict(zip(snapshot.mentee_ids, snapshot.mentees.capacity.tolist(), strict=True))
    here = [p for p in open_ones if p.mentor_id in room and p.mentee_id in room]
    refused = [_("One of the two is no longer enrolled.")] * (len(open_ones) - len(here))
    topics = reasons.topics_in(p.breakdown for p in here)
    made: dict[int, Mentorship] = {}
    for proposal, bits in zip(here, _broken(snapshot, here), strict=True):
        if bits:
            refused.append(reasons.rule_sentence(bits, snapshot.rules))
        elif not (room[proposal.mentor_id] and room[proposal.mentee_id]):
            refused.append(_(NEVER_SENTENCE))
        else:
            mentorship = _bring_together(proposal, run.cohort, topics, at)
            made[mentorship.pk] = mentorship
            room[proposal.mentor_id] -= 1
            room[proposal.mentee_id] -= 1
    kind = "mentorship-offered" if run.cohort.programme.uses_offers else "mentorship-confirmed"
    notify(kind, made, at=at)
    record(
        by,
        made.values(),
        _("Offered to its members.") if run.cohort.programme.uses_offers else _("Confirmed."),
        at,
    )
    return list({**found, **made}.values()), refused


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a proposal stands now: decided, no longer possible for a reason, or open."""

    mentorship: int | None
    refusal: str

    @property
    def is_open(self) -> bool:
        return self.mentorship is None and not self.refusal


def standing(run: MatchRun, proposals: Collection[Proposal]) -> dict[int, Standing]:
    """By primary key, in a constant number of queries. What changed since the run shows here first."""
    decided = current_pairs(run.cohort)
    snapshot = people_of(run.cohort, move_price=run.move_price)
    enrolled = {*snapshot.mentor_ids, *snapshot.mentee_ids}
    here = [p for p in proposals if p.mentor_id in enrolled and p.mentee_id in enrolled]
    broken = dict(zip([p.pk for p in here], _broken(snapshot, here), strict=True))
    found = {}
    for proposal in proposals:
        mentorship = decided.get((proposal.mentor_id, proposal.mentee_id))
        refusal = ""
        if mentorship is None and proposal.pk not in broken:
            refusal = _("One of the two is no longer enrolled.")
        elif mentorship is None and broken[proposal.pk]:
            refusal = reasons.rule_sentence(broken[proposal.pk], snapshot.rules)
        found[proposal.pk] = Standing(mentorship, refusal)
    return found


def demand_decidable(run: MatchRun) -> None:
    if run.cohort.state not in (Cohort.State.MATCHING, Cohort.State.RUNNING):
        raise DomainError(
            _("Proposals can be confirmed until the cohort closes. It is “%(state)s” now.")
            % {"state": run.cohort.get_state_display()}
        )
    if run.trial is not None:
        raise DomainError(_("This run only tries something out. Keep it first, then decide on it."))
    if MatchRun.objects.filter(cohort=run.cohort).decidable().first() != run:
        raise DomainError(_("A newer run has replaced this proposal. Decide on the newest one."))


def _broken(snapshot: Snapshot, proposals: list[Proposal]) -> list[int]:
    """Bits of the rules each proposal breaks, without those somebody overrode with a reason."""
    bits = snapshot.broken([(p.mentor_id, p.mentee_id) for p in proposals])
    return [
        of & ~sum(BY_NAME[name].bit for name in p.overrides) for of, p in zip(bits, proposals, strict=True)
    ]


def _bring_together(proposal: Proposal, cohort: Cohort, topics: dict[int, Any], at: datetime) -> Mentorship:
    state = State.OFFERED if cohort.programme.uses_offers else State.CONFIRMED
    return Mentorship.objects.begin(
        cohort=cohort,
        state=state,
        members=[(Role.MENTOR, proposal.mentor_id), (Role.MENTEE, proposal.mentee_id)],
        topic=reasons.best_topic(proposal.breakdown, topics),
        proposal=proposal,
        at=at,
    )
