"""What members say of their meetings: differently, of another time, without a plan."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from domain.errors import DomainError
from matching.models import Mentorship
from meetings import actions
from meetings.models import Meeting, MeetingChange
from notices.models import Notice
from programmes.models import Cohort
from tests import factories
from tests.factories import NOW
from tests.threads import at_once

pytestmark = pytest.mark.django_db
START = NOW + timedelta(days=1)
AFTER = START + timedelta(days=1)


@pytest.fixture
def meeting(mentorship, aylin):
    made = actions.plan(mentorship=mentorship, by=aylin, starts_at=START, minutes=60, at=NOW)
    Notice.objects.all().delete()
    return made


def told() -> list[tuple[str, str]]:
    return [(n.kind, n.recipient.first_name) for n in Notice.objects.order_by("pk")]


def test_who_answered_otherwise_is_told_once(meeting, mentor, mentee):
    actions.answer(meeting=meeting, member=mentor, answer="yes", at=AFTER)
    assert told() == []
    for answer in ("no", "moved", "no"):
        actions.answer(meeting=meeting, member=mentee, answer=answer, at=AFTER)
    assert told() == [("meeting-to-settle", "Aylin")]


def test_another_time_takes_the_place_of_the_planned_one_and_of_what_was_said_of_it(meeting, mentor, mentee):
    actions.answer(meeting=meeting, member=mentor, answer="yes", at=AFTER)
    actions.answer(meeting=meeting, member=mentee, answer="moved", at=AFTER)
    Notice.objects.all().delete()
    really = START + timedelta(hours=5)
    for _twice in range(2):
        actions.took_place_at(meeting=meeting, member=mentee, starts_at=really, minutes=45, at=AFTER)
    meeting.refresh_from_db()
    assert (meeting.starts_at, meeting.minutes, meeting.status(AFTER)) == (really, 45, Meeting.Status.HELD)
    assert told() == [("meeting-logged", "Aylin")]
    assert [(c.kind, c.starts_at) for c in MeetingChange.objects.all()][1:] == [("moved", START)]
    actions.answer(meeting=meeting, member=mentor, answer="no", at=AFTER)
    assert meeting.status(AFTER) == Meeting.Status.DISPUTED


def test_calendars_hear_of_a_meeting_held_before_its_time_and_not_of_what_is_over(meeting, mentee):
    """`meeting` begins at START: an hour before, it stands in both calendars as coming."""
    Notice.objects.all().delete()
    before = START - timedelta(hours=1)
    really = START - timedelta(hours=3)
    actions.took_place_at(meeting=meeting, member=mentee, starts_at=really, minutes=60, at=before)
    mails = Notice.objects.exclude(calendar="").order_by("recipient__name")
    assert [(mail.kind, mail.recipient.first_name) for mail in mails] == [
        ("meeting-calendar", "Aylin"),
        ("meeting-calendar", "Martin"),
    ]
    [event] = Calendar.from_ical(mails[0].calendar).walk("VEVENT")
    assert (event["dtstart"].dt, event["sequence"]) == (really, 1)
    actions.answer(meeting=meeting, member=mentee, answer="no", at=AFTER)
    Notice.objects.all().delete()
    actions.took_place_at(meeting=meeting, member=mentee, starts_at=START, minutes=30, at=AFTER)
    assert not Notice.objects.exclude(calendar="").exists()
    meeting.refresh_from_db()
    assert meeting.sequence == 2


def test_another_time_does_not_overrule_a_yes_without_a_word(meeting, mentor, mentee):
    actions.answer(meeting=meeting, member=mentor, answer="yes", at=AFTER)
    with pytest.raises(DomainError):
        actions.took_place_at(
            meeting=meeting, member=mentee, starts_at=START + timedelta(hours=5), minutes=60, at=AFTER
        )
    meeting.refresh_from_db()
    assert (meeting.starts_at, meeting.status(AFTER)) == (START, Meeting.Status.HELD)


def test_unplanned_meeting_counts_as_held_and_can_be_denied(mentorship, mentor, mentee):
    key = uuid4()
    made = [
        actions.log_unplanned(
            mentorship=mentorship, member=mentor, starts_at=NOW, minutes=30, request_key=key, at=AFTER
        )
        for _twice in range(2)
    ]
    assert made[0] == made[1]
    assert list(Meeting.objects.held()) == [made[0]]
    assert told() == [("meeting-logged", "Martin")]
    assert [(c.kind, c.by.first_name) for c in MeetingChange.objects.all()] == [("logged", "Aylin")]
    actions.answer(meeting=made[0], member=mentee, answer="no", at=AFTER)
    assert list(Meeting.objects.held()) == []


@pytest.mark.parametrize(
    ("starts_at", "minutes", "field"),
    [
        (AFTER + timedelta(minutes=1), 30, "day"),
        (datetime(2026, 8, 2, 12, tzinfo=UTC), 30, "day"),  # the cohort starts on 3 August
        (START + timedelta(minutes=30), 30, "day"),
        (START - timedelta(minutes=29), 30, "day"),
        (NOW, 5, "minutes"),
    ],
)
def test_unplanned_meeting_has_to_be_possible(mentorship, meeting, mentor, starts_at, minutes, field):
    with pytest.raises(DomainError) as refusal:
        actions.log_unplanned(
            mentorship=mentorship, member=mentor, starts_at=starts_at, minutes=minutes, at=AFTER
        )
    assert (refusal.value.field, Meeting.objects.count()) == (field, 1)


def test_unplanned_meeting_on_the_cohorts_first_and_last_day_is_within_it(mentorship, mentor):
    Cohort.objects.update(time_zone="Europe/Berlin")
    first, last = datetime(2026, 8, 2, 22, tzinfo=UTC), datetime(2027, 1, 31, 22, 59, tzinfo=UTC)
    for starts_at in (first, last):
        actions.log_unplanned(
            mentorship=mentorship,
            member=mentor,
            starts_at=starts_at,
            minutes=30,
            at=last + timedelta(days=1),
        )
    assert Meeting.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_unplanned_meeting_noted_by_both_at_once_is_one(mentorship, mentor, mentee):
    results = at_once(
        *[
            lambda m=member: actions.log_unplanned(
                mentorship=mentorship, member=m, starts_at=NOW, minutes=30, at=AFTER
            )
            for member in (mentor, mentee)
        ]
    )
    assert sorted(type(result).__name__ for result in results) == ["DomainError", "Meeting"]


# --- On the pages ------------------------------------------------------------------------

TODAY = timezone.now().replace(minute=0, second=0, microsecond=0)


def page(name: str, thing) -> str:
    return reverse(f"meetings:{name}", args=[thing.uuid])


def time_data(at: datetime, person, **more) -> dict:
    local = at.astimezone(person.zone)
    return {"day": local.date().isoformat(), "clock": f"{local:%H:%M}", "minutes": 45, **more}


@pytest.fixture
def running(mentorship):
    day = timedelta(days=1)
    Cohort.objects.update(starts_on=(TODAY - 60 * day).date(), ends_on=(TODAY + 60 * day).date())
    return mentorship


@pytest.fixture
def past(running, aylin):
    return actions.plan(
        mentorship=running,
        by=aylin,
        starts_at=TODAY - timedelta(days=3),
        minutes=60,
        at=TODAY - timedelta(days=9),
    )


def test_unplanned_page_leads_to_the_log_in_the_writers_time_zone(client, running, martin):
    client.force_login(martin)
    when = TODAY - timedelta(days=1)
    key = client.get(page("unplanned", running)).context["form"]["request_key"].value()
    for _twice in range(2):
        response = client.post(page("unplanned", running), time_data(when, martin, request_key=key))
        meeting = Meeting.objects.get()
        assert response["Location"] == page("log", meeting)
    assert meeting.starts_at == when


def test_unplanned_page_says_what_is_wrong_beside_the_field(client, running, aylin):
    client.force_login(aylin)
    data = time_data(TODAY + timedelta(days=1), aylin, request_key=uuid4())
    form = client.post(page("unplanned", running), data).context["form"]
    assert (list(form.errors), Meeting.objects.count()) == (["day"], 0)


def test_moved_page_takes_a_time_that_is_over_and_one_that_lies_ahead(client, running, past, aylin):
    client.force_login(aylin)
    over, ahead = TODAY - timedelta(days=2), TODAY + timedelta(days=2)
    response = client.post(page("moved", past), time_data(ahead, aylin))
    past.refresh_from_db()
    assert (response["Location"], past.starts_at, past.status()) == (page("detail", past), ahead, "planned")
    response = client.post(page("moved", past), time_data(over, aylin))
    past.refresh_from_db()
    assert (response["Location"], past.starts_at, past.status()) == (page("log", past), over, "held")


def test_answer_page_shows_a_disagreement_to_both_and_the_ways_out(client, past, mentor, mentee):
    actions.answer(meeting=past, member=mentor, answer="yes")
    actions.answer(meeting=past, member=mentee, answer="no")
    for member in (mentor, mentee):
        client.force_login(member.person)
        text = client.get(page("answer", past)).content.decode()
        assert ("remember it differently" in text, page("moved", past) in text) == (True, True)


@pytest.mark.parametrize("kind", ["stranger", "hr", "delegate"])
def test_accounts_do_not_exist_for_others(client, running, past, delegate, kind):
    reader = {"stranger": factories.person, "hr": factories.hr_admin, "delegate": lambda: delegate}[kind]()
    client.force_login(reader)
    assert [client.get(page(name, past)).status_code for name in ("answer", "moved", "log")] == [404] * 3
    assert client.post(page("save", past), {"topics": "x"}).status_code == 404
    assert client.get(page("unplanned", running)).status_code == 404


def test_ended_mentorship_takes_no_unplanned_meeting(client, running, aylin):
    Mentorship.objects.update(state="ended")
    client.force_login(aylin)
    assert client.get(page("unplanned", running)).status_code == 403
