"""Somebody leaves a group that goes on: what becomes of the meetings, the reminders and the agreement."""

from datetime import timedelta

import pytest
from django.utils import timezone
from icalendar import Calendar

import agreements.actions
import agreements.tasks
import meetings.tasks
from matching import actions as mentorships
from matching.models import Member, Mentorship
from meetings import actions, reminders
from meetings.models import Confirmation, Meeting, MeetingChange
from notices.models import Notice
from notices.still import settled
from participants.models import Person
from tests import factories
from tests.factories import NOW
from tests.threads import at_once

pytestmark = pytest.mark.django_db
START = NOW + timedelta(days=3)
HOUR = timedelta(hours=1)


@pytest.fixture
def carla() -> Person:
    return factories.person("Carla Neri")


@pytest.fixture
def group(mentorship, carla) -> Mentorship:
    return factories.join(mentorship, carla)


@pytest.fixture
def coming(group, aylin) -> Meeting:
    made = actions.plan(mentorship=group, by=aylin, starts_at=START, minutes=60, at=NOW)
    Notice.objects.all().delete()
    return made


def calendars() -> list[tuple[str, str, int, list[str]]]:
    """Whom each calendar mail went to, its method, its sequence and who is named in it."""
    found = []
    for notice in Notice.objects.exclude(calendar="").order_by("recipient__name"):
        calendar = Calendar.from_ical(notice.calendar)
        [event] = calendar.walk("VEVENT")
        guests = event["attendee"] if isinstance(event["attendee"], list) else [event["attendee"]]
        names = sorted(str(guest.params["CN"]).split()[-2:][0] for guest in guests)
        found.append((notice.recipient.first_name, str(calendar["method"]), int(event["sequence"]), names))
    return found


def test_calendar_of_who_leaves_is_cleared_and_the_meeting_stays_for_the_others(group, coming, carla):
    mentorships.end(mentorship=group, person=carla, at=NOW + HOUR)
    for day in (1, 2):  # a day without a worker, and a second run
        actions.release_leavers(at=NOW + timedelta(days=day))
    assert calendars() == [
        ("Aylin", "REQUEST", 1, ["Aylin", "Martin"]),
        ("Carla", "CANCEL", 1, ["Carla"]),
        ("Martin", "REQUEST", 1, ["Aylin", "Martin"]),
    ]
    coming.refresh_from_db()
    assert (coming.cancelled_at, coming.sequence) == (None, 1)
    notice = Notice.objects.get(recipient=carla, kind="meeting-called-off")
    assert notice.subject == "Out of your calendar: the meeting on Friday 18 September"
    assert "You are no longer in the group with Martin and Aylin." in notice.text


def test_move_after_somebody_left_reaches_only_the_others(group, coming, carla, aylin):
    mentorships.end(mentorship=group, person=carla, at=NOW)
    actions.release_leavers(at=NOW)
    Notice.objects.all().delete()
    actions.move(meeting=coming, by=aylin, starts_at=START + HOUR, minutes=60, at=NOW)
    assert [(name, sequence) for name, _method, sequence, _names in calendars()] == [
        ("Aylin", 2),
        ("Martin", 2),
    ]


def test_meeting_cancelled_before_the_sweep_still_leaves_the_calendar_of_who_left(
    group, coming, carla, aylin
):
    mentorships.end(mentorship=group, person=carla, at=NOW)
    actions.cancel(meeting=coming, by=aylin, at=NOW + HOUR)
    actions.release_leavers(at=NOW + HOUR)
    assert [mail[:3] for mail in calendars() if mail[0] == "Carla"] == [("Carla", "CANCEL", 2)]
    assert len(calendars()) == 3


def test_group_without_one_who_left_the_company_keeps_its_meetings(group, coming, carla):
    Person.objects.filter(pk=carla.pk).update(is_active=False)
    carla.refresh_from_db()
    assert mentorships.part_from_leaver(mentorship=group, person=carla, at=NOW)
    assert (actions.release_leavers(at=NOW), actions.release_leavers(at=NOW)) == (1, 0)
    actions.cancel_orphaned(at=NOW)
    assert [mail[:3] for mail in calendars()] == [("Aylin", "REQUEST", 1), ("Martin", "REQUEST", 1)]


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_release_once(group, coming, carla):
    mentorships.end(mentorship=group, person=carla, at=NOW)
    assert sorted(at_once(*[lambda: actions.release_leavers(at=NOW)] * 2)) == [0, 1]
    assert MeetingChange.objects.filter(kind="left").count() == 1


