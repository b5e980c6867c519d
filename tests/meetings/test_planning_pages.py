"""Suggested times, the whole rhythm, and moving with one tap, as the pages do it."""

from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from meetings import actions
from meetings.models import Meeting
from notices.models import Notice
from tests import factories

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(minute=0, second=0, microsecond=0)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def mentorship(aylin, martin):
    """In a cohort that runs now, with two zones that share the European afternoon."""
    today = timezone.localdate()
    cohort = factories.cohort(
        enrolment_opens_on=today - timedelta(days=60),
        enrolment_closes_on=today - timedelta(days=30),
        starts_on=today - timedelta(days=14),
        ends_on=today + timedelta(days=180),
    )
    return factories.mentorship(mentor=aylin, mentee=martin, in_cohort=cohort)


def address(name: str, thing) -> str:
    return reverse(f"meetings:{name}", args=[thing.uuid])


def offers(response) -> list:
    return response.context["offers"]


def test_suggested_times_suit_both_and_show_both_hours(client, mentorship, aylin):
    client.force_login(aylin)
    found = offers(client.get(address("plan", mentorship)))
    assert len(found) == 6
    for offer in found:
        start = datetime.fromisoformat(offer.value)
        there = start.astimezone(ZoneInfo("America/New_York"))
        assert start > NOW + timedelta(hours=11)
        assert (start.weekday() < 5, 9 <= start.astimezone(BERLIN).hour < 17, 9 <= there.hour < 17) == (
            True,
        ) * 3
        assert offer.theirs == f"Martin: {there:%H:%M}"
        assert offer.remark == ""


def test_suggested_time_is_planned_by_choosing_it(client, mentorship, aylin):
    client.force_login(aylin)
    offer = offers(client.get(address("plan", mentorship)))[0]
    client.post(
        address("plan", mentorship),
        {"slot": offer.value, "day": "", "clock": "", "minutes": 45, "request_key": uuid4()},
    )
    meeting = Meeting.objects.get()
    assert (meeting.starts_at, meeting.minutes) == (datetime.fromisoformat(offer.value), 45)


@pytest.mark.parametrize(
    ("data", "errors"),
    [
        ({}, {"day": ["Choose one of the times, or name another."]}),
        ({"slot": "other"}, {"day": ["This field is required."], "clock": ["This field is required."]}),
        ({"slot": "yesterday"}, {"slot": ["Choose one of the times, or name another."]}),
        ({"slot": "2026-10-10T10:00"}, {"slot": ["Choose one of the times, or name another."]}),
        ({"day": "2030-01-07"}, {"clock": ["This field is required."]}),
        (
            {"slot": "2030-10-10T10:00Z", "day": "2030-01-07"},
            {"day": ["You chose a suggested time as well. Keep one of the two."]},
        ),
    ],
)
def test_missing_time_is_said_beside_the_field(client, mentorship, aylin, data, errors):
    client.force_login(aylin)
    response = client.post(address("plan", mentorship), {**data, "minutes": 60, "request_key": uuid4()})
    assert response.context["form"].errors == errors
    assert Meeting.objects.count() == 0


def test_times_taken_by_another_mentorship_are_not_suggested(client, mentorship, aylin, martin):
    client.force_login(aylin)
    taken = datetime.fromisoformat(offers(client.get(address("plan", mentorship)))[0].value)
    other = factories.mentorship(mentor=martin)
    actions.plan(mentorship=other, by=martin, starts_at=taken, minutes=60, at=NOW)
    starts = [
        datetime.fromisoformat(offer.value) for offer in offers(client.get(address("plan", mentorship)))
    ]
    assert min(abs(start - taken) for start in starts) >= timedelta(minutes=60)


def test_next_meeting_is_suggested_a_rhythm_after_the_last(client, mentorship, aylin):
    start = NOW + timedelta(days=7)
    actions.plan(mentorship=mentorship, by=aylin, starts_at=start, minutes=60, at=NOW)
    client.force_login(aylin)
    found = [datetime.fromisoformat(offer.value) for offer in offers(client.get(address("plan", mentorship)))]
    assert all(abs(each - start - timedelta(weeks=4)) < timedelta(days=6) for each in found)


def test_first_meeting_says_who_writes_first(client, mentorship, aylin, martin, delegate):
    said = []
    for person in (aylin, martin, delegate):
        client.force_login(person)
        said.append(client.get(address("plan", mentorship)).context["first_contact"])
    assert said == [
        {"you": False, "names": "Martin"},
        {"you": True, "names": "Martin"},
        {"you": False, "names": "Martin"},
    ]


def test_move_with_one_tap_keeps_place_and_length_and_tells(client, mentorship, aylin, martin):
    meeting = actions.plan(
        mentorship=mentorship,
        by=aylin,
        starts_at=NOW + timedelta(days=3),
        minutes=45,
        place="Library",
        at=NOW,
    )
    client.force_login(martin)
    offer = offers(client.get(address("move", meeting)))[0]
    for _ in range(2):
        client.post(address("move", meeting), {"slot": offer.value})
    meeting.refresh_from_db()
    assert (meeting.starts_at, meeting.minutes, meeting.place, meeting.sequence) == (
        datetime.fromisoformat(offer.value),
        45,
        "Library",
        1,
    )
    assert Notice.objects.filter(kind="meeting-moved", recipient=aylin).count() == 1


