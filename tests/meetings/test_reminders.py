from datetime import timedelta

import pytest

from matching.models import Mentorship
from meetings import actions, reminders
from notices.models import Notice
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
START = NOW + timedelta(days=3)
END = START + timedelta(hours=1)


@pytest.fixture
def meeting(mentorship, aylin):
    made = actions.plan(mentorship=mentorship, by=aylin, starts_at=START, minutes=60, place="Canteen", at=NOW)
    Notice.objects.all().delete()
    return made


def said() -> list[tuple]:
    notices = Notice.objects.filter(in_inbox=True).order_by("kind", "recipient__name")
    return [(n.kind, n.recipient.first_name) for n in notices]


BOTH_REMINDED = [("meeting-reminder", "Aylin"), ("meeting-reminder", "Martin")]
BOTH_ASKED = [("meeting-to-confirm", "Aylin"), ("meeting-to-confirm", "Martin")]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (START - timedelta(hours=24, minutes=1), []),
        (START - timedelta(hours=24), BOTH_REMINDED),
        (START - timedelta(minutes=1), BOTH_REMINDED),
        (START, []),
        (END - timedelta(minutes=1), []),
        (END, BOTH_ASKED),
        (END + timedelta(days=13, hours=23), BOTH_ASKED),
        (END + timedelta(days=14), []),
    ],
)
def test_sweep_says_what_is_due_in_each_window(meeting, at, expected):
    assert reminders.post_due(at) == len(expected)
    assert said() == expected
    assert {n.created_at for n in Notice.objects.all()} == ({at} if expected else set())


def test_second_run_says_nothing_more(meeting):
    for hours in (24, 23, 1):
        reminders.post_due(START - timedelta(hours=hours))
    for days in (0, 1, 13):
        reminders.post_due(END + timedelta(days=days))
    assert said() == BOTH_REMINDED + BOTH_ASKED


def test_reminder_after_a_day_without_a_worker_still_comes(meeting):
    reminders.post_due(START - timedelta(days=2))
    reminders.post_due(START - timedelta(minutes=5))
    assert said() == BOTH_REMINDED


def test_reminder_is_in_the_time_zone_of_each(meeting):
    reminders.post_due(START - timedelta(hours=2))
    assert sorted(n.subject for n in Notice.objects.all()) == [
        "Friday 18 September, 06:00: you meet Aylin",
        "Friday 18 September, 12:00: you meet Martin",
    ]


def test_moved_meeting_is_reminded_of_anew(meeting, martin):
    reminders.post_due(START - timedelta(hours=2))
    later = START + timedelta(days=1)
    actions.move(meeting=meeting, by=martin, starts_at=later, minutes=60, at=START - timedelta(hours=1))
    Notice.objects.filter(kind="meeting-moved").delete()
    reminders.post_due(START)
    assert said() == sorted(BOTH_REMINDED * 2)


def test_cancelled_meeting_and_mentorship_that_rests_are_left_in_peace(meeting, aylin):
    Mentorship.objects.update(state=Mentorship.State.PAUSED)
    reminders.post_due(START - timedelta(hours=2))
    reminders.post_due(END)
    Mentorship.objects.update(state=Mentorship.State.ACTIVE)
    actions.cancel(meeting=meeting, by=aylin, at=NOW)
    Notice.objects.all().delete()
    reminders.post_due(START - timedelta(hours=2))
    reminders.post_due(END)
    assert said() == []


def test_nobody_is_asked_once_somebody_has_answered(meeting, mentee):
    actions.answer(meeting=meeting, member=mentee, answer="no", at=END)
    reminders.post_due(END + timedelta(hours=1))
    assert said() == []


def test_person_who_left_is_not_told(meeting, martin):
    martin.is_active = False
    martin.save()
    reminders.post_due(START - timedelta(hours=2))
    assert said() == BOTH_REMINDED[:1]


def test_sweep_costs_the_same_queries_to_find_nothing_new(meeting, aylin, django_assert_num_queries):
    reminders.post_due(END)
    with django_assert_num_queries(6):
        reminders.post_due(END)
    for number in range(1, 4):
        other = factories.mentorship(mentor=aylin)
        actions.plan(
            mentorship=other, by=aylin, starts_at=START + timedelta(hours=number), minutes=30, at=NOW
        )
    at = END + timedelta(hours=5)
    reminders.post_due(at)
    with django_assert_num_queries(6):
        reminders.post_due(at)
