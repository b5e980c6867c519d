from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from matching import requests
from matching.models import Mentorship, Request
from participants.models import PersonLanguage
from programmes import actions as programmes_actions
from programmes.models import Avoidance, Cohort
from tests import factories
from tests.matching import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort():
    return people.cohort(state=Cohort.State.RUNNING, programme=factories.programme(form="informal"))


@pytest.fixture
def me(cohort, client):
    person = people.senior("Martin Vogel")
    people.wants(person, "Data")
    client.force_login(person)
    return people.mentee(cohort, person)


def mentor(cohort, name, topic="Data", **fields):
    person = people.junior(name, **fields)
    people.knows(person, topic)
    return people.mentor(cohort, person)


def page(client, cohort, **query):
    response = client.get(reverse("directory:list", args=[cohort.uuid]), query)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def names(client, cohort, **query):
    response = client.get(reverse("directory:list", args=[cohort.uuid]), query)
    return [card.name for card in response.context["cards"]]


def person_url(enrolment):
    return reverse("directory:person", args=[enrolment.cohort.uuid, enrolment.uuid])


def test_best_first_with_reasons_and_never_a_score(client, cohort, me):
    mentor(cohort, "Ida Other", topic="Sailing")
    mentor(cohort, "Aylin Acar")
    assert names(client, cohort) == ["Aylin Acar", "Ida Other"]
    text = page(client, cohort)
    assert "You want to learn “Data”, and Aylin offers it." in text
    assert "of 100" not in text


def test_search_by_topic_language_and_site(client, cohort, me):
    aylin = mentor(cohort, "Aylin Acar", site=factories.site("Hamburg"))
    ida = mentor(cohort, "Ida Other", topic="Sailing", site=factories.site("Lisbon"))
    PersonLanguage.objects.create(person=ida.person, code="pt", level=4)
    PersonLanguage.objects.create(person=aylin.person, code="pt", level=1)
    assert names(client, cohort, topic=people.topic("Data").pk) == ["Aylin Acar"]
    assert names(client, cohort, language="pt") == ["Ida Other"]
    assert names(client, cohort, site=ida.person.site_id) == ["Ida Other"]
    assert names(client, cohort, site=ida.person.site_id, topic=people.topic("Data").pk) == []
    assert sorted(names(client, cohort, topic="; drop", site="9999")) == ["Aylin Acar", "Ida Other"]


@pytest.mark.parametrize("who", ["i avoid", "they avoid", "one line", "full", "declined me", "left"])
def test_who_cannot_be_asked_is_not_there_and_their_page_is_like_any_unknown(client, cohort, me, who):
    other = mentor(cohort, "Aylin Acar")
    assert client.get(person_url(other)).status_code == 200
    if who == "i avoid":
        Avoidance.objects.create(enrolment=me, person=other.person)
    if who == "they avoid":
        Avoidance.objects.create(enrolment=other, person=me.person)
    if who == "one line":
        other.person.manager = me.person
        other.person.save()
    if who == "full":
        Mentorship.objects.begin(
            cohort=cohort,
            state="confirmed",
            members=[("mentor", other.pk), ("mentee", people.mentee(cohort).pk)],
            topic="",
            at=timezone.now(),
        )
    if who == "declined me":
        requests.decline(request=requests.ask(asker=me, asked=other, message="Hello"))
    if who == "left":
        programmes_actions.withdraw(enrolment=other, by=other.person)
    assert names(client, cohort) == []
    assert client.get(person_url(other)).status_code == 404
    assert client.post(person_url(other), {"message": "Hello"}).status_code == 404


def test_a_stranger_sees_nothing(client, cohort):
    aylin = mentor(cohort, "Aylin Acar")
    ida = people.mentee(cohort)
    made = requests.ask(asker=ida, asked=aylin, message="Hello")
    elsewhere = people.cohort(state=Cohort.State.RUNNING, programme=factories.programme(form="informal"))
    strangers = [
        factories.person(),
        factories.hr_admin(),
        people.mentee(elsewhere).person,
        people.mentee(cohort, state="waitlisted").person,
        people.mentee(cohort, state="withdrawn").person,
    ]
    for stranger in strangers:
        client.force_login(stranger)
        for url in [
            reverse("directory:list", args=[cohort.uuid]),
            person_url(aylin),
            reverse("directory:request", args=[made.uuid]),
        ]:
            assert client.get(url).status_code == 404, (stranger, url)
        assert (
            client.post(reverse("directory:request", args=[made.uuid]), {"answer": "accept"}).status_code
            == 404
        )
    assert not Mentorship.objects.exists()