def test_reminders_stop_for_who_left_also_those_that_lie_ready(group, coming, carla):
    day_before = START - timedelta(days=1)
    reminders.post_due(day_before)
    ready = list(Notice.objects.filter(kind="meeting-reminder").order_by("recipient__name"))
    assert [notice.recipient.first_name for notice in ready] == ["Aylin", "Carla", "Martin"]
    mentorships.end(mentorship=group, person=carla, at=day_before)
    assert settled(ready) == {ready[1].pk}
    reminders.post_due(START + HOUR)
    asked = Notice.objects.filter(kind="meeting-to-confirm")
    assert sorted(notice.recipient.first_name for notice in asked) == ["Aylin", "Martin"]
    assert settled(asked) == set()


def test_sweep_looks_after_who_left(group, carla, aylin):
    at = timezone.now()
    Meeting.objects.create(
        mentorship=group,
        starts_at=at + timedelta(days=2),
        ends_at=at + timedelta(days=2, hours=1),
        planned_at=at - HOUR,
    )
    mentorships.end(mentorship=group, person=carla)
    meetings.tasks.sweep()
    assert Notice.objects.get(kind="meeting-called-off").recipient == carla


def test_group_begins_when_only_who_left_had_not_signed(aylin, martin, carla):
    group = factories.join(factories.mentorship(aylin, martin, state="confirmed"), carla)
    agreement = agreements.actions.agreement_for(group)
    for person in (aylin, martin):
        member = Member.objects.get(mentorship=group, enrolment__person=person)
        agreements.actions.sign(agreement=agreement, member=member, version_number=1)
    agreements.tasks.sweep()
    group.refresh_from_db()
    assert group.state == "confirmed"
    mentorships.end(mentorship=group, person=carla)
    agreements.tasks.sweep()
    group.refresh_from_db()
    assert (group.state, group.activated_at is not None) == ("active", True)


def test_group_waits_for_who_remains(aylin, martin, carla):
    group = factories.join(factories.mentorship(aylin, martin, state="confirmed"), carla)
    agreements.actions.agreement_for(group)
    mentorships.end(mentorship=group, person=carla)
    agreements.tasks.sweep()
    group.refresh_from_db()
    assert group.state == "confirmed"


# --- What somebody who has left said ---


@pytest.mark.parametrize(
    ("gone", "remains", "status"),
    [
        ("yes", None, "held"),  # what they alone said stays true
        ("no", None, "missed"),
        ("no", "yes", "held"),  # and a dispute is for those who remain
        ("yes", "no", "missed"),
        ("yes", "yes", "held"),
    ],
)
def test_answer_of_who_left_counts_until_somebody_who_remains_has_answered(gone, remains, status):
    group = factories.join(factories.mentorship(), factories.person("Leila"))
    leila = next(m for m in group.members.all() if m.person.name == "Leila")
    other = next(m for m in group.members.all() if m.pk != leila.pk)
    meeting = Meeting.objects.create(mentorship=group, starts_at=NOW - 3 * HOUR, ends_at=NOW - 2 * HOUR)
    Confirmation.objects.create(meeting=meeting, member=leila, answer=gone)
    if remains:
        Confirmation.objects.create(meeting=meeting, member=other, answer=remains)
    Member.objects.filter(pk=leila.pk).update(left_at=NOW)
    found = Meeting.objects.get(pk=meeting.pk)
    assert found.status(NOW) == status
    kinds = {"held": Meeting.objects.held(), "missed": Meeting.objects.missed()}
    assert [name for name, meetings in kinds.items() if meetings.exists()] == [status]
    assert not Meeting.objects.disputed().exists()


def test_those_who_remain_and_disagree_still_settle_it_among_themselves():
    group = factories.join(factories.mentorship(), factories.person("Leila"))
    leila, *others = sorted(group.members.all(), key=lambda m: m.person.name != "Leila")
    meeting = Meeting.objects.create(mentorship=group, starts_at=NOW - 3 * HOUR, ends_at=NOW - 2 * HOUR)
    for member, said in ((leila, "yes"), (others[0], "yes"), (others[1], "no")):
        Confirmation.objects.create(meeting=meeting, member=member, answer=said)
    Member.objects.filter(pk=leila.pk).update(left_at=NOW)
    assert Meeting.objects.disputed().get() == meeting
    assert Meeting.objects.get().status(NOW) == "disputed"


def test_answers_cost_no_query_for_each_member(django_assert_num_queries):
    group = factories.join(factories.mentorship(), *(factories.person() for _number in range(4)))
    for hours in (3, 6):
        begins = NOW - hours * HOUR
        meeting = Meeting.objects.create(mentorship=group, starts_at=begins, ends_at=begins + HOUR)
        for member in group.members.all():
            Confirmation.objects.create(meeting=meeting, member=member, answer="yes")
    with django_assert_num_queries(2):
        found = Meeting.objects.prefetch_related("confirmations")
        assert {meeting.status(NOW) for meeting in found} == {"held"}
