"""Confirming takes turns with the workbench: what somebody swaps or moves away at the same moment is not
confirmed from rows read before."""

import time
from threading import Event

import pytest
from django.db import connection, transaction

from domain.errors import DomainError
from matching import actions, group_actions, group_bench, workbench
from matching.models import Member, Mentorship, Proposal
from tests import factories
from tests.matching import people
from tests.matching.people import AT
from tests.matching.test_group_decisions import apart_now, enrolled, group_with
from tests.matching.test_group_runs import cohort_of_groups, run_of
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def proposed():
    """A proposal, and a second mentee it can be swapped to."""
    cohort = people.cohort()
    mentor, mentee, other = people.mentor(cohort), people.mentee(cohort), people.mentee(cohort)
    return people.proposal(people.finished_run(cohort), mentor, mentee), other


def one_after_the_other(first, second):
    """`first` in a transaction that stays open until `second` waits for it; what `second` came to."""
    begun = Event()

    def holding():
        with transaction.atomic():
            first()
            begun.set()
            wait_until_somebody_waits()

    def waiting():
        begun.wait(30)
        return second()

    held, came = at_once(holding, waiting)
    assert held is None
    return came


def wait_until_somebody_waits():
    """Until another transaction waits for a lock; that none does fails the test."""
    for _try in range(600):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    raise AssertionError("nobody waited")


def swap(proposal, other, by):
    return workbench.swap(proposal=proposal, mentor=proposal.mentor, mentee=other, by=by, revision=0, at=AT)


def test_confirm_of_a_proposal_just_swapped_away_is_refused():
    proposal, other = proposed()
    hr, stale = factories.hr_admin(), Proposal.objects.get(pk=proposal.pk)
    refused = one_after_the_other(
        lambda: swap(proposal, other, hr), lambda: actions.confirm(proposal=stale, by=hr, at=AT)
    )
    assert isinstance(refused, DomainError)
    assert refused.message == "Somebody took this proposal off the workbench."
    assert Mentorship.objects.count() == 0


def test_confirm_of_all_confirms_what_was_swapped_in_and_not_what_went():
    proposal, other = proposed()
    hr = factories.hr_admin()
    [made] = one_after_the_other(
        lambda: swap(proposal, other, hr), lambda: actions.confirm_all(run=proposal.run, by=hr, at=AT)
    )
    assert {m.enrolment_id for m in Member.objects.filter(mentorship=made)} == {proposal.mentor_id, other.pk}


def test_swap_of_a_proposal_just_confirmed_is_refused():
    proposal, other = proposed()
    hr = factories.hr_admin()
    refused = one_after_the_other(
        lambda: actions.confirm(proposal=proposal, by=hr, at=AT), lambda: swap(proposal, other, hr)
    )
    assert isinstance(refused, DomainError)
    assert "confirmed already" in refused.message
    assert Mentorship.objects.count() == 1


@pytest.mark.parametrize("everything", [False, True])
def test_confirm_of_a_group_somebody_was_just_moved_into_takes_them_in(everything):
    run, hr = run_of(cohort_of_groups()), factories.hr_admin()
    one, two = apart_now(run)
    stale = group_with(run, two)

    def move():
        group_bench.move(
            run=run, enrolment=enrolled(one), away_from=group_with(run, one), to=stale,
            instead_of=enrolled(two), reason="We know.", by=hr, revision=run.revision, at=AT,
        )  # fmt: skip

    def confirm():
        if everything:
            return group_actions.confirm_groups(run=run, by=hr, at=AT)
        return [group_actions.confirm_group(group=stale, by=hr, at=AT)]

    made = one_after_the_other(move, confirm)
    [mentorship] = [m for m in made if m.proposed_group_id == stale.pk]
    names = {member.person.name for member in mentorship.members.all()}
    assert (one in names, two in names) == (True, False)
