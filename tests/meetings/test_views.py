from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from matching.models import Mentorship
from meetings import actions
from meetings.models import Confirmation, Meeting, MeetingLog, NextStep, Resource
from notices.models import Notice
from tests import factories

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(minute=0, second=0, microsecond=0)
COMING, GONE = NOW + timedelta(days=3), NOW - timedelta(days=3)


def planned(mentorship, by, starts_at=COMING, **fields) -> Meeting:
    return actions.plan(
        **{
            "mentorship": mentorship,
            "by": by,
            "starts_at": starts_at,
            "minutes": 60,
            "place": "Canteen",
            "agenda": "Secret plans",
            "at": GONE - timedelta(days=9),
            **fields,
        }
    )


def address(name: str, thing) -> str:
    return reverse(f"meetings:{name}", args=[thing.uuid])


def logged(meeting, member) -> MeetingLog:
    return actions.record_log(
        meeting=meeting,
        member=member,
        topics="Secret talk",
        next_steps=["Secret step"],
        private_note=f"Note of {member.role}",
        at=meeting.ends_at,
    )


OF_A_MEETING = ["detail", "move", "cancel", "answer", "log"]


@pytest.mark.parametrize("staff", [False, True])
def test_meeting_does_not_exist_for_a_stranger(client, mentorship, aylin, mentor, media, staff):
    meeting = planned(mentorship, aylin, GONE)
    logged(meeting, mentor)
    resource = actions.share(
        mentorship=mentorship, member=mentor, title="It", file=SimpleUploadedFile("a.txt", b"secret")
    )
    client.force_login(factories.person(is_hr_admin=staff))
    assert [client.get(address(name, meeting)).status_code for name in OF_A_MEETING] == [404] * 5
    assert [client.get(address(name, mentorship)).status_code for name in ("plan", "share")] == [404] * 2
    assert client.get(address("resource", resource)).status_code == 404
    assert client.post(address("tick", NextStep.objects.get()), {"done": "yes"}).status_code == 404
    assert "Canteen" not in client.get(reverse("meetings:list")).content.decode()


def test_delegate_sees_when_and_where_and_nothing_else(client, mentorship, aylin, mentor, delegate, media):
    meeting = planned(mentorship, aylin, GONE)
    logged(meeting, mentor)
    actions.share(
        mentorship=mentorship, member=mentor, title="Secret file", link="https://example.org", meeting=meeting
    )
    client.force_login(delegate)
    page = client.get(address("detail", meeting)).content.decode()
    assert "Canteen" in page
    assert "Secret" not in page
    assert "Canteen" in client.get(reverse("meetings:list")).content.decode()
    assert [client.get(address(name, meeting)).status_code for name in ("log", "answer")] == [404] * 2
    assert client.get(address("share", mentorship)).status_code == 404
    assert client.post(address("tick", NextStep.objects.get()), {"done": "yes"}).status_code == 404


def time_data(at: datetime, person, **more) -> dict:
    local = at.astimezone(person.zone)
    return {"day": local.date().isoformat(), "clock": f"{local:%H:%M}", "minutes": 45, **more}


def test_delegate_plans_moves_and_cancels_without_reading_the_agenda(
    client, mentorship, aylin, mentor, delegate
):
    logged(planned(mentorship, aylin, GONE), mentor)
    client.force_login(delegate)
    url = address("plan", mentorship)
    assert "Secret step" not in client.get(url).content.decode()
    client.post(url, time_data(COMING, delegate, request_key=uuid4(), agenda="Mine", place="Library"))
    meeting = Meeting.objects.latest("pk")
    assert (meeting.starts_at, meeting.minutes, meeting.place, meeting.planned_by) == (
        COMING,
        45,
        "Library",
        delegate,
    )
    assert meeting.agenda.splitlines()[0] == "From last time: Secret step"
    later = COMING + timedelta(days=1)
    client.post(address("move", meeting), time_data(later, delegate, place="Library"))
    client.post(address("cancel", meeting))
    meeting.refresh_from_db()
    assert (meeting.starts_at, meeting.status()) == (later, Meeting.Status.CANCELLED)


def test_delegate_of_an_ended_mentorship_sees_nothing(client, mentorship, aylin, delegate):
    meeting = planned(mentorship, aylin)
    Mentorship.objects.update(state=Mentorship.State.ENDED)
    client.force_login(delegate)
    assert client.get(address("detail", meeting)).status_code == 404


