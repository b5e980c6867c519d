"""Exact figures against cases counted by hand."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from endings.models import Again, LookBack
from insights import counting, queries, release
from insights.counting import Health, Outcome, Step, level_kind
from insights.disclosure import Count, Sample
from insights.models import Release
from insights.queries import Figures, Means, Part
from matching.models import Member, Mentorship
from meetings.models import Meeting
from programmes.models import Enrolment, Objective, Role
from tests import factories
from tests.insights import company
from tests.insights.company import AT

pytestmark = pytest.mark.django_db
EVERYBODY, MENTORS, MENTEES = Part(), Part(role=Role.MENTOR), Part(role=Role.MENTEE)


def figures(cohort, part=EVERYBODY, at=AT) -> Figures:
    """What is released when it is counted for the first time."""
    Release.objects.all().delete()
    company.count(at)
    return queries.figures([cohort.pk], part, (date(2026, 1, 1), date(2026, 12, 1)))[cohort.pk]


def means(cohort, reader=None) -> Means:
    return queries.means([cohort.pk], reader)[cohort.pk]


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
    assert figures(cohort, MENTORS).people.steps == {
        Step.INVITED: 11,
        Step.ENROLLED: 10,
        Step.ACCEPTED: 8,
        Step.MATCHED: 6,
        Step.SIGNED: 5,
        Step.FIRST: 4,
        Step.HALF: 3,
        Step.COMPLETED: 1,
    }
    assert figures(cohort, MENTEES).people.steps[Step.INVITED] == 7


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
    told = {kind: count for kind, count in found.tallies.items() if kind in Outcome.values}
    assert told == {
        Outcome.DUE: Count(1, 1),
        Outcome.HELD: Count(3, 2),
        Outcome.MISSED: Count(2, 1),
        Outcome.DISPUTED: Count(1, 1),
        Outcome.PLANNED: Count(1, 1),
        Outcome.BY_MENTEE: Count(1, 1),
        Outcome.BY_MENTOR: Count(1, 1),
    }
    assert told[Outcome.HELD].number == Meeting.objects.held().count()
    statuses = [meeting.status(AT) for meeting in Meeting.objects.all()]
    assert told[Outcome.HELD].number == statuses.count(Meeting.Status.HELD)
    assert told[Outcome.DUE].number == statuses.count(Meeting.Status.DUE)


def test_a_past_date_alone_is_never_held():
    cohort = factories.cohort()
    one = company.mentorship(cohort)
    for weeks in range(1, 7):
        company.meeting(one, AT - timedelta(weeks=weeks))
    found = figures(cohort)
    assert found.tallies == {Outcome.DUE: Count(6, 1)}
    assert found.held == {}
    assert means(cohort).delivery.monthly == {}


def test_delivery_leaves_out_paused_and_ended_mentorships():
    cohort = factories.cohort()
    company.mentorship(cohort, held=2)
    company.mentorship(cohort, held=1, state=Mentorship.State.COMPLETED)
    company.mentorship(cohort, held=3, state=Mentorship.State.PAUSED)
    company.mentorship(cohort, held=1, state=Mentorship.State.ENDED)
    found = figures(cohort)
    assert found.expected == 2
    delivery = means(cohort).delivery
    assert (delivery.size, delivery.until(AT.date())) == (2, Count(3, 2))
    assert delivery.until(AT.date().replace(day=1, month=9)) == Count(1, 1)
    assert found.tallies[Outcome.HELD] == Count(7, 4)
    assert figures(cohort, MENTORS).tallies == found.tallies


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
    assert figures(cohort, at=AT + timedelta(seconds=1)).health == {Health.QUIET: 1}


def test_goals_count_by_state_and_by_the_level_of_the_last_check_in():
    cohort = factories.cohort()
    first, second = company.mentorship(cohort), company.mentorship(cohort)
    company.goal(first, [-1, 1])
    company.goal(first, [0], state="attained")
    company.goal(second, [-2], state="dropped")
    company.goal(second)
    found = figures(cohort)
    assert found.tallies == {
        "open": Count(2, 2),
        "attained": Count(1, 1),
        "dropped": Count(1, 1),
        level_kind("mentor", 1): Count(1, 1),
        level_kind("mentor", 0): Count(1, 1),
    }
    attained = means(cohort).attained
    assert (attained.size, attained.whole, attained.until(date(2099, 1, 1))) == (2, 3, Count(1, 1))
    # One mentorship with the levels +1 and 0, weight 1 each: 50 + 10 · 1 / √(0.7 · 2 + 0.3 · 4) = 56.2
    scores = means(cohort).attainment
    assert (scores["mentor"].size, round(scores["mentor"].total, 1)) == (1, 56.2)
    assert scores["mentee"].size == 0


def test_levels_of_a_goal_are_told_apart_by_role():
    cohort = factories.cohort()
    one = company.mentorship(cohort)
    goal = company.goal(one, [0])
    goal.check_ins.create(
        member=factories.member(one, Role.MENTEE), due_on=goal.check_ins.get().due_on, level=2
    )
    found = figures(cohort)
    assert found.tallies[level_kind("mentor", 0)] == Count(1, 1)
    assert found.tallies[level_kind("mentee", 2)] == Count(1, 1)
    assert {role: one.total for role, one in means(cohort).attainment.items()} == {
        "mentor": 50.0,
        "mentee": 70.0,
    }


def test_pulses_by_kind_role_and_dimension():
    cohort = factories.cohort()
    start = company.wave(cohort, "start")
    safety = {"safety-frank": 4, "safety-decline": 2}
    company.answers(start, Role.MENTOR, [{"engagement": 4, **safety}, {"engagement": 5}], silent=1)
    company.answers(start, Role.MENTEE, [{"engagement": 1}])
    company.count()
    found = means(cohort)
    assert found.pulses == {
        "start:mentor:engagement": Sample(2, 2, 9),
        "start:mentor:safety": Sample(1, 2, 6),
        "start:mentee:engagement": Sample(1, 1, 1),
    }
    assert found.asked == {"start:mentor": 3, "start:mentee": 1}
    assert found.answered == {"start:mentor": 2, "start:mentee": 1}
    assert found.closed == {"start": start.closes_on}


def test_pulses_that_are_open_are_not_counted():
    cohort = factories.cohort()
    company.answers(company.wave(cohort, "start", AT.date()), Role.MENTOR, [{"engagement": 4}] * 6)
    company.count()
    found = means(cohort)
    assert (found.pulses, found.answered, found.asked, found.closed) == ({}, {}, {}, {})
    company.count(AT + timedelta(days=1))
    assert means(cohort).answered == {"start:mentor": 6}


def test_a_part_is_its_people_and_the_mentorships_with_such_a_member():
    cohort = factories.cohort()
    unit, site, grade = factories.unit(), factories.site(), factories.grade(3)
    company.mentorship(
        cohort, held=2, people={"mentor": factories.person(unit=unit, site=site), "mentee": None}
    )
    company.mentorship(cohort, held=1, people={"mentee": factories.person(unit=unit, grade=grade)})
    company.mentorship(cohort, held=1, state=Mentorship.State.ENDED)
    units = frozenset([unit.pk])

    def told(part):
        found = figures(cohort, part)
        return (
            found.people.steps[Step.FIRST],
            found.health.total(),
            found.tallies.get(Outcome.HELD, Count()).number,
            found.delivered.number,
            sum(count.number for count in found.held.values()),
        )

    assert told(EVERYBODY)[:3] == (6, 3, 4)
    assert told(Part(units=units)) == (2, 2, 3, 3, 3)
    assert told(Part(Role.MENTOR, units)) == (1, 1, 2, 2, 2)
    assert told(Part(units=units, site=site.pk)) == (1, 1, 2, 2, 2)
    assert told(Part(units=units, grade=grade.pk)) == (1, 1, 1, 1, 1)
    # Unit and grade of two members of one mentorship are not those of a person.
    assert told(Part(Role.MENTOR, units, grade.pk)) == (0, 0, 0, 0, 0)


def test_somebody_in_two_cohorts_is_one_person_as_far_as_they_came():
    programme = factories.programme()
    first, second = (factories.cohort(programme=programme) for _number in range(2))
    person, unit = factories.person(unit=factories.unit()), factories.unit()
    company.mentorship(first, people={"mentor": person}, held=1)
    factories.enrolment(second, person)
    factories.enrolment(second, factories.person(unit=unit))
    company.count()
    cohorts = [first.pk, second.pk]
    people = queries.people_by("cohort__programme", cohorts, EVERYBODY)[programme.pk]
    assert (people.steps[Step.ACCEPTED], people.steps[Step.FIRST]) == (3, 2)
    assert queries.taking_part(cohorts, EVERYBODY, "unit")[Step.ACCEPTED][person.unit_id] == 1
    assert [queries.figures(cohorts, EVERYBODY)[pk].people.steps[Step.ACCEPTED] for pk in cohorts] == [2, 2]


def test_taking_part_counts_people_on_the_way_in_by_unit_grade_and_site():
    cohort = factories.cohort()
    unit, site = factories.unit("Finance"), factories.site("Hamburg")
    person = factories.person(unit=unit, site=site, grade=factories.grade(3))
    company.mentorship(cohort, people={"mentor": person}, held=1)
    factories.enrolment(cohort, factories.person(unit=unit), state=Enrolment.State.APPLIED)
    factories.enrolment(factories.cohort(), factories.person(unit=unit))
    company.count()
    told = {by: queries.taking_part([cohort.pk], EVERYBODY, by) for by in queries.PARTS}
    assert [told["unit"][step][unit.pk] for step in queries.ADMISSION] == [2, 2, 1]
    assert told["grade"][Step.ACCEPTED] == {person.grade_id: 1, None: 1}
    assert told["site"][Step.ACCEPTED] == {site.pk: 1, None: 1}


def test_meetings_of_some_months():
    cohort = factories.cohort()
    one, other = company.mentorship(cohort), company.mentorship(cohort)
    for month in (8, 9, 10):
        company.meeting(one, AT.replace(month=month, day=1), ["yes"])
    company.meeting(other, AT.replace(month=9, day=30), ["yes"])
    company.meeting(other, AT.replace(month=9, day=3), cancelled_by="mentee")
    found = figures(cohort)
    assert {month.month: count for month, count in found.held.items()} == {
        8: Count(1, 1),
        9: Count(2, 2),
        10: Count(1, 1),
    }
    autumn = queries.meetings_in([cohort.pk], EVERYBODY, (date(2026, 9, 1), date(2026, 10, 1)))
    assert autumn == {Outcome.HELD: Count(3, 2), Outcome.BY_MENTEE: Count(1, 1), "late:days": Count(1, 1)}


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
    mentors, mentees = figures(cohort, MENTORS).people, figures(cohort, MENTEES).people
    assert (mentors.was_offered, mentors.took, mentors.again) == (1, 1, 1)
    assert (mentees.was_offered, mentees.took, mentees.again) == (3, 0, 0)


def test_who_said_no_to_a_group_that_went_on_had_an_offer_and_took_none():
    cohort = factories.cohort()
    group = company.mentorship(cohort, offered_at=AT - timedelta(weeks=12))
    member = factories.member(group, Role.MENTEE)
    Member.ever_asked.filter(pk=member.pk).update(left_at=AT - timedelta(weeks=10))
    mentees = figures(cohort, MENTEES).people
    assert (mentees.was_offered, mentees.took, mentees.steps[Step.MATCHED]) == (1, 0, 0)


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
    late = {kind: count for kind, count in found.tallies.items() if kind.startswith("late:")}
    assert late == {"late:week": Count(2, 1), "late:days": Count(2, 1), "late:day": Count(1, 1)}
    assert means(cohort).wait == Sample(1, 1, 10.0)


def test_looking_back_counts_who_was_asked_and_what_was_said():
    cohort = factories.cohort()
    for role, answer in (("mentor", "same"), ("mentor", "no"), ("mentee", "other"), ("mentee", None)):
        LookBack.objects.create(enrolment=factories.enrolment(cohort, role=role), asked_on=AT.date())
        if answer:
            Again.objects.create(cohort=cohort, role=role, answer=answer)
    company.count()
    assert means(cohort).looking_back == {
        "mentor": {"asked": 2, "same": 1, "no": 1},
        "mentee": {"asked": 2, "other": 1},
    }


def test_company_is_its_active_people():
    finance, legal = factories.unit("Finance"), factories.unit("Legal")
    site = factories.site()
    factories.person(unit=finance, site=site)
    factories.person(unit=finance)
    factories.person(unit=finance, is_active=False)
    factories.person(unit=legal, site=site)
    release.count_heads()
    release.count_heads()
    assert queries.company(None, "unit") == {finance.pk: 2, legal.pk: 1}
    assert queries.company([legal.pk], "site") == {site.pk: 1}


def test_queries_do_not_grow_with_cohorts_and_people():
    def number(cohorts):
        with CaptureQueriesContext(connection) as captured:
            counting.records([one.pk for one in cohorts], AT)
            counting.pulses(cohorts, AT)
        return len(captured)

    cohorts = []
    for _number in range(3):
        cohort = factories.cohort()
        one = company.mentorship(cohort, held=2)
        company.goal(one, [0, 1])
        company.answers(company.wave(cohort, "start"), Role.MENTOR, [{"engagement": 4}])
        cohorts.append(cohort)
    assert (number(cohorts[:1]), number(cohorts)) == (16, 16)


def test_objective_dimensions_are_the_keys_of_the_pulse():
    from pulses.questions import FEELING_SAFE, FIVE_KS

    assert {*FIVE_KS, "safety"} == set(Objective.Dimension.values)
    assert all(key.startswith("safety-") for key in FEELING_SAFE)
