"""The log: saved as one types, from two tabs, over a bad line, by both members."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from meetings import actions
from meetings.agenda import suggested
from meetings.models import Meeting, MeetingLog, NextStep, PrivateNote
from tests import factories

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(minute=0, second=0, microsecond=0)
DAY = timedelta(days=1)
AFTER = NOW - DAY
ONE, OTHER = uuid4(), uuid4()


@pytest.fixture
def meeting(mentorship, aylin) -> Meeting:
    return actions.plan(
        mentorship=mentorship, by=aylin, starts_at=NOW - 2 * DAY, minutes=60, at=NOW - 9 * DAY
    )


def write(meeting, member, topics, **more) -> MeetingLog:
    return actions.record_log(
        **{"meeting": meeting, "member": member, "topics": topics, "at": AFTER, "finished": False, **more}
    )


def test_page_goes_on_from_what_it_saved_itself(meeting, mentor):
    first = write(meeting, mentor, "A", revision=0, editor=ONE, edit=1)
    # The answer to the first was lost, so the page still thinks it is at revision 0.
    second = write(meeting, mentor, "A and B", revision=0, editor=ONE, edit=2)
    assert (first.revision, second.revision, MeetingLog.objects.get().topics) == (1, 2, "A and B")


def test_what_arrives_late_does_not_undo_what_came_after_it(meeting, mentor):
    write(meeting, mentor, "A and B", revision=0, editor=ONE, edit=2)
    assert write(meeting, mentor, "A", revision=0, editor=ONE, edit=1).topics == "A and B"
    assert MeetingLog.objects.get().topics == "A and B"


def test_another_page_with_an_older_text_is_refused(meeting, mentor):
    write(meeting, mentor, "A", revision=0, editor=ONE, edit=1)
    with pytest.raises(actions.OutdatedLog):
        write(meeting, mentor, "B", revision=0, editor=OTHER, edit=1)
    assert MeetingLog.objects.get().topics == "A"
    assert write(meeting, mentor, "B", revision=1, editor=OTHER, edit=2).topics == "B"


def test_the_same_text_from_another_page_is_no_contradiction(meeting, mentor):
    write(meeting, mentor, "A", revision=0, editor=ONE, edit=1)
    assert write(meeting, mentor, "A", revision=0, editor=OTHER, edit=1).revision == 1


def test_form_without_script_sent_again_from_the_same_page_counts(meeting, mentor):
    write(meeting, mentor, "A", revision=0, editor=ONE, edit=0)
    write(meeting, mentor, "B", revision=0, editor=ONE, edit=0)
    assert MeetingLog.objects.get().topics == "B"


def test_both_write_and_both_texts_stay(meeting, mentor, mentee):
    write(meeting, mentor, "Mine", revision=0, editor=ONE, edit=1)
    write(meeting, mentee, "Yours", revision=0, editor=OTHER, edit=1)
    assert sorted(MeetingLog.objects.values_list("topics", flat=True)) == ["Mine", "Yours"]


def test_edit_is_dated_and_a_private_note_is_none(meeting, mentor):
    log = write(meeting, mentor, "A", at=AFTER)
    assert log.edited_at is None
    noted = write(meeting, mentor, "A", private_note="Mine", at=AFTER + 2 * timedelta(hours=1))
    assert (noted.edited_at, noted.revision) == (None, 2)
    later = AFTER + 3 * timedelta(hours=1)
    assert write(meeting, mentor, "B", private_note="Mine", at=later).edited_at == later


def test_typing_leaves_an_answer_as_it_is_and_finishing_says_that_they_met(meeting, mentor):
    actions.answer(meeting=meeting, member=mentor, answer="no", at=AFTER)
    write(meeting, mentor, "A")
    assert meeting.status(AFTER) == Meeting.Status.MISSED
    write(meeting, mentor, "A", finished=True)
    assert meeting.status(AFTER) == Meeting.Status.HELD


def shown(client, person, meeting) -> str:
    client.force_login(person)
    return client.get(address("detail", meeting)).content.decode()


def test_what_is_typed_is_shown_to_the_other_once_it_is_done(client, meeting, mentor, mentee, aylin, martin):
    at = timezone.now()
    write(meeting, mentor, "Half a thou", next_steps=["Ask Pe"], at=at, revision=0, editor=ONE, edit=1)
    assert "Half a thou" in shown(client, aylin, meeting)
    page = shown(client, martin, meeting)
    assert "Half a thou" not in page
    assert "Ask Pe" not in page
    assert "Aylin is writing a log." in page
    assert "Half a thou" not in shown(client, factories.person(), meeting)
    # “Done” without another change, as the page sends it
    write(meeting, mentor, "Half a thou", next_steps=["Ask Pe"], at=at, finished=True, editor=ONE, edit=2)
    page = shown(client, martin, meeting)
    assert "Half a thou" in page
    assert "Ask Pe" in page
    assert "is writing" not in page


def test_what_was_never_finished_is_shown_after_two_hours_of_rest(meeting, mentor, mentee):
    log = write(meeting, mentor, "A", next_steps=["B"])
    [step] = NextStep.objects.all()
    for written in (log, step):
        assert written.is_shown_to(mentor, AFTER)
        assert not written.is_shown_to(mentee, AFTER + timedelta(minutes=119))
        assert written.is_shown_to(mentee, AFTER + timedelta(hours=2))


def test_step_that_is_being_typed_is_on_no_agenda(mentorship, meeting, mentor, aylin):
    later = actions.plan(mentorship=mentorship, by=aylin, starts_at=NOW + DAY, minutes=60)
    write(meeting, mentor, "A", next_steps=["Ask Pe"])
    assert not NextStep.objects.from_before(later, AFTER)
    write(meeting, mentor, "A", next_steps=["Ask Petra"], finished=True)
    assert [step.text for step in NextStep.objects.from_before(later, AFTER)] == ["Ask Petra"]


def test_step_that_is_being_typed_is_in_no_suggested_agenda(client, mentorship, meeting, mentor, martin):
    typed_at = timezone.now()
    write(meeting, mentor, "A", next_steps=["Ask Pe"], at=typed_at)
    assert "Ask Pe" not in suggested(mentorship, typed_at + timedelta(minutes=119))
    assert "From last time: Ask Pe" in suggested(mentorship, typed_at + timedelta(hours=2))
    client.force_login(martin)
    plan = reverse("meetings:plan", args=[mentorship.uuid])
    assert "Ask Pe" not in client.get(plan).content.decode()
    write(meeting, mentor, "A", next_steps=["Ask Petra"], at=typed_at, finished=True)
    assert "Ask Petra" in client.get(plan).content.decode()


# --- On the page -------------------------------------------------------------------------


def address(name: str, meeting) -> str:
    return reverse(f"meetings:{name}", args=[meeting.uuid])


def test_save_answers_with_the_revision_and_keeps_everything(client, meeting, aylin):
    client.force_login(aylin)
    data = {"topics": "A", "next_steps": "One\r\nTwo", "private_note": "Mine", "editor": ONE}
    first = client.post(address("save", meeting), {**data, "revision": 0, "edit": 1}).json()
    again = client.post(address("save", meeting), {**data, "revision": 0, "edit": 2}).json()
    assert (first["revision"], again["revision"]) == (1, 1)
    assert [step.text for step in NextStep.objects.all()] == ["One", "Two"]
    assert PrivateNote.objects.get().text == "Mine"
    cleared = client.post(address("save", meeting), {"revision": 1, "editor": ONE, "edit": 3})
    assert (cleared.status_code, MeetingLog.objects.get().topics, NextStep.objects.count()) == (200, "", 0)


def test_save_over_newer_text_answers_with_what_is_saved(client, meeting, aylin):
    client.force_login(aylin)
    client.post(address("save", meeting), {"topics": "A", "revision": 0, "editor": ONE, "edit": 1})
    response = client.post(
        address("save", meeting), {"topics": "B", "revision": 0, "editor": OTHER, "edit": 1}
    )
    answer = response.json()
    assert (response.status_code, answer["revision"], answer["saved"]["topics"]) == (409, 1, "A")


def test_save_of_what_cannot_be_says_why(client, meeting, aylin):
    client.force_login(aylin)
    response = client.post(address("save", meeting), {"next_steps": "x" * 301})
    assert (response.status_code, "300 characters" in response.json()["message"]) == (422, True)
    Meeting.objects.update(cancelled_at=NOW)
    response = client.post(address("save", meeting), {"topics": "A"})
    assert (response.status_code, "was cancelled" in response.json()["message"]) == (422, True)
    assert MeetingLog.objects.count() == 0


@pytest.mark.parametrize("name", ["log", "save"])
def test_saving_needs_the_token_of_the_page(meeting, aylin, name):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(aylin)
    assert client.post(address(name, meeting), {"topics": "A"}).status_code == 403
    assert MeetingLog.objects.count() == 0


def test_form_without_script_over_newer_text_keeps_both_to_compare(client, meeting, aylin, mentor):
    client.force_login(aylin)
    page = client.get(address("log", meeting))
    write(meeting, mentor, "Saved elsewhere")
    data = {"topics": "Typed here", "revision": page.context["revision"], "editor": ONE}
    conflict = client.post(address("log", meeting), data)
    text = conflict.content.decode()
    assert conflict.status_code == 409
    assert ("Saved elsewhere" in text, "Typed here" in text) == (True, True)
    data["revision"] = conflict.context["revision"]
    assert client.post(address("log", meeting), data).status_code == 302
    assert MeetingLog.objects.get().topics == "Typed here"


def test_steps_come_back_with_a_box_to_tick_until_the_next_time(client, mentorship, meeting, aylin, martin):
    member = factories.member(mentorship, "mentor")
    write(meeting, member, "", next_steps=["Try it", "Read it"], finished=True)
    upcoming = actions.plan(
        mentorship=mentorship,
        by=aylin,
        starts_at=NOW + DAY,
        minutes=60,
        agenda="From last time: Try it\nSomething else",
    )
    client.force_login(martin)
    page = client.get(address("detail", upcoming))
    assert [step.text for step in page.context["earlier"]] == ["Try it", "Read it"]
    assert page.context["agenda"] == "Something else"
    step = NextStep.objects.get(text="Try it")
    tick = reverse("meetings:tick", args=[step.uuid])
    back = client.post(tick, {"done": "yes", "meeting": upcoming.uuid})
    assert back["Location"] == address("detail", upcoming) + "#steps"
    row = client.post(tick, {"done": "no"}, headers={"HX-Request": "true"}).content.decode()
    assert ('aria-checked="false"' in row, "<html" in row) == (True, False)
    client.post(tick, {"done": "yes"})
    # Ticked since the last meeting: still there, to be seen and undone.
    assert len(client.get(address("detail", upcoming)).context["earlier"]) == 2
    later = actions.plan(mentorship=mentorship, by=aylin, starts_at=NOW + 9 * DAY, minutes=60)
    assert [step.text for step in client.get(address("detail", later)).context["earlier"]] == ["Read it"]


def test_tick_from_a_meeting_of_others_leads_to_none_of_theirs(client, meeting, aylin, mentor):
    write(meeting, mentor, "", next_steps=["Try it"])
    foreign = factories.mentorship()
    theirs = actions.plan(mentorship=foreign, by=foreign.people()[0], starts_at=NOW + DAY, minutes=60)
    client.force_login(aylin)
    tick = reverse("meetings:tick", args=[NextStep.objects.get().uuid])
    for seen_from in (theirs.uuid, "nonsense"):
        response = client.post(tick, {"done": "yes", "meeting": seen_from})
        assert response["Location"] == address("detail", meeting) + "#steps"
