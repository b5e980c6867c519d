"""What people keep to themselves stands nowhere another participant looks, nor are they found by it."""

import pytest
from django.urls import reverse

from matching import requests
from matching.models import Mentorship
from participants.models import Part
from programmes import actions
from programmes.models import Cohort, Role
from tests import factories
from tests.matching import people

pytestmark = pytest.mark.django_db

HIDDEN = ("Secret Bay", "Hush Unit")


@pytest.fixture
def martin(client):
    person = people.senior("Martin Vogel")
    people.wants(person, "Data")
    client.force_login(person)
    return person


@pytest.fixture
def aylin():
    person = people.junior(
        "Aylin Acar",
        job_title="Analyst",
        site=factories.site("Secret Bay"),
        unit=factories.unit("Hush Unit"),
    )
    people.knows(person, "Data")
    person.profile.hidden = Part.values
    person.profile.save()
    return person


def seen(client, name, *args, **data):
    url = reverse(name, args=args)
    answer = client.post(url, data) if data else client.get(url)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "Aylin Acar" in page
    return page


def test_in_a_mentorship_and_its_offer(client, aylin, martin):
    of = factories.cohort(programme=factories.programme(uses_offers=True))
    offer = factories.mentorship(aylin, martin, state=Mentorship.State.OFFERED, in_cohort=of)
    pages = [seen(client, "matching:offer", offer.uuid)]
    factories.mentorship(aylin, martin)
    mine = Mentorship.objects.of(martin).get(state="active")
    pages += [seen(client, "home"), seen(client, "mentorship", mine.uuid)]
    pages += [seen(client, "participants:person", aylin.pk)]
    assert [word for page in pages for word in HIDDEN if word in page] == []


def test_in_the_directory_and_in_requests(client, aylin, martin):
    programme = factories.programme(form="informal")
    cohort = people.cohort(state=Cohort.State.RUNNING, programme=programme)
    mine, theirs = people.mentee(cohort, martin), people.mentor(cohort, aylin)
    bea = people.junior("Bea Berg", site=factories.site("Open Town"))
    people.mentor(cohort, bea)
    answer = client.get(reverse("directory:list", args=[cohort.uuid]))
    cards = {card.name: card.detail for card in answer.context["cards"]}
    assert cards == {"Aylin Acar": "Analyst", "Bea Berg": "Open Town"}
    pages = [seen(client, "directory:person", cohort.uuid, theirs.uuid)]
    made = requests.ask(asker=mine, asked=theirs, message="Hello")
    pages += [seen(client, "directory:request", made.uuid)]
    assert [word for page in pages for word in HIDDEN if word in page] == []
    for query in ({"site": aylin.site_id}, {"language": "en"}):
        cards = client.get(reverse("directory:list", args=[cohort.uuid]), query).context["cards"]
        assert "Aylin Acar" not in [card.name for card in cards], query


def test_among_the_people_somebody_has_in_mind(client, aylin, martin):
    cohort = factories.open_now()
    draft = actions.begin(cohort=cohort, person=martin, role=Role.MENTEE)
    actions.keep(enrolment=draft, step="people")
    found = seen(
        client, "programmes:enrol-step", cohort.uuid, "people", hopes="", act="search", q="Aylin Acar"
    )
    actions.wish_for(enrolment=draft, people=[aylin])
    named = seen(client, "programmes:enrol-step", cohort.uuid, "people")
    assert [word for page in (found, named) for word in HIDDEN if word in page] == []
