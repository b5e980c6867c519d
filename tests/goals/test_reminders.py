from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone, translation

from goals import actions, reminders, waiting
from notices.models import Notice
from notices.outbox import again, post_all
from notices.still import settled
from tests import factories

pytestmark = pytest.mark.django_db

LEVELS = {-1: "once", 0: "two of five", 2: "all five"}
DUE = date(2026, 9, 14)  # six weeks after 3 August; the next one is 2 November
SET = datetime(2026, 8, 10, 9, 0, tzinfo=UTC)


def pair(mentor="Europe/Berlin", mentee="Europe/Berlin", **fields):
    made = factories.mentorship(
        factories.person("Aylin Kaya", time_zone=mentor),
        factories.person("Dr. Martin Vogel", time_zone=mentee),
        **fields,
    )
    return made, factories.member(made, "mentor"), factories.member(made, "mentee")


def goal_of(mentorship, member, title="Use AI", at=SET):
    return actions.set_goal(mentorship=mentorship, member=member, title=title, levels=LEVELS, at=at)


def sweep(at):
    """Who was asked, by this run."""
    before = set(Notice.objects.values_list("pk", flat=True))
    post_all(reminders.messages(at), at=at)
    new = Notice.objects.exclude(pk__in=before).order_by("recipient__name")
    assert {notice.kind for notice in new} <= {"check-in-due"}
    return [notice.recipient.name for notice in new]


BOTH = ["Aylin Kaya", "Dr. Martin Vogel"]


@pytest.mark.parametrize(
    ("at", "asked"),
    [
        (datetime(2026, 9, 14, 4, 59, tzinfo=UTC), []),
        (datetime(2026, 9, 14, 5, 0, tzinfo=UTC), BOTH),  # 7:00 in Berlin
        (datetime(2026, 9, 20, 12, 0, tzinfo=UTC), BOTH),  # no worker ran for days
        (datetime(2026, 10, 5, 4, 59, tzinfo=UTC), BOTH),
        (datetime(2026, 10, 5, 5, 0, tzinfo=UTC), []),  # three weeks later
    ],
)
def test_check_in_is_asked_for_within_its_window(at, asked):
    mentorship, aylin, _ = pair()
    goal_of(mentorship, aylin)
    assert sweep(at) == asked


def test_check_in_is_asked_for_once_whatever_runs_again():
    mentorship, aylin, _ = pair()
    for title in ("One", "Two"):
        goal_of(mentorship, aylin, title)
    first = datetime(2026, 9, 14, 8, 0, tzinfo=UTC)
    assert sweep(first) == BOTH
    assert sweep(first) == []
    assert sweep(first + timedelta(days=2)) == []
    notice = Notice.objects.filter(recipient=aylin.person).get()
    assert (notice.key, notice.url) == (f"check-in-due:{aylin.pk}:2026-09-14", "/goals/")
    assert notice.created_at == first
    assert "– One\n– Two" in notice.text
    assert "Martin" in notice.text


def test_check_in_is_asked_for_at_seven_where_the_person_is():
    mentorship, aylin, _ = pair(mentor="Pacific/Auckland", mentee="America/Los_Angeles")
    goal_of(mentorship, aylin)
    assert sweep(datetime(2026, 9, 13, 18, 59, tzinfo=UTC)) == []
    assert sweep(datetime(2026, 9, 13, 19, 0, tzinfo=UTC)) == ["Aylin Kaya"]
    assert sweep(datetime(2026, 9, 14, 13, 59, tzinfo=UTC)) == []
    assert sweep(datetime(2026, 9, 14, 14, 0, tzinfo=UTC)) == ["Dr. Martin Vogel"]


def test_check_in_window_ends_where_the_next_day_begins():
    mentorship, aylin, _ = pair(in_cohort=factories.cohort(check_in_weeks=[6, 7]))
    goal_of(mentorship, aylin)
    assert sweep(datetime(2026, 9, 21, 8, 0, tzinfo=UTC)) == BOTH
    assert {notice.key[-10:] for notice in Notice.objects.filter(kind="check-in-due")} == {"2026-09-21"}


