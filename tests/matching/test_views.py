from datetime import timedelta

import pytest
from django.urls import reverse

from domain.waiting import Urgency
from matching import actions
from matching.models import Mentorship
from matching.waiting import waiting_for
from notices.models import Notice
from participants.models import Delegation
from tests import factories
from tests.matching import people
from tests.matching.people import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def aylin():
    person = people.junior("Aylin Acar")
    people.knows(person, "Data")
    return person


@pytest.fixture
def martin():
    person = people.senior("Martin Vogel", job_title="Director")
    people.wants(person, "Data")
    profile = factories.profile(person)
    profile.about = "I like to ask."
    profile.save()
    return person


def offered(aylin, martin, **programme):
    cohort = people.cohort(programme=factories.programme(uses_offers=True, **programme))
    people.mentor(cohort, aylin)
    people.mentee(cohort, martin)
    run = actions.request_run(cohort=cohort, by=factories.hr_admin(), at=AT)
    actions.execute_run(run=run, at=AT)
    return actions.confirm(proposal=run.proposals.get(), by=factories.hr_admin(), at=AT)


def url(name, mentorship):
    return reverse(f"matching:{name}", args=[mentorship.uuid])


def text_of(response):
    return " ".join(response.content.decode().split())


# --- The offer ---


def test_offer_shows_what_both_bring_and_what_the_other_says_of_themselves(client, aylin, martin):
    mentorship = offered(aylin, martin)
    client.force_login(aylin)
    page = text_of(client.get(url("offer", mentorship)))
    for words in [
        "Would you like to mentor Martin?",
        "You offer “Data”, and Martin wants to learn it.",
        "You come from different units.",
        "Martin Vogel",
        "Director",
        "I like to ask.",
    ]:
        assert words in page, words


def test_offer_accepted_by_both_begins(client, aylin, martin):
    mentorship = offered(aylin, martin)
    client.force_login(aylin)
    page = text_of(client.post(url("offer", mentorship), {"answer": "accept"}, follow=True))
    assert "You accepted. You will hear from us when Martin has answered." in page
    client.force_login(martin)
    response = client.post(url("offer", mentorship), {"answer": "accept"})
    assert (response.status_code, response.url) == (302, reverse("mentorship", args=[mentorship.uuid]))
    mentorship.refresh_from_db()
    assert mentorship.state == "confirmed"


def test_declining_takes_two_taps_and_no_reason(client, aylin, martin):
    mentorship = offered(aylin, martin)
    client.force_login(martin)
    page = text_of(client.get(url("offer", mentorship) + "?decline"))
    assert "Decline the mentorship with Aylin?" in page
    mentorship.refresh_from_db()
    assert mentorship.state == "offered"
    response = client.post(url("offer", mentorship) + "?decline")
    assert (response.status_code, response.url) == (302, reverse("home"))
    mentorship.refresh_from_db()
    assert mentorship.state == "declined"


def test_offer_to_somebody_else_is_not_found(client, aylin, martin):
    mentorship = offered(aylin, martin)
    delegate = factories.person()
    Delegation.objects.create(person=martin, delegate=delegate)
    for stranger in (people.senior(), delegate, factories.hr_admin()):
        client.force_login(stranger)
        assert client.get(url("offer", mentorship)).status_code == 404
        assert client.post(url("offer", mentorship), {"answer": "accept"}).status_code == 404
    assert mentorship.members.exclude(accepted_at=None).count() == 0


def test_proposal_is_not_seen_by_its_people(client, aylin, martin):
    mentorship = factories.mentorship(aylin, martin, Mentorship.State.PROPOSED)
    client.force_login(aylin)
    assert client.get(url("offer", mentorship)).status_code == 404


def test_answered_offer_has_no_buttons(client, aylin, martin):
    mentorship = factories.mentorship(aylin, martin, Mentorship.State.ACTIVE)
    client.force_login(aylin)
    page = text_of(client.get(url("offer", mentorship)))
    assert "This offer is answered." in page
    assert "Decline" not in page


@pytest.mark.parametrize("topics", [1, 3])
def test_offer_takes_the_same_queries_for_three_topics(
    client, aylin, martin, topics, django_assert_num_queries
):
    for number in range(topics - 1):
        people.knows(aylin, f"Topic {number}")
        people.wants(martin, f"Topic {number}")
    mentorship = offered(aylin, martin)
    client.force_login(aylin)
    with django_assert_num_queries(13):
        client.get(url("offer", mentorship))


