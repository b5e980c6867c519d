from datetime import timedelta

import pytest
from django.urls import reverse

from notices import outbox
from notices.models import Notice, NoticePreference
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def aylin():
    return factories.person("Aylin Kaya")


def posted(to, number=1, **fields) -> Notice:
    return outbox.post(
        "agreement-to-sign",
        to=to,
        key=f"test:{to.pk}:{number}",
        context={"others": f"Martin {number}", "number": 1},
        url="/meetings/",
        at=NOW + timedelta(hours=number),
        **fields,
    )


@pytest.mark.parametrize("count", [1, 3])
def test_inbox_costs_the_same_whatever_is_in_it(client, aylin, count, django_assert_num_queries):
    for number in range(count):
        posted(aylin, number)
    client.force_login(aylin)
    with django_assert_num_queries(7):
        page = client.get(reverse("notices:inbox"))
    assert page.content.decode().count("Read and sign<span") == count


def test_inbox_shows_unread_first_and_in_full(client, aylin):
    first, second, third = [posted(aylin, number) for number in range(3)]
    Notice.objects.filter(pk__in=[second.pk, third.pk]).update(read_at=NOW)
    client.force_login(aylin)
    page = client.get(reverse("notices:inbox"))
    assert list(page.context["page"]) == [first, third, second]
    assert page.content.decode().count(">unread</span>") == 1
    assert "The mentorship begins once all of you have signed." in page.content.decode()


def test_inbox_is_empty_for_a_stranger_who_can_neither_open_nor_read(client, aylin):
    notice = posted(aylin)
    client.force_login(factories.person())
    assert list(client.get(reverse("notices:inbox")).context["page"]) == []
    assert client.get(reverse("notices:open", args=[notice.uuid])).status_code == 404
    client.post(reverse("notices:read_all"))
    notice.refresh_from_db()
    assert notice.read_at is None


def test_open_marks_as_read_and_leads_on(client, aylin):
    notice, other = posted(aylin, 1), posted(aylin, 2)
    client.force_login(aylin)
    response = client.get(reverse("notices:open", args=[notice.uuid]))
    assert (response.status_code, response["Location"]) == (302, "/meetings/")
    assert list(Notice.objects.unread()) == [other]


def test_open_never_leads_elsewhere(client, aylin):
    notice = posted(aylin)
    Notice.objects.update(url="https://evil.example.org/")
    client.force_login(aylin)
    response = client.get(reverse("notices:open", args=[notice.uuid]))
    assert response["Location"] == reverse("notices:inbox")


def test_read_all_wants_a_post(client, aylin):
    posted(aylin)
    client.force_login(aylin)
    assert client.get(reverse("notices:read_all")).status_code == 405
    assert Notice.objects.unread().count() == 1
    client.post(reverse("notices:read_all"))
    assert Notice.objects.unread().count() == 0


def test_preferences_turn_an_optional_kind_off_and_on(client, aylin):
    client.force_login(aylin)
    url = reverse("notices:preferences")
    wanted = client.get(url).context["form"].initial["kinds"]
    client.post(url, {"kinds": [kind for kind in wanted if kind != "meeting-reminder"]})
    assert [(row.kind, row.by_email) for row in NoticePreference.objects.all()] == [
        ("meeting-reminder", False)
    ]
    assert "meeting-reminder" not in client.get(url).context["form"].initial["kinds"]
    client.post(url, {"kinds": wanted})
    assert NoticePreference.objects.count() == 0


def test_preferences_with_nothing_ticked_turn_all_off(client, aylin):
    client.force_login(aylin)
    assert client.post(reverse("notices:preferences"), {}).status_code == 302
    assert client.get(reverse("notices:preferences")).context["form"].initial["kinds"] == []


def test_preferences_cannot_turn_off_what_needs_an_answer(client, aylin):
    client.force_login(aylin)
    NoticePreference.objects.create(person=aylin, kind="agreement-to-sign", by_email=False)
    assert posted(aylin).by_email is True
