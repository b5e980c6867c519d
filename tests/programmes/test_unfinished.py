"""The reminder of an enrolment that was begun and not sent."""

from datetime import UTC, date, datetime, timedelta

import pytest

from notices.models import Notice
from programmes import actions, reminders
from programmes.models import Cohort, Role
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def draft(cohort, at=NOW, **fields):
    return actions.begin(cohort=cohort, person=factories.person(**fields), role=Role.MENTOR, at=at)


def subjects():
    return list(
        Notice.objects.filter(kind="enrolment-unfinished").order_by("pk").values_list("key", flat=True)
    )


def test_a_draft_left_for_three_days_is_reminded_of_once_also_when_days_were_missed():
    left = draft(factories.enrolling())
    assert reminders.remind_unfinished(NOW + 3 * DAY - timedelta(minutes=1)) == 0
    late = NOW + 6 * DAY
    assert [reminders.remind_unfinished(at) for at in (late, late, late + 3 * DAY)] == [1, 0, 0]
    actions.keep(enrolment=left, hopes="More", at=late + DAY)
    assert reminders.remind_unfinished(late + 5 * DAY) == 0
    assert subjects() == [f"enrolment-unfinished:{left.pk}:left"]


def test_the_second_and_last_comes_before_the_deadline():
    left = draft(factories.enrolling())  # until 30 September
    days = [NOW + number * DAY for number in range(1, 17)]
    assert [reminders.remind_unfinished(at) for at in days] == [0, 0, 1, *[0] * 10, 1, 0, 0]
    assert subjects() == [f"enrolment-unfinished:{left.pk}:{name}" for name in ("left", "closing")]
    assert days[13].date() == date(2026, 9, 29)


def test_whoever_is_at_it_today_is_left_alone():
    draft(factories.enrolling(), at=datetime(2026, 9, 29, 20, tzinfo=UTC))
    assert reminders.remind_unfinished(datetime(2026, 9, 30, 8, tzinfo=UTC)) == 0


@pytest.mark.parametrize(
    ("zone", "number"),
    # 30 September, 11:30 UTC: half past midnight of 1 October in Auckland.
    [("Pacific/Auckland", 0), ("Europe/Berlin", 1), ("Pacific/Honolulu", 1)],
)
def test_nobody_is_reminded_after_the_deadline_in_the_cohorts_time_zone(zone, number):
    draft(factories.enrolling(time_zone=zone))
    assert reminders.remind_unfinished(datetime(2026, 9, 30, 11, 30, tzinfo=UTC)) == number


def test_what_was_sent_thrown_away_or_is_over_is_not_reminded_of():
    cohort, closed = factories.enrolling(), factories.enrolling()
    sent, gone, left = draft(cohort), draft(cohort), draft(cohort)
    over = draft(closed)
    at = NOW + 4 * DAY
    reminders.remind_unfinished(at)
    notices = list(Notice.objects.filter(kind="enrolment-unfinished"))
    assert len(notices) == 4
    actions.submit(enrolment=sent, at=at)
    actions.discard(enrolment=gone, at=at)
    Cohort.objects.filter(pk=closed.pk).update(state=Cohort.State.MATCHING)
    still = reminders.open_drafts(notices)
    assert [notice.recipient for notice in notices if notice.pk in still] == [left.person]
    assert over.person_id != left.person_id


def test_drafts_end_when_matching_begins_and_who_had_taken_part_is_withdrawn_again():
    cohort, hr = factories.enrolling(), factories.hr_admin()
    for role in Role:
        factories.enrolment(cohort, role=role)
    never_sent = draft(cohort)
    back = factories.enrolment(cohort, state="accepted", decided_at=NOW)
    actions.withdraw(enrolment=back, by=back.person, at=NOW)
    actions.begin(cohort=cohort, person=back.person, role=Role.MENTOR, at=NOW)
    assert actions.begin_matching(cohort=cohort, by=hr, at=NOW) is True
    assert not cohort.enrolments.filter(pk=never_sent.pk).exists()
    back.refresh_from_db()
    assert back.state == "withdrawn"
