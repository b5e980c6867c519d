"""Nothing planned yet, nothing planned any more, and a meeting within the hour."""

from datetime import UTC, datetime, timedelta

import pytest

from matching.models import Mentorship
from meetings import actions, reminders
from meetings.models import Meeting
from notices import still
from notices.models import Notice, NoticePreference
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
START = NOW + timedelta(days=3)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def said(kind: str) -> list[str]:
    notices = Notice.objects.filter(kind=kind).order_by("recipient__name")
    return [notice.recipient.first_name for notice in notices]


def planned(mentorship, by, starts_at=START, at=NOW) -> Meeting:
    return actions.plan(mentorship=mentorship, by=by, starts_at=starts_at, minutes=60, at=at)


# --- No first meeting ------------------------------------------------------------------

CONFIRMED = NOW - timedelta(days=9)
FIRST = "first-meeting-to-plan"
BOTH = ["Aylin", "Martin"]


@pytest.fixture
def fresh(mentorship):
    Mentorship.objects.update(confirmed_at=CONFIRMED, state=Mentorship.State.CONFIRMED)
    return mentorship


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (CONFIRMED + timedelta(days=10) - timedelta(seconds=1), []),
        (CONFIRMED + timedelta(days=10), BOTH),
        (CONFIRMED + timedelta(days=12), BOTH),
        (CONFIRMED + timedelta(days=24), []),
    ],
)
def test_first_meeting_is_asked_for_from_the_tenth_day_even_after_days_without_a_worker(fresh, at, expected):
    reminders.post_due(at)
    reminders.post_due(at)
    assert said(FIRST) == expected


def test_first_meeting_is_asked_for_once_and_the_senior_is_told_to_write_first(fresh):
    for days in (10, 11, 20):
        reminders.post_due(CONFIRMED + timedelta(days=days))
    texts = {notice.recipient.first_name: notice.text for notice in Notice.objects.filter(kind=FIRST)}
    assert said(FIRST) == BOTH
    assert "yours to write first" in texts["Martin"]
    assert "yours to write first" not in texts["Aylin"]


@pytest.mark.parametrize("state", ["offered", "paused", "ended", "completed"])
def test_first_meeting_is_not_asked_for_where_nothing_goes_on(fresh, state):
    Mentorship.objects.update(state=state)
    reminders.post_due(CONFIRMED + timedelta(days=11))
    assert said(FIRST) == []


def test_planned_first_meeting_stops_the_question_and_the_mail_on_its_way(fresh, aylin):
    at = CONFIRMED + timedelta(days=10)
    reminders.post_due(at)
    notices = list(Notice.objects.filter(kind=FIRST))
    assert still.settled(notices) == set()
    meeting = planned(fresh, aylin, at + 3 * DAY, at)
    assert still.settled(notices) == {notice.pk for notice in notices}
    Notice.objects.filter(kind=FIRST).delete()
    reminders.post_due(at + DAY)
    assert said(FIRST) == []
    actions.cancel(meeting=meeting, by=aylin, at=at + DAY)
    reminders.post_due(at + DAY)
    assert said(FIRST) == BOTH


# --- No next meeting -------------------------------------------------------------------

NEXT = "next-meeting-to-plan"
LAST_END = START + HOUR


@pytest.fixture
def last(mentorship, aylin):
    return planned(mentorship, aylin)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (LAST_END + timedelta(days=14) - timedelta(seconds=1), []),
        (LAST_END + timedelta(days=14), BOTH),
        (LAST_END + timedelta(days=17), BOTH),
        (LAST_END + timedelta(days=28), []),
    ],
)
def test_next_meeting_is_asked_for_two_weeks_after_the_last_once(last, at, expected):
    reminders.post_due(at)
    reminders.post_due(at)
    assert said(NEXT) == expected


def test_next_meeting_is_asked_for_in_the_day_of_each(mentorship, aylin):
    planned(mentorship, aylin, datetime(2026, 9, 18, 2, tzinfo=UTC))
    reminders.post_due(LAST_END + timedelta(days=15))
    days = {
        notice.recipient.first_name: notice.text.split(",")[0] for notice in Notice.objects.filter(kind=NEXT)
    }
    assert days == {
        "Aylin": "Your last meeting was on Friday 18 September",
        "Martin": "Your last meeting was on Thursday 17 September",
    }


