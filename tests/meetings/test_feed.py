from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from matching.models import Mentorship
from meetings import actions
from meetings.models import CalendarFeed, Meeting
from meetings.views import calendar_feed as views
from participants.models import Person
from tests import factories

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(minute=0, second=0, microsecond=0)


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


@pytest.fixture
def meeting(mentorship, aylin) -> Meeting:
    return planned(mentorship, aylin)


def planned(mentorship, by, days=3, **fields) -> Meeting:
    return actions.plan(
        mentorship=mentorship,
        by=by,
        starts_at=NOW + timedelta(days=days),
        minutes=60,
        place="Canteen",
        agenda="Secret plans",
        at=NOW - timedelta(days=90),
        **fields,
    )


def path_of(person: Person) -> str:
    token = CalendarFeed.objects.renew(person=person).token
    return reverse("meetings:feed", args=[token])


def starts_in(response) -> list:
    return [event["dtstart"].dt for event in Calendar.from_ical(response.content).walk("VEVENT")]


def test_feed_is_read_without_signing_in_and_leaves_no_session(client, meeting, aylin):
    response = client.get(path_of(aylin))
    assert (response.status_code, response["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert starts_in(response) == [meeting.starts_at]
    assert "Secret" not in response.content.decode()
    assert "no-cache" in response["Cache-Control"]
    assert response.cookies == {}


def test_feed_holds_own_meetings_and_no_others(client, meeting, aylin, martin):
    other = factories.mentorship()
    planned(other, other.people()[0])
    assert starts_in(client.get(path_of(martin))) == [meeting.starts_at]
    assert starts_in(client.get(path_of(factories.person()))) == []


def test_feed_of_a_delegate_holds_what_they_arrange_while_it_lives(client, meeting, delegate):
    path = path_of(delegate)
    response = client.get(path)
    assert starts_in(response) == [meeting.starts_at]
    assert "Secret" not in response.content.decode()
    Mentorship.objects.update(state=Mentorship.State.ENDED)
    assert starts_in(client.get(path)) == []


def test_cancelled_and_long_gone_meetings_are_not_in_it(client, mentorship, aylin):
    for days in (-31, -29, 3, 4):
        last = planned(mentorship, aylin, days)
    actions.cancel(meeting=last, by=aylin, at=NOW)
    found = starts_in(client.get(path_of(aylin)))
    assert found == [NOW - timedelta(days=29), NOW + timedelta(days=3)]


def test_same_bytes_are_not_sent_again(client, meeting, aylin):
    path = path_of(aylin)
    first = client.get(path)
    again = client.get(path, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    actions.move(meeting=meeting, by=aylin, starts_at=NOW + timedelta(days=5), minutes=60, at=NOW)
    changed = client.get(path, headers={"if-none-match": first["ETag"]})
    assert (changed.status_code, starts_in(changed)) == (200, [NOW + timedelta(days=5)])
    [event] = Calendar.from_ical(changed.content).walk("VEVENT")
    assert (event["sequence"], event["dtstamp"].dt) == (1, NOW)


def test_head_answers_like_get_without_the_text(client, meeting, aylin):
    path = path_of(aylin)
    response = client.head(path)
    assert (response.status_code, response.content) == (200, b"")
    assert response["ETag"] == client.get(path)["ETag"]
    assert client.post(path).status_code == 405


def test_renewed_removed_and_forged_addresses_are_gone(client, aylin):
    old, new = path_of(aylin), path_of(aylin)
    assert [client.get(path).status_code for path in (old, new)] == [404, 200]
    key = CalendarFeed.objects.get().key.hex
    forged = [key, f"{key}.forged", "x.y", f"{CalendarFeed().token}"]
    assert {client.get(reverse("meetings:feed", args=[token])).status_code for token in forged} == {404}
    client.force_login(aylin)
    client.post(reverse("meetings:calendar_remove"))
    assert client.get(new).status_code == 404


def test_feed_of_somebody_who_left_is_gone(client, aylin):
    path = path_of(aylin)
    Person.objects.filter(pk=aylin.pk).update(is_active=False)
    assert client.get(path).status_code == 404


def test_eager_program_is_told_to_wait_and_others_are_not(client, aylin, martin, monkeypatch):
    monkeypatch.setattr(views, "READS_AN_HOUR", 2)
    path = path_of(aylin)
    assert [client.get(path).status_code for _ in range(3)] == [200, 200, 429]
    assert client.get(path)["Retry-After"] == "3600"
    assert client.get(path_of(martin)).status_code == 200


def test_guessing_addresses_is_slowed(client, monkeypatch):
    monkeypatch.setattr(views, "WRONG_ADDRESSES_AN_HOUR", 2)
    path = reverse("meetings:feed", args=["guess"])
    assert [client.get(path).status_code for _ in range(3)] == [404, 404, 429]


def test_wrong_addresses_from_one_office_close_no_valid_one(client, aylin):
    path, guess = path_of(aylin), reverse("meetings:feed", args=["guess"])
    for _ in range(views.WRONG_ADDRESSES_AN_HOUR + 1):
        wrong = client.get(guess)
    assert (wrong.status_code, client.get(path).status_code) == (429, 200)


def test_reading_is_noted_once_an_hour(client, aylin):
    path = path_of(aylin)
    client.get(path)
    first = CalendarFeed.objects.get().read_at
    client.get(path)
    assert CalendarFeed.objects.get().read_at == first
    CalendarFeed.objects.update(read_at=first - timedelta(hours=2))
    client.get(path)
    assert CalendarFeed.objects.get().read_at > first


def test_address_is_made_shown_renewed_and_removed_on_its_page(client, aylin):
    client.force_login(aylin)
    page, new, remove = (
        reverse(f"meetings:{name}") for name in ("calendar", "calendar_new", "calendar_remove")
    )
    assert client.get(page).context["feed"] is None
    client.post(new)
    shown = client.get(page)
    assert CalendarFeed.objects.get().address in shown.content.decode()
    for ask in (new, remove):
        client.get(ask)
    assert client.get(page).context["feed"].address == shown.context["feed"].address
    client.post(new)
    assert client.get(page).context["feed"].address != shown.context["feed"].address
    for _ in range(2):
        client.post(remove)
    assert CalendarFeed.objects.count() == 0


def test_stranger_sees_only_their_own_address(client, aylin):
    CalendarFeed.objects.renew(person=aylin)
    client.force_login(factories.person(is_hr_admin=True))
    assert client.get(reverse("meetings:calendar")).context["feed"] is None
    client.post(reverse("meetings:calendar_remove"))
    assert CalendarFeed.objects.count() == 1


def test_feed_costs_the_same_queries_with_one_meeting_and_three(
    client, mentorship, aylin, django_assert_num_queries
):
    path = path_of(aylin)
    for days in (1, 2, 3):
        planned(mentorship, aylin, days)
        if days == 2:
            continue
        CalendarFeed.objects.update(read_at=None)
        with django_assert_num_queries(8):
            client.get(path)
