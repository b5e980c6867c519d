"""What reaches the members' calendars when meetings are planned, moved, cancelled, or fall away."""

import random
from collections.abc import Iterable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from icalendar import Calendar

from domain.errors import DomainError
from matching import actions as mentorships
from matching.models import Mentorship
from meetings import actions
from meetings.actions import planning
from meetings.models import Meeting, MeetingChange
from notices import delivery
from notices.models import Notice
from participants.models import Person
from tests import factories
from tests.factories import NOW
from tests.threads import at_once

pytestmark = pytest.mark.django_db
START = NOW + timedelta(days=3)


class Receiver:
    """A calendar that follows RFC 5546: the higher sequence wins, then the later stamp; in whatever order."""

    def __init__(self, mails: Iterable[str]) -> None:
        self.newest: dict[str, tuple] = {}
        for text in mails:
            calendar = Calendar.from_ical(text)
            [event] = calendar.walk("VEVENT")
            age = (int(event["sequence"]), event["dtstamp"].dt)
            shown = None if calendar["method"] == "CANCEL" else (event["dtstart"].dt, event["dtend"].dt)
            if age >= self.newest.get(str(event["uid"]), ((-1, None), None))[0]:
                self.newest[str(event["uid"])] = (age, shown)

    def shows(self) -> list[tuple]:
        return sorted(shown for _age, shown in self.newest.values() if shown)


def mails_to(person: Person) -> list[str]:
    return list(
        Notice.objects.filter(recipient=person)
        .exclude(calendar="")
        .order_by("pk")
        .values_list("calendar", flat=True)
    )


def kinds_of(person: Person) -> list[tuple[str, str]]:
    return [
        (notice.kind, str(Calendar.from_ical(notice.calendar)["method"]))
        for notice in Notice.objects.filter(recipient=person).exclude(calendar="").order_by("pk")
    ]


def planned(mentorship, by, **fields) -> Meeting:
    return actions.plan(
        **{"mentorship": mentorship, "by": by, "starts_at": START, "minutes": 60, "at": NOW, **fields}
    )


def test_both_calendars_get_each_change_once(mentorship, aylin, martin):
    meeting = planned(mentorship, aylin)
    for _ in range(2):
        actions.move(meeting=meeting, by=martin, starts_at=START + timedelta(days=1), minutes=45, at=NOW)
    for _ in range(2):
        actions.cancel(meeting=meeting, by=aylin, at=NOW)
    assert kinds_of(aylin) == [
        ("meeting-calendar", "REQUEST"),
        ("meeting-moved", "REQUEST"),
        ("meeting-calendar", "CANCEL"),
    ]
    assert kinds_of(martin) == [
        ("meeting-planned", "REQUEST"),
        ("meeting-calendar", "REQUEST"),
        ("meeting-cancelled", "CANCEL"),
    ]


def test_what_a_delegate_plans_reaches_both_members_and_not_the_delegate(mentorship, aylin, martin, delegate):
    planned(mentorship, delegate)
    assert [len(mails_to(person)) for person in (aylin, martin, delegate)] == [1, 1, 0]


def test_own_plan_stands_in_no_inbox(mentorship, aylin):
    planned(mentorship, aylin)
    notice = Notice.objects.get(recipient=aylin)
    assert (notice.in_inbox, notice.by_email) == (False, True)
    mail = delivery.message(notice).message()
    assert [
        part.get_param("method") for part in mail.walk() if part.get_content_type() == "text/calendar"
    ] == [
        "REQUEST",
        "REQUEST",
    ]


