from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from concerns.models import Concern
from domain.errors import DomainError
from goals.models import Goal
from matching.models import MatchRun, Mentorship
from programmes.models import Cohort, Enrolment
from tests import factories

MACHINES = [Cohort, Enrolment, MatchRun, Mentorship, Goal, Concern]


@pytest.mark.parametrize("machine", MACHINES)
def test_transitions_name_only_states_of_the_machine(machine):
    named = set(machine.TRANSITIONS) | {to for targets in machine.TRANSITIONS.values() for to in targets}
    assert named <= set(machine.State.values)


@pytest.mark.django_db
@pytest.mark.parametrize("before", Mentorship.State.values)
@pytest.mark.parametrize("after", Mentorship.State.values)
def test_move_to_takes_exactly_the_steps_of_the_table(before, after):
    mentorship = factories.mentorship(state=before)
    allowed = after in Mentorship.TRANSITIONS.get(before, ())
    if allowed:
        assert mentorship.move_to(after) is True
    elif before == after:
        assert mentorship.move_to(after) is False
    else:
        with pytest.raises(DomainError):
            mentorship.move_to(after)
    mentorship.refresh_from_db()
    assert mentorship.state == (after if allowed else before)


@pytest.mark.django_db
def test_move_to_judges_by_the_row_and_not_by_the_stale_object():
    mentorship = factories.mentorship(state="active")
    stale = Mentorship.objects.get(pk=mentorship.pk)
    mentorship.move_to("ended")
    with pytest.raises(DomainError, match="ended"):
        stale.move_to("paused")


@pytest.mark.django_db(transaction=True)
def test_move_to_by_two_at_once_is_taken_by_one():
    mentorship = factories.mentorship(state="confirmed")

    def take(_):
        try:
            return Mentorship.objects.get(pk=mentorship.pk).move_to("active")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(take, range(4))) == [False, False, False, True]
