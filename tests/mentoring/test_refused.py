from datetime import timedelta

import pytest
from django.urls import reverse

from mentoring.attention import attention
from notices.models import Notice, RefusedAddress
from programmes.models import ProgrammeRole
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def refused(person) -> None:
    RefusedAddress.objects.create(email=person.email.lower(), refused_at=NOW, words="550 No such mailbox")


@pytest.fixture
def mine():
    """Somebody in a programme of `coordinator`, whose address was refused."""
    person = factories.person("Aylin Kaya", email="Aylin@Example.org")
    factories.enrolment(factories.cohort(), person)
    refused(person)
    return person


@pytest.fixture
def coordinator(mine):
    found = factories.person("Cora")
    programme = mine.enrolments.get().cohort.programme
    factories.programme_role(programme, found, ProgrammeRole.Kind.COORDINATOR)
    return found


def shown(client, by) -> list:
    client.force_login(by)
    return list(client.get(reverse("refused")).context["people"])


def test_coordinator_sees_those_of_their_programmes_and_hr_all(client, mine, coordinator):
    other = factories.person()
    refused(other)
    assert shown(client, coordinator) == [mine]
    assert set(shown(client, factories.hr_admin())) == {mine, other}
    assert client.post(reverse("try_address_again", args=[0])).status_code == 404
    client.force_login(coordinator)
    assert client.post(reverse("try_address_again", args=[other.pk])).status_code == 404
    assert [item.url for item in attention(coordinator, NOW)][-1] == reverse("refused")


def test_stranger_sees_nothing(client, mine):
    client.force_login(factories.person())
    assert client.get(reverse("refused")).status_code == 403
    assert client.post(reverse("try_address_again", args=[mine.pk])).status_code == 403
    assert RefusedAddress.objects.count() == 1


def test_corrected_address_is_shown_no_more(client, mine, coordinator):
    mine.email = "aylin.kaya@example.org"
    mine.save()
    assert shown(client, coordinator) == []


def test_again_believes_the_address_and_sends_what_is_unread(client, mine, coordinator):
    failed = [
        Notice.objects.create(
            recipient=mine,
            kind="x",
            key=key,
            language="en",
            subject=key,
            text="",
            failed_at=NOW,
            read_at=read,
        )
        for key, read in [("unread", None), ("read", NOW)]
    ]
    client.force_login(coordinator)
    client.post(reverse("try_address_again", args=[mine.pk]))
    assert RefusedAddress.objects.count() == 0
    assert list(Notice.objects.undelivered()) == failed[:1]
    assert Notice.objects.get(key="unread").due_at > NOW + timedelta(hours=1)


@pytest.mark.parametrize("count", [1, 3])
def test_overview_costs_the_same_however_many(client, count, django_assert_num_queries):
    for _ in range(count):
        refused(factories.person())
    client.force_login(factories.hr_admin())
    with django_assert_num_queries(6):
        client.get(reverse("refused"))