@pytest.mark.parametrize("seed", range(6))
def test_every_history_ends_right_in_every_calendar_in_whatever_order_mails_arrive(seed, aylin, martin):
    chance = random.Random(seed)
    mentorship = factories.mentorship(mentor=aylin, mentee=martin)
    at, meetings = NOW, []
    for step in range(12):
        at += timedelta(minutes=1)
        start = START + timedelta(hours=chance.randrange(24 * 60))
        by = chance.choice([aylin, martin])
        act = chance.choice(["plan", "move", "move", "cancel"])
        try:
            if act == "plan" or not meetings:
                meetings.append(planned(mentorship, by, starts_at=start, at=at))
            elif act == "move":
                actions.move(meeting=chance.choice(meetings), by=by, starts_at=start, minutes=30, at=at)
            elif step > 6:
                actions.cancel(meeting=chance.choice(meetings), by=by, at=at)
        except DomainError:
            pass  # an overlap, or a meeting that was cancelled
    truth = sorted(Meeting.objects.uncancelled().values_list("starts_at", "ends_at"))
    for person in (aylin, martin):
        mails = mails_to(person)
        by_uid: dict[str, list[int]] = {}
        for mail in mails:
            [event] = Calendar.from_ical(mail).walk("VEVENT")
            by_uid.setdefault(str(event["uid"]), []).append(int(event["sequence"]))
        assert all(sequence == list(range(len(sequence))) for sequence in by_uid.values())
        assert Receiver(mails).shows() == truth
        chance.shuffle(mails)
        assert Receiver(mails).shows() == truth


# --- The whole rhythm ------------------------------------------------------------------

DATES = [START + timedelta(weeks=weeks) for weeks in (0, 4, 8)]


def test_rhythm_is_one_notice_and_every_date_in_every_calendar(mentorship, aylin, martin):
    key = uuid4()
    for _ in range(2):
        made, left_out = actions.plan_all(
            mentorship=mentorship, by=aylin, starts=DATES, minutes=45, request_key=key, at=NOW
        )
    assert (len(made), left_out) == (3, [])
    assert list(Meeting.objects.values_list("starts_at", flat=True)) == DATES
    assert kinds_of(aylin) == kinds_of(martin) == [("meeting-calendar", "REQUEST")] * 3
    [notice] = Notice.objects.filter(in_inbox=True)
    assert (notice.kind, notice.recipient, notice.subject) == (
        "meetings-planned",
        martin,
        "Aylin planned 3 meetings",
    )
    assert "Friday 18 September, 06:00 to 06:45" in notice.text
    assert Meeting.objects.first().agenda.startswith("Getting to know each other")
    assert Meeting.objects.last().agenda.startswith("What moved forward")


def test_rhythm_leaves_out_what_is_taken(mentorship, aylin):
    planned(mentorship, aylin, starts_at=DATES[1] + timedelta(minutes=30))
    made, left_out = actions.plan_all(mentorship=mentorship, by=aylin, starts=DATES, minutes=45, at=NOW)
    assert ([meeting.starts_at for meeting in made], left_out) == ([DATES[0], DATES[2]], [DATES[1]])


@pytest.mark.parametrize("wrong", [NOW - timedelta(days=1), NOW + timedelta(days=300)])
def test_rhythm_with_a_date_past_or_outside_the_cohort_plans_nothing(mentorship, aylin, wrong):
    with pytest.raises(DomainError):
        actions.plan_all(mentorship=mentorship, by=aylin, starts=[*DATES, wrong], minutes=45, at=NOW)
    assert Meeting.objects.count() == 0


def test_rhythm_by_a_stranger_is_refused(mentorship):
    with pytest.raises(DomainError):
        actions.plan_all(mentorship=mentorship, by=factories.person(), starts=DATES, minutes=45, at=NOW)


# --- What falls away -------------------------------------------------------------------


@pytest.fixture
def coming(mentorship, aylin):
    made = planned(mentorship, aylin)
    Notice.objects.all().delete()
    return made


def called_off(at) -> list[tuple[str, str]]:
    actions.cancel_orphaned(at=at)
    actions.cancel_orphaned(at=at)
    notices = Notice.objects.filter(kind="meeting-called-off").order_by("recipient__name")
    return [
        (notice.recipient.first_name, str(Calendar.from_ical(notice.calendar)["method"]))
        for notice in notices
    ]


BOTH = [("Aylin", "CANCEL"), ("Martin", "CANCEL")]


@pytest.mark.parametrize("act", ["end", "complete"])
def test_end_of_a_mentorship_clears_both_calendars_and_names_nobody(coming, mentorship, martin, act):
    if act == "end":
        mentorships.end(mentorship=mentorship, person=martin, at=NOW)
    else:
        mentorships.complete(mentorship=mentorship, at=NOW)
    assert called_off(NOW + timedelta(days=1)) == BOTH
    coming.refresh_from_db()
    assert (coming.cancelled_at, coming.cancelled_by, coming.sequence) == (NOW + timedelta(days=1), None, 1)
    change = MeetingChange.objects.get(kind="cancelled")
    assert (change.by, change.on_behalf_of, change.ahead) == (None, None, timedelta(days=2))
    for notice in Notice.objects.filter(kind="meeting-called-off"):
        others = {"Aylin": "Martin", "Martin": "Aylin"}[notice.recipient.first_name]
        assert notice.subject == "Your meeting on Friday 18 September does not take place"
        assert notice.text.count(others) == 1