def test_first_meeting_is_the_kick_off(client, mentorship, aylin):
    client.force_login(aylin)
    form = client.get(address("plan", mentorship)).context["form"]
    assert form["agenda"].value().splitlines() == [
        "Getting to know each other: where we come from, what we do",
        "Goals: what each of us wants to have learned by the end",
        "Ground rules: what stays between us, which topics are taboo",
        "How we work: how often, where, and how we reach each other",
    ]


def test_plan_form_sent_twice_plans_once_in_the_planners_time_zone(client, mentorship, martin):
    client.force_login(martin)
    form = client.get(address("plan", mentorship)).context["form"]
    data = time_data(COMING, martin, request_key=form["request_key"].value(), agenda="Hello")
    for _ in range(2):
        response = client.post(address("plan", mentorship), data)
        assert response["Location"] == address("detail", Meeting.objects.get())
    assert (Meeting.objects.get().starts_at, Notice.objects.filter(in_inbox=True).count()) == (COMING, 1)


def test_plan_form_keeps_what_was_typed_and_says_what_is_wrong_beside_it(client, mentorship, aylin):
    client.force_login(aylin)
    data = time_data(GONE, aylin, request_key=uuid4(), agenda="Hello", place="Canteen")
    response = client.post(address("plan", mentorship), data)
    form = response.context["form"]
    assert list(form.errors) == ["day"]
    assert (form["agenda"].value(), form["place"].value()) == ("Hello", "Canteen")
    assert Meeting.objects.count() == 0


def test_plan_form_refuses_an_hour_the_clocks_skip(client, mentorship, aylin):
    client.force_login(aylin)
    data = {"day": "2040-03-25", "clock": "02:30", "minutes": 30, "request_key": uuid4()}
    form = client.post(address("plan", mentorship), data).context["form"]
    assert list(form.errors) == ["clock"]


def test_move_to_the_same_time_changes_nothing(client, mentorship, aylin, martin):
    meeting = planned(mentorship, martin)
    client.force_login(aylin)
    form = client.get(address("move", meeting)).context["form"]
    data = {name: form[name].value() for name in form.fields}
    assert client.post(address("move", meeting), data).status_code == 302
    meeting.refresh_from_db()
    assert (meeting.sequence, meeting.starts_at) == (0, COMING)


def test_cancel_asks_first(client, mentorship, aylin):
    meeting = planned(mentorship, aylin)
    client.force_login(aylin)
    page = client.get(address("cancel", meeting)).content.decode()
    assert "A notice goes to Martin." in page
    meeting.refresh_from_db()
    assert meeting.cancelled_at is None
    for _ in range(2):
        client.post(address("cancel", meeting))
    assert Notice.objects.filter(kind="meeting-cancelled").count() == 1


@pytest.mark.parametrize(("answer", "page"), [("yes", "log"), ("moved", "moved"), ("no", "plan")])
def test_answer_leads_to_what_follows_from_it(client, mentorship, aylin, answer, page):
    meeting = planned(mentorship, aylin, GONE)
    client.force_login(aylin)
    response = client.post(address("answer", meeting), {"answer": answer})
    assert response["Location"] == address(page, mentorship if page == "plan" else meeting)
    assert Confirmation.objects.get().answer == answer


def test_answer_that_is_none_is_not_kept(client, mentorship, aylin):
    client.force_login(aylin)
    response = client.post(address("answer", planned(mentorship, aylin, GONE)), {"answer": "perhaps"})
    assert (response.status_code, Confirmation.objects.count()) == (200, 0)


def test_dispute_is_shown_to_both(client, mentorship, aylin, martin, mentor, mentee):
    meeting = planned(mentorship, aylin, GONE)
    actions.answer(meeting=meeting, member=mentor, answer="yes")
    actions.answer(meeting=meeting, member=mentee, answer="no")
    for person in (aylin, martin):
        client.force_login(person)
        assert "You remember it differently" in client.get(address("detail", meeting)).content.decode()
    client.post(address("answer", meeting), {"answer": "yes"})
    assert meeting.status() == Meeting.Status.HELD


LOG = {"topics": "AI", "next_steps": "Try it\r\n\r\nTell me", "private_note": "Mine alone"}


