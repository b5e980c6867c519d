"""Feedback is asked for at the middle and at the end, of whoever has written to nobody of late."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from feedback import reminders, waiting
from meetings.models import Confirmation, Meeting
from notices.models import Notice
from notices.outbox import again, post_all
from notices.still import settled
from participants.models import Person
from tests import factories
from tests.feedback import test_feedback
from tests.feedback.test_feedback import give

pytestmark = pytest.mark.django_db

# The cohort runs from 3 August 2026 to 31 January 2027: its middle is 1 November, a Sunday.
MIDDLE = datetime(2026, 11, 1, 7, 0, tzinfo=UTC)
END = datetime(2027, 1, 17, 7, 0, tzinfo=UTC)
BOTH = ["Aylin Kaya", "Dr. Martin Vogel"]


def pair(answer="yes", **fields):
    """A mentorship that has met; with another answer, one that was to."""
    made, mentor, mentee = test_feedback.pair(**fields)
    starts = datetime(2026, 8, 20, 9, 0, tzinfo=UTC)
    meeting = Meeting.objects.create(mentorship=made, starts_at=starts, ends_at=starts + timedelta(hours=1))
    Confirmation.objects.create(meeting=meeting, member=mentor, answer=answer)
    return made, mentor, mentee


def sweep(at):
    """Who was asked, by this run."""
    before = set(Notice.objects.values_list("pk", flat=True))
    post_all(reminders.to_ask(at), at=at)
    new = Notice.objects.exclude(pk__in=before).order_by("recipient__name")
    return [notice.recipient.name for notice in new]


def nudge(at):
    post_all(again(reminders.to_ask(at), at=at, after=reminders.AGAIN_AFTER), at=at)
    return sorted(Notice.objects.filter(key__endswith=":again").values_list("recipient__name", flat=True))


@pytest.mark.parametrize(
    ("at", "asked"),
    [
        (MIDDLE - timedelta(minutes=1), []),
        (MIDDLE, BOTH),
        (MIDDLE + timedelta(days=20), BOTH),  # no worker ran for weeks
        (MIDDLE + timedelta(days=21), []),
        (END - timedelta(minutes=1), []),
        (END, BOTH),
        (END + timedelta(days=20), BOTH),
        (END + timedelta(days=21), []),
    ],
)
def test_feedback_is_asked_for_within_its_windows(at, asked):
    pair()
    assert sweep(at) == asked


def test_nobody_is_asked_about_somebody_they_have_not_met():
    made, aylin, _martin = pair(answer="no")
    assert sweep(MIDDLE) == []
    assert waiting.waiting_for(aylin.person, MIDDLE) == []
    Meeting.objects.filter(mentorship=made).update(cancelled_at=MIDDLE)
    Confirmation.objects.update(answer="yes")
    assert sweep(MIDDLE) == []
    Meeting.objects.update(cancelled_at=None)
    assert sweep(MIDDLE) == BOTH


def test_feedback_is_asked_for_once_at_each_time_whatever_runs_again():
    pair()
    assert [sweep(at) for at in (MIDDLE, MIDDLE, MIDDLE + timedelta(days=3))] == [BOTH, [], []]
    assert sweep(END) == BOTH
    assert Notice.objects.filter(recipient__name="Aylin Kaya").count() == 2
    assert "coming to its end" in Notice.objects.latest("pk").text


def test_feedback_is_asked_for_at_seven_where_the_person_is():
    made, aylin, martin = pair()
    for member, zone in ((aylin, "Pacific/Auckland"), (martin, "America/Los_Angeles")):
        Person.objects.filter(pk=member.person.pk).update(time_zone=zone)
    assert made.cohort.time_zone == "Europe/Berlin"
    assert sweep(datetime(2026, 10, 31, 17, 59, tzinfo=UTC)) == []
    assert sweep(datetime(2026, 10, 31, 18, 0, tzinfo=UTC)) == ["Aylin Kaya"]
    assert sweep(datetime(2026, 11, 1, 14, 59, tzinfo=UTC)) == []
    assert sweep(datetime(2026, 11, 1, 15, 0, tzinfo=UTC)) == ["Dr. Martin Vogel"]


def test_whoever_has_just_written_is_not_asked_and_whoever_wrote_long_ago_is():
    _, aylin, martin = pair()
    give(aylin, martin, at=MIDDLE - timedelta(days=13))
    give(martin, aylin, at=MIDDLE - timedelta(days=15))
    assert sweep(MIDDLE) == ["Dr. Martin Vogel"]


def test_in_a_group_a_word_to_one_of_the_others_is_enough():
    mentorship, aylin, martin = pair()
    factories.join(mentorship, factories.person("Ines Roth"), factories.person("Jan Berg"))
    give(aylin, martin, at=MIDDLE + timedelta(hours=1))
    assert sweep(MIDDLE + timedelta(hours=2)) == ["Dr. Martin Vogel", "Ines Roth", "Jan Berg"]
    names = Notice.objects.get(recipient=martin.person).subject.removeprefix("What helped? A few words for ")
    assert sorted(names.replace(" and ", ", ").split(", ")) == ["Aylin", "Ines", "Jan"]


@pytest.mark.parametrize("state", ["offered", "paused", "ended"])
def test_nobody_is_asked_in_a_mentorship_that_rests_or_ended(state):
    pair(state=state)
    assert sweep(MIDDLE) == []


def test_a_second_nudge_goes_once_to_who_got_the_first_and_has_not_written():
    _, aylin, martin = pair()
    assert nudge(MIDDLE) == []
    sweep(MIDDLE)
    assert nudge(MIDDLE + timedelta(days=8)) == []  # the first reached nobody
    Notice.objects.update(sent_at=MIDDLE)
    give(aylin, martin, at=MIDDLE + timedelta(days=1))
    assert nudge(MIDDLE + timedelta(days=6)) == []
    for days in (9, 10):
        assert nudge(MIDDLE + timedelta(days=days)) == ["Dr. Martin Vogel"]


def test_a_mail_that_waits_is_not_sent_once_something_is_written():
    today = timezone.now().date()
    cohort = factories.cohort(
        enrolment_opens_on=today - timedelta(days=160),
        enrolment_closes_on=today - timedelta(days=110),
        starts_on=today - timedelta(days=100),
        ends_on=today + timedelta(days=90),
    )
    _, aylin, martin = pair(in_cohort=cohort)
    assert sweep(timezone.now()) == BOTH
    asked = Notice.objects.filter(kind="feedback-asked")
    assert settled(asked) == set()
    give(aylin, martin, at=timezone.now())
    assert settled(asked) == {asked.get(recipient=aylin.person).pk}


def test_it_waits_on_the_home_page_until_something_is_written():
    _, aylin, martin = pair()
    titles = lambda who, at: [one.title for one in waiting.waiting_for(who, at)]  # noqa: E731
    assert titles(aylin.person, MIDDLE - timedelta(hours=1)) == []
    assert titles(aylin.person, MIDDLE) == ["What has helped so far? Tell Martin"]
    assert titles(factories.hr_admin(), MIDDLE) == []
    give(aylin, martin, at=MIDDLE)
    assert titles(aylin.person, MIDDLE + timedelta(hours=1)) == []


@pytest.mark.parametrize("mentorships", [1, 3])
def test_asking_takes_the_same_queries_however_many_mentorships(django_assert_num_queries, mentorships):
    cohort = factories.cohort()
    for _ in range(mentorships):
        pair(in_cohort=cohort)
    # Cohorts; members with their last words; mentorships, members.
    with django_assert_num_queries(4):
        assert len(list(reminders.to_ask(MIDDLE))) == 2 * mentorships
