"""Somebody becomes inactive: who runs the programme hears of it once, and days later who remains is free."""

from datetime import timedelta

import pytest

from matching.leavers import notice, part
from notices.models import Notice
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def told(kind="person-left"):
    return sorted(Notice.objects.filter(kind=kind).values_list("recipient__name", flat=True))


def set_active(person, is_active):
    type(person).objects.filter(pk=person.pk).update(is_active=is_active)


@pytest.fixture
def martin():
    return factories.person("Martin Vogel")


@pytest.fixture
def mentorship(martin):
    made = factories.mentorship(factories.person("Aylin Kaya"), martin)
    factories.programme_role(made.cohort.programme, factories.person("Tomás"), "coordinator")
    factories.programme_role(factories.programme(), factories.person("Of another"), "coordinator")
    factories.hr_admin(name="HR")
    return made


def test_coordinator_is_told_once_and_days_later_the_partner_is_parted_kindly(mentorship, martin):
    assert notice(NOW) == 0
    set_active(martin, False)
    assert [notice(NOW), notice(NOW + DAY / 24), part(NOW + 2 * DAY)] == [1, 0, 0]
    assert told() == ["Tomás"]
    assert "with Aylin" in Notice.objects.get(kind="person-left").text
    assert part(NOW + 30 * DAY) == 1  # weeks without a worker
    assert part(NOW + 31 * DAY) == 0
    mentorship.refresh_from_db()
    assert (mentorship.state, told("mentorship-changed")) == ("ended", ["Aylin Kaya"])
    assert "You keep your place" in Notice.objects.get(kind="mentorship-changed").text


def test_days_count_from_the_notice_however_long_no_worker_ran(mentorship, martin):
    set_active(martin, False)
    notice(NOW + 30 * DAY)
    assert [part(NOW + 30 * DAY), part(NOW + 32 * DAY), part(NOW + 33 * DAY)] == [0, 0, 1]


def test_two_mentorships_of_one_programme_are_one_notice_and_both_end(mentorship, martin):
    later = factories.cohort(programme=mentorship.cohort.programme)
    second = factories.mentorship(factories.person("Bea Lang"), martin, in_cohort=later)
    set_active(martin, False)
    assert notice(NOW) == 1
    assert "with Aylin and Bea" in Notice.objects.get(kind="person-left").text
    assert part(NOW + 3 * DAY) == 2
    second.refresh_from_db()
    assert second.state == "ended"


def test_mistake_is_forgotten_and_leaving_a_second_time_is_told_anew(mentorship, martin):
    set_active(martin, False)
    notice(NOW)
    set_active(martin, True)
    assert (notice(NOW + 2 * DAY), part(NOW + 9 * DAY)) == (0, 0)
    set_active(martin, False)
    assert (notice(NOW + 10 * DAY), part(NOW + 10 * DAY)) == (1, 0)
    assert told() == ["Tomás", "Tomás"]
    assert part(NOW + 13 * DAY) == 1


@pytest.mark.parametrize(
    ("cohort", "state", "expected"),
    [
        ("running", "accepted", ["HR"]),
        ("enrolling", "waitlisted", ["HR"]),
        ("enrolling", "withdrawn", []),
        ("closed", "accepted", []),
    ],
)
def test_enrolment_without_a_mentorship_is_told_to_hr_where_nobody_coordinates(cohort, state, expected):
    factories.hr_admin(name="HR")
    factories.enrolment(factories.cohort(cohort), factories.person(is_active=False), state=state)
    notice(NOW)
    assert told() == expected
    if expected:
        assert "no mentorship" in Notice.objects.get().text