def dates_in(page) -> dict:
    """What a browser would send back of the previewed dates."""
    data = {
        f"form-{name}": page.context["dates"].management_form[name].value()
        for name in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    for form in page.context["dates"]:
        data |= {
            form.add_prefix("keep"): "on",
            form.add_prefix("day"): form["day"].value(),
            form.add_prefix("clock"): form["clock"].value(),
        }
    details = page.context["details"]
    return data | {name: details[name].value() for name in ("request_key", "minutes")}


def first_slot(client, mentorship) -> str:
    return offers(client.get(address("rhythm", mentorship)))[0].value


def test_rhythm_is_shown_changed_and_planned_once(client, mentorship, aylin):
    client.force_login(aylin)
    first = first_slot(client, mentorship)
    page = client.get(
        address("rhythm", mentorship), {"slot": first, "weeks_between": 3, "count": 4, "minutes": 45}
    )
    starts = [datetime.fromisoformat(seen.value) for _form, seen in page.context["rows"]]
    assert starts[0] == datetime.fromisoformat(first)
    assert len(starts) == 4
    assert Meeting.objects.count() == 0
    data = dates_in(page)
    del data["form-1-keep"]
    moved = starts[2].astimezone(BERLIN).date() + timedelta(days=1)
    data["form-2-day"] = moved.isoformat()
    looked = client.post(address("rhythm", mentorship), {**data, "look": "yes"})
    assert Meeting.objects.count() == 0
    assert looked.context["rows"][2][1].day.startswith(f"{moved:%A}")
    for _ in range(2):
        response = client.post(address("rhythm", mentorship), {**data, "save": "yes", "place": "Library"})
        assert response["Location"] == reverse("meetings:list")
    made = list(Meeting.objects.values_list("starts_at", flat=True))
    assert made == [starts[0], starts[2] + timedelta(days=1), starts[3]]
    assert {(meeting.minutes, meeting.place) for meeting in Meeting.objects.all()} == {(45, "Library")}


def test_rhythm_beyond_the_cohort_is_said_and_refused(client, mentorship, aylin):
    client.force_login(aylin)
    page = client.get(
        address("rhythm", mentorship),
        {"slot": first_slot(client, mentorship), "weeks_between": 26, "count": 3, "minutes": 60},
    )
    assert page.context["left_over"] == 2
    data = dates_in(page) | {"form-0-day": (timezone.localdate() + timedelta(days=400)).isoformat()}
    page = client.post(address("rhythm", mentorship), {**data, "save": "yes"})
    assert "lies outside the time of your cohort" in page.content.decode()
    assert Meeting.objects.count() == 0


def test_rhythm_without_any_date_or_with_a_bad_one_says_so(client, mentorship, aylin):
    client.force_login(aylin)
    page = client.get(
        address("rhythm", mentorship),
        {"slot": first_slot(client, mentorship), "weeks_between": 4, "count": 2, "minutes": 60},
    )
    data = dates_in(page) | {"save": "yes"}
    without = {name: value for name, value in data.items() if not name.endswith("keep")}
    assert "Keep at least one" in client.post(address("rhythm", mentorship), without).content.decode()
    page = client.post(address("rhythm", mentorship), {**data, "form-1-day": "soon"})
    assert page.context["dates"].errors[1] == {"day": ["Enter a valid date."]}
    assert Meeting.objects.count() == 0


def test_delegate_plans_the_rhythm_and_reads_no_agenda(client, mentorship, delegate):
    client.force_login(delegate)
    page = client.get(
        address("rhythm", mentorship),
        {"slot": first_slot(client, mentorship), "weeks_between": 4, "count": 2, "minutes": 60},
    )
    client.post(address("rhythm", mentorship), {**dates_in(page), "save": "yes"})
    assert [meeting.planned_by for meeting in Meeting.objects.all()] == [delegate] * 2
    for meeting in Meeting.objects.all():
        assert "Getting to know" not in client.get(address("detail", meeting)).content.decode()


def test_planning_pages_do_not_exist_for_a_stranger(client, mentorship):
    client.force_login(factories.person())
    for name in ("plan", "rhythm"):
        assert client.get(address(name, mentorship)).status_code == 404
        assert client.post(address(name, mentorship), {}).status_code == 404


@pytest.mark.parametrize(("page", "queries"), [("plan", 15), ("rhythm", 14), ("move", 11)])
def test_planning_pages_cost_the_same_queries_with_one_meeting_and_three(
    client, mentorship, aylin, page, queries, django_assert_num_queries
):
    client.force_login(aylin)
    meeting = None
    for number in (1, 2, 3):
        meeting = actions.plan(
            mentorship=mentorship, by=aylin, starts_at=NOW + timedelta(days=7 * number), minutes=60, at=NOW
        )
        if number == 2:
            continue
        with django_assert_num_queries(queries):
            client.get(address(page, meeting if page == "move" else mentorship))
