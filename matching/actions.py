"""The verbs of matching: decide on proposals, and what members do with a mentorship. Runs are in runs.py."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.errors import DomainError
from matching import reasons
from matching.models import MatchRun, Member, Mentorship, Proposal
from matching.notify import notify
from matching.people_of import Snapshot, current_pairs, movable_offers, people_of
from matching.rules import BY_NAME
from matching.runs import cancel_run, execute_run, request_run
from participants.models import Person
from programmes.models import Cohort, Enrolment, Role

__all__ = [
    "answer_offer",
    "cancel_run",
    "complete",
    "confirm",
    "confirm_all",
    "current_pairs",
    "end",
    "execute_run",
    "pause",
    "request_run",
    "resume",
    "standing",
]

State = Mentorship.State


# --- Decisions -------------------------------------------------------------------------


@transaction.atomic
def confirm(*, proposal: Proposal, by: Person, at: datetime | None = None) -> Mentorship:
    """Confirm the mentorship, or offer it where the programme asks its members first. Twice is once."""
    mentorships, refused = _decide([proposal], by, at or timezone.now())
    if refused:
        raise DomainError(refused[0])
    return mentorships[0]


@transaction.atomic
def confirm_all(*, run: MatchRun, by: Person, at: datetime | None = None) -> list[Mentorship]:
    """The mentorships of all proposals of a run; those that have become impossible are left out."""
    proposals = list(run.proposals.kept().select_related("mentor", "mentee"))
    return _decide(proposals, by, at or timezone.now())[0] if proposals else []


def _decide(proposals: list[Proposal], by: Person, at: datetime) -> tuple[list[Mentorship], list[str]]:
    """Mentorships, and sentences about proposals that are no longer possible.

    Both enrolments are locked, then capacity and rules are read anew: since the run somebody may have
    changed manager, named whom they would rather avoid, or been given to somebody else.
    """
    run = MatchRun.objects.select_related("cohort__programme").get(pk=proposals[0].run_id)
    if any(p.dropped_at for p in proposals):
        raise DomainError(_("Somebody took this proposal off the workbench."))
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
            refused.append(_("One of the two has no room for another partner."))
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


def offers_in_the_way(run: MatchRun, enrolments: Collection[int] | None = None) -> list[Mentorship]:
    """Offers nobody has accepted that the run gave up for others, of these enrolments or of all."""
    if run.move_price is None:
        return []
    kept = set(run.proposals.kept().values_list("mentor", "mentee"))
    given_up = {of for pair, of in current_pairs(run.cohort).items() if pair not in kept}
    found = movable_offers(run.cohort).filter(pk__in=given_up)
    if enrolments is not None:
        found = found.filter(members__enrolment__in=enrolments).distinct()
    return list(found.with_members())


@transaction.atomic
def withdraw_offer(*, mentorship: Mentorship, by: Person, at: datetime | None = None) -> Mentorship:
    """Take an offer back that nobody has accepted yet; both are told, without a cause."""
    at = at or timezone.now()
    mentorship = _locked(mentorship)
    if mentorship.state == State.OFFERED and mentorship.members.exclude(accepted_at=None).exists():
        raise DomainError(_("One of the two has accepted already. Wait for the other's answer."))
    if mentorship.move_to(State.DECLINED, closed_at=at):
        notify("mentorship-changed", [mentorship.pk], at=at, change="withdrawn")
        record(by, [mentorship], _("The offer was withdrawn."), at)
    return mentorship


@transaction.atomic
def lapse_offer(*, mentorship: Mentorship, at: datetime) -> bool:
    """An offer that was not answered by all in time; both stay enrolled and are told so. Twice is once."""
    mentorship = _locked(mentorship)
    if mentorship.state != State.OFFERED or mentorship.cohort.today(at) <= mentorship.answer_by:
        return False
    mentorship.move_to(State.DECLINED, closed_at=at)
    notify("mentorship-changed", [mentorship.pk], at=at, change="lapsed")
    return True


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


def record(by: Person, objects: Iterable[Any], message: str, at: datetime) -> None:
    """Who among the staff did it, in the admin site's history."""
    LogEntry.objects.bulk_create(
        LogEntry(
            user=by,
            content_type=ContentType.objects.get_for_model(obj),
            object_id=obj.pk,
            object_repr=str(obj)[:200],
            action_flag=CHANGE,
            change_message=message,
            action_time=at,
        )
        for obj in objects
    )


# --- What members do -------------------------------------------------------------------


@transaction.atomic
def answer_offer(
    *, mentorship: Mentorship, person: Person, accept: bool, at: datetime | None = None
) -> Mentorship:
    """Accepting is final once all have accepted; declining needs no reason and is told without a name."""
    at = at or timezone.now()
    mentorship = _locked(mentorship)
    member = mentorship.members.get(enrolment__person=person)
    if mentorship.state != State.OFFERED:
        if member.accepted_at if accept else member.declined_at:
            return mentorship
        raise DomainError(_("This offer is no longer open."))
    if not accept:
        Member.objects.filter(pk=member.pk).update(declined_at=at, accepted_at=None)
        mentorship.move_to(State.DECLINED, closed_at=at)
        notify("mentorship-changed", [mentorship.pk], at=at, by=person, change="declined")
        return mentorship
    Member.objects.filter(pk=member.pk, accepted_at=None).update(accepted_at=at)
    if not mentorship.members.filter(accepted_at=None).exists():
        mentorship.move_to(State.CONFIRMED, confirmed_at=at)
        notify("mentorship-confirmed", [mentorship.pk], at=at)
    return mentorship


