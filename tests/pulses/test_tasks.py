from datetime import timedelta

import pytest
from django.utils import timezone

from notices.models import Notice
from pulses.models import Wave
from pulses.tasks import sweep
from tests import factories

pytestmark = pytest.mark.django_db


def test_sweep_opens_the_wave_of_a_running_cohort_once():
    today = timezone.now().date()
    cohort = factories.cohort(
        enrolment_opens_on=today - timedelta(days=30),
        enrolment_closes_on=today - timedelta(days=20),
        starts_on=today - timedelta(days=10),
        ends_on=today + timedelta(days=170),
    )
    factories.mentorship(in_cohort=cohort)
    for _ in range(2):
        sweep()
    assert Wave.objects.get().kind == "start"
    assert list(Notice.objects.values_list("kind", flat=True)) == ["pulse-open"] * 2
