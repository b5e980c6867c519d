"""Inviting, enrolling and the steps of a cohort."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry

from domain.errors import DomainError
from notices.models import Notice
from programmes import actions
from programmes.models import Avoidance, Cohort, Enrolment, Invitation, Role, Wish
from tests import factories

pytestmark = pytest.mark.django_db
NOW = factories.NOW
State = Enrolment.State


@pytest.fixture
def hr():
    return factories.hr_admin()


def notices() -> list[tuple[str, str]]:
    return sorted(Notice.objects.values_list("kind", "recipient__name"))


def test_invite_tells_each_person_once(hr):
    cohort = factories.enrolling()
    aylin, martin = factories.person("Aylin"), factories.person("Martin")
    first = actions.invite(cohort=cohort, people=[aylin, martin], role=Role.MENTOR, by=hr, at=NOW)
    second = actions.invite(cohort=cohort, people=[aylin, martin], role=Role.MENTEE, by=hr, at=NOW)
    assert (len(first), len(second)) == (2, 0)
    assert notices() == [("invitation", "Aylin"), ("invitation", "Martin")]
    assert set(Notice.objects.values_list("created_at", flat=True)) == {NOW}


def test_invite_passes_over_who_is_enrolled_or_has_left(hr):
    cohort = factories.enrolling()
    enrolled = factories.enrolment(cohort).person
    left = factories.person(is_active=False)
    assert actions.invite(cohort=cohort, people=[enrolled, left], role=Role.MENTEE, by=hr, at=NOW) == []


def test_invite_to_a_draft_tells_nobody_before_enrolment_opens(hr):
    cohort = factories.cohort(
        Cohort.State.DRAFT, enrolment_closes_on=date(2026, 9, 30), starts_on=date(2026, 10, 5)
    )
    aylin = factories.person("Aylin")
    actions.invite(cohort=cohort, people=[aylin], role=Role.MENTOR, by=hr, at=NOW - timedelta(days=30))
    assert notices() == []
    assert list(Cohort.objects.visible_to(aylin)) == []
    assert actions.open_enrolment(cohort=cohort, by=hr, at=NOW) is True
    assert actions.open_enrolment(cohort=cohort, by=hr, at=NOW) is False
    assert notices() == [("invitation", "Aylin")]
    assert list(Cohort.objects.visible_to(aylin)) == [cohort]
    assert Invitation.objects.get().told_at == NOW


def test_open_enrolment_after_the_deadline_is_refused(hr):
    cohort = factories.cohort(Cohort.State.DRAFT)
    with pytest.raises(DomainError, match="lies in the past"):
        actions.open_enrolment(cohort=cohort, by=hr, at=NOW)
    cohort.refresh_from_db()
    assert cohort.state == Cohort.State.DRAFT


def test_invite_when_enrolment_is_over_is_refused(hr):
    with pytest.raises(DomainError, match="is over"):
        actions.invite(
            cohort=factories.cohort(), people=[factories.person()], role=Role.MENTEE, by=hr, at=NOW
        )


def test_enrol_is_accepted_at_once_and_carries_its_time():
    cohort, person = factories.enrolling(), factories.person("Aylin")
    liked, avoided = factories.person(), factories.person()
    enrolment = actions.enrol(
        cohort=cohort,
        person=person,
        role=Role.MENTOR,
        weekly_hours=[34, 9, 9],
        wishes=[liked, avoided, person],
        avoidances=[avoided, person],
        at=NOW,
    )
    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.applied_at, enrolment.decided_at) == (State.ACCEPTED, NOW, NOW)
    assert enrolment.weekly_hours == [9, 34]
    assert list(Wish.objects.values_list("person", "rank")) == [(liked.pk, 1)]
    assert list(Avoidance.objects.values_list("person", flat=True)) == [avoided.pk]
    assert notices() == [("enrolment-decided", "Aylin")]


def test_enrol_without_a_free_place_waits_and_moves_up_in_order():
    cohort = factories.enrolling(places=1)
    first, second, third, other_role = [
        actions.enrol(cohort=cohort, person=factories.person(), role=role, at=NOW + timedelta(hours=hour))
        for hour, role in enumerate([Role.MENTOR, Role.MENTOR, Role.MENTOR, Role.MENTEE])
    ]
    assert [e.state for e in (first, second, third, other_role)] == [
        State.ACCEPTED,
        State.WAITLISTED,
        State.WAITLISTED,
        State.ACCEPTED,
    ]
    later = NOW + timedelta(days=1)
    assert actions.withdraw(enrolment=first, by=first.person, at=later) is True
    assert actions.withdraw(enrolment=first, by=first.person, at=later) is False
    second.refresh_from_db(), third.refresh_from_db()
    assert (second.state, second.decided_at, third.state) == (State.ACCEPTED, later, State.WAITLISTED)


def test_enrol_twice_is_refused():
    cohort, person = factories.enrolling(), factories.person()
    actions.enrol(cohort=cohort, person=person, role=Role.MENTOR, at=NOW)
    with pytest.raises(DomainError, match="enrolled in this cohort already"):
        actions.enrol(cohort=cohort, person=person, role=Role.MENTEE, at=NOW)
    assert Enrolment.objects.count() == 1


def test_enrol_in_a_role_meant_for_others_is_refused_beside_the_field():
    cohort = factories.enrolling()
    cohort.programme.eligibility.filter(role=Role.MENTEE).update(lowest_grade=factories.grade(5))
    junior = factories.person(grade=factories.grade(2))
    with pytest.raises(DomainError, match="meant for others") as error:
        actions.enrol(cohort=cohort, person=junior, role=Role.MENTEE, at=NOW)
    assert error.value.field == "role"
    factories.invitation(cohort, junior, Role.MENTEE)
    assert actions.enrol(cohort=cohort, person=junior, role=Role.MENTEE, at=NOW).state == State.ACCEPTED


@pytest.mark.parametrize(
    ("zone", "at", "is_open"),
    [
        # The 30th of September ends in Auckland eleven hours before it ends in Berlin.
        ("Pacific/Auckland", datetime(2026, 9, 30, 10, 59, tzinfo=UTC), True),
        ("Pacific/Auckland", datetime(2026, 9, 30, 11, 1, tzinfo=UTC), False),
        ("Europe/Berlin", datetime(2026, 9, 30, 21, 59, tzinfo=UTC), True),
        ("Europe/Berlin", datetime(2026, 9, 30, 22, 1, tzinfo=UTC), False),
    ],
)
def test_enrol_closes_with_the_day_in_the_cohorts_time_zone(zone, at, is_open):
    cohort, person = factories.enrolling(time_zone=zone), factories.person()
    if is_open:
        assert actions.enrol(cohort=cohort, person=person, role=Role.MENTOR, at=at).state == State.ACCEPTED
    else:
        with pytest.raises(DomainError, match="is over"):
            actions.enrol(cohort=cohort, person=person, role=Role.MENTOR, at=at)


def test_declined_invitation_leaves_the_door_open():
    cohort, person = factories.enrolling(), factories.person()
    invitation = factories.invitation(cohort, person, Role.MENTEE)
    actions.decline_invitation(invitation=invitation, at=NOW)
    assert list(Invitation.objects.open()) == []
    actions.enrol(cohort=cohort, person=person, role=Role.MENTEE, at=NOW)
    invitation.refresh_from_db()
    assert invitation.declined_at is None
    with pytest.raises(DomainError, match="enrolled already"):
        actions.decline_invitation(invitation=invitation, at=NOW)


def test_withdraw_from_a_live_mentorship_is_refused():
    mentorship = factories.mentorship()
    enrolment = mentorship.members.first().enrolment
    with pytest.raises(DomainError, match="End it on its page first"):
        actions.withdraw(enrolment=enrolment, by=enrolment.person, at=NOW)


def test_complete_briefing_keeps_its_first_time():
    enrolment = factories.enrolment(factories.enrolling())
    assert actions.complete_briefing(enrolment=enrolment, at=NOW) is True
    assert actions.complete_briefing(enrolment=enrolment, at=NOW + timedelta(days=1)) is False
    enrolment.refresh_from_db()
    assert enrolment.briefed_at == NOW


def test_a_cohort_walks_from_draft_to_closed_and_its_history_says_who(hr):
    cohort = factories.enrolling()
    with pytest.raises(DomainError, match="accepted as mentor"):
        actions.begin_matching(cohort=cohort, by=hr, at=NOW)
    for role in Role:
        factories.enrolment(cohort, role=role)
    for act in (actions.begin_matching, actions.start, actions.close):
        assert act(cohort=cohort, by=hr, at=NOW) is True
        assert act(cohort=cohort, by=hr, at=NOW) is False
    cohort.refresh_from_db()
    assert cohort.state == Cohort.State.CLOSED
    assert list(LogEntry.objects.values_list("user", "action_time")) == [(hr.pk, NOW)] * 3