def test_log_is_read_by_the_members_and_the_note_by_its_author(client, mentorship, aylin, martin):
    meeting = planned(mentorship, aylin, GONE)
    client.force_login(aylin)
    for _ in range(2):
        assert client.post(address("log", meeting), LOG).status_code == 302
    assert MeetingLog.objects.count() == 1
    assert [step.text for step in NextStep.objects.all()] == ["Try it", "Tell me"]
    own = client.get(address("detail", meeting)).content.decode()
    client.force_login(martin)
    theirs = client.get(address("detail", meeting)).content.decode()
    assert ("Tell me" in own, "Mine alone" in own) == (True, True)
    assert ("Tell me" in theirs, "Mine alone" in theirs) == (True, False)
    assert "Mine alone" not in client.get(address("log", meeting)).content.decode()


def test_log_before_the_start_is_refused_and_keeps_what_was_typed(client, mentorship, aylin):
    client.force_login(aylin)
    response = client.post(address("log", planned(mentorship, aylin)), LOG)
    assert response.context["form"]["topics"].value() == "AI"
    assert "You can write the log once it has." in response.content.decode()
    assert MeetingLog.objects.count() == 0


def test_log_with_nothing_in_it_or_too_much_is_refused(client, mentorship, aylin):
    meeting = planned(mentorship, aylin, GONE)
    client.force_login(aylin)
    for data in ({}, {"topics": "x" * 4001}, {"next_steps": "x" * 301}):
        assert client.post(address("log", meeting), data).status_code == 200
    assert MeetingLog.objects.count() == 0


def test_tick_marks_a_step_of_either_member(client, mentorship, aylin, martin, mentor):
    logged(planned(mentorship, aylin, GONE), mentor)
    client.force_login(martin)
    step = NextStep.objects.get()
    client.post(address("tick", step), {"done": "yes"})
    step.refresh_from_db()
    assert step.done_at is not None
    client.post(address("tick", step), {"done": "no"})
    step.refresh_from_db()
    assert step.done_at is None
    assert client.get(address("tick", step)).status_code == 405


def test_file_leaves_only_as_a_download_to_a_member(client, mentorship, aylin, martin, media, settings):
    client.force_login(aylin)
    url = address("share", mentorship)
    key = client.get(url).context["form"]["request_key"].value()
    for _ in range(2):
        data = {"title": "Slides", "file": SimpleUploadedFile("Mäuse.txt", b"<script>"), "request_key": key}
        assert client.post(url, data).status_code == 302
    resource = Resource.objects.get()
    client.force_login(martin)
    response = client.get(address("resource", resource))
    assert b"".join(response.streaming_content) == b"<script>"
    assert response["Content-Disposition"] == "attachment; filename*=utf-8''M%C3%A4use.txt"
    assert response["Content-Type"] == "application/octet-stream"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    assert client.get(f"/media/{resource.file.name}").status_code == 404


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "link"),
        ({"link": "javascript:alert(1)"}, "link"),
        ({"file": SimpleUploadedFile("a.html", b"<b>")}, "file"),
        ({"file": SimpleUploadedFile("a.txt", b"a"), "link": "https://example.org"}, "link"),
    ],
)
def test_share_says_beside_the_field_what_is_wrong(client, mentorship, aylin, media, data, field):
    client.force_login(aylin)
    form = client.post(address("share", mentorship), {"title": "It", "request_key": uuid4(), **data}).context[
        "form"
    ]
    assert (list(form.errors), Resource.objects.count()) == ([field], 0)


def test_former_member_reads_but_plans_and_shares_no_more(client, mentorship, aylin, mentor):
    meeting = planned(mentorship, aylin, GONE)
    logged(meeting, mentor)
    Mentorship.objects.update(state=Mentorship.State.ENDED)
    client.force_login(aylin)
    assert "Secret talk" in client.get(address("detail", meeting)).content.decode()
    assert client.get(address("move", meeting)).status_code == 403
    assert [client.get(address(name, mentorship)).status_code for name in ("plan", "share")] == [403] * 2