@transaction.atomic
def pause(
    *, mentorship: Mentorship, person: Person, by: Person | None = None, at: datetime | None = None
) -> Mentorship:
    """A member needs a rest. Of a mentorship that is paused already it says that theirs lasts, and nobody is
    told. `by` is a confidant who does it on their behalf; then the member is told as well."""
    at = at or timezone.now()
    mentorship = _locked(mentorship)
    member = mentorship.members.get(enrolment__person=person)
    paused = mentorship.move_to(State.PAUSED, paused_at=at)
    Member.objects.filter(pk=member.pk, rests_since=None).update(rests_since=at)
    if paused:
        notify("mentorship-changed", [mentorship.pk], at=at, by=by or person, change="paused")
    return mentorship


@transaction.atomic
def resume(*, mentorship: Mentorship, person: Person, at: datetime | None = None) -> Mentorship:
    """Back to where it was, active when all had signed, confirmed otherwise, once nobody needs the pause.

    Whoever did not ask for a pause cannot end it: nobody is pulled back into what they needed a rest from.
    It is the same rule for every pause, so that none tells why it is one.
    """
    at = at or timezone.now()
    mentorship = _locked(mentorship)
    if mentorship.state in (State.CONFIRMED, State.ACTIVE):
        return mentorship
    if mentorship.state != State.PAUSED:
        raise DomainError(_("Only a paused mentorship can go on."))
    mentorship.members.filter(enrolment__person=person).update(rests_since=None)
    if mentorship.members.resting().exists():
        return mentorship
    mentorship.move_to(State.ACTIVE if mentorship.activated_at else State.CONFIRMED, paused_at=None)
    notify("mentorship-changed", [mentorship.pk], at=at, by=person, change="resumed")
    return mentorship


@transaction.atomic
def end(*, mentorship: Mentorship, person: Person, at: datetime | None = None) -> Mentorship:
    """Any member may, at any time, without a reason. The others are told that it ended, not why; a group in
    which a mentor and a mentee remain goes on without the one who leaves."""
    at = at or timezone.now()
    mentorship = _locked(mentorship)
    if not mentorship.members.filter(enrolment__person=person).exists():
        return mentorship
    if _leave_group(mentorship, person, at):
        notify("mentorship-changed", [mentorship.pk], at=at, change="left")
    elif mentorship.move_to(State.ENDED, closed_at=at):
        notify("mentorship-changed", [mentorship.pk], at=at, by=person, change="ended")
    return mentorship


@transaction.atomic
def run_out(*, mentorship: Mentorship, at: datetime) -> bool:
    """Its cohort is over, and nobody met: it ends by itself, without a word of blame."""
    mentorship = _locked(mentorship)
    ended = mentorship.move_to(State.ENDED, closed_at=at)
    if ended:
        notify("mentorship-changed", [mentorship.pk], at=at, change="over")
    return ended


def goes_on_without(mentorship: Mentorship, person: Person) -> bool:
    """Whether it is a group in which somebody of each role remains."""
    roles = {m.role for m in mentorship.members.all() if m.enrolment.person_id != person.pk}
    return mentorship.members.count() > len(Role) and roles == set(Role)


def _leave_group(mentorship: Mentorship, person: Person, at: datetime) -> bool:
    if not (mentorship.is_live and goes_on_without(mentorship, person)):
        return False
    return bool(mentorship.members.filter(enrolment__person=person).update(left_at=at))


@transaction.atomic
def end_by_staff(
    *, mentorship: Mentorship, by: Person, reason: str, at: datetime | None = None
) -> Mentorship:
    """A coordinator ends it, for a reason only staff see; all members are told that it ended. Both keep their
    places and can be matched again."""
    at = at or timezone.now()
    if not reason.strip():
        raise DomainError(_("Say why. Only the staff of the programme read it."), field="reason")
    mentorship = _locked(mentorship)
    if mentorship.move_to(State.ENDED, closed_at=at, staff_reason=reason.strip()[:300]):
        notify("mentorship-changed", [mentorship.pk], at=at, change="ended")
        record(by, [mentorship], _("Ended."), at)
    return mentorship


@transaction.atomic
def part_from_leaver(*, mentorship: Mentorship, person: Person, at: datetime) -> bool:
    """Somebody left the company: the mentorship ends, or the group goes on, and who remains is told kindly.
    Twice is once."""
    mentorship = _locked(mentorship)
    if mentorship.state == State.OFFERED:
        changed = mentorship.move_to(State.DECLINED, closed_at=at)
    elif not mentorship.is_live:
        return False
    elif _leave_group(mentorship, person, at):
        changed = True
    else:
        changed = mentorship.move_to(State.ENDED, closed_at=at)
    if changed:
        notify("mentorship-changed", [mentorship.pk], at=at, by=person, change="company")
    return changed


@transaction.atomic
def complete(*, mentorship: Mentorship, at: datetime | None = None) -> Mentorship:
    at = at or timezone.now()
    mentorship = _locked(mentorship)
    if mentorship.move_to(State.COMPLETED, closed_at=at):
        notify("mentorship-changed", [mentorship.pk], at=at, change="completed")
    return mentorship


def _locked(mentorship: Mentorship) -> Mentorship:
    mine = Mentorship.objects.select_for_update(of=["self"]).select_related("cohort__programme")
    return mine.get(pk=mentorship.pk)
