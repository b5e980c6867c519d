"""The tiny pulse after every second meeting: whom it asks, when, and once."""

from datetime import timedelta

import pytest

import meetings.actions
import pulses.actions
from mentoring import short_pulses
from notices.models import Notice
from pulses.models import InvitationToAnswer, Wave
from tests import factories

pytestmark = pytest.mark.django_db

AT = factories.NOW


def meet(mentorship, days_ago, answer="yes"):
    member = factories.member(mentorship, "mentor")
    begins = AT - timedelta(days=days_ago)
    meeting = meetings.actions.plan(
        mentorship=mentorship,
        by=member.person,
        starts_at=begins,
        minutes=60,
        place="Canteen",
        at=begins - timedelta(days=3),
    )
    if answer:
        meetings.actions.answer(meeting=meeting, member=member, answer=answer, at=begins + timedelta(hours=2))
    return meeting


def asked():
    invitations = InvitationToAnswer.objects.filter(wave__kind=Wave.Kind.SHORT).order_by("pk")
    return [(one.wave.number, one.enrolment.person.name) for one in invitations]


def a_pair(**fields):
    return factories.mentorship(
        factories.person("Aylin Kaya"), factories.person("Dr. Martin Vogel"), **fields
    )


BOTH = [(1, "Aylin Kaya"), (1, "Dr. Martin Vogel")]


def test_after_the_second_meeting_that_was_held_both_are_asked_once():
    mentorship = a_pair()
    meet(mentorship, 20)
    short_pulses.ask_due(AT)
    assert asked() == []
    meet(mentorship, 9, answer="no")
    meet(mentorship, 5, answer=None)
    short_pulses.ask_due(AT)
    assert asked() == []  # one did not take place, of the other nobody has spoken
    meet(mentorship, 2)
    for _ in range(2):
        short_pulses.ask_due(AT)
    assert sorted(asked()) == BOTH
    assert Notice.objects.filter(kind="pulse-open").count() == 2
    assert "Three sentences" in Notice.objects.filter(kind="pulse-open").first().text


@pytest.mark.parametrize(("late", "found"), [(0, BOTH), (18, BOTH), (20, []), (40, [])])
def test_a_worker_that_was_down_loses_nobody_within_three_weeks(late, found):
    mentorship = a_pair()
    for days_ago in (20, 2):
        meet(mentorship, days_ago)
    short_pulses.ask_due(AT + timedelta(days=late))
    assert sorted(asked()) == found


def test_the_fourth_meeting_is_another_round_and_the_third_is_none():
    mentorship = a_pair()
    for days_ago in (60, 40, 10):
        meet(mentorship, days_ago)
    short_pulses.ask_due(AT)
    assert asked() == []
    meet(mentorship, 1)
    short_pulses.ask_due(AT)
    assert {number for number, _name in asked()} == {2}


def test_whoever_comes_to_it_later_has_two_weeks_of_their_own():
    cohort = factories.cohort()
    early, late = a_pair(in_cohort=cohort), a_pair(in_cohort=cohort)
    for days_ago in (20, 2):
        meet(early, days_ago)
    short_pulses.ask_due(AT)
    for days_ago in (18, -9):
        meet(late, days_ago)
    later = AT + timedelta(days=10)
    short_pulses.ask_due(later)
    wave = Wave.objects.get()
    first, second = (
        InvitationToAnswer.objects.get(enrolment=factories.member(one, "mentor").enrolment)
        for one in (early, late)
    )
    assert (wave.closes_on, second.closes_on - first.closes_on) == (second.closes_on, timedelta(days=10))
    too_late = AT + timedelta(days=15)
    assert [pulses.actions.is_open(one, too_late) for one in (first, second)] == [False, True]


def test_nobody_is_asked_twice_at_a_time_or_while_a_mentorship_rests():
    cohort = factories.cohort()
    mentorship, resting = a_pair(in_cohort=cohort), a_pair(in_cohort=cohort)
    for one in (mentorship, resting):
        for days_ago in (20, 2):
            meet(one, days_ago)
    resting.move_to("paused")
    pulses.actions.open_wave(cohort=cohort, kind="middle", at=AT - timedelta(days=3))
    short_pulses.ask_due(AT)
    assert asked() == []
    short_pulses.ask_due(AT + timedelta(days=12))
    assert sorted(asked()) == BOTH


def test_all_members_of_a_group_are_asked():
    group = factories.join(a_pair(), factories.person("Three"), factories.person("Four"))
    for days_ago in (20, 2):
        meet(group, days_ago)
    short_pulses.ask_due(AT)
    assert len(asked()) == 4


@pytest.mark.parametrize("mentorships", [1, 3])
def test_takes_the_same_queries_however_many_mentorships(django_assert_num_queries, mentorships):
    cohort = factories.cohort()
    for _ in range(mentorships):
        one = a_pair(in_cohort=cohort)
        for days_ago in (20, 2):
            meet(one, days_ago)
    short_pulses.ask_due(AT)
    # A later run: what was held, the cohorts; savepoint, larger waves, the wave, who is new, its release.
    with django_assert_num_queries(7):
        short_pulses.ask_due(AT)
    assert len(asked()) == 2 * mentorships