def test_pause_clears_the_calendars_after_an_hour_in_which_it_can_be_taken_back(coming, mentorship, aylin):
    mentorships.pause(mentorship=mentorship, person=aylin, at=NOW)
    assert called_off(NOW + timedelta(minutes=59)) == []
    mentorships.resume(mentorship=mentorship, person=aylin, at=NOW + timedelta(minutes=59))
    assert called_off(NOW + timedelta(hours=2)) == []
    mentorships.pause(mentorship=mentorship, person=aylin, at=NOW + timedelta(hours=2))
    assert called_off(NOW + timedelta(hours=3)) == BOTH


def test_pause_just_before_a_meeting_calls_it_off_at_once(coming, mentorship, aylin):
    at = START - timedelta(minutes=30)
    mentorships.pause(mentorship=mentorship, person=aylin, at=at)
    assert called_off(at) == BOTH


def test_person_who_leaves_the_company_frees_the_other(coming, martin):
    Person.objects.filter(pk=martin.pk).update(is_active=False)
    assert called_off(NOW) == BOTH[:1]


def test_group_goes_on_without_one_who_left(mentorship, aylin):
    third = factories.enrolment(mentorship.cohort, role="mentor")
    mentorship.members.create(enrolment=third, role="mentor")
    planned(mentorship, aylin)
    Person.objects.filter(pk=third.person_id).update(is_active=False)
    assert called_off(NOW) == []


def test_what_began_or_goes_on_is_left_alone(coming, mentorship, martin):
    other = factories.mentorship(mentor=martin)
    planned(other, martin, starts_at=START + timedelta(days=1))
    mentorships.end(mentorship=mentorship, person=martin, at=NOW)
    assert called_off(START) == []
    assert Mentorship.objects.get(pk=other.pk).meetings.uncancelled().count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_call_off_once(coming, mentorship, martin):
    mentorships.end(mentorship=mentorship, person=martin, at=NOW)
    assert sorted(at_once(*[lambda: actions.cancel_orphaned(at=NOW)] * 2)) == [0, 1]
    assert called_off(NOW) == BOTH
    assert MeetingChange.objects.filter(kind="cancelled").count() == 1


def test_mentorship_that_goes_on_when_its_turn_comes_keeps_its_meeting(coming, mentorship, aylin):
    mentorships.pause(mentorship=mentorship, person=aylin, at=NOW)
    later = NOW + timedelta(hours=2)
    assert list(Meeting.objects.orphaned(later)) == [coming]
    mentorships.resume(mentorship=mentorship, person=aylin, at=later)
    assert not planning.call_off_orphan(coming.pk, later)
    assert list(Meeting.objects.uncancelled()) == [coming]


@pytest.mark.django_db(transaction=True)
def test_mentorship_that_is_being_resumed_keeps_its_meeting(coming, mentorship, aylin):
    mentorships.pause(mentorship=mentorship, person=aylin, at=NOW)
    later = NOW + timedelta(hours=2)
    with transaction.atomic():
        mentorships.resume(mentorship=mentorship, person=aylin, at=later)
        assert at_once(lambda: actions.cancel_orphaned(at=later)) == [0]
    assert actions.cancel_orphaned(at=later) == 0
    assert list(Meeting.objects.uncancelled()) == [coming]


def test_meeting_that_cannot_be_told_of_keeps_no_other_back(coming, mentorship, martin, monkeypatch):
    second = planned(mentorship, martin, starts_at=START + timedelta(days=1))
    mentorships.end(mentorship=mentorship, person=martin, at=NOW)
    tell = planning.tell

    def fails_for_the_first(meeting, *rest):
        if meeting == coming:
            raise ValueError("broken")
        tell(meeting, *rest)

    monkeypatch.setattr(planning, "tell", fails_for_the_first)
    assert actions.cancel_orphaned(at=NOW) == 1
    assert list(Meeting.objects.filter(cancelled_at=NOW)) == [second]
