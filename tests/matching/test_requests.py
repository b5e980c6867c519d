from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from domain.errors import DomainError
from matching import requests
from matching.models import Mentorship, Request
from matching.reminders import remind_asked, still_open
from matching.waiting import waiting_for
from notices.models import Notice
from programmes import actions as programmes_actions
from programmes.models import Avoidance, Cohort
from tests import factories
from tests.matching import people
from tests.matching.people import AT
from tests.threads import at_once

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def cohort():
    return informal()


def informal(**fields):
    fields.setdefault("programme", factories.programme(form="informal"))
    return people.cohort(state=Cohort.State.RUNNING, **fields)


def two(cohort, **fields):
    return people.mentor(cohort), people.mentee(cohort, **fields)


def ask(asker, asked, at=AT, message="Shall we talk about data?"):
    return requests.ask(asker=asker, asked=asked, message=message, at=at)


def told(person, kind):
    return Notice.objects.filter(recipient=person, kind=kind).count()


def test_ask_tells_the_other_once_and_a_second_click_finds_the_first(cohort):
    mentor, mentee = two(cohort)
    first = ask(mentee, mentor)
    assert ask(mentee, mentor) == first
    assert told(mentor.person, "request-received") == 1
    notice = Notice.objects.get(recipient=mentor.person)
    assert "Shall we talk about data?" in notice.text
    assert notice.url == reverse("directory:request", args=[first.uuid])


def test_accept_begins_a_confirmed_mentorship_of_both_and_twice_is_once(cohort):
    mentor, mentee = two(cohort)
    request = ask(mentee, mentor)
    begun = requests.accept(request=request, at=AT + DAY)
    assert (begun.state, begun.confirmed_at) == (Mentorship.State.CONFIRMED, AT + DAY)
    assert {(m.enrolment_id, m.role) for m in begun.members.all()} == {
        (mentor.pk, "mentor"),
        (mentee.pk, "mentee"),
    }
    assert requests.accept(request=request, at=AT + DAY) == begun
    assert Mentorship.objects.count() == 1
    assert [told(e.person, "mentorship-confirmed") for e in (mentor, mentee)] == [1, 1]


def test_decline_is_told_kindly_and_the_same_person_cannot_be_asked_again(cohort):
    mentor, mentee = two(cohort)
    request = ask(mentee, mentor)
    requests.decline(request=request, at=AT + DAY)
    requests.decline(request=request, at=AT + DAY)
    assert told(mentee.person, "request-settled") == 1
    assert "says nothing about you" in Notice.objects.get(kind="request-settled").text
    with pytest.raises(DomainError, match="before"):
        ask(mentee, mentor, AT + 2 * DAY)
    assert ask(mentor, mentee, AT + 2 * DAY).state == Request.State.OPEN


def test_nobody_is_asked_by_more_than_a_few_at_once(cohort):
    mentor = people.mentor(cohort, capacity=9)
    waiting = [ask(people.mentee(cohort), mentor) for _ in range(requests.MOST_RECEIVED)]
    late = people.mentee(cohort)
    with pytest.raises(DomainError, match="Several people have asked"):
        ask(late, mentor)
    requests.withdraw(request=waiting[0], at=AT)
    assert ask(late, mentor).state == Request.State.OPEN


def test_nobody_asks_more_than_a_few_at_once(cohort):
    mentee = people.mentee(cohort)
    for _ in range(requests.MOST_MADE):
        ask(mentee, people.mentor(cohort))
    with pytest.raises(DomainError, match="You wait for 3 answers"):
        ask(mentee, people.mentor(cohort))
    assert ask(mentee, people.mentor(cohort), AT + 10 * DAY).state == Request.State.OPEN


def test_who_was_asked_cannot_ask_back_but_is_pointed_to_the_request(cohort):
    mentor, mentee = two(cohort)
    ask(mentee, mentor)
    with pytest.raises(DomainError, match="has asked you already"):
        ask(mentor, mentee)


def test_the_database_holds_one_open_request_between_two(cohort):
    mentor, mentee = two(cohort)
    ask(mentee, mentor)
    with pytest.raises(IntegrityError), transaction.atomic():
        Request.objects.create(asker=mentor, asked=mentee, message="…")


@pytest.mark.parametrize("who", ["asker", "asked"])
def test_avoiding_refuses_with_the_same_words_whoever_avoids(cohort, who):
    mentor, mentee = two(cohort)
    one, other = (mentee, mentor) if who == "asker" else (mentor, mentee)
    Avoidance.objects.create(enrolment=one, person=other.person)
    with pytest.raises(DomainError) as refusal:
        ask(mentee, mentor)
    assert refusal.value.message == "This is not possible at the moment."


def test_who_is_full_is_told_so_when_asking(cohort):
    mentor, mentee = two(cohort)
    requests.accept(request=ask(mentee, mentor), at=AT)
    with pytest.raises(DomainError, match="as many mentorships as you said"):
        ask(mentee, people.mentor(cohort))


def test_accepting_closes_what_no_longer_fits_and_leaves_the_rest(cohort):
    mentor, mentee = people.mentor(cohort, capacity=2), people.mentee(cohort)
    other_mentor, other_mentee = people.mentor(cohort), people.mentee(cohort)
    chosen = ask(mentee, mentor)
    hopeless, still_fine = ask(mentee, other_mentor), ask(other_mentee, mentor)
    requests.accept(request=chosen, at=AT)
    hopeless.refresh_from_db()
    still_fine.refresh_from_db()
    assert (hopeless.state, still_fine.state) == (Request.State.CLOSED, Request.State.OPEN)
    assert told(other_mentor.person, "request-settled") == told(mentee.person, "request-settled") == 1


