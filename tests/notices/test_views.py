from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from notices import outbox
from notices.mail import unsubscribe_signer
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


def ticked(page) -> dict[str, str]:
    """What a browser would send for the form as it is shown."""
    form = page.context["form"]
    return {field.html_name: "on" for field in form if field.value()}


def test_preferences_turn_an_optional_kind_off_and_on(client, aylin):
    client.force_login(aylin)
    url = reverse("notices:preferences")
    wanted = ticked(client.get(url))
    off = {name: on for name, on in wanted.items() if name != "meeting-reminder.by_email"}
    client.post(url, off)
    assert list(NoticePreference.objects.values_list("kind", "by_email", "in_inbox")) == [
        ("meeting-reminder", False, True)
    ]
    assert ticked(client.get(url)) == off
    client.post(url, wanted)
    assert ticked(client.get(url)) == wanted


def test_preferences_may_turn_an_optional_kind_off_altogether_but_not_another(client, aylin):
    client.force_login(aylin)
    url = reverse("notices:preferences")
    wanted = ticked(client.get(url))
    for kind in ("pulse-open", "agreement-to-sign"):
        for channel in ("by_email", "in_inbox"):
            wanted.pop(f"{kind}.{channel}")
    page = client.post(url, wanted)
    assert page.context["form"].errors == {
        "agreement-to-sign.by_email": ["This one waits for something from you: leave one of the two on."]
    }
    assert NoticePreference.objects.count() == 0
    client.post(url, {**wanted, "agreement-to-sign.in_inbox": "on"})
    assert posted(aylin).by_email is False


def test_post_mails_what_is_not_optional_where_neither_channel_is_on(aylin):
    NoticePreference.objects.create(person=aylin, kind="agreement-to-sign", by_email=False, in_inbox=False)
    notice = posted(aylin)
    assert (notice.by_email, notice.in_inbox) == (True, True)


def test_kept_out_of_the_inbox_a_notice_is_neither_listed_nor_unread_but_its_mail_leads_on(client, aylin):
    NoticePreference.objects.create(person=aylin, kind="agreement-to-sign", in_inbox=False)
    notice = posted(aylin)
    client.force_login(aylin)
    page = client.get(reverse("notices:inbox"))
    assert (list(page.context["page"]), page.context["shell"].unread) == ([], 0)
    assert client.get(reverse("notices:open", args=[notice.uuid]))["Location"] == "/meetings/"


@pytest.mark.parametrize("kinds", [1, 3])
def test_preferences_cost_the_same_whatever_was_chosen(client, aylin, kinds, django_assert_num_queries):
    for kind in ["pulse-open", "check-in-due", "meeting-reminder"][:kinds]:
        NoticePreference.objects.create(person=aylin, kind=kind, by_email=False)
    client.force_login(aylin)
    with django_assert_num_queries(6):
        client.get(reverse("notices:preferences"))


# --- Without signing in --------------------------------------------------------------


def token_of(notice) -> str:
    return reverse("notices:unsubscribe", args=[unsubscribe_signer().sign(str(notice.uuid))])


def reminder(to, key="pulse", kind="feedback-given"):
    return outbox.post(kind, to=to, key=key, context={"author": to}, at=NOW)


def test_unsubscribe_by_one_click_needs_no_session_and_following_the_link_changes_nothing(aylin):
    stranger = Client(enforce_csrf_checks=True)
    url = token_of(reminder(aylin))
    assert "Turn off" in stranger.get(url).content.decode()
    assert NoticePreference.objects.count() == 0
    assert stranger.post(url, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert [(p.person, p.kind, p.by_email) for p in NoticePreference.objects.all()] == [
        (aylin, "feedback-given", False)
    ]
    assert reminder(aylin, "another").by_email is False
    stranger.post(url, {"on": "1"})
    assert reminder(aylin, "a third").by_email is True


def test_unsubscribe_applies_to_mail_that_waits(client, aylin):
    notice = reminder(aylin)
    client.post(token_of(notice))
    notice.refresh_from_db()
    assert notice.by_email is False


def test_unsubscribe_refuses_a_forged_token_and_a_kind_that_may_not_be_turned_off(client, aylin):
    notice = posted(aylin)
    for token in [str(notice.uuid), f"{notice.uuid}:x", "x"]:
        assert client.post(reverse("notices:unsubscribe", args=[token])).status_code == 404
    assert client.post(token_of(notice)).status_code == 200
    assert NoticePreference.objects.count() == 0
