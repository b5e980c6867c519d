from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from domain.errors import DomainError
from matching.models import Mentorship
from meetings.models import Meeting
from mentoring import reminders, stalled, tasks
from notices import still
from notices.models import Notice
from programmes.models import ProgrammeRole
from tests import factories
from tests.factories import NOW
from tests.threads import at_once

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def silent_for(days: int, **fields) -> Mentorship:
    since = NOW - days * DAY
    return factories.mentorship(confirmed_at=since, activated_at=since, **fields)


def met(mentorship: Mentorship, at) -> Meeting:
    return Meeting.objects.create(
        mentorship=mentorship, starts_at=at - timedelta(minutes=30), ends_at=at, planned_at=at
    )


@pytest.fixture
def coordinator():
    return factories.person("Cora Coordinator", time_zone="Europe/Berlin")


def looked_after(mentorship: Mentorship, by) -> Mentorship:
    factories.programme_role(mentorship.cohort.programme, by, ProgrammeRole.Kind.COORDINATOR)
    return mentorship


def reasons(person, at=NOW) -> list[str]:
    return [one.reason for one in stalled.of_staff(person, at)]


def test_stalled_says_why_and_nothing_of_what_moves():
    hr = factories.hr_admin()
    silent_for(91)
    unmet = silent_for(21)
    quiet = silent_for(60)
    met(quiet, NOW - 43 * DAY)
    factories.mentorship(state="confirmed", confirmed_at=NOW - 14 * DAY)
    moving = silent_for(100)
    met(moving, NOW + 3 * DAY)
    silent_for(100, in_cohort=factories.cohort(state="closed"))
    Mentorship.objects.filter(pk=silent_for(95).pk).update(state="paused")
    assert reasons(hr) == [
        "There has been no sign of life for three months.",
        "They have not met for six weeks, and have planned nothing.",
        "They have not planned a first meeting.",
        "Their agreement is not signed by all.",
    ]
    met(unmet, NOW - DAY)
    assert len(reasons(hr)) == 3


def test_coordinator_sees_and_nudges_their_programmes_only(client, coordinator):
    mine, other = looked_after(silent_for(100), coordinator), silent_for(100)
    client.force_login(coordinator)
    page = client.get(reverse("stalled"))
    assert [one.mentorship for one in page.context["found"]] == [mine]
    assert client.post(reverse("nudge", args=[other.uuid])).status_code == 404
    client.post(reverse("nudge", args=[mine.uuid]))
    assert {n.recipient for n in Notice.objects.all()} == set(mine.people())


def test_stranger_and_member_see_nothing(client):
    mentorship = silent_for(100)
    for person in (factories.person(), mentorship.members.first().person):
        client.force_login(person)
        assert client.get(reverse("stalled")).status_code == 403
        assert client.post(reverse("nudge", args=[mentorship.uuid])).status_code == 404
    assert Notice.objects.count() == 0


@pytest.mark.parametrize("count", [1, 3])
def test_overview_costs_the_same_whatever_stands_still(client, count, django_assert_num_queries):
    for _ in range(count):
        silent_for(100)
    client.force_login(factories.hr_admin())
    with django_assert_num_queries(9):
        page = client.get(reverse("stalled"))
    assert page.content.decode().count("Send a friendly word") == count


def test_nudge_goes_once_in_five_days_and_is_shown_as_tried(transactional_db):
    hr = factories.hr_admin(name="Helene")
    mentorship = silent_for(100)
    act = lambda: stalled.nudge(mentorship=mentorship, by=hr, at=NOW)  # noqa: E731
    results = at_once(act, act, act)
    assert [type(result) for result in results if result] == [DomainError] * 2
    assert Notice.objects.filter(kind="mentorship-nudge").count() == 2
    Notice.objects.update(sent_at=NOW)
    [one] = stalled.of_staff(hr, NOW + DAY)
    assert (one.tried, one.may_nudge) == ([("A word from your coordinator", NOW)], False)
    stalled.nudge(mentorship=mentorship, by=hr, at=NOW + 5 * DAY)
    assert Notice.objects.filter(kind="mentorship-nudge").count() == 4


