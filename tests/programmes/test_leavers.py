"""Somebody becomes inactive: those who run the programme hear of it, once."""

from datetime import timedelta

import pytest

from matching.models import Mentorship
from notices.models import Notice
from programmes.leavers import tell_of_leavers
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def told():
    return sorted(Notice.objects.filter(kind="person-left").values_list("recipient__name", flat=True))


def test_coordinators_are_told_once_and_no_mentorship_ends():
    leaver, coordinator = factories.person("Leaver"), factories.person("Coordinator")
    factories.hr_admin(name="HR"), factories.person("Stranger")
    mentorship = factories.mentorship(mentor=leaver)
    factories.programme_role(mentorship.cohort.programme, coordinator, "coordinator")
    factories.programme_role(factories.programme(), factories.person("Of another"), "coordinator")
    assert tell_of_leavers(NOW) == 0
    leaver.is_active = False
    leaver.save()
    assert [tell_of_leavers(NOW + timedelta(days=day)) for day in (3, 3, 9)] == [1, 0, 0]
    assert told() == ["Coordinator"]
    mentorship.refresh_from_db()
    assert mentorship.state == Mentorship.State.ACTIVE


@pytest.mark.parametrize(("state", "expected"), [("running", ["HR"]), ("closed", [])])
def test_hr_is_told_of_a_programme_without_a_coordinator_while_it_runs(state, expected):
    factories.hr_admin(name="HR")
    factories.enrolment(factories.cohort(state), factories.person(is_active=False))
    tell_of_leavers(NOW)
    assert told() == expected
