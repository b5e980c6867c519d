from datetime import timedelta

import pytest
from django.utils import timezone

from goals import actions
from goals.tasks import sweep
from notices.models import Notice
from tests import factories

pytestmark = pytest.mark.django_db


def test_sweep_asks_for_the_check_in_that_is_due_once():
    now = timezone.now()
    cohort = factories.cohort(
        enrolment_opens_on=now.date() - timedelta(days=60),
        enrolment_closes_on=now.date() - timedelta(days=50),
        starts_on=now.date() - timedelta(days=47),
        ends_on=now.date() + timedelta(days=130),
        check_in_weeks=[6],
    )
    mentorship = factories.mentorship(in_cohort=cohort)
    actions.set_goal(
        mentorship=mentorship,
        member=factories.member(mentorship, "mentor"),
        title="Use AI",
        levels={-1: "once", 0: "two of five", 2: "all five"},
        at=now - timedelta(days=30),
    )
    for _ in range(2):
        sweep()
    assert Notice.objects.filter(kind="check-in-due").count() == 2
