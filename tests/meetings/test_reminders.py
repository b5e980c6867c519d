from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.urls import reverse

from matching.models import Mentorship
from meetings import actions, mail_link, reminders
from notices.mail import message
from notices.models import Notice
from notices.still import settled
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
START = NOW + timedelta(days=3)
END = START + timedelta(hours=1)
BERLIN_MIDNIGHT = datetime(
    2026, 9, 16, 22, tzinfo=UTC
)  # before the day before; New York's is six hours later


@pytest.fixture
def meeting(mentorship, aylin):
    made = actions.plan(mentorship=mentorship, by=aylin, starts_at=START, minutes=60, place="Canteen", at=NOW)
    Notice.objects.all().delete()
    return made


def said() -> list[tuple]:
    notices = Notice.objects.filter(in_inbox=True).order_by("kind", "recipient__name")
    return [(n.kind, n.recipient.first_name) for n in notices]


BOTH_REMINDED = [("meeting-reminder", "Aylin"), ("meeting-reminder", "Martin")]
NEXT_TO_PLAN = [("next-meeting-to-plan", "Aylin"), ("next-meeting-to-plan", "Martin")]
BOTH_ASKED = [("meeting-to-confirm", "Aylin"), ("meeting-to-confirm", "Martin")]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (BERLIN_MIDNIGHT - timedelta(minutes=1), []),
        (BERLIN_MIDNIGHT, BOTH_REMINDED[:1]),
        (BERLIN_MIDNIGHT + timedelta(hours=6), BOTH_REMINDED),
        (START - timedelta(minutes=1), BOTH_REMINDED),
        (START, []),
        (END - timedelta(minutes=1), []),
        (END, BOTH_ASKED),
        (END + timedelta(days=13, hours=23), BOTH_ASKED),
        (END + timedelta(days=15), NEXT_TO_PLAN),
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
    with django_assert_num_queries(12):
        reminders.post_due(END)
    for number in range(1, 4):
        other = factories.mentorship(mentor=aylin)
        actions.plan(
            mentorship=other, by=aylin, starts_at=START + timedelta(hours=number), minutes=30, at=NOW
        )
    at = END + timedelta(hours=5)
    reminders.post_due(at)
    with django_assert_num_queries(12):
        reminders.post_due(at)


def asked_for_log() -> list[tuple]:
    return [
        (n.recipient.first_name, n.key.endswith(":again"))
        for n in Notice.objects.filter(kind="log-missing").order_by("pk")
    ]


@pytest.fixture
def held(meeting, mentee):
    actions.answer(meeting=meeting, member=mentee, answer="yes", at=END)
    return meeting


def sweep(at) -> None:
    reminders.post_due(at)
    Notice.objects.filter(sent_at=None).update(sent_at=at)


DAY = timedelta(days=1)
BOTH, BOTH_AGAIN = [("Aylin", False), ("Martin", False)], [("Aylin", True), ("Martin", True)]


def in_any_order(found: list[tuple]) -> list[tuple]:
    return sorted(found, key=lambda each: (each[1], each[0]))


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([1.99], []),
        ([2], BOTH),
        ([2, 3, 6.99], BOTH),
        ([2, 7], BOTH + BOTH_AGAIN),
        ([2, 7, 8, 13], BOTH + BOTH_AGAIN),
        ([13.9], BOTH),  # the first came late, after days without a worker: no second on its heels
        ([6, 7], BOTH),
        ([6, 10], BOTH + BOTH_AGAIN),
        ([14], []),
    ],
)
def test_log_is_asked_for_after_two_days_and_again_after_seven(held, days, expected):
    for day in days:
        sweep(END + day * DAY)
        sweep(END + day * DAY)
    assert in_any_order(asked_for_log()) == expected


def test_second_word_about_a_log_is_only_for_who_got_the_first(held, martin):
    reminders.post_due(END + 2 * DAY)
    Notice.objects.filter(recipient=martin).update(sent_at=END + 2 * DAY)
    reminders.post_due(END + 7 * DAY)
    assert in_any_order(asked_for_log()) == [*BOTH, ("Martin", True)]


def test_log_of_either_stops_the_asking(held, mentor):
    sweep(END + 2 * DAY)
    actions.record_log(meeting=held, member=mentor, topics="AI", at=END + 3 * DAY)
    sweep(END + 7 * DAY)
    assert in_any_order(asked_for_log()) == BOTH


def test_log_of_what_nobody_confirmed_or_somebody_denied_is_not_asked_for(meeting, mentor):
    sweep(END + 2 * DAY)
    actions.answer(meeting=meeting, member=mentor, answer="no", at=END + 2 * DAY)
    sweep(END + 3 * DAY)
    assert asked_for_log() == []


def test_log_is_asked_for_in_the_day_of_each_zone(mentorship, aylin, mentor):
    late = START.replace(hour=2)  # the evening before in New York
    meeting = actions.plan(mentorship=mentorship, by=aylin, starts_at=late, minutes=60, at=NOW)
    actions.answer(meeting=meeting, member=mentor, answer="yes", at=late + timedelta(hours=1))
    sweep(late + 3 * DAY)
    found = Notice.objects.filter(kind="log-missing")
    assert {n.recipient.first_name: n.subject.split(" on ")[1] for n in found} == {
        "Aylin": "Friday 18 September?",
        "Martin": "Thursday 17 September?",
    }


def test_mail_about_what_was_settled_meanwhile_is_dropped(meeting, mentor, mentee):
    reminders.post_due(END)
    asked = Notice.objects.filter(kind="meeting-to-confirm")
    assert settled(asked) == set()
    actions.answer(meeting=meeting, member=mentor, answer="yes", at=END)
    assert settled(asked) == {notice.pk for notice in asked}
    actions.answer(meeting=meeting, member=mentee, answer="no", at=END)
    to_settle = Notice.objects.filter(kind="meeting-to-settle")
    assert ([n.recipient.first_name for n in to_settle], settled(to_settle)) == (["Aylin"], set())
    actions.answer(meeting=meeting, member=mentee, answer="yes", at=END)
    assert settled(to_settle) == {notice.pk for notice in to_settle}


def test_did_you_meet_leads_to_the_page_without_sign_in_from_the_mail_alone(meeting, mentor, aylin):
    reminders.post_due(END)
    notice = Notice.objects.get(kind="meeting-to-confirm", recipient=aylin)
    assert notice.url == reverse("meetings:answer", args=[meeting.uuid])
    assert notice.mail_url == mail_link.address(meeting, mentor)
    mail = message(notice)
    link = settings.SITE_URL + notice.mail_url
    assert (link in mail.body, link in mail.alternatives[0].content) == (True, True)
