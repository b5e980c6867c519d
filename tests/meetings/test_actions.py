from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from domain.errors import DomainError
from matching.models import Mentorship
from meetings import actions
from meetings.models import (
    Confirmation,
    Meeting,
    MeetingChange,
    MeetingLog,
    NextStep,
    PrivateNote,
    Resource,
)
from notices.models import Notice
from programmes.actions import complete_briefing, waive_briefing
from programmes.models import Role
from tests import factories
from tests.factories import NOW
from tests.threads import at_once

pytestmark = pytest.mark.django_db
TOMORROW = NOW + timedelta(days=1)


def planned(mentorship, by, **fields) -> Meeting:
    return actions.plan(
        **{"mentorship": mentorship, "by": by, "starts_at": TOMORROW, "minutes": 60, "at": NOW, **fields}
    )


def told() -> list[tuple[str, str]]:
    """What reached an inbox; what goes to calendars alone is in test_calendar.py."""
    notices = Notice.objects.filter(in_inbox=True).order_by("pk")
    return [(notice.kind, notice.recipient.first_name) for notice in notices]


def changes() -> list[tuple]:
    return [
        (c.kind, c.by.first_name, c.on_behalf_of.person.first_name, c.starts_at, c.at)
        for c in MeetingChange.objects.all()
    ]


def test_plan_with_the_same_key_plans_once_and_tells_the_other_only(mentorship, aylin):
    key = uuid4()
    first, second = [planned(mentorship, aylin, request_key=key) for _ in range(2)]
    assert first == second
    assert (first.minutes, first.planned_at, first.planned_by) == (60, NOW, aylin)
    assert told() == [("meeting-planned", "Martin")]
    assert changes() == [("planned", "Aylin", "Aylin", TOMORROW, NOW)]
    notice = Notice.objects.get(kind="meeting-planned")
    assert notice.created_at == NOW
    assert notice.subject == "Aylin planned a meeting: Wednesday 16 September, 06:00"
    assert notice.text.startswith(
        "You meet Aylin on Wednesday 16 September, 06:00 to 07:00 (America/New_York)."
    )


def test_plan_by_a_delegate_tells_both_members_and_names_the_principal(mentorship, delegate):
    meeting = planned(mentorship, delegate)
    assert sorted(told()) == [("meeting-planned", "Aylin"), ("meeting-planned", "Martin")]
    assert changes() == [("planned", "Dana", "Martin", TOMORROW, NOW)]
    assert meeting.planned_by == delegate


def test_plan_by_a_stranger_is_refused(mentorship):
    with pytest.raises(DomainError):
        planned(mentorship, factories.person())
    assert Meeting.objects.count() == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"starts_at": NOW},
        {"starts_at": NOW - timedelta(minutes=1)},
        {"minutes": 5},
        {"minutes": 600},
        {"starts_at": TOMORROW + timedelta(minutes=59)},
        {"starts_at": TOMORROW - timedelta(minutes=1)},
    ],
)
def test_plan_refuses_impossible_times(mentorship, aylin, fields):
    planned(mentorship, aylin)
    with pytest.raises(DomainError):
        planned(mentorship, aylin, **fields)
    assert Meeting.objects.count() == 1


def test_plan_back_to_back_is_possible(mentorship, aylin):
    planned(mentorship, aylin)
    planned(mentorship, aylin, starts_at=TOMORROW + timedelta(minutes=60))
    assert Meeting.objects.count() == 2


@pytest.mark.parametrize("state", ["paused", "ended", "completed", "offered"])
def test_plan_in_a_mentorship_that_rests_is_refused(mentorship, aylin, state):
    Mentorship.objects.update(state=state)
    with pytest.raises(DomainError):
        planned(mentorship, aylin)


def test_move_twice_to_the_same_time_moves_once(mentorship, aylin, martin):
    meeting = planned(mentorship, aylin)
    for _ in range(2):
        actions.move(
            meeting=meeting, by=martin, starts_at=TOMORROW + timedelta(days=2), minutes=45, link="", at=NOW
        )
    meeting.refresh_from_db()
    assert (meeting.starts_at, meeting.minutes, meeting.sequence) == (TOMORROW + timedelta(days=2), 45, 1)
    assert told() == [("meeting-planned", "Martin"), ("meeting-moved", "Aylin")]
    assert changes()[1] == ("moved", "Martin", "Martin", TOMORROW, NOW)


def test_move_forgets_the_answers_about_the_earlier_time(mentorship, aylin, martin, mentor):
    meeting = planned(mentorship, aylin)
    later = TOMORROW + timedelta(hours=3)
    actions.answer(meeting=meeting, member=mentor, answer="moved", at=later)
    actions.move(meeting=meeting, by=aylin, starts_at=later + timedelta(days=1), minutes=60, at=later)
    meeting = Meeting.objects.get()
    assert meeting.status(later) == Meeting.Status.PLANNED
    assert meeting.status(later + timedelta(days=2)) == Meeting.Status.DUE


