from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import DomainError
from matching.hours import free_hours, full_years
from matching.models import Block, Member, Mentorship
from matching.people import week
from matching.people_of import demand_ready, people_of
from matching.policies import policy_for, rules_of, weights_of
from matching.rules import blocked
from participants.models import Grade, PersonLanguage
from programmes.models import Avoidance, Enrolment, Role, Wish
from tests import factories
from tests.matching import people

pytestmark = pytest.mark.django_db


def hours_in(words):
    return [hour for hour in range(168) if int(words[hour // 64]) >> (hour % 64) & 1]


# --- Hours ---


def test_hours_of_berlin_in_summer_are_two_earlier_in_utc():
    [mask] = free_hours([([9, 10], "Europe/Berlin")], in_week_of=date(2026, 8, 3))
    assert hours_in(mask) == [7, 8]


def test_hours_of_berlin_in_winter_are_one_earlier_in_utc():
    [mask] = free_hours([([9, 10], "Europe/Berlin")], in_week_of=date(2026, 12, 2))
    assert hours_in(mask) == [8, 9]


def test_hours_on_monday_morning_in_tokyo_are_sunday_night_in_utc():
    [mask] = free_hours([([8, 9], "Asia/Tokyo")], in_week_of=date(2026, 8, 3))
    assert hours_in(mask) == [0, 167]  # Monday 9:00 is Monday 0:00, Monday 8:00 is Sunday 23:00


def test_hours_on_sunday_evening_in_new_york_are_monday_in_utc():
    [mask] = free_hours([([6 * 24 + 20], "America/New_York")], in_week_of=date(2026, 8, 3))
    assert hours_in(mask) == [0]


def test_hours_off_by_half_count_only_where_the_whole_hour_is_free():
    [mask] = free_hours([([9, 10, 11, 15], "Asia/Kolkata")], in_week_of=date(2026, 8, 3))
    assert hours_in(mask) == [4, 5]  # 9:00 to 12:00 is 3:30 to 6:30; 15:00 to 16:00 holds no whole hour


def test_hours_agree_with_the_core_on_the_bits():
    [mask] = free_hours([([0, 63, 64, 127, 128, 167], "UTC")], in_week_of=date(2026, 8, 3))
    assert (mask == week([0, 63, 64, 127, 128, 167])).all()


@given(
    hours=st.sets(st.integers(0, 167)),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Sydney"]),
    day=st.dates(date(2026, 1, 5), date(2027, 12, 20)),
)
def test_each_free_hour_is_free_on_the_persons_own_clock(hours, zone, day):
    [mask] = free_hours([(sorted(hours), zone)], in_week_of=day)
    monday = datetime.combine(day - timedelta(days=day.weekday()), datetime.min.time(), UTC)
    local = [(monday + timedelta(hours=h)).astimezone(ZoneInfo(zone)) for h in range(168)]
    assert hours_in(mask) == [h for h in range(168) if local[h].weekday() * 24 + local[h].hour in hours]


# --- Columns ---


def test_snapshot_holds_what_the_database_knows():
    cohort = people.cohort()
    joined = date(2020, 8, 4)
    aylin = people.junior("Aylin", joined_on=joined, site=factories.site("Ulm"), time_zone="Europe/Berlin")
    martin = people.senior("Martin")
    people.knows(aylin, "Data", level=3, years=5)
    people.wants(martin, "Data", priority=2)
    people.wants(martin, "Video", priority=1)
    PersonLanguage.objects.create(person=martin, code="de", level=4)
    one = people.mentor(cohort, aylin, weekly_hours=[9], capacity=2)
    two = people.mentee(cohort, martin)
    Wish.objects.create(enrolment=two, person=aylin, rank=1)
    Avoidance.objects.create(enrolment=one, person=martin)

    found = people_of(cohort)

    assert (found.mentor_ids, found.mentee_ids) == ([one.pk], [two.pk])
    a, b = found.mentors, found.mentees
    assert (a.key.tolist(), b.key.tolist()) == ([aylin.pk], [martin.pk])
    assert (a.grade.tolist(), b.grade.tolist()) == ([2], [6])
    assert (a.unit.tolist(), b.unit.tolist()) == ([aylin.unit_id], [martin.unit_id])
    assert (a.site.tolist(), b.site.tolist()) == ([aylin.site_id], [-1])
    assert a.profession.tolist() == [-1]
    assert a.years.tolist() == [5]  # six years are full on 4 August, the cohort starts on the 3rd
    assert found.languages == ["de", "en"]
    assert (a.languages.tolist(), b.languages.tolist()) == ([[0, 5]], [[6, 5]])
    assert hours_in(a.hours[0]) == [7]
    assert found.topics == [people.topic("Data").pk, people.topic("Video").pk]
    assert (a.expertise.tolist(), a.practice.tolist()) == ([[3, 0]], [[5, 0]])
    assert b.interest.tolist() == [[2, 1]]
    assert (a.capacity.tolist(), b.capacity.tolist()) == ([2], [1])
    assert (a.avoids.row(0).tolist(), b.avoids.row(0).tolist()) == ([martin.pk], [])
    assert b.wishes.row(0).tolist() == [aylin.pk]
    assert (a.waited.tolist(), a.experience.tolist()) == ([0], [0])


def test_snapshot_leaves_out_who_is_not_accepted_or_has_left():
    cohort = people.cohort()
    people.mentor(cohort, state=Enrolment.State.APPLIED)
    people.mentor(cohort, people.junior(is_active=False))
    assert people_of(cohort).mentor_ids == []


def test_wishes_come_in_their_rank_whatever_the_order_they_were_made_in():
    cohort = people.cohort()
    one, two, three = people.junior(), people.junior(), people.junior()
    enrolment = people.mentee(cohort)
    for rank, person in [(2, one), (3, two), (1, three)]:
        Wish.objects.create(enrolment=enrolment, person=person, rank=rank)
    assert people_of(cohort).mentees.wishes.row(0).tolist() == [three.pk, one.pk, two.pk]


def test_line_is_the_managers_from_the_top_down():
    cohort = people.cohort()
    chief = people.senior("Chief")
    boss = people.senior("Boss", manager=chief)
    aylin = people.junior("Aylin", manager=boss)
    people.mentor(cohort, aylin)
    assert people_of(cohort).mentors.line.row(0).tolist() == [chief.pk, boss.pk]


@pytest.mark.parametrize(
    ("state", "left"),
    [("offered", 0), ("confirmed", 0), ("active", 0), ("paused", 0), ("ended", 1), ("declined", 1)],
)
def test_current_mentorship_takes_a_place(state, left):
    cohort = people.cohort()
    factories.mentorship(people.junior(), people.senior(), state, cohort)
    found = people_of(cohort)
    assert (found.mentors.capacity.tolist(), found.mentees.capacity.tolist()) == ([left], [left])


def earlier_cohort(of):
    return factories.cohort(
        state="closed",
        programme=of.programme,
        enrolment_opens_on=date(2025, 6, 1),
        enrolment_closes_on=date(2025, 7, 1),
        starts_on=date(2025, 8, 1),
        ends_on=date(2026, 1, 1),
    )


def test_partners_before_are_known_and_count_as_experience_when_seen_through():
    cohort = people.cohort()
    aylin, martin = people.junior("Aylin"), people.senior("Martin")
    factories.mentorship(aylin, martin, Mentorship.State.COMPLETED, earlier_cohort(cohort))
    people.mentor(cohort, aylin)
    people.mentee(cohort, martin)
    found = people_of(cohort)
    assert found.mentors.earlier.row(0).tolist() == [martin.pk]
    assert found.mentors.experience.tolist() == [1]
    assert blocked(found.mentors, found.mentees, found.rules)[0, 0] != 0


def test_partners_before_may_meet_again_where_the_policy_lets_them():
    cohort = people.cohort()
    policy = policy_for(cohort.programme)
    policy.earlier = "off"
    policy.save()
    aylin, martin = people.junior("Aylin"), people.senior("Martin")
    factories.mentorship(aylin, martin, Mentorship.State.COMPLETED, earlier_cohort(cohort))
    people.mentor(cohort, aylin)
    people.mentee(cohort, martin)
    found = people_of(cohort)
    assert blocked(found.mentors, found.mentees, found.rules).tolist() == [[0]]


def test_partners_of_now_are_never_proposed_again_even_where_the_policy_lets_partners_meet_again():
    cohort = people.cohort()
    policy = policy_for(cohort.programme)
    policy.earlier = "off"
    policy.save()
    made = factories.mentorship(people.junior(), people.senior(), Mentorship.State.ACTIVE, cohort)
    Enrolment.objects.filter(cohort=cohort).update(capacity=3)
    found = people_of(cohort)
    assert made.is_live
    assert found.mentors.capacity.tolist() == [2]
    assert blocked(found.mentors, found.mentees, found.rules)[0, 0] != 0


def test_declined_offer_is_not_made_again_and_its_reason_is_told_to_nobody():
    cohort = people.cohort()
    aylin, martin = people.junior("Aylin"), people.senior("Martin")
    made = factories.mentorship(
        aylin, martin, Mentorship.State.DECLINED, cohort, confirmed_at=None, closed_at=people.AT
    )
    Member.objects.filter(mentorship=made, role=Role.MENTEE).update(declined_at=people.AT)
    found = people_of(cohort)
    assert found.mentees.avoids.row(0).tolist() == [aylin.pk]
    assert found.mentors.avoids.row(0).tolist() == []


def test_waited_counts_the_earlier_cohorts_in_which_somebody_was_left_without():
    cohort = people.cohort()
    left, served, late = people.senior("Left"), people.senior("Served"), people.senior("Late")
    before = earlier_cohort(cohort)
    people.mentee(before, left)
    people.mentee(before, late, state=Enrolment.State.WITHDRAWN)
    factories.mentorship(people.junior(), served, Mentorship.State.ENDED, before)
    elsewhere = factories.cohort(starts_on=date(2026, 8, 1))
    people.mentee(elsewhere, left)
    for person in (left, served, late):
        people.mentee(cohort, person)
    assert people_of(cohort).mentees.waited.tolist() == [1, 0, 0]


def test_block_counts_whichever_of_the_two_is_named_first():
    cohort = people.cohort()
    aylin, jonas = people.junior("Aylin"), people.junior("Jonas")
    martin = people.senior("Martin")
    for mentor in (aylin, jonas):
        people.mentor(cohort, mentor)
    people.mentee(cohort, martin)
    Block.objects.create(programme=cohort.programme, first=martin, second=jonas, reason="Family.")
    Block.objects.create(programme=factories.programme(), first=aylin, second=martin, reason="Elsewhere.")
    assert people_of(cohort).forbidden.tolist() == [[1, 0]]


def test_full_years_are_counted_to_the_day():
    assert full_years(date(2020, 2, 29), date(2021, 2, 28)) == 0
    assert full_years(date(2020, 2, 29), date(2021, 3, 1)) == 1
    assert full_years(date(2027, 1, 1), date(2026, 8, 3)) == 0
    assert full_years(None, date(2026, 8, 3)) == 0


# --- What must be in order first ---


def test_grades_without_an_order_are_refused_by_name():
    cohort = people.cohort()
    people.mentor(cohort)
    people.mentee(cohort, people.senior(grade=Grade.objects.create(name="Director")))
    with pytest.raises(DomainError) as refusal:
        demand_ready(cohort)
    assert refusal.value.message == "Put the grades in order first. These have no rank yet: Director."


def test_people_without_a_grade_are_refused_by_name():
    cohort = people.cohort()
    people.mentor(cohort, people.junior("Aylin", grade=None))
    people.mentee(cohort)
    with pytest.raises(DomainError) as refusal:
        demand_ready(cohort)
    assert refusal.value.message == "1 person has no grade, so seniority cannot be compared: Aylin."


def test_grades_need_no_order_where_seniority_plays_no_part():
    cohort = people.cohort(programme=factories.programme(form="group"))
    people.mentor(cohort, people.junior(grade=None))
    people.mentee(cohort, people.senior(grade=None))
    demand_ready(cohort)
    assert len(people_of(cohort).mentors) == 1


@pytest.mark.parametrize(("present", "missing"), [("mentor", "mentee"), ("mentee", "mentor")])
def test_one_side_without_anybody_is_refused(present, missing):
    cohort = people.cohort()
    factories.enrolment(cohort, people.junior(), present)
    with pytest.raises(DomainError) as refusal:
        demand_ready(cohort)
    assert refusal.value.message == f"Nobody is accepted as a {missing} yet. Accept enrolments first."


# --- Policy ---


def test_policy_of_a_reverse_programme_keeps_the_whole_line_apart():
    rules = rules_of(policy_for(factories.programme()))
    assert (rules.line_reach, rules.reports_of_reports) == (None, True)
    assert (rules.direction, rules.grade_gap, rules.other_unit) == (1, 2, True)
    assert (rules.language_level, rules.common_hours) == (4, 1)


@pytest.mark.parametrize(
    ("form", "direction", "gap"), [("formal", -1, 1), ("informal", 0, None), ("group", 0, None)]
)
def test_policy_fits_the_form_of_the_programme(form, direction, gap):
    rules = rules_of(policy_for(factories.programme(form=form)))
    assert (rules.direction, rules.grade_gap) == (direction, gap)
    assert rules.line_reach is None


def test_policy_is_made_once():
    programme = factories.programme()
    assert policy_for(programme) == policy_for(programme)


def test_weights_reach_the_core_under_its_names():
    policy = policy_for(factories.programme())
    policy.weight_waited, policy.weight_topics = 9, 7
    weights = weights_of(policy)
    assert (weights.waiting, weights.topics, weights.wishes) == (9, 7, 4)


# --- Cost ---


@pytest.mark.parametrize("count", [3, 30])
def test_snapshot_takes_as_many_queries_for_thirty_as_for_three(count, django_assert_num_queries):
    cohort = people.cohort()
    policy_for(cohort.programme)
    for number in range(count):
        aylin, martin = people.junior(), people.senior()
        people.knows(aylin, "Data")
        people.wants(martin, "Data")
        one, two = people.mentor(cohort, aylin), people.mentee(cohort, martin)
        Wish.objects.create(enrolment=one, person=martin, rank=1)
        Avoidance.objects.create(enrolment=two, person=aylin)
        if number % 3 == 0:
            made = Mentorship.objects.create(cohort=cohort, state="active")
            for enrolment in (one, two):
                Member.objects.create(mentorship=made, enrolment=enrolment, role=enrolment.role)
    with django_assert_num_queries(14):
        found = people_of(cohort)
    assert len(found.mentors) == count
    assert np.count_nonzero(found.mentors.capacity == 0) == -(-count // 3)
