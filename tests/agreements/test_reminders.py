from datetime import timedelta

import pytest

import meetings.actions
from agreements import reminders
from agreements.actions import ClauseEdit, adapt, agreement_for, sign
from matching.models import Mentorship
from mentoring import unsigned
from notices.models import Notice
from notices.still import settled
from programmes.models import Role
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def mentorship():
    made = factories.mentorship(
        mentor=factories.person("Aylin Kaya"),
        mentee=factories.person("Dr. Martin Vogel", language="de", time_zone="America/New_York"),
        state=Mentorship.State.CONFIRMED,
    )
    agreement_for(made, at=NOW)
    return made


def sweep(at) -> None:
    reminders.post_due(at)
    unsigned.post_due(at)
    Notice.objects.filter(sent_at=None).update(sent_at=at)


def nudged() -> list[str]:
    found = Notice.objects.filter(kind="agreement-reminder").order_by("pk")
    return sorted(notice.recipient.first_name for notice in found)


def meet_twice(mentorship, second_at) -> None:
    for starts_at in (second_at - 7 * DAY, second_at):
        meetings.actions.plan(
            mentorship=mentorship,
            by=mentorship.people()[0],
            starts_at=starts_at,
            minutes=60,
            at=starts_at - DAY,
        )


@pytest.mark.parametrize(
    ("days", "expected"),
    [(3.9, []), (4, ["Aylin", "Martin"]), (12, ["Aylin", "Martin"]), (30, [])],
)
def test_nudge_has_a_window_that_outlasts_days_without_a_worker(mentorship, days, expected):
    sweep(NOW)
    for _twice in range(2):
        sweep(NOW + days * DAY)
    assert nudged() == expected


def test_nudge_is_only_for_who_got_the_first_word(mentorship):
    sweep(NOW + 5 * DAY)
    assert nudged() == []  # the first word came just now, after days without a worker
    sweep(NOW + 5 * DAY + timedelta(minutes=2))
    assert nudged() == ["Aylin", "Martin"]


def test_nudge_stops_with_the_signature_and_begins_anew_with_a_version(mentorship):
    agreement = agreement_for(mentorship)
    mentor, mentee = factories.member(mentorship, Role.MENTOR), factories.member(mentorship, Role.MENTEE)
    sweep(NOW)
    sign(agreement=agreement, member=mentor, version_number=1, at=NOW)
    sweep(NOW + 4 * DAY)
    assert nudged() == ["Martin"]
    adapt(agreement=agreement, member=mentee, clauses=[ClauseEdit(kind="taboo", text="X")], at=NOW + 5 * DAY)
    sweep(NOW + 6 * DAY)
    assert nudged() == ["Martin"]
    sweep(NOW + 9 * DAY)
    assert nudged() == ["Aylin", "Martin", "Martin"]  # its author has not signed it either


def test_mail_that_waits_is_dropped_once_the_version_is_signed(mentorship):
    agreement, mentor = agreement_for(mentorship), factories.member(mentorship, Role.MENTOR)
    sweep(NOW)
    sign(agreement=agreement, member=mentor, version_number=1)
    [dropped] = settled(Notice.objects.all())
    assert Notice.objects.get(pk=dropped).recipient == mentor.person


def test_before_the_second_meeting_one_more_in_the_readers_words_and_zone(mentorship):
    sweep(NOW)
    second = NOW + 9.6 * DAY  # Friday, 00:24 UTC: still Thursday in New York
    meet_twice(mentorship, second)
    sweep(second - 3 * DAY - timedelta(minutes=1))
    before = Notice.objects.filter(key__endswith=":meeting")
    assert before.count() == 0
    for at in (second - 2 * DAY, second - DAY):
        sweep(at)
    assert sorted((n.recipient.first_name, n.subject) for n in before) == [
        ("Aylin", "Before Friday 25 September: your agreement with Martin"),
        ("Martin", "Vor Donnerstag, 24. September: Ihre Vereinbarung mit Aylin"),
    ]


def test_before_the_first_meeting_or_of_an_active_mentorship_nobody_is_hurried(mentorship):
    sweep(NOW)
    meet_twice(mentorship, NOW + 9 * DAY)
    unsigned.post_due(NOW + 2 * DAY - timedelta(hours=1))
    Mentorship.objects.update(state=Mentorship.State.ACTIVE)
    unsigned.post_due(NOW + 8 * DAY)
    assert nudged() == []


def test_having_met_twice_unsigned_is_pointed_out_to_staff(mentorship):
    from mentoring.attention import attention

    Mentorship.objects.update(confirmed_at=NOW)
    coordinator, stranger = factories.person(), factories.person()
    factories.programme_role(mentorship.cohort.programme, coordinator, "coordinator")
    second = NOW + 9 * DAY
    meet_twice(mentorship, second)
    mentor = factories.member(mentorship, Role.MENTOR)
    for meeting in mentorship.meetings.all():
        meetings.actions.answer(meeting=meeting, member=mentor, answer="yes", at=second + DAY)

    def titles(person):
        return [item.title for item in attention(person, second + DAY)]

    assert "1 mentorship has not signed its agreement" in titles(coordinator)
    assert titles(stranger) == []
    for member in mentorship.members.all():
        sign(agreement=mentorship.agreement, member=member, version_number=1)
    assert "1 mentorship has not signed its agreement" not in titles(coordinator)