def test_move_of_a_held_or_cancelled_meeting_is_refused(mentorship, aylin, mentor):
    held, cancelled = (
        planned(mentorship, aylin),
        planned(mentorship, aylin, starts_at=TOMORROW + timedelta(3)),
    )
    actions.answer(meeting=held, member=mentor, answer="yes", at=TOMORROW + timedelta(hours=1))
    actions.cancel(meeting=cancelled, by=aylin, at=NOW)
    for meeting in (held, cancelled):
        with pytest.raises(DomainError):
            actions.move(
                meeting=meeting, by=aylin, starts_at=NOW + timedelta(days=9), minutes=60, at=TOMORROW
            )


def test_cancel_twice_tells_once(mentorship, aylin, martin):
    meeting = planned(mentorship, aylin)
    for person in (martin, aylin, martin):
        actions.cancel(meeting=meeting, by=person, at=NOW)
    meeting.refresh_from_db()
    assert (meeting.status(NOW), meeting.cancelled_by.person, meeting.sequence) == ("cancelled", martin, 1)
    assert told() == [("meeting-planned", "Martin"), ("meeting-cancelled", "Aylin")]


def test_cancel_after_the_start_is_refused(mentorship, aylin):
    meeting = planned(mentorship, aylin)
    with pytest.raises(DomainError):
        actions.cancel(meeting=meeting, by=aylin, at=TOMORROW)


def test_answer_before_the_start_is_refused(mentorship, aylin, mentor):
    meeting = planned(mentorship, aylin)
    with pytest.raises(DomainError):
        actions.answer(meeting=meeting, member=mentor, answer="yes", at=TOMORROW - timedelta(minutes=1))
    assert Confirmation.objects.count() == 0


def test_dispute_is_settled_by_changing_an_answer(mentorship, aylin, mentor, mentee):
    meeting, after = planned(mentorship, aylin), TOMORROW + timedelta(hours=2)
    actions.answer(meeting=meeting, member=mentor, answer="yes", at=after)
    assert meeting.status(after) == Meeting.Status.HELD
    actions.answer(meeting=meeting, member=mentee, answer="no", at=after)
    assert meeting.status(after) == Meeting.Status.DISPUTED
    assert list(Meeting.objects.held()) == []
    actions.answer(meeting=meeting, member=mentor, answer="no", at=after)
    assert meeting.status(after) == Meeting.Status.MISSED


def test_log_sent_often_is_saved_once_and_says_that_they_met(mentorship, aylin, mentor):
    meeting, after = planned(mentorship, aylin), TOMORROW + timedelta(hours=2)
    for _ in range(3):
        actions.record_log(
            meeting=meeting,
            member=mentor,
            topics="AI",
            next_steps=["Try it", "Try it", "  ", "Tell me"],
            private_note="He was late.",
            at=after,
        )
    log = MeetingLog.objects.get()
    assert (log.topics, log.created_at, log.updated_at) == ("AI", after, after)
    assert [step.text for step in NextStep.objects.all()] == ["Try it", "Tell me"]
    assert PrivateNote.objects.get().text == "He was late."
    assert meeting.status(after) == Meeting.Status.HELD


def test_log_written_anew_keeps_the_steps_that_are_done(mentorship, aylin, mentor):
    meeting, after = planned(mentorship, aylin), TOMORROW + timedelta(hours=2)
    actions.record_log(meeting=meeting, member=mentor, next_steps=["One", "Two"], at=after)
    actions.tick(step=NextStep.objects.get(text="One"), done=True, at=after)
    actions.record_log(meeting=meeting, member=mentor, next_steps=["Three"], private_note=" ", at=after)
    assert [(s.text, s.done_at) for s in NextStep.objects.all()] == [("One", after), ("Three", None)]
    assert PrivateNote.objects.count() == 0


def test_log_before_the_start_or_of_a_cancelled_meeting_is_refused(mentorship, aylin, mentor):
    meeting = planned(mentorship, aylin)
    with pytest.raises(DomainError):
        actions.record_log(meeting=meeting, member=mentor, topics="AI", at=TOMORROW - timedelta(minutes=1))
    actions.cancel(meeting=meeting, by=aylin, at=NOW)
    with pytest.raises(DomainError):
        actions.record_log(meeting=meeting, member=mentor, topics="AI", at=TOMORROW + timedelta(hours=1))
    assert (MeetingLog.objects.count(), Confirmation.objects.count()) == (0, 0)