# --- Pause, resume, end ---


@pytest.mark.parametrize(
    ("name", "before", "question", "after"),
    [
        ("pause", "active", "Pause your mentorship with Martin?", "paused"),
        ("resume", "paused", "Go on with Martin?", "active"),
        ("end", "active", "End your mentorship with Martin?", "ended"),
    ],
)
def test_change_asks_first_and_then_tells_the_other(client, aylin, martin, name, before, question, after):
    mentorship = factories.mentorship(aylin, martin, before, activated_at=AT)
    client.force_login(aylin)
    assert question in text_of(client.get(url(name, mentorship)))
    mentorship.refresh_from_db()
    assert mentorship.state == before
    for _twice in range(2):
        client.post(url(name, mentorship))
    mentorship.refresh_from_db()
    assert mentorship.state == after
    assert [notice.recipient for notice in Notice.objects.all()] == [martin]


def test_change_is_not_for_strangers_nor_for_staff_nor_for_delegates(client, aylin, martin):
    mentorship = factories.mentorship(aylin, martin)
    delegate, boss = factories.person(), people.senior("Boss")
    Delegation.objects.create(person=martin, delegate=delegate)
    aylin.manager = boss
    aylin.save()
    for stranger in (people.senior(), delegate, boss, factories.hr_admin()):
        client.force_login(stranger)
        for name in ("pause", "resume", "end"):
            assert client.get(url(name, mentorship)).status_code == 404
            assert client.post(url(name, mentorship)).status_code == 404
    mentorship.refresh_from_db()
    assert (mentorship.state, Notice.objects.count()) == ("active", 0)


def test_ended_mentorship_cannot_be_ended_again(client, aylin, martin):
    mentorship = factories.mentorship(aylin, martin, "ended")
    client.force_login(aylin)
    assert client.get(url("end", mentorship)).status_code == 403


# --- What waits ---


def test_offer_waits_for_who_has_not_answered(aylin, martin):
    mentorship = offered(aylin, martin, offer_days=7)
    [waiting] = waiting_for(martin, AT)
    assert (waiting.title, waiting.urgency) == ("Would you like to be mentored by Aylin?", Urgency.NOW)
    assert waiting.text == "Please answer by Saturday 8 August. You may decline without giving a reason."
    assert waiting.actions[0].url == url("offer", mentorship)
    actions.answer_offer(mentorship=mentorship, person=martin, accept=True, at=AT)
    assert waiting_for(martin, AT) == []
    assert len(waiting_for(aylin, AT)) == 1
    assert waiting_for(people.senior(), AT) == []


def greeting(person, hours, at=AT):
    return [(w.title, w.urgency) for w in waiting_for(person, at + timedelta(hours=hours))]


def test_first_word_is_the_seniors_and_the_junior_need_not_wait_for_ever(aylin, martin):
    factories.mentorship(aylin, martin, "confirmed", confirmed_at=AT)
    hers, his = "You mentor Martin: say hello", "Aylin mentors you: say hello"
    assert (greeting(martin, 1), greeting(aylin, 1)) == ([(his, Urgency.NOW)], [(hers, Urgency.LATER)])
    assert (greeting(martin, 49), greeting(aylin, 49)) == ([(his, Urgency.NOW)], [(hers, Urgency.SOON)])
    assert (greeting(martin, 14 * 24), greeting(aylin, 14 * 24)) == ([], [])


def test_first_word_is_the_mentors_in_a_formal_programme(aylin, martin):
    cohort = factories.cohort(programme=factories.programme(form="formal"))
    factories.mentorship(martin, aylin, "confirmed", cohort, confirmed_at=AT)
    assert greeting(martin, 1) == [("You mentor Aylin: say hello", Urgency.NOW)]


def test_greeting_waits_no_longer_once_the_mentorship_is_active(aylin, martin):
    factories.mentorship(aylin, martin, "active", confirmed_at=AT)
    assert greeting(martin, 1) == []


@pytest.mark.parametrize("rows", [1, 3])
def test_waiting_takes_five_queries_however_much_waits(martin, rows, django_assert_num_queries):
    for _number in range(rows):
        factories.mentorship(people.junior(), martin, "confirmed", factories.cohort(), confirmed_at=AT)
    with django_assert_num_queries(5):
        assert len(waiting_for(martin, AT)) == rows