@pytest.mark.parametrize("count", [1, 3])
def test_list_costs_the_same_whatever_is_in_it(
    client, aylin, martin, mentorship, mentor, count, django_assert_num_queries
):
    for number in range(count):
        other = factories.mentorship(mentor=aylin)
        planned(other, aylin, COMING + timedelta(days=number))
        planned(other, aylin, GONE - timedelta(days=number))
        past = planned(mentorship, aylin, GONE - timedelta(days=number))
        actions.answer(meeting=past, member=mentor, answer="yes")
    client.force_login(aylin)
    with django_assert_num_queries(20):
        page = client.get(reverse("meetings:list"))
    assert [len(page.context[name]) for name in ("to_confirm", "coming", "past")] == [count] * 3


@pytest.mark.parametrize("count", [1, 3])
def test_detail_costs_the_same_whatever_is_in_it(
    client, aylin, mentorship, mentor, mentee, count, django_assert_num_queries
):
    meeting = planned(mentorship, aylin, GONE)
    for member in (mentor, mentee):
        logged(meeting, member)
    for number in range(count):
        NextStep.objects.create(meeting=meeting, member=mentor, text=f"Step {number}")
        actions.share(
            mentorship=mentorship, member=mentor, title="It", link="https://example.org", meeting=meeting
        )
    client.force_login(aylin)
    with django_assert_num_queries(14):
        assert client.get(address("detail", meeting)).status_code == 200


def test_logs_notes_and_resources_have_no_admin_path():
    from django.contrib import admin

    from mentoring.permissions import ADMIN_MODELS

    names = {model._meta.label_lower for model in admin.site._registry}
    assert [name for name in [*names, *ADMIN_MODELS] if name.startswith(("meetings.", "agreements."))] == []


def test_delegate_does_not_learn_what_was_said_of_a_meeting(
    client, mentorship, aylin, mentor, mentee, delegate
):
    pages = []
    client.force_login(delegate)
    meeting = planned(mentorship, aylin, GONE)
    for member, answer in [(None, ""), (mentor, "yes"), (mentee, "no"), (mentor, "no")]:
        if member:
            actions.answer(meeting=meeting, member=member, answer=answer)
        page = client.get(address("detail", meeting)).context
        rows = client.get(reverse("meetings:list")).context["past"]
        pages.append((page["row"], bool(page["may_arrange"]), rows))
    assert [page == pages[0] for page in pages] == [True] * 4
    assert (pages[0][0].status, pages[0][0].tone) == ("past", "")


def test_dispute_stays_on_top_of_the_list(client, mentorship, aylin, mentor, mentee):
    meeting = planned(mentorship, aylin, GONE)
    actions.answer(meeting=meeting, member=mentor, answer="yes")
    actions.answer(meeting=meeting, member=mentee, answer="no")
    client.force_login(aylin)
    context = client.get(reverse("meetings:list")).context
    assert ([row.status for row in context["to_confirm"]], context["past"]) == (["to settle"], [])


def test_the_page_to_plan_leads_to_ones_own_briefing_first(client, mentorship, aylin, mentor):
    page = factories.briefing_page(mentorship.cohort.programme, mentor.role)
    client.force_login(aylin)
    there = reverse("meetings:plan", args=[mentorship.uuid])
    shown = client.get(there)
    assert shown.context["briefing"] == reverse("programmes:briefing", args=[mentor.enrolment.uuid])
    assert "<form" not in shown.content.decode().split("<main")[1]
    page.delete()
    assert "held_up" not in client.get(there).context


@pytest.mark.parametrize(
    ("answer", "leads_to"), [("yes", "meetings:log"), ("no", "meetings:plan"), ("moved", "meetings:moved")]
)
def test_did_you_meet_is_answered_from_home_in_one_tap(client, mentorship, aylin, mentor, answer, leads_to):
    end = timezone.now() - timedelta(hours=1)
    meeting = Meeting.objects.create(
        mentorship=mentorship, starts_at=end - timedelta(hours=1), ends_at=end, planned_at=end
    )
    client.force_login(aylin)
    step = client.get(reverse("home")).context["next_step"]
    [tap] = [action for action in step.actions if dict(action.sends) == {"answer": answer}]
    client.force_login(factories.person())
    assert client.post(tap.url, dict(tap.sends)).status_code == 404
    client.force_login(aylin)
    about = mentorship if answer == "no" else meeting
    for _twice in range(2):
        assert client.post(tap.url, dict(tap.sends)).url == reverse(leads_to, args=[about.uuid])
    assert meeting.confirmations.get().answer == answer
    assert meeting.logs.count() == 0