def test_tick_twice_changes_once(mentorship, aylin, mentor):
    meeting, after = planned(mentorship, aylin), TOMORROW + timedelta(hours=2)
    actions.record_log(meeting=meeting, member=mentor, next_steps=["One"], at=after)
    step = NextStep.objects.get()
    assert [
        actions.tick(step=step, done=done, at=after + timedelta(hours=hour))
        for hour, done in enumerate([True, True, False])
    ] == [True, False, True]
    step.refresh_from_db()
    assert step.done_at is None


def test_share_with_the_same_key_shares_once(mentorship, mentor, media):
    key = uuid4()
    for _ in range(2):
        actions.share(
            mentorship=mentorship,
            member=mentor,
            title="Slides",
            file=SimpleUploadedFile("slides.pdf", b"%PDF-1.7 ..."),
            request_key=key,
            at=NOW,
        )
    resource = Resource.objects.get()
    assert (resource.title, resource.shared_at, resource.file.read()) == ("Slides", NOW, b"%PDF-1.7 ...")
    resource.file.close()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", b"<script>"),
        ("picture.svg", b"<svg>"),
        ("program.exe", b"MZ"),
        ("noending", b"text"),
        ("program.pdf", b"MZ\x90\x00"),
        ("program.txt", b"MZ\x90\x00"),
        ("large.txt", b"x" * (10 * 1024 * 1024 + 1)),
    ],
)
def test_share_refuses_other_types_and_large_files(mentorship, mentor, media, name, content):
    with pytest.raises(DomainError) as refusal:
        actions.share(
            mentorship=mentorship, member=mentor, title="It", file=SimpleUploadedFile(name, content)
        )
    assert refusal.value.field == "file"
    assert Resource.objects.count() == 0


def test_share_wants_either_a_link_or_a_file(mentorship, mentor, media):
    with pytest.raises(DomainError):
        actions.share(mentorship=mentorship, member=mentor, title="It")
    with pytest.raises(DomainError):
        actions.share(
            mentorship=mentorship,
            member=mentor,
            title="It",
            link="https://example.org",
            file=SimpleUploadedFile("a.txt", b"a"),
        )


@pytest.mark.django_db(transaction=True)
def test_plan_with_the_same_key_at_once_plans_once(mentorship, aylin):
    key = uuid4()
    results = at_once(*[lambda: planned(mentorship, aylin, request_key=key)] * 3)
    assert results == [Meeting.objects.get()] * 3
    assert told() == [("meeting-planned", "Martin")]


@pytest.mark.django_db(transaction=True)
def test_plan_of_the_same_hour_by_both_at_once_is_one_meeting(mentorship, aylin, martin):
    results = at_once(lambda: planned(mentorship, aylin), lambda: planned(mentorship, martin))
    assert sorted(type(result).__name__ for result in results) == ["DomainError", "Meeting"]


@pytest.mark.django_db(transaction=True)
def test_log_sent_twice_at_once_is_one(mentorship, aylin, mentor):
    meeting, after = planned(mentorship, aylin), TOMORROW + timedelta(hours=2)
    results = at_once(
        *[
            lambda: actions.record_log(
                meeting=meeting, member=mentor, topics="AI", next_steps=["One"], at=after
            )
        ]
        * 3
    )
    assert results == [MeetingLog.objects.get()] * 3
    assert (NextStep.objects.count(), Confirmation.objects.count()) == (1, 1)


@pytest.fixture
def to_prepare(mentorship):
    for role in Role.values:
        factories.briefing_page(mentorship.cohort.programme, role)
    return mentorship


def test_the_first_meeting_waits_until_everybody_is_prepared(to_prepare, aylin, martin, mentor, mentee):
    with pytest.raises(DomainError, match="Your briefing comes before the first meeting"):
        planned(to_prepare, aylin)
    complete_briefing(enrolment=mentor.enrolment, at=NOW)
    with pytest.raises(DomainError, match="once everybody is prepared"):
        planned(to_prepare, aylin)
    with pytest.raises(DomainError, match="Martin will be soon"):
        actions.plan_all(mentorship=to_prepare, by=aylin, starts=[TOMORROW], minutes=60, at=NOW)
    assert Meeting.objects.count() == 0
    waive_briefing(enrolment=mentee.enrolment, by=factories.hr_admin(), at=NOW)
    assert planned(to_prepare, martin) in Meeting.objects.all()


def test_a_later_meeting_waits_for_no_briefing(mentorship, aylin):
    planned(mentorship, aylin)
    factories.briefing_page(mentorship.cohort.programme)
    assert planned(mentorship, aylin, starts_at=TOMORROW + timedelta(days=1))


def test_a_delegate_is_told_who_is_not_prepared_yet(to_prepare, delegate):
    with pytest.raises(DomainError, match="Martin and Aylin will be soon"):
        planned(to_prepare, delegate)