def test_who_has_reported_on_every_goal_is_not_asked():
    mentorship, aylin, _ = pair()
    goals = [goal_of(mentorship, aylin, title) for title in ("One", "Two")]
    at = datetime(2026, 9, 14, 4, 0, tzinfo=UTC)
    for goal in goals:
        actions.check_in(goal=goal, member=aylin, due_on=DUE, level=0, at=at)
    assert sweep(at + timedelta(hours=4)) == ["Dr. Martin Vogel"]


def test_who_has_reported_on_one_of_two_goals_is_asked_about_the_other():
    mentorship, aylin, _ = pair()
    one, two = goal_of(mentorship, aylin, "One"), goal_of(mentorship, aylin, "Two")
    at = datetime(2026, 9, 14, 4, 0, tzinfo=UTC)
    actions.check_in(goal=one, member=aylin, due_on=DUE, level=0, at=at)
    sweep(at + timedelta(hours=4))
    notice = Notice.objects.get(kind="check-in-due", recipient=aylin.person)
    assert notice.url == f"/goals/{two.uuid}/check-in/"
    assert "One" not in notice.text


@pytest.mark.parametrize("state", ["paused", "completed", "ended"])
def test_nobody_is_asked_in_a_mentorship_that_rests_or_is_over(state):
    mentorship, aylin, _ = pair()
    goal_of(mentorship, aylin)
    mentorship.move_to(state)
    assert sweep(datetime(2026, 9, 14, 8, 0, tzinfo=UTC)) == []


def test_nobody_is_asked_about_a_goal_set_on_the_day_or_closed():
    mentorship, aylin, _ = pair()
    goal_of(mentorship, aylin, "New", at=datetime(2026, 9, 14, 5, 0, tzinfo=UTC))
    actions.drop(goal=goal_of(mentorship, aylin, "Old"), member=aylin)
    assert sweep(datetime(2026, 9, 14, 8, 0, tzinfo=UTC)) == []


def test_check_in_is_asked_for_in_the_persons_language():
    mentorship, aylin, martin = pair()
    goal_of(mentorship, aylin)
    martin.person.language = "de"
    martin.person.save()
    sweep(datetime(2026, 9, 14, 8, 0, tzinfo=UTC))
    assert Notice.objects.get(recipient=martin.person, kind="check-in-due").language == "de"
    assert translation.get_language() == "en"


def nudge(at):
    post_all(again(reminders.messages(at), at=at, after=reminders.AGAIN_AFTER), at=at)
    return sorted(Notice.objects.filter(key__endswith=":again").values_list("recipient__name", flat=True))


def arrive():
    Notice.objects.update(sent_at=factories.NOW)


def test_a_second_nudge_goes_once_to_who_got_the_first_a_week_before_and_has_not_reported():
    mentorship, aylin, martin = pair()
    goal = goal_of(mentorship, aylin)
    first = datetime(2026, 9, 16, 8, 0, tzinfo=UTC)  # no worker ran on the day itself
    assert nudge(first) == []  # nobody was asked before
    assert sweep(first) == BOTH
    assert nudge(first + timedelta(days=9)) == []  # it never reached them
    arrive()
    actions.check_in(goal=goal, member=martin, due_on=DUE, level=0, at=first)
    assert nudge(first + timedelta(days=6, hours=23)) == []
    assert nudge(first + timedelta(days=9)) == ["Aylin Kaya"]
    assert nudge(first + timedelta(days=10)) == ["Aylin Kaya"]
    notice = Notice.objects.get(key__endswith=":again")
    assert notice.subject == "Still open: how do your goals stand?"


