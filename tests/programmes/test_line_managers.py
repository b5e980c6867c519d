"""Asking the line manager for the time, once."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from domain.errors import DomainError
from notices.models import Notice
from programmes import actions, reminders
from programmes.models import Cohort, Enrolment, Role, TimeRequest
from programmes.tasks import sweep
from programmes.waiting import waiting_for
from tests import factories
from tests.factories import NOW, open_now

pytestmark = pytest.mark.django_db
State = Enrolment.State
DAY = timedelta(days=1)


@pytest.fixture
def boss():
    return factories.person("Bea Boss")


@pytest.fixture
def aylin(boss):
    return factories.person("Aylin Demir", manager=boss)


def asking(**fields) -> Cohort:
    return factories.enrolling(programme=factories.programme(asks_line_manager=True), **fields)


def enrolled(cohort, person, **fields) -> Enrolment:
    told = {"role": Role.MENTOR, "weekly_hours": [9], "hopes": "A secret hope", "at": NOW, **fields}
    return actions.enrol(cohort=cohort, person=person, **told)


def notices(kind):
    return list(Notice.objects.filter(kind=kind).values_list("recipient__name", flat=True))


def test_sending_asks_the_manager_and_tells_them_only_who_what_and_how_long(aylin):
    enrolment = enrolled(asking(), aylin, capacity=2)
    assert enrolment.state == State.APPLIED
    (request,) = TimeRequest.objects.all()
    assert request.hours == 12
    (told,) = Notice.objects.filter(kind="line-manager-asked")
    assert told.recipient.name == "Bea Boss"
    assert "Aylin Demir" in told.subject and "12" in told.text
    assert "secret hope" not in told.text and "mentor " not in told.text
    assert "Bea Boss, your line manager" in Notice.objects.get(kind="enrolment-received").text


def test_yes_lets_the_enrolment_in_once(aylin, boss):
    enrolment = enrolled(asking(), aylin)
    request = enrolment.time_requests.get()
    assert actions.answer_time(request=request, by=boss, answer="yes", at=NOW) is True
    assert actions.answer_time(request=request, by=boss, answer="yes", at=NOW) is False
    enrolment.refresh_from_db()
    assert (enrolment.state, notices("enrolment-decided")) == (State.ACCEPTED, ["Aylin Demir"])


def test_yes_without_a_free_place_leads_to_the_waiting_list_and_says_so(aylin, boss):
    cohort = asking(places=1)
    factories.enrolment(cohort, role=Role.MENTOR)
    enrolment = enrolled(cohort, aylin)
    actions.answer_time(request=enrolment.time_requests.get(), by=boss, answer="yes", at=NOW)
    enrolment.refresh_from_db()
    assert (enrolment.state, notices("line-manager-answered")) == (State.WAITLISTED, ["Aylin Demir"])


def test_no_decides_nothing_and_can_become_a_yes(aylin, boss):
    enrolment = enrolled(asking(), aylin)
    request = enrolment.time_requests.get()
    actions.answer_time(request=request, by=boss, answer="no", at=NOW)
    enrolment.refresh_from_db()
    assert enrolment.state == State.APPLIED
    assert "has the last word" in waiting_for(aylin, NOW)[0].text
    actions.answer_time(request=request, by=boss, answer="yes", at=NOW + DAY)
    enrolment.refresh_from_db()
    assert enrolment.state == State.ACCEPTED
    with pytest.raises(DomainError, match="settled in the meantime"):
        actions.answer_time(request=request, by=boss, answer="no", at=NOW + 2 * DAY)


def test_only_the_manager_answers(aylin):
    request = enrolled(asking(), aylin).time_requests.get()
    for stranger in (aylin, factories.person(), factories.hr_admin()):
        with pytest.raises(DomainError, match="Only the line manager"):
            actions.answer_time(request=request, by=stranger, answer="yes", at=NOW)


def test_without_a_manager_the_coordinator_decides():
    person = factories.person()
    enrolment = enrolled(asking(), person)
    assert (enrolment.state, TimeRequest.objects.count()) == (State.APPLIED, 0)
    assert waiting_for(person, NOW)[0].text.startswith("Nobody is named as your line manager")


def test_a_new_manager_is_asked_and_the_old_one_no_longer_sees_it(aylin, boss, client):
    cohort = open_now(programme=factories.programme(asks_line_manager=True))
    enrolment = actions.enrol(cohort=cohort, person=aylin, role=Role.MENTOR, weekly_hours=[9])
    old = enrolment.time_requests.get()
    new_boss = factories.person("Nora New")
    aylin.manager = new_boss
    aylin.save()
    sweep(), sweep()
    assert notices("line-manager-asked") == ["Nora New", "Bea Boss"]
    client.force_login(boss)
    assert client.get(old.get_absolute_url()).status_code == 404
    assert waiting_for(boss, NOW) == []
    actions.answer_time(request=enrolment.time_requests.get(manager=new_boss), by=new_boss, answer="yes")
    enrolment.refresh_from_db()
    assert enrolment.state == State.ACCEPTED


def test_an_answer_of_the_old_manager_stands(aylin, boss):
    enrolment = enrolled(open_now(programme=factories.programme(asks_line_manager=True)), aylin, at=None)
    actions.answer_time(request=enrolment.time_requests.get(), by=boss, answer="no")
    aylin.manager = factories.person()
    aylin.save()
    sweep()
    assert TimeRequest.objects.count() == 1


def test_staff_decide_without_a_yes_only_with_a_reason_that_stays(aylin):
    hr = factories.hr_admin()
    enrolment = enrolled(asking(), aylin)
    with pytest.raises(DomainError, match="has not said yes"):
        actions.accept(enrolment=enrolment, by=hr, at=NOW)
    assert actions.accept(enrolment=enrolment, by=hr, reason="Agreed by phone.", at=NOW) is True
    entry = LogEntry.objects.get()
    assert (entry.user, actions.told(entry)) == (
        hr,
        "Accepted without the line manager's yes: Agreed by phone.",
    )


def test_the_admin_asks_for_the_reason_first(aylin, client):
    enrolment = enrolled(asking(), aylin)
    client.force_login(factories.hr_admin())
    there = reverse("admin:programmes_enrolment_changelist")
    data = {"action": "accept", "_selected_action": [enrolment.pk], "index": "0"}
    page = client.post(there, data)
    assert page.status_code == 200 and "Aylin Demir" in page.content.decode()
    enrolment.refresh_from_db()
    assert enrolment.state == State.APPLIED
    client.post(there, {**data, "reason": "Agreed by phone."})
    enrolment.refresh_from_db()
    assert enrolment.state == State.ACCEPTED


def test_the_managers_page_shows_no_more_than_it_must_and_answers(aylin, boss, client):
    cohort = open_now(programme=factories.programme(asks_line_manager=True))
    enrolment = actions.enrol(
        cohort=cohort, person=aylin, role=Role.MENTOR, weekly_hours=[9], hopes="A secret hope"
    )
    there = enrolment.time_requests.get().get_absolute_url()
    for stranger in (aylin, factories.person(), factories.hr_admin()):
        client.force_login(stranger)
        assert client.get(there).status_code == client.post(there, {"answer": "yes"}).status_code == 404
    client.logout()
    assert client.get(there).url.startswith("/account/login/")
    client.force_login(boss)
    page = client.get(there).content.decode()
    assert "Aylin Demir" in page and "secret hope" not in page and "mentor</" not in page
    client.post(there, {"answer": "maybe"})
    assert enrolment.time_requests.get().answer == ""
    client.post(there, {"answer": "yes"})
    enrolment.refresh_from_db()
    assert enrolment.state == State.ACCEPTED
    assert "You said yes" in client.get(there).content.decode()


def test_more_time_than_was_asked_for_is_refused_beside_the_field(aylin):
    enrolment = enrolled(asking(), aylin)
    with pytest.raises(DomainError, match="fewer mentorships") as error:
        actions.keep(enrolment=enrolment, capacity=2, at=NOW)
    assert error.value.field == "capacity"


def test_who_comes_back_is_not_asked_for_again_after_a_yes(aylin, boss):
    cohort = asking()
    enrolment = enrolled(cohort, aylin)
    actions.answer_time(request=enrolment.time_requests.get(), by=boss, answer="yes", at=NOW)
    enrolment.refresh_from_db()
    actions.withdraw(enrolment=enrolment, by=aylin, at=NOW + DAY)
    assert enrolled(cohort, aylin, at=NOW + 2 * DAY).state == State.ACCEPTED
    assert notices("line-manager-asked") == ["Bea Boss"]


def test_the_manager_is_reminded_once_also_when_days_were_missed(aylin, boss):
    enrolled(asking(), aylin)
    boss.time_zone = "Pacific/Auckland"
    boss.save()
    assert reminders.remind_line_managers(NOW + 5 * DAY - timedelta(minutes=1)) == 0
    late = NOW + 9 * DAY
    assert [reminders.remind_line_managers(at) for at in (late, late, late + 7 * DAY)] == [1, 0, 0]
    assert notices("line-manager-reminder") == ["Bea Boss"]


def test_the_reminder_goes_in_the_morning_of_the_managers_time_zone(aylin, boss):
    enrolled(asking(), aylin)
    boss.time_zone = "Pacific/Auckland"
    boss.save()
    reminders.remind_line_managers(NOW + 9 * DAY)  # 10:00 in London, 22:00 of a Thursday in Auckland
    due = Notice.objects.get(kind="line-manager-reminder").due_at.astimezone(boss.zone)
    assert (due.strftime("%A"), due.hour) == ("Friday", settings.MAIL_HOURS[0])


def test_what_waits_for_a_line_manager_does_not_wait_for_the_coordinator(aylin, boss):
    asked = enrolled(asking(), aylin)
    without = enrolled(asking(), factories.person())
    assert list(Enrolment.objects.undecided()) == [without]
    actions.answer_time(request=asked.time_requests.get(), by=boss, answer="no", at=NOW)
    assert set(Enrolment.objects.undecided()) == {asked, without}


def test_nobody_is_reminded_of_what_is_settled(aylin, boss):
    answered = enrolled(asking(), aylin)
    actions.answer_time(request=answered.time_requests.get(), by=boss, answer="no", at=NOW)
    decided = enrolled(asking(), aylin)
    actions.accept(enrolment=decided, by=factories.hr_admin(), reason="So.", at=NOW)
    over = asking()
    enrolled(over, aylin)
    Cohort.objects.filter(pk=over.pk).update(state=Cohort.State.MATCHING)
    assert reminders.remind_line_managers(NOW + 9 * DAY) == 0
    asked = list(Notice.objects.filter(kind="line-manager-asked"))
    assert (len(asked), reminders.open_requests(asked)) == (3, [])
