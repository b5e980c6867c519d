"""What programmes have waiting for a person, and the one reminder of an invitation."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from domain.waiting import Urgency
from notices.models import Notice
from programmes import actions
from programmes.models import BriefingPage, Cohort, Role
from programmes.reminders import remind_invited
from programmes.waiting import waiting_for
from tests import factories

pytestmark = pytest.mark.django_db
NOW = factories.NOW
WEEK = timedelta(days=7)


def test_an_open_invitation_waits_until_it_is_answered_or_the_deadline_has_passed():
    person = factories.person()
    invitation = factories.invitation(factories.enrolling(), person, Role.MENTOR)
    found = waiting_for(person, NOW)
    assert [(item.urgency, [action.url for action in item.actions]) for item in found] == [
        (
            Urgency.SOON,
            [
                invitation.cohort.get_absolute_url(),
                reverse("programmes:decline", args=[invitation.uuid]),
            ],
        )
    ]
    assert waiting_for(factories.person("A stranger"), NOW) == []
    assert waiting_for(person, NOW + timedelta(days=30)) == []
    actions.decline_invitation(invitation=invitation, at=NOW)
    assert waiting_for(person, NOW) == []


def test_a_briefing_waits_until_it_is_done():
    enrolment = factories.enrolment(factories.cohort(), role=Role.MENTOR)
    assert waiting_for(enrolment.person, NOW) == []  # the programme has no pages
    BriefingPage.objects.create(
        programme=enrolment.cohort.programme, role=Role.MENTOR, title_en="You lead", text_en="."
    )
    assert [item.urgency for item in waiting_for(enrolment.person, NOW)] == [Urgency.SOON]
    actions.complete_briefing(enrolment=enrolment, at=NOW)
    assert waiting_for(enrolment.person, NOW) == []


def test_an_enrolment_that_is_not_decided_on_says_so():
    cohort = factories.enrolling()
    for state, words in [
        ("waitlisted", "All places are taken"),
        ("applied", "Your enrolment has arrived. The coordinator decides"),
    ]:
        enrolment = factories.enrolment(cohort, state=state)
        assert [item.text.startswith(words) for item in waiting_for(enrolment.person, NOW)] == [True]


@pytest.mark.parametrize("rows", [1, 3])
def test_waiting_costs_three_queries(rows, django_assert_num_queries):
    person = factories.person()
    for _ in range(rows):
        factories.invitation(factories.enrolling(), person)
        factories.enrolment(factories.enrolling(), person, state="applied")
    with django_assert_num_queries(3):
        assert len(waiting_for(person, NOW)) == 2 * rows


def reminded():
    return list(
        Notice.objects.filter(kind="invitation-reminder").values_list("recipient__name", "created_at")
    )


def test_an_invitation_is_reminded_of_once_after_a_week_also_when_days_were_missed():
    cohort = factories.enrolling()
    factories.invitation(cohort, factories.person("Aylin"), created_at=NOW - WEEK + timedelta(minutes=1))
    assert remind_invited(NOW) == 0
    late = NOW + timedelta(days=3)
    assert (remind_invited(late), remind_invited(late), remind_invited(late + WEEK)) == (1, 0, 0)
    assert reminded() == [("Aylin", late)]


def test_an_invitation_that_is_answered_is_not_reminded_of():
    cohort = factories.enrolling()
    declined, enrolled, left = [factories.person() for _ in range(3)]
    for person in (declined, enrolled, left):
        factories.invitation(cohort, person, created_at=NOW - WEEK)
    cohort.invitations.filter(person=declined).update(declined_at=NOW)
    factories.enrolment(cohort, enrolled)
    left.is_active = False
    left.save()
    running = factories.cohort()
    factories.invitation(running, factories.person(), created_at=NOW - WEEK)
    assert remind_invited(NOW) == 0


@pytest.mark.parametrize(
    ("zone", "told"),
    # 30 September, 11:30 UTC: half past midnight of 1 October in Auckland, half past one in Berlin.
    [("Pacific/Auckland", []), ("Europe/Berlin", ["Aylin"]), ("Pacific/Honolulu", ["Aylin"])],
)
def test_nobody_is_reminded_after_the_deadline_in_the_cohorts_time_zone(zone, told):
    at = datetime(2026, 9, 30, 11, 30, tzinfo=UTC)
    cohort = factories.enrolling(time_zone=zone)
    factories.invitation(cohort, factories.person("Aylin"), created_at=at - WEEK)
    remind_invited(at)
    assert [name for name, _at in reminded()] == told


def test_the_week_counts_from_when_they_were_told():
    cohort = factories.cohort(
        Cohort.State.DRAFT, enrolment_closes_on=date(2026, 10, 30), starts_on=date(2026, 11, 2)
    )
    hr, aylin = factories.hr_admin(), factories.person("Aylin", language="de", time_zone="Europe/Berlin")
    actions.invite(cohort=cohort, people=[aylin], role=Role.MENTOR, by=hr, at=NOW - 5 * WEEK)
    actions.open_enrolment(cohort=cohort, by=hr, at=NOW)
    assert remind_invited(NOW + timedelta(days=1)) == 0
    assert remind_invited(NOW + WEEK) == 1
    assert Notice.objects.get(kind="invitation-reminder").language == "de"
