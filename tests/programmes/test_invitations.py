"""Inviting by rule, by list and by an open link: each once, never after a no, and going on after a crash."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from domain.errors import DomainError
from notices.models import Notice
from programmes import actions, reminders, tasks
from programmes.actions import invitations
from programmes.models import Cohort, Invitation, InvitationLink, InvitationRound, Role
from tests import factories

pytestmark = pytest.mark.django_db
NOW = factories.NOW
State = InvitationRound.State


@pytest.fixture
def hr():
    return factories.hr_admin()


@pytest.fixture
def cohort():
    """Everybody of grade 1 can enrol as mentor; nobody as mentee."""
    made = factories.enrolling()
    made.programme.eligibility.all().delete()
    factories.eligibility(made.programme, Role.MENTOR, highest_grade=factories.grade(1))
    return made


def juniors(count):
    return [factories.person(grade=factories.grade(1)) for _ in range(count)]


def begin(cohort, hr, whom="rule", people=()):
    return actions.begin_round(cohort=cohort, whom=whom, role=Role.MENTOR, people=people, by=hr, at=NOW)


def told():
    return set(Notice.objects.filter(kind="invitation").values_list("recipient", flat=True))


def test_by_rule_everybody_is_asked_who_was_not_asked_enrolled_or_said_no_in_the_programme(cohort, hr):
    new, asked, enrolled, refused, left = juniors(5)
    factories.invitation(cohort, asked)
    factories.enrolment(cohort, enrolled)
    earlier = factories.cohort(programme=cohort.programme)
    factories.invitation(earlier, refused, declined_at=NOW - timedelta(days=200))
    type(left).objects.filter(pk=left.pk).update(is_active=False)
    factories.person(grade=factories.grade(2))
    assert list(actions.invitable(cohort, Role.MENTOR)) == [new]
    assert list(actions.invitable(cohort, Role.MENTEE)) == []
    round = begin(cohort, hr)
    actions.execute_round(round, at=NOW)
    assert (round.state, round.listed, round.told, told()) == (State.FINISHED, 1, 1, {new.pk})


def test_by_list_somebody_who_said_no_before_is_not_asked_again(cohort, hr):
    yes, refused = juniors(2)
    earlier = factories.cohort(programme=cohort.programme)
    factories.invitation(earlier, refused, declined_at=NOW)
    made = actions.invite(cohort=cohort, people=[yes, refused], role=Role.MENTOR, by=hr, at=NOW)
    assert [invitation.person for invitation in made] == [yes]


def test_a_no_in_another_programme_does_not_count(cohort, hr):
    [person] = juniors(1)
    factories.invitation(factories.cohort(), person, declined_at=NOW)
    assert list(actions.invitable(cohort, Role.MENTOR)) == [person]


def test_a_round_that_was_killed_goes_on_and_tells_each_person_once(cohort, hr, monkeypatch):
    people = juniors(5)
    monkeypatch.setattr(invitations, "BATCH", 2)
    round = begin(cohort, hr)
    real, calls = round.report, []

    def dies_in_the_second_batch_of_telling(done, of):
        calls.append(done)
        if len(calls) == 5:
            raise KeyboardInterrupt
        real(done, of)

    round.report = dies_in_the_second_batch_of_telling
    with pytest.raises(KeyboardInterrupt):
        actions.execute_round(round, at=NOW)
    assert len(told()) == 2
    again = InvitationRound.objects.get(pk=round.pk)
    assert again.state == State.RUNNING
    actions.execute_round(again, at=NOW + timedelta(hours=1))
    assert told() == {person.pk for person in people}
    assert Notice.objects.filter(kind="invitation").count() == Invitation.objects.count() == 5
    assert (again.state, again.listed, again.told) == (State.FINISHED, 5, 5)


def test_a_second_click_leads_to_the_round_that_runs(cohort, hr):
    juniors(1)
    assert begin(cohort, hr) == begin(cohort, hr)
    assert InvitationRound.objects.count() == 1


def test_a_stopped_round_invites_nobody_more_and_can_be_followed_by_another(cohort, hr):
    [person] = juniors(1)
    round = begin(cohort, hr)
    assert actions.stop_round(round=round, by=hr, at=NOW) is True
    tasks.invite_round(round.pk)
    assert told() == set()
    actions.execute_round(begin(cohort, hr), at=NOW)
    assert told() == {person.pk}


def test_a_round_that_failed_says_why_and_goes_on_when_asked(cohort, hr):
    [person] = juniors(1)
    round = begin(cohort, hr)
    Cohort.objects.filter(pk=cohort.pk).update(state=Cohort.State.MATCHING)
    tasks.invite_round(round.pk)
    round.refresh_from_db()
    assert (round.state, round.error) == (
        State.FAILED,
        "Enrolment in this cohort is over; nobody can be invited any more.",
    )
    Cohort.objects.filter(pk=cohort.pk).update(state=Cohort.State.ENROLLING)
    assert actions.resume_round(round=round, by=hr, at=NOW) is True
    tasks.invite_round(round.pk)
    assert told() == {person.pk}


def test_the_sweep_tells_whom_a_crash_left_untold_and_the_next_sweep_nothing(cohort, hr):
    waiting, left = juniors(2)
    factories.invitation(cohort, waiting, told_at=None)
    factories.invitation(cohort, left, told_at=None)
    type(left).objects.filter(pk=left.pk).update(is_active=False)
    assert actions.tell_the_forgotten(at=NOW) == 1
    assert actions.tell_the_forgotten(at=NOW) == 0
    tasks.invite_round(InvitationRound.objects.get().pk)
    assert told() == {waiting.pk}
    assert actions.tell_the_forgotten(at=NOW + timedelta(days=1)) == 0


def test_a_draft_and_a_matched_cohort_are_not_swept(hr):
    for state in ("draft", "matching"):
        factories.invitation(factories.cohort(state), factories.person(), told_at=None)
    assert actions.tell_the_forgotten(at=NOW) == 0


def test_opening_a_long_list_hands_the_telling_to_a_worker(cohort, hr, monkeypatch):
    Cohort.objects.filter(pk=cohort.pk).update(state=Cohort.State.DRAFT)
    cohort.refresh_from_db()
    people = juniors(3)
    actions.invite(cohort=cohort, people=people, role=Role.MENTOR, by=hr, at=NOW)
    monkeypatch.setattr("programmes.actions.cohorts.BATCH", 2)
    actions.open_enrolment(cohort=cohort, by=hr, at=NOW)
    assert told() == set()
    actions.execute_round(InvitationRound.objects.get(), at=NOW)
    assert told() == {person.pk for person in people}


def test_only_who_was_not_told_is_taken_off_the_list(cohort, hr):
    untold, already = juniors(2)
    factories.invitation(cohort, untold, told_at=None)
    factories.invitation(cohort, already)
    assert actions.take_off_list(invitations=Invitation.objects.all(), by=hr, at=NOW) == 1
    assert [invitation.person for invitation in Invitation.objects.all()] == [already]


def test_the_state_of_each_invitation_is_told_in_one_query(cohort, hr, django_assert_num_queries):
    listed, told_one, reminded, declined, enrolled = juniors(5)
    factories.invitation(cohort, listed, told_at=None)
    for person in (told_one, reminded, enrolled):
        factories.invitation(cohort, person, told_at=NOW - timedelta(days=8), created_at=NOW)
    factories.invitation(cohort, declined, declined_at=NOW)
    factories.enrolment(cohort, enrolled)
    Invitation.objects.filter(person=told_one).update(told_at=NOW)
    assert reminders.remind_invited(NOW) == 1
    with django_assert_num_queries(1):
        states = dict(Invitation.objects.with_state().values_list("person", "state"))
    assert states == {
        listed.pk: "listed",
        told_one.pk: "told",
        reminded.pk: "reminded",
        declined.pk: "declined",
        enrolled.pk: "enrolled",
    }


# --- Open links ---


def link(cohort, hr, **fields):
    return actions.make_link(cohort=cohort, role=Role.MENTOR, by=hr, at=NOW, **fields)


def refusal(found, person, at=NOW):
    found = InvitationLink.objects.select_related("cohort__programme").get(pk=found.pk)
    with pytest.raises(DomainError) as error:
        actions.follow_link(link=found, person=person, at=at)
    return error.value.message


def test_an_open_link_admits_whom_the_rules_admit_and_no_stranger(cohort, hr):
    [person] = juniors(1)
    made = link(cohort, hr)
    assert actions.follow_link(link=made, person=person, at=NOW) == "mentor"
    stranger = factories.person(grade=factories.grade(2))
    assert refusal(made, stranger).endswith("in this role. Ask its coordinators.")


def test_a_link_ends_with_its_last_day_in_the_cohorts_time_zone(cohort, hr):
    [person] = juniors(1)
    Cohort.objects.filter(pk=cohort.pk).update(time_zone="Pacific/Auckland")
    cohort.refresh_from_db()
    made = link(cohort, hr, expires_on=date(2026, 9, 16))
    # Noon UTC on the 16th is midnight in Auckland.
    assert actions.follow_link(link=made, person=person, at=NOW.replace(day=16, hour=11)) == "mentor"
    assert "has passed" in refusal(made, person, at=NOW.replace(day=16, hour=12))


def test_a_revoked_a_late_and_an_early_link_each_say_so(cohort, hr):
    [person] = juniors(1)
    made = link(cohort, hr)
    Cohort.objects.filter(pk=cohort.pk).update(state="matching")
    assert refusal(made, person) == "Enrolment in this cohort is over. The next one will be announced."
    Cohort.objects.filter(pk=cohort.pk).update(state="draft")
    assert refusal(made, person) == "Enrolment has not begun yet. Keep the link; it will work then."
    assert actions.revoke_link(link=made, by=hr, at=NOW) is True
    assert actions.revoke_link(link=made, by=hr, at=NOW) is False
    assert refusal(made, person).startswith("This link was withdrawn.")


def test_a_new_link_takes_the_place_of_the_one_before(cohort, hr):
    first, second = link(cohort, hr), link(cohort, hr)
    assert list(InvitationLink.objects.live()) == [second]
    assert first.token != second.token


def test_a_link_without_rules_or_into_the_past_is_refused_beside_the_field(cohort, hr):
    with pytest.raises(DomainError) as error:
        actions.make_link(cohort=cohort, role=Role.MENTEE, by=hr, at=NOW)
    assert error.value.field == "role"
    with pytest.raises(DomainError) as error:
        link(cohort, hr, expires_on=date(2026, 9, 14))
    assert error.value.field == "expires_on"


def test_following_a_link_leads_to_the_enrolment_or_to_a_sentence(client, hr):
    today = date.today()
    cohort = factories.enrolling(
        enrolment_opens_on=today,
        enrolment_closes_on=today + timedelta(days=5),
        starts_on=today + timedelta(days=20),
        ends_on=today + timedelta(days=100),
    )
    made = actions.make_link(cohort=cohort, role=Role.MENTEE, by=hr)
    page = made.get_absolute_url()
    assert client.get(page).url.startswith(reverse("account_login"))
    client.force_login(factories.person())
    form = client.get(page, follow=True).context["form"]
    assert (form.cohort, form["role"].value()) == (cohort, "mentee")
    assert client.get(reverse("programmes:join", args=["unknown"])).status_code == 404
    actions.revoke_link(link=made, by=hr)
    assert "This link was withdrawn." in client.get(page).content.decode()
