"""Deciding on proposed groups."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.errors import DomainError
from matching.actions import demand_decidable, hold, record
from matching.group_held import held_in
from matching.group_runs import apart_in, sizes_of
from matching.group_standing import refusal
from matching.models import MatchRun, Mentorship, ProposedGroup
from matching.notify import notify
from matching.people_of import people_of
from participants.models import Person
from programmes.models import Enrolment

State = Mentorship.State


@transaction.atomic
def confirm_group(*, group: ProposedGroup, by: Person, at: datetime | None = None) -> Mentorship:
    """One mentorship of all its members, confirmed, or offered where the programme asks first. Twice is once.

    The workbench and everybody in it are locked, then seats, rules and capacity are read anew.
    """
    run = hold(group.run)
    [mentorship] = _confirm(
        run, [run.groups.with_seats().get(pk=group.pk)], by, at or timezone.now(), strict=True
    )
    return mentorship


@transaction.atomic
def confirm_groups(*, run: MatchRun, by: Person, at: datetime | None = None) -> list[Mentorship]:
    """All groups of a run; those that have become impossible are left out."""
    run = hold(run)
    return _confirm(run, list(run.groups.with_seats()), by, at or timezone.now(), strict=False)


def _confirm(
    run: MatchRun, found: list[ProposedGroup], by: Person, at: datetime, *, strict: bool
) -> list[Mentorship]:
    """Called with the run held, and the groups read after that: whoever moves somebody waits."""
    enrolments = {seat.enrolment_id for group in found for seat in group.seats.all()}
    list(Enrolment.objects.select_for_update().filter(pk__in=enrolments).order_by("pk"))
    decided = {m.proposed_group_id: m for m in Mentorship.objects.filter(proposed_group__in=found)}
    waiting = [group for group in found if group.pk not in decided]
    if waiting:
        demand_decidable(run)
    offers = run.cohort.programme.uses_offers
    made = []
    for group in waiting:
        problem = standing(run, [group])[group.pk]
        if problem and strict:
            raise DomainError(problem)
        if not problem:
            made.append(
                Mentorship.objects.begin(
                    cohort=run.cohort,
                    state=State.OFFERED if offers else State.CONFIRMED,
                    members=[(seat.role, seat.enrolment_id) for seat in group.seats.all()],
                    topic=str(group.theme),
                    proposed_group=group,
                    at=at,
                )
            )
    notify("mentorship-offered" if offers else "mentorship-confirmed", [m.pk for m in made], at=at)
    record(by, made, _("Offered to its members.") if offers else _("Confirmed."), at)
    return [*decided.values(), *made]


def standing(run: MatchRun, found: Sequence[ProposedGroup]) -> dict[int, str]:
    """Why each group is no longer possible; empty where it is. A constant number of queries."""
    members = {seat.enrolment_id for group in found for seat in group.seats.all()}
    held = held_in(run.cohort)
    snapshot = people_of(run.cohort, only=held.with_companions(members))
    sizes, apart, free = sizes_of(run.cohort), apart_in(run.cohort), snapshot.with_room()
    refusals = {}
    for group in found:
        seats = [(seat.role, seat.enrolment_id) for seat in group.seats.all()]
        problem = refusal(snapshot, group.theme_id, seats, sizes, apart)
        if not problem and (problem := held.against({pk for _role, pk in seats}, free)):
            problem = _("%(decided)s Run the matching again.") % {"decided": problem}
        refusals[group.pk] = problem
    return refusals