def test_next_meeting_is_not_asked_for_once_planned_and_the_mail_stops(last, mentorship, martin):
    at = LAST_END + timedelta(days=14)
    reminders.post_due(at)
    notices = list(Notice.objects.filter(kind=NEXT))
    assert still.settled(notices) == set()
    meeting = planned(mentorship, martin, at + 2 * DAY, at)
    assert still.settled(notices) == {notice.pk for notice in notices}
    Notice.objects.filter(kind=NEXT).delete()
    reminders.post_due(at)
    assert said(NEXT) == []
    actions.cancel(meeting=meeting, by=martin, at=at)
    reminders.post_due(at)
    assert said(NEXT) == BOTH


def test_next_meeting_is_not_asked_for_when_all_were_held_or_the_cohort_is_over(last, mentor, mentorship):
    actions.answer(meeting=last, member=mentor, answer="yes", at=LAST_END)
    cohort = mentorship.cohort
    type(cohort).objects.update(meetings_planned=1)
    reminders.post_due(LAST_END + timedelta(days=14))
    assert said(NEXT) == []
    type(cohort).objects.update(meetings_planned=2, ends_on=(LAST_END + timedelta(days=10)).date())
    reminders.post_due(LAST_END + timedelta(days=14))
    assert said(NEXT) == []
    type(cohort).objects.update(ends_on=(LAST_END + timedelta(days=90)).date())
    reminders.post_due(LAST_END + timedelta(days=14))
    assert said(NEXT) == BOTH


@pytest.mark.parametrize("state", ["paused", "ended", "completed"])
def test_next_meeting_is_not_asked_for_where_nothing_goes_on(last, state):
    Mentorship.objects.update(state=state)
    reminders.post_due(LAST_END + timedelta(days=15))
    assert said(NEXT) == []


# --- Within the hour -------------------------------------------------------------------

SOON = "meeting-soon"


@pytest.fixture
def asked_for(martin):
    NoticePreference.objects.create(person=martin, kind=SOON, by_email=True, in_inbox=False)


def test_hour_before_a_meeting_nobody_is_told_who_did_not_ask(last):
    reminders.post_due(START - HOUR)
    assert said(SOON) == []


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (START - HOUR - timedelta(seconds=1), []),
        (START - HOUR, ["Martin"]),
        (START - timedelta(minutes=1), ["Martin"]),
        (START, []),
    ],
)
def test_hour_before_a_meeting_who_asked_is_told_once_in_their_time(last, asked_for, at, expected):
    reminders.post_due(at)
    reminders.post_due(at)
    assert said(SOON) == expected
    for notice in Notice.objects.filter(kind=SOON):
        assert (notice.subject, notice.by_email) == ("At 06:00 you meet Aylin", True)


def test_hour_before_is_said_again_for_a_moved_meeting_and_never_for_a_cancelled_one(last, asked_for, martin):
    reminders.post_due(START - HOUR)
    later = START + 2 * HOUR
    actions.move(meeting=last, by=martin, starts_at=later, minutes=60, at=START - HOUR)
    [first] = Notice.objects.filter(kind=SOON)
    assert still.settled([first]) == {first.pk}
    reminders.post_due(later - HOUR)
    assert said(SOON) == ["Martin"] * 2
    actions.cancel(meeting=last, by=martin, at=later - HOUR)
    Notice.objects.all().delete()
    reminders.post_due(later - timedelta(minutes=30))
    assert said(SOON) == []


def test_hour_before_is_not_said_of_a_meeting_planned_within_it(mentorship, aylin, asked_for):
    planned(mentorship, aylin, NOW + HOUR / 2)
    reminders.post_due(NOW)
    assert said(SOON) == []


def test_day_before_is_not_said_of_a_meeting_planned_on_that_day(mentorship, aylin):
    planned(mentorship, aylin, NOW + DAY)
    reminders.post_due(NOW + HOUR)
    assert said("meeting-reminder") == []


def test_reminder_on_its_way_stops_when_the_meeting_moves(last, aylin):
    reminders.post_due(START - DAY)
    notices = list(Notice.objects.filter(kind="meeting-reminder"))
    assert still.settled(notices) == set()
    actions.move(meeting=last, by=aylin, starts_at=START + DAY, minutes=60, at=START - DAY)
    assert still.settled(notices) == {notice.pk for notice in notices}


def test_group_of_three_is_asked_as_a_group(mentorship):
    third = factories.enrolment(mentorship.cohort, factories.person("Zoe Third"), role="mentor")
    mentorship.members.create(enrolment=third, role="mentor")
    Mentorship.objects.update(confirmed_at=CONFIRMED)
    reminders.post_due(CONFIRMED + timedelta(days=10))
    assert said(FIRST) == ["Aylin", "Martin", "Zoe"]