@pytest.mark.parametrize("state", ["enrolling", "closed"])
def test_there_is_a_directory_only_while_the_cohort_runs(client, cohort, me, state):
    Cohort.objects.filter(pk=cohort.pk).update(state=state)
    assert client.get(reverse("directory:list", args=[cohort.uuid])).status_code == 404


def test_other_forms_have_no_directory(client, me):
    reverse_cohort = people.cohort(state=Cohort.State.RUNNING)
    people.mentee(reverse_cohort, me.person)
    assert client.get(reverse("directory:list", args=[reverse_cohort.uuid])).status_code == 404


def test_ask_and_answer_through_the_pages(client, cohort, me):
    aylin = mentor(cohort, "Aylin Acar")
    response = client.post(person_url(aylin), {"message": "<b>Data</b>, please"}, follow=True)
    text = response.content.decode()
    assert "&lt;b&gt;Data&lt;/b&gt;, please" in text and "Aylin has not answered yet." in text
    made = Request.objects.get()
    url = reverse("directory:request", args=[made.uuid])
    assert client.post(url, {"answer": "accept"}).status_code == 403  # one's own
    client.force_login(aylin.person)
    assert "Martin Vogel would like you as a mentor" in client.get(url).content.decode()
    assert client.post(url, {"answer": "withdraw"}).status_code == 403
    response = client.post(url, {"answer": "accept"})
    assert response.url == reverse("mentorship", args=[Mentorship.objects.get().uuid])
    assert client.get(response.url).status_code == 200


def test_decline_asks_first_and_says_what_is_told(client, cohort, me):
    aylin = mentor(cohort, "Aylin Acar")
    made = requests.ask(asker=me, asked=aylin, message="Hello")
    url = reverse("directory:request", args=[made.uuid])
    client.force_login(aylin.person)
    assert "told kindly" in client.get(url + "?decline").content.decode()
    made.refresh_from_db()
    assert made.state == "open"
    client.post(url + "?decline")
    made.refresh_from_db()
    assert made.state == "declined"


def test_too_long_a_message_is_kept_and_explained(client, cohort, me):
    aylin = mentor(cohort, "Aylin Acar")
    text = client.post(person_url(aylin), {"message": "a" * 1001}).content.decode()
    assert "a" * 1001 in text and "1000" in text
    assert not Request.objects.exists()


def test_who_has_several_requests_says_so_and_keeps_the_message(client, cohort, me):
    aylin = mentor(cohort, "Aylin Acar")
    for _ in range(requests.MOST_RECEIVED):
        requests.ask(asker=people.mentee(cohort), asked=aylin, message="Hello")
    assert "asked by several at the moment" in page(client, cohort)
    text = client.post(person_url(aylin), {"message": "My words"}).content.decode()
    assert "Several people have asked Aylin at the moment" in text


def test_grades_out_of_order_are_not_told_by_name(client, cohort, me):
    other = mentor(cohort, "Aylin Acar")
    people.policy(cohort, grade_gap=1)
    type(other.person).objects.filter(pk=other.person.pk).update(grade=None)
    text = page(client, cohort)
    assert "The directory is not ready yet" in text and "Aylin" not in text


@pytest.mark.parametrize("count", [1, 3])
def test_list_has_a_flat_query_count(client, cohort, me, django_assert_num_queries, count):
    for number in range(count):
        other = mentor(cohort, f"Mentor {number}", topic=f"Topic {number}")
        requests.ask(asker=other, asked=me, message="Hello", at=timezone.now() - timedelta(days=1))
    page(client, cohort)
    with django_assert_num_queries(25):
        page(client, cohort)


@pytest.mark.parametrize("count", [1, 3])
def test_person_page_has_a_flat_query_count(client, cohort, me, django_assert_num_queries, count):
    for number in range(count):
        other = mentor(cohort, f"Mentor {number}")
    client.get(person_url(other))
    with django_assert_num_queries(25):
        client.get(person_url(other))