def test_who_withdraws_from_the_cohort_can_no_longer_be_answered_and_the_sweep_closes_it(cohort):
    mentor, mentee = two(cohort)
    request = ask(mentee, mentor)
    programmes_actions.withdraw(enrolment=mentee, by=mentee.person, at=AT)
    assert not Request.objects.open(AT).exists()
    with pytest.raises(DomainError, match="no longer open"):
        requests.accept(request=request, at=AT)
    assert requests.close_misfits(Request.objects.all(), AT) == 1
    assert requests.close_misfits(Request.objects.all(), AT) == 0
    assert told(mentor.person, "request-settled") == 1


def test_an_unanswered_request_lapses_after_ten_days_by_its_times_alone(cohort):
    mentor, mentee = two(cohort)
    request = ask(mentee, mentor)
    assert request.is_open(AT + 10 * DAY - timedelta(seconds=1))
    assert not request.is_open(AT + 10 * DAY)
    with pytest.raises(DomainError, match="no longer open"):
        requests.accept(request=request, at=AT + 10 * DAY)
    assert ask(mentee, mentor, AT + 10 * DAY) != request


def test_lapsed_requests_are_told_once_even_after_a_missed_day(cohort):
    mentor, mentee = two(cohort)
    ask(mentee, mentor)
    assert requests.put_away_lapsed(AT + 9 * DAY) == 0
    assert requests.put_away_lapsed(AT + 14 * DAY) == 1
    assert requests.put_away_lapsed(AT + 14 * DAY) == 0
    assert told(mentee.person, "request-settled") == 1
    assert told(mentor.person, "request-settled") == 0


def test_reminder_goes_out_once_after_three_days_also_when_a_day_was_missed(cohort):
    mentor, mentee = two(cohort)
    mentor.person.time_zone = "Pacific/Auckland"
    mentor.person.save()
    ask(mentee, mentor)
    assert remind_asked(AT + 3 * DAY - timedelta(minutes=1)) == 0
    assert remind_asked(AT + 5 * DAY) == 1
    assert remind_asked(AT + 6 * DAY) == 0
    notice = Notice.objects.get(kind="request-reminder")
    # asked on 1 August at 09:00 UTC; ten days later it is the evening of the 11th in Auckland
    assert "11 Aug" in notice.text
    assert notice.recipient == mentor.person


def test_no_reminder_for_an_answered_request(cohort):
    mentor, mentee = two(cohort)
    requests.decline(request=ask(mentee, mentor), at=AT)
    assert remind_asked(AT + 4 * DAY) == 0


def test_requests_wait_on_the_home_page_of_whoever_was_asked(cohort):
    mentor, mentee = two(cohort)
    ask(mentee, mentor)
    [first, *_] = waiting_for(mentor.person, AT)
    assert first.title == f"{mentee.person.name} would like you as a mentor"
    assert [w.title for w in waiting_for(mentee.person, AT)] == []


@pytest.mark.parametrize("state", ["draft", "enrolling", "closed"])
def test_only_a_running_cohort_lets_people_ask(state):
    cohort = informal()
    Cohort.objects.filter(pk=cohort.pk).update(state=state)
    mentor, mentee = two(cohort)
    with pytest.raises(DomainError):
        ask(mentee, mentor)


@pytest.mark.django_db(transaction=True)
def test_two_accepts_at_once_share_out_the_last_place_once():
    cohort = informal()
    mentor = people.mentor(cohort)
    first, second = (ask(people.mentee(cohort), mentor) for _ in range(2))
    outcomes = at_once(
        lambda: requests.accept(request=first, at=AT), lambda: requests.accept(request=second, at=AT)
    )
    assert sum(isinstance(outcome, Mentorship) for outcome in outcomes) == 1
    assert Mentorship.objects.count() == 1


# --- An informal cohort is open while it runs ---


def test_an_informal_cohort_takes_people_while_it_runs():
    cohort = informal(starts_on=date(2026, 8, 3))
    factories.eligibility(cohort.programme, "mentee")
    person = factories.person()
    enrolment = programmes_actions.enrol(cohort=cohort, person=person, role="mentee", at=AT + 60 * DAY)
    assert enrolment.state == "accepted"
    assert cohort in Cohort.objects.open_to(factories.person())
    assert not cohort.is_open(AT + 200 * DAY)


def test_an_informal_cohort_starts_without_matching_and_a_formal_one_does_not():
    hr = factories.hr_admin()
    cohort = informal()
    Cohort.objects.filter(pk=cohort.pk).update(state="enrolling")
    cohort.refresh_from_db()
    with pytest.raises(DomainError, match="people find each other"):
        programmes_actions.begin_matching(cohort=cohort, by=hr, at=AT)
    assert programmes_actions.start(cohort=cohort, by=hr, at=AT)
    formal = people.cohort(state=Cohort.State.ENROLLING)
    with pytest.raises(DomainError, match="Begin its matching"):
        programmes_actions.start(cohort=formal, by=hr, at=AT)


def test_an_answered_request_is_no_longer_mailed(cohort):
    now = timezone.now()
    mentee = people.mentee(cohort)
    first, second = (ask(mentee, people.mentor(cohort), now) for _ in range(2))
    requests.decline(request=first, at=now)
    due = set(still_open(list(Notice.objects.filter(kind="request-received"))))
    assert due == {Notice.objects.get(key__startswith=f"request-received:{second.pk}:").pk}