def test_no_second_nudge_after_the_window():
    mentorship, aylin, _ = pair()
    goal_of(mentorship, aylin)
    sweep(datetime(2026, 10, 4, 8, 0, tzinfo=UTC))
    arrive()
    assert nudge(datetime(2026, 10, 11, 8, 0, tzinfo=UTC)) == []


def test_a_mail_that_waits_is_not_sent_once_the_check_in_is_made_or_the_mentorship_rests():
    today = timezone.now().date()
    cohort = factories.cohort(
        enrolment_opens_on=today - timedelta(days=60),
        enrolment_closes_on=today - timedelta(days=50),
        starts_on=today - timedelta(days=44),
        ends_on=today + timedelta(days=130),
        check_in_weeks=[6],
    )
    mentorship, aylin, martin = pair(in_cohort=cohort)
    goal = goal_of(mentorship, aylin, at=timezone.now() - timedelta(days=30))
    assert sweep(timezone.now()) == BOTH
    asked = Notice.objects.filter(kind="check-in-due")
    assert settled(asked) == set()
    actions.check_in(goal=goal, member=martin, due_on=today - timedelta(days=2), level=0)
    assert settled(asked) == {asked.get(recipient=martin.person).pk}
    mentorship.move_to("paused")
    assert settled(asked) == {one.pk for one in asked}


@pytest.mark.parametrize("mentorships", [1, 3])
def test_reminders_take_the_same_queries_however_many_mentorships(django_assert_num_queries, mentorships):
    cohort = factories.cohort()
    for _ in range(mentorships):
        mentorship, aylin, _martin = pair(in_cohort=cohort)
        goal_of(mentorship, aylin)
    # Cohorts; mentorships, their members, goals and check-ins.
    with django_assert_num_queries(5):
        found = list(reminders.messages(datetime(2026, 9, 14, 8, 0, tzinfo=UTC)))
    assert len(found) == 2 * mentorships


# --- What waits on the home page -----------------------------------------------------


def titles(person, at):
    return [one.title for one in waiting.waiting_for(person, at)]


def test_a_first_goal_waits_until_there_is_one():
    mentorship, aylin, _ = pair(state="confirmed")
    assert titles(aylin.person, factories.NOW) == ["What do you and Martin want to reach?"]
    actions.drop(goal=goal_of(mentorship, aylin), member=aylin)
    assert titles(aylin.person, factories.NOW) == []


def test_a_check_in_waits_and_says_when_the_other_has_reported():
    mentorship, aylin, martin = pair()
    goal = goal_of(mentorship, aylin)
    at = datetime(2026, 9, 14, 8, 0, tzinfo=UTC)
    assert titles(aylin.person, at - timedelta(hours=4)) == []
    assert titles(aylin.person, at) == ["Check in on “Use AI”"]
    actions.check_in(goal=goal, member=martin, due_on=DUE, level=0, at=at)
    (one,) = waiting.waiting_for(aylin.person, at)
    assert one.text == "Martin already did. Yours opens that view."
    assert one.actions[0].url == f"/goals/{goal.uuid}/check-in/"
    assert titles(martin.person, at) == []


def test_nothing_of_others_waits_for_a_stranger_or_hr():
    mentorship, aylin, _ = pair()
    goal_of(mentorship, aylin)
    at = datetime(2026, 9, 14, 8, 0, tzinfo=UTC)
    assert [titles(one, at) for one in (factories.person(), factories.hr_admin())] == [[], []]


@pytest.mark.parametrize("goals", [1, 3])
def test_waiting_takes_the_same_queries_however_many_goals(django_assert_num_queries, goals):
    mentorship, aylin, _ = pair()
    for number in range(goals):
        goal_of(mentorship, aylin, f"Goal {number}")
    # Mentorships, members; goals, levels, check-ins; which mentorships have had a goal; what is proposed.
    with django_assert_num_queries(7):
        found = waiting.waiting_for(aylin.person, datetime(2026, 9, 14, 8, 0, tzinfo=UTC))
    assert len(found) == goals
