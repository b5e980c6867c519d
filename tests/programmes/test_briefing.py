"""What each role works through before the first meeting."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from notices.models import Notice
from programmes import actions, reminders
from programmes.models import BriefingStep, Enrolment, Role
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def mentorship():
    made = factories.mentorship(factories.person("Aylin Demir"), factories.person("Martin Vogel"))
    for position, title in [(2, "Second"), (1, "First")]:
        factories.briefing_page(made.cohort.programme, Role.MENTOR, title_en=title, position=position)
    factories.briefing_page(made.cohort.programme, Role.MENTEE, title_en="Other")
    return made


@pytest.fixture
def enrolment(mentorship, client):
    client.force_login(factories.member(mentorship, Role.MENTOR).person)
    return factories.member(mentorship, Role.MENTOR).enrolment


def url(enrolment, number=None):
    if number is None:
        return reverse("programmes:briefing", args=[enrolment.uuid])
    return reverse("programmes:briefing-page", args=[enrolment.uuid, number])


def test_pages_come_one_at_a_time_and_done_is_done(client, enrolment):
    assert client.get(url(enrolment)).url == url(enrolment, 1)
    page = client.get(url(enrolment, 1))
    assert (page.context["page"].title, page.context["total"]) == ("First", 2)
    assert client.post(url(enrolment, 1), {"thoughts": "Less jargon."}).url == url(enrolment, 2)
    assert client.get(url(enrolment)).url == url(enrolment, 2)  # left, and gone on with
    assert client.post(url(enrolment, 2)).url == url(enrolment)
    enrolment.refresh_from_db()
    done_at = enrolment.briefed_at
    assert done_at is not None
    factories.briefing_page(enrolment.cohort.programme, Role.MENTOR, position=9)
    client.post(url(enrolment, 1), {"thoughts": "Even less."})
    enrolment.refresh_from_db()
    assert enrolment.briefed_at == done_at
    assert client.get(url(enrolment)).status_code == 200
    assert BriefingStep.objects.order_by("pk").first().thoughts == "Even less."


def test_the_last_page_first_does_not_end_it(client, enrolment):
    client.post(url(enrolment, 2))
    enrolment.refresh_from_db()
    assert enrolment.briefed_at is None
    assert client.get(url(enrolment)).url == url(enrolment, 1)


def test_thoughts_are_read_by_nobody_else(client, enrolment, mentorship):
    client.post(url(enrolment, 1), {"thoughts": "I am nervous."})
    for stranger in (factories.member(mentorship, Role.MENTEE).person, factories.hr_admin()):
        client.force_login(stranger)
        assert client.get(url(enrolment)).status_code == 404
        assert client.get(url(enrolment, 1)).status_code == client.post(url(enrolment, 1)).status_code == 404
        assert list(BriefingStep.objects.visible_to(stranger)) == []
    for name in ("change", "history"):
        page = client.get(reverse(f"admin:programmes_enrolment_{name}", args=[enrolment.pk]))
        assert "nervous" not in page.content.decode()


@pytest.mark.parametrize("pages", [1, 3])
def test_the_briefing_costs_the_same_with_one_page_and_with_three(client, pages, django_assert_num_queries):
    enrolment = factories.enrolment(factories.cohort(), role=Role.MENTOR)
    for _ in range(pages):
        page = factories.briefing_page(enrolment.cohort.programme, Role.MENTOR)
        actions.finish_page(enrolment=enrolment, page=page, at=NOW)
    client.force_login(enrolment.person)
    for there, count in ((url(enrolment), 8), (url(enrolment, 1), 8)):
        client.get(there)
        with django_assert_num_queries(count):
            client.get(there)


def test_hr_waives_it_once_and_it_is_traced(client, enrolment):
    client.force_login(hr := factories.hr_admin())
    data = {"action": "waive_briefing", "_selected_action": [enrolment.pk], "index": "0"}
    client.post(reverse("admin:programmes_enrolment_changelist"), data)
    client.post(reverse("admin:programmes_enrolment_changelist"), data)
    enrolment.refresh_from_db()
    assert enrolment.is_briefed and enrolment.briefed_at is None
    assert list(LogEntry.objects.values_list("user", "change_message")) == [(hr.pk, "Briefing waived.")]


def test_a_coordinator_of_another_programme_waives_nothing(client, enrolment):
    coordinator = factories.person()
    factories.programme_role(factories.programme(), coordinator, "coordinator")
    client.force_login(coordinator)
    data = {"action": "waive_briefing", "_selected_action": [enrolment.pk], "index": "0"}
    client.post(reverse("admin:programmes_enrolment_changelist"), data)
    enrolment.refresh_from_db()
    assert not enrolment.is_briefed


def test_the_open_briefing_is_reminded_of_twice_also_when_days_were_missed(mentorship):
    mentor = factories.member(mentorship, Role.MENTOR).enrolment
    actions.complete_briefing(enrolment=mentor, at=NOW)
    since = mentorship.confirmed_at

    def told(at):
        return reminders.remind_unbriefed(at)

    assert told(since + 3 * DAY - timedelta(minutes=1)) == 0
    assert [told(since + 5 * DAY), told(since + 5 * DAY), told(since + 11 * DAY)] == [1, 0, 0]
    assert told(since + 12 * DAY) == 0  # nobody has got the first yet
    Notice.objects.update(sent_at=since + 6 * DAY)
    assert [told(since + 12 * DAY), told(since + 12 * DAY), told(since + 30 * DAY)] == [1, 0, 0]
    notices = list(Notice.objects.filter(kind="briefing-open"))
    assert {notice.recipient.name for notice in notices} == {"Martin Vogel"}
    assert sorted(reminders.open_briefings(notices)) == sorted(notice.pk for notice in notices)
    Enrolment.objects.update(briefing_waived=True)
    assert reminders.open_briefings(notices) == []


def test_the_reminder_goes_in_the_morning_of_their_time_zone(mentorship):
    martin = factories.member(mentorship, Role.MENTEE).person
    type(martin).objects.filter(pk=martin.pk).update(time_zone="America/Los_Angeles")
    at = datetime(2026, 9, 21, 3, 0, tzinfo=UTC)  # a Monday in Berlin, still Sunday evening there
    reminders.remind_unbriefed(at)
    notice = Notice.objects.get(kind="briefing-open", recipient=martin)
    due = notice.due_at.astimezone(notice.recipient.zone)
    assert (due.strftime("%A"), due.hour) == ("Monday", settings.MAIL_HOURS[0])
    assert due > at + timedelta(hours=9)


def test_whoever_left_a_group_is_not_reminded_of_its_briefing(mentorship):
    mentorship.members.update(left_at=NOW)
    assert reminders.remind_unbriefed(mentorship.confirmed_at + 5 * DAY) == 0


def test_nobody_without_a_mentorship_is_reminded_of_a_briefing():
    cohort = factories.cohort()
    factories.briefing_page(cohort.programme)
    factories.enrolment(cohort)
    ended = factories.mentorship(state="ended", in_cohort=cohort)
    assert reminders.remind_unbriefed(ended.confirmed_at + 30 * DAY) == 0
