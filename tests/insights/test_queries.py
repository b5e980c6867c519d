"""Exact figures against cases counted by hand."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from endings.models import Again, LookBack
from insights import queries
from insights.disclosure import Count, Sample
from insights.queries import Health, Outcome, Step
from matching.models import Member, Mentorship
from meetings.models import Meeting
from programmes.models import Cohort, Enrolment, Objective, Role
from tests import factories
from tests.insights import company
from tests.insights.company import AT

pytestmark = pytest.mark.django_db


def figures(cohort, units=None):
    (found,) = queries.figures([cohort], AT, units)
    return found


def test_course_counts_who_took_all_steps_up_to_one():
    cohort = factories.cohort(meetings_planned=4)
    factories.invitation(cohort, factories.person(), role=Role.MENTOR)
    invited_and_enrolled = factories.person()
    factories.invitation(cohort, invited_and_enrolled, role=Role.MENTOR)
    factories.enrolment(cohort, invited_and_enrolled, Role.MENTOR, state=Enrolment.State.APPLIED)
    factories.enrolment(cohort, role=Role.MENTOR, state=Enrolment.State.DECLINED)
    factories.enrolment(cohort, role=Role.MENTOR)
    company.mentorship(cohort, state=Mentorship.State.PROPOSED, activated_at=None)
    company.mentorship(cohort, state=Mentorship.State.CONFIRMED, activated_at=None, held=3)
    company.mentorship(cohort)
    company.mentorship(cohort, held=1)
    company.mentorship(cohort, held=2)
    company.mentorship(cohort, state=Mentorship.State.ENDED, held=2)
    company.mentorship(cohort, state=Mentorship.State.COMPLETED, held=4)
    assert figures(cohort).course[Role.MENTOR] == {
        Step.INVITED: 11,
        Step.ENROLLED: 10,
        Step.ACCEPTED: 8,
        Step.MATCHED: 6,
        Step.SIGNED: 5,
        Step.FIRST: 4,
        Step.HALF: 3,
        Step.COMPLETED: 1,
    }
    assert figures(cohort).course[Role.MENTEE][Step.INVITED] == 7


def test_meetings_have_the_outcome_their_status_says():
    cohort = factories.cohort()
    first, second = company.mentorship(cohort), company.mentorship(cohort)
    company.meeting(first, AT - timedelta(days=1))
    company.meeting(first, AT - timedelta(days=2), ["yes"])
    company.meeting(first, AT - timedelta(days=3), ["yes", "yes"])
    company.meeting(second, AT - timedelta(days=3), ["yes"])
    company.meeting(second, AT - timedelta(days=4), ["no"])
    company.meeting(second, AT - timedelta(days=5), ["moved", "no"])
    company.meeting(second, AT - timedelta(days=6), ["yes", "no"])
    company.meeting(second, AT + timedelta(days=6))
    company.meeting(first, AT + timedelta(days=6), cancelled_by="mentee")
    company.meeting(first, AT - timedelta(days=6), ["yes"], cancelled_by="mentor")
    found = figures(cohort)
    assert found.meetings == {
        Outcome.DUE: Count(1, 1),
        Outcome.HELD: Count(3, 2),
        Outcome.MISSED: Count(2, 1),
        Outcome.DISPUTED: Count(1, 1),
        Outcome.PLANNED: Count(1, 1),
        Outcome.BY_MENTEE: Count(1, 1),
        Outcome.BY_MENTOR: Count(1, 1),
    }
    assert found.meetings[Outcome.HELD].number == Meeting.objects.held().count()
    statuses = [meeting.status(AT) for meeting in Meeting.objects.all()]
    assert found.meetings[Outcome.HELD].number == statuses.count(Meeting.Status.HELD)
    assert found.meetings[Outcome.DUE].number == statuses.count(Meeting.Status.DUE)


def test_a_past_date_alone_is_never_held():
    cohort = factories.cohort()
    one = company.mentorship(cohort)
    for weeks in range(1, 7):
        company.meeting(one, AT - timedelta(weeks=weeks))
    assert figures(cohort).meetings == {Outcome.DUE: Count(6, 1)}
    assert figures(cohort).delivered == 0


def test_delivery_leaves_out_paused_and_ended_mentorships():
    cohort = factories.cohort()
    company.mentorship(cohort, held=2)
    company.mentorship(cohort, held=1, state=Mentorship.State.COMPLETED)
    company.mentorship(cohort, held=3, state=Mentorship.State.PAUSED)
    company.mentorship(cohort, held=1, state=Mentorship.State.ENDED)
    found = figures(cohort)
    assert (found.expected_to_meet, found.delivered) == (2, 3)


def test_health_of_mentorships():
    cohort = factories.cohort()
    long_ago = AT - timedelta(weeks=7)
    company.mentorship(cohort, held=1)
    company.meeting(company.mentorship(cohort), long_ago, ["yes"])
    company.mentorship(cohort)
    planned = company.mentorship(cohort)
    company.meeting(planned, AT + timedelta(days=3))
    company.mentorship(cohort, confirmed_at=AT - timedelta(weeks=1))
    unconfirmed = company.mentorship(cohort)
    company.meeting(unconfirmed, AT - timedelta(days=3))
    cancelled = company.mentorship(cohort)
    company.meeting(cancelled, AT + timedelta(days=3), cancelled_by="mentor")
    company.mentorship(cohort, state=Mentorship.State.PAUSED)
    company.mentorship(cohort, state=Mentorship.State.ENDED)
    company.mentorship(cohort, state=Mentorship.State.COMPLETED)
    company.mentorship(cohort, state=Mentorship.State.OFFERED)
    assert figures(cohort).health == {
        Health.ON_TRACK: 3,
        Health.QUIET: 1,
        Health.STALLED: 3,
        Health.PAUSED: 1,
        Health.ENDED: 1,
        Health.COMPLETED: 1,
    }


def test_health_turns_quiet_after_six_weeks_to_the_second():
    cohort = factories.cohort()
    one = company.mentorship(cohort)
    last = company.meeting(one, AT - timedelta(weeks=6, hours=1), ["yes"])
    assert last.ends_at == AT - timedelta(weeks=6)
    assert figures(cohort).health == {Health.ON_TRACK: 1}
    (later,) = queries.figures([cohort], AT + timedelta(seconds=1))
    assert later.health == {Health.QUIET: 1}


def test_goals_count_by_state_and_by_the_level_of_the_last_check_in():
    cohort = factories.cohort()
    first, second = company.mentorship(cohort), company.mentorship(cohort)
    company.goal(first, [-1, 1])
    company.goal(first, [0], state="attained")
    company.goal(second, [-2], state="dropped")
    company.goal(second)
    found = figures(cohort)
    assert found.goals == {"open": Count(2, 2), "attained": Count(1, 1), "dropped": Count(1, 1)}
    assert found.levels == {("mentor", 1): Count(1, 1), ("mentor", 0): Count(1, 1)}
    # One mentorship with the levels +1 and 0, weight 1 each: 50 + 10 · 1 / √(0.7 · 2 + 0.3 · 4) = 56.2
    assert set(found.attainment) == {"mentor"}
    score = found.attainment["mentor"]
    assert (score.size, round(score.total, 1)) == (1, 56.2)


def test_levels_of_a_goal_are_told_apart_by_role():
    cohort = factories.cohort()
    one = company.mentorship(cohort)
    goal = company.goal(one, [0])
    goal.check_ins.create(
        member=factories.member(one, Role.MENTEE), due_on=goal.check_ins.get().due_on, level=2
    )
    found = figures(cohort)
    assert found.levels == {("mentor", 0): Count(1, 1), ("mentee", 2): Count(1, 1)}
    assert {role: one.total for role, one in found.attainment.items()} == {"mentor": 50.0, "mentee": 70.0}


def test_pulses_by_kind_role_and_dimension():
    cohort = factories.cohort()
    start = company.wave(cohort, "start")
    safety = {"safety-frank": 4, "safety-decline": 2}
    company.answers(start, Role.MENTOR, [{"engagement": 4, **safety}, {"engagement": 5}], silent=1)
    company.answers(start, Role.MENTEE, [{"engagement": 1}])
    found = figures(cohort)
    assert found.pulses == {
        ("start", "mentor", "engagement"): Sample(2, 2, 9.0),
        ("start", "mentor", "safety"): Sample(1, 2, 6.0),
        ("start", "mentee", "engagement"): Sample(1, 1, 1.0),
    }
    assert found.asked == {("start", "mentor"): 3, ("start", "mentee"): 1}
    assert found.answered == {("start", "mentor"): 2, ("start", "mentee"): 1}


def test_pulses_that_are_open_are_not_counted():
    cohort = factories.cohort()
    company.answers(company.wave(cohort, "start", AT.date()), Role.MENTOR, [{"engagement": 4}] * 6)
    found = figures(cohort)
    assert (found.pulses, found.answered, found.asked) == ({}, {}, {})
    (later,) = queries.figures([cohort], AT + timedelta(days=1))
    assert later.answered == {("start", "mentor"): 6}


def test_figures_of_units_hold_their_people_and_no_answers():
    cohort = factories.cohort()
    unit = factories.unit()
    company.mentorship(cohort, held=1, people={"mentor": factories.person(unit=unit)})
    company.mentorship(cohort, held=1)
    company.answers(company.wave(cohort, "start"), Role.MENTOR, [{"engagement": 4}] * 6)
    found = figures(cohort, frozenset([unit.pk]))
    assert found.course["mentor"][Step.FIRST] == 1
    assert found.course["mentee"][Step.FIRST] == 0
    assert found.health == {Health.ON_TRACK: 1}
    assert found.meetings == {Outcome.HELD: Count(1, 1)}
    assert found.pulses == {}


def test_groups_count_by_unit_grade_and_site_how_far_people_came():
    cohort = factories.cohort()
    unit, site = factories.unit("Finance"), factories.site("Hamburg")
    person = factories.person(unit=unit, site=site, grade=factories.grade(3))
    company.mentorship(cohort, people={"mentor": person}, held=1)
    factories.enrolment(cohort, factories.person(unit=unit), state=Enrolment.State.APPLIED)
    factories.enrolment(factories.cohort(), factories.person(unit=unit))
    groups = figures(cohort).groups
    steps = ["invited", "enrolled", "accepted", "matched", "signed", "first", "half", "completed"]
    assert [groups["unit", "Finance"][step] for step in steps] == [2, 2, 1, 1, 1, 1, 0, 0]
    assert [groups["site", "Hamburg"][step] for step in steps[:3]] == [1, 1, 1]
    assert groups["grade", "Grade 3"]["accepted"] == 1


def test_offers_and_those_matched_again_count_people():
    cohort = factories.cohort()
    keen = None
    for state, answer in (("declined", "declined_at"), ("ended", "accepted_at"), ("active", "accepted_at")):
        one = company.mentorship(
            cohort,
            state=state,
            offered_at=AT - timedelta(weeks=12),
            confirmed_at=None if state == "declined" else AT - timedelta(weeks=9 if state == "ended" else 4),
        )
        member = factories.member(one, Role.MENTOR)
        keen = keen or member.enrolment
        Member.objects.filter(pk=member.pk).update(enrolment=keen, **{answer: AT})
    found = figures(cohort)
    assert (found.offered["mentor"], found.took["mentor"], found.again["mentor"]) == (1, 1, 1)
    assert (found.offered["mentee"], found.took["mentee"], found.again["mentee"]) == (3, 0, 0)


def test_cancellations_by_how_late_they_came_and_days_to_the_first_meeting():
    cohort = factories.cohort()
    one = company.mentorship(cohort, confirmed_at=AT - timedelta(days=30))
    for days in (8, 7, 3, 1, 0):
        company.meeting(one, AT, cancelled_by="mentee")
        latest = one.meetings.order_by("-pk")[0]
        latest.cancelled_at = latest.starts_at - timedelta(days=days)
        latest.save()
    company.meeting(one, AT - timedelta(days=20), ["yes"])
    company.meeting(one, AT - timedelta(days=25), ["no"])
    company.mentorship(cohort)
    found = figures(cohort)
    assert found.lateness == {"week": Count(2, 1), "days": Count(2, 1), "day": Count(1, 1)}
    assert found.waits == Sample(1, 1, 10.0)


def test_looking_back_counts_who_was_asked_and_what_was_said():
    cohort = factories.cohort()
    for role, answer in (("mentor", "same"), ("mentor", "no"), ("mentee", "other"), ("mentee", None)):
        LookBack.objects.create(enrolment=factories.enrolment(cohort, role=role), asked_on=AT.date())
        if answer:
            Again.objects.create(cohort=cohort, role=role, answer=answer)
    found = figures(cohort)
    assert found.looking_back == {"mentor": 2, "mentee": 2}
    assert found.answers == {("mentor", "same"): 1, ("mentor", "no"): 1, ("mentee", "other"): 1}


def test_company_is_its_active_people():
    factories.person(unit=factories.unit("Finance"))
    factories.person(unit=factories.unit("Finance"), is_active=False)
    assert queries.company()["unit"]["Finance"] == 1


def test_concerns_that_nobody_has_taken_are_counted():
    from concerns.models import Concern

    programme, other = factories.programme(), factories.programme()
    for days, state in ((10, "open"), (3, "open"), (30, "in_care")):
        Concern.objects.create(
            programme=programme,
            raised_by=factories.person(),
            topic="time",
            text="…",
            state=state,
            raised_at=AT - timedelta(days=days),
        )
    assert queries.concerns([programme.pk, other.pk]) == {
        programme.pk: queries.WaitingConcerns(2, AT - timedelta(days=10))
    }


def test_queries_do_not_grow_with_cohorts_and_people():
    def count(cohorts):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            queries.figures(Cohort.objects.filter(pk__in=[one.pk for one in cohorts]), AT)
        return len(captured)

    cohorts = []
    for _number in range(3):
        cohort = factories.cohort()
        one = company.mentorship(cohort, held=2)
        company.goal(one, [0, 1])
        company.answers(company.wave(cohort, "start"), Role.MENTOR, [{"engagement": 4}])
        cohorts.append(cohort)
    assert (count(cohorts[:1]), count(cohorts)) == (14, 14)


def test_objective_dimensions_are_the_keys_of_the_pulse():
    from pulses.questions import FEELING_SAFE, FIVE_KS

    assert {*FIVE_KS, "safety"} == set(Objective.Dimension.values)
    assert all(key.startswith("safety-") for key in FEELING_SAFE)