def test_silence_of_90_days_is_told_and_a_week_later_a_friendly_end_offered():
    mentorship = silent_for(89)
    at = NOW
    assert reminders.post_due(at) == 0
    at += 3 * DAY  # a day or two without a worker
    assert (reminders.post_due(at), reminders.post_due(at + DAY)) == (2, 0)
    assert reminders.post_due(at + 8 * DAY) == 0  # nobody has got the first yet
    Notice.objects.update(sent_at=at)
    assert (reminders.post_due(at + 6 * DAY), reminders.post_due(at + 7 * DAY)) == (0, 2)
    assert reminders.post_due(at + 30 * DAY) == 0
    offered = Notice.objects.filter(kind="mentorship-end-offered")
    assert {notice.url for notice in offered} == {reverse("matching:end", args=[mentorship.uuid])}
    mentorship.refresh_from_db()
    assert mentorship.state == "active"


def test_two_meetings_without_an_agreement_are_pointed_out_in_the_weekly_digest(coordinator):
    mentorship = looked_after(
        factories.mentorship(state="confirmed", confirmed_at=NOW - 9 * DAY), coordinator
    )
    met(mentorship, NOW - 6 * DAY)
    for ends_at in (NOW - 5 * DAY, NOW - DAY):
        assert reasons(coordinator) == []
        meeting = met(mentorship, ends_at)
        meeting.confirmations.create(member=mentorship.members.first(), answer="yes")
    assert reasons(coordinator) == ["They have met twice, and their agreement is not signed by all."]
    assert reasons(factories.person("Stranger")) == []
    monday = NOW + 6 * DAY
    reminders.post_due(monday)
    reminders.post_due(monday + timedelta(hours=1))
    [weekly] = Notice.objects.filter(kind="stalled-weekly")
    assert weekly.recipient == coordinator
    assert "They have met twice, and their agreement is not signed by all." in weekly.text


def test_sweep_tells_of_silence():
    since = timezone.now() - 91 * DAY
    factories.mentorship(confirmed_at=since, activated_at=since)
    tasks.sweep()
    assert Notice.objects.filter(kind="mentorship-silent").count() == 2


def test_silence_is_over_with_a_meeting_and_a_new_one_is_told_anew():
    mentorship = silent_for(90)
    reminders.post_due(NOW)
    told = list(Notice.objects.all())
    assert still.settled(told) == set()
    met(mentorship, NOW + 2 * DAY)
    assert still.settled(told) == {notice.pk for notice in told}
    assert reminders.post_due(NOW + 91 * DAY) == 0
    assert reminders.post_due(NOW + 92 * DAY) == 2


def test_weekly_goes_to_coordinators_once_a_week_in_their_zone(coordinator):
    looked_after(silent_for(60), coordinator)
    tokyo = factories.person(time_zone="Asia/Tokyo")
    looked_after(silent_for(60), tokyo)
    sunday = NOW + 5 * DAY + timedelta(hours=7)  # 19:00 in Berlin, Monday 2:00 in Tokyo

    def weeklies() -> list:
        return list(Notice.objects.filter(kind="stalled-weekly").order_by("pk"))

    reminders.post_due(sunday)
    assert [notice.recipient for notice in weeklies()] == [tokyo]
    tuesday = sunday + 2 * DAY  # no worker on Monday
    reminders.post_due(tuesday)
    reminders.post_due(tuesday + timedelta(hours=1))
    assert [notice.recipient for notice in weeklies()] == [tokyo, coordinator]
    assert "They have not planned a first meeting." in weeklies()[1].text
    assert "http://localhost:8000/stalled/" in weeklies()[1].text
    reminders.post_due(sunday + 8 * DAY)
    assert len(weeklies()) == 4


def test_weekly_of_programmes_without_coordinator_goes_to_hr_and_none_where_all_moves(coordinator):
    hr = factories.hr_admin()
    looked_after(silent_for(60), coordinator)
    monday = NOW + 6 * DAY
    reminders.post_due(monday)
    assert [n.recipient for n in Notice.objects.filter(kind="stalled-weekly")] == [coordinator]
    alone = silent_for(60)
    reminders.post_due(monday)
    [notice] = Notice.objects.filter(kind="stalled-weekly", recipient=hr)
    assert alone.members.first().person.name in notice.text
    assert notice.subject == "1 mentorship stands still"
