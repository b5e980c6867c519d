import pytest
from django.urls import reverse

from matching.admin_results import cohorts_to_match
from programmes.models import Cohort
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("cohorts", [1, 3])
def test_list_of_mentorships_costs_the_same_whatever_the_number_of_cohorts(
    client, cohorts, django_assert_num_queries
):
    for _ in range(cohorts):
        factories.mentorship()
    client.force_login(factories.hr_admin())
    client.get(reverse("admin:matching_mentorship_changelist"))
    with django_assert_num_queries(9):
        client.get(reverse("admin:matching_mentorship_changelist"))


def test_cohorts_to_match_count_each_person_and_offer_once():
    cohort = factories.cohort(state=Cohort.State.MATCHING)
    for state in ("offered", "offered", "active"):
        factories.mentorship(in_cohort=cohort, state=state)
    factories.enrolment(cohort, role="mentor")
    [found] = cohorts_to_match(factories.hr_admin())
    assert (found.mentors, found.mentees, found.alone, found.movable) == (4, 3, 1, 2)
