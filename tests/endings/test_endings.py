"""The ends of a mentorship: rounded off, broken off, left, run out; and what is asked weeks later."""

import io
from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from pypdf import PdfReader

import matching.actions
from domain.errors import DomainError
from endings import actions, course
from endings.certificate import certificate, facts
from endings.models import Again, Farewell, LookBack
from matching.models import Member, Mentorship
from meetings.models import Confirmation, Meeting
from notices.models import Notice
from programmes.models import Cohort, Enrolment, Role
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 1, 12, 10, 0, tzinfo=UTC)  # a Tuesday; the cohort ends on 31 January


@pytest.fixture
def aylin():
    return factories.person("Aylin Kaya", time_zone="Europe/Berlin")


@pytest.fixture
def martin():
    return factories.person("Martin Vogel", time_zone="Europe/Berlin")


@pytest.fixture
def mentorship(aylin, martin):
    return factories.mentorship(aylin, martin)


def meet(mentorship, day=12, answer="yes", **fields):
    starts = datetime(2026, 10, day, 9, 0, tzinfo=UTC)
    meeting = Meeting.objects.create(
        mentorship=mentorship, starts_at=starts, ends_at=starts + timedelta(minutes=45), **fields
    )
    if answer:
        member = mentorship.members.first()
        Confirmation.objects.create(meeting=meeting, member=member, answer=answer)
    return meeting


def told(kind):
    return sorted(Notice.objects.filter(kind=kind).values_list("recipient__name", flat=True))


def member(mentorship, person):
    return Member.of_all_time.get(mentorship=mentorship, enrolment__person=person)


def url(name, of):
    return reverse(f"endings:{name}", args=[of.uuid])


# --- Rounding it off -----------------------------------------------------------------------


def test_members_are_told_once_in_the_last_weeks_however_the_sweep_runs(mentorship):
    assert course.post_due(datetime(2027, 1, 2, 9, 0, tzinfo=UTC)) == 0
    assert course.post_due(NOW + timedelta(days=9)) == 2  # days without a worker
    assert course.post_due(NOW + timedelta(days=10)) == 0
    assert told("closing-due") == ["Aylin Kaya", "Martin Vogel"]


@pytest.mark.parametrize(("hour", "count"), [(10, 0), (12, 2)])
def test_last_weeks_begin_with_the_day_where_the_cohort_is(aylin, martin, hour, count):
    cohort = factories.cohort(time_zone="Pacific/Auckland")  # thirteen hours ahead
    factories.mentorship(aylin, martin, in_cohort=cohort)
    assert course.post_due(datetime(2027, 1, 2, hour, 0, tzinfo=UTC)) == count


def test_steps_show_what_is_done_and_lead_to_what_is_not(mentorship, aylin):
    found = course.steps(mentorship, member(mentorship, aylin), NOW)
    assert [(step.title, step.is_done) for step in found] == [
        ("A last meeting", False),
        ("Where your goals stand", True),
        ("Feedback", False),
        ("A thank-you", False),
    ]
    actions.say_farewell(member=member(mentorship, aylin), thanks="Thank you.", stays_in_touch=None, at=NOW)
    assert course.steps(mentorship, member(mentorship, aylin), NOW)[-1].is_done


def test_completing_needs_a_meeting_that_took_place(mentorship, aylin):
    meet(mentorship, answer="no")
    meet(mentorship, day=19, answer="")
    with pytest.raises(DomainError, match="Nobody has said yet that you met"):
        actions.complete(mentorship=mentorship, member=member(mentorship, aylin), at=NOW)
    meet(mentorship, day=26)
    actions.complete(mentorship=mentorship, member=member(mentorship, aylin), at=NOW)
    mentorship.refresh_from_db()
    assert (mentorship.state, mentorship.closed_at) == ("completed", NOW)
    actions.complete(mentorship=mentorship, member=member(mentorship, aylin), at=NOW)
    assert told("mentorship-changed") == ["Aylin Kaya", "Martin Vogel"]


def test_thanks_are_told_once_and_read_by_the_members_alone(mentorship, aylin, martin, client):
    for words in ("Thank you, Martin.", "Thank you very much, Martin."):
        actions.say_farewell(member=member(mentorship, aylin), thanks=words, stays_in_touch=True, at=NOW)
    assert told("farewell-written") == ["Martin Vogel"]
    client.force_login(martin)
    assert "Thank you very much, Martin." in client.get(url("close", mentorship)).content.decode()
    client.force_login(factories.hr_admin())
    assert client.get(url("close", mentorship)).status_code == 404


def test_addresses_are_shown_only_when_all_would_like_to_stay_in_touch(mentorship, aylin, martin, client):
    actions.say_farewell(member=member(mentorship, aylin), thanks="", stays_in_touch=True, at=NOW)
    client.force_login(martin)
    assert aylin.email not in client.get(url("close", mentorship)).content.decode()
    actions.say_farewell(member=member(mentorship, martin), thanks="", stays_in_touch=False, at=NOW)
    client.force_login(aylin)
    assert martin.email not in client.get(url("close", mentorship)).content.decode()
    actions.say_farewell(member=member(mentorship, martin), thanks="", stays_in_touch=True, at=NOW)
    assert martin.email in client.get(url("close", mentorship)).content.decode()


# --- The certificate ------------------------------------------------------------------------


def completed(mentorship, aylin):
    meet(mentorship)
    meet(mentorship, day=20)
    meet(mentorship, day=27, answer="")  # nobody said so: not counted
    actions.complete(mentorship=mentorship, member=member(mentorship, aylin), at=NOW)
    mentorship.refresh_from_db()
    return Member.objects.select_related("mentorship__cohort__programme", "enrolment__person").get(
        mentorship=mentorship, enrolment__person=aylin
    )


@pytest.mark.parametrize(
    ("language", "title", "body"),
    [
        ("en", "Certificate of mentoring", "2 meetings, together 1.5 hours, between 12 October 2026 and"),
        ("de", "Mentoring-Zertifikat", "2 Treffen, zusammen 1,5 Stunden, zwischen dem 12. Oktober 2026"),
    ],
)
def test_certificate_counts_only_what_took_place_and_names_nobody_else(
    mentorship, aylin, language, title, body
):
    aylin.language, aylin.name = language, "Aylin Şahin #panic() *Kaya*"
    aylin.save()
    document = PdfReader(io.BytesIO(certificate(completed(mentorship, aylin), at=NOW)))
    text = " ".join(document.pages[0].extract_text().split())
    assert len(document.pages) == 1
    assert document.metadata.title == title
    assert body in text
    assert "Aylin Şahin #panic() *Kaya*" in text
    assert "Martin" not in text
    assert document.trailer["/Root"]["/MarkInfo"]["/Marked"]


def test_certificate_is_there_after_the_end_and_only_for_oneself(mentorship, aylin, martin, client):
    with pytest.raises(DomainError, match="when the mentorship is over"):
        facts(member(mentorship, aylin))
    completed(mentorship, aylin)
    client.force_login(martin)
    page = client.get(url("certificate", mentorship))
    assert (page["Content-Type"], page.content[:5]) == ("application/pdf", b"%PDF-")
    client.force_login(factories.person())
    assert client.get(url("certificate", mentorship)).status_code == 404


# --- Ending early, and what next -------------------------------------------------------------


def test_who_ends_is_led_to_what_next_and_can_be_matched_again_once(mentorship, aylin, client):
    coordinator = factories.person("Tomás")
    factories.programme_role(mentorship.cohort.programme, coordinator, "coordinator")
    client.force_login(aylin)
    page = client.post(reverse("matching:end", args=[mentorship.uuid]), follow=True)
    assert page.redirect_chain[-1][0] == url("next", mentorship)
    assert "Match me again" in page.content.decode()
    for _click in range(2):
        client.post(url("rematch", mentorship))
    assert told("rematch-asked") == ["Tomás"]
    assert "Martin" not in Notice.objects.get(kind="rematch-asked").text
    assert Enrolment.objects.get(person=aylin).state == "accepted"


def test_next_page_says_that_a_rematch_was_asked_and_asks_nothing_once_the_cohort_is_over(
    mentorship, aylin, client
):
    factories.hr_admin()
    meet(mentorship)
    matching.actions.end(mentorship=mentorship, person=aylin, at=NOW)
    client.force_login(aylin)
    page, again = url("next", mentorship), url("rematch", mentorship)
    assert again in client.get(page).content.decode()
    client.post(again)
    text = client.get(page).content.decode()
    assert again not in text
    assert "You are being matched again" in text
    assert url("certificate", mentorship) in text
    assert client.get(url("certificate", mentorship)).content.startswith(b"%PDF")
    Cohort.objects.update(state=Cohort.State.CLOSED)
    Notice.objects.all().delete()
    text = client.get(page).content.decode()
    assert "The cohort is over as well" in text
    assert again not in text
    client.post(again)
    assert not Notice.objects.exists()


def test_next_page_is_for_members_of_what_ended(mentorship, aylin, client):
    client.force_login(aylin)
    assert client.get(url("next", mentorship)).status_code == 403
    client.force_login(factories.person())
    assert client.get(url("next", mentorship)).status_code == 404


def test_who_parted_is_not_proposed_again_even_where_partners_may_meet_twice(mentorship, aylin, martin):
    from matching.people_of import people_of
    from matching.policies import policy_for

    policy = policy_for(mentorship.cohort.programme)
    policy.earlier, policy.grade_gap = "off", 0
    policy.save()
    matching.actions.end(mentorship=mentorship, person=aylin, at=NOW)
    snapshot = people_of(mentorship.cohort)
    assert snapshot.mentors.together.row(0).tolist() == [martin.pk]
    assert snapshot.mentors.capacity.tolist() == [1]


def test_staff_end_it_for_a_reason_only_they_read(mentorship, client):
    coordinator = factories.person("Tomás")
    factories.programme_role(mentorship.cohort.programme, coordinator, "coordinator")
    client.force_login(coordinator)
    path = reverse("admin:matching_mentorship_end_mentorship", args=[mentorship.pk])
    assert "End this mentorship?" in client.get(path).content.decode()
    client.post(path, {"reason": "They asked me to."})
    mentorship.refresh_from_db()
    assert (mentorship.state, mentorship.staff_reason) == ("ended", "They asked me to.")
    assert told("mentorship-changed") == ["Aylin Kaya", "Martin Vogel"]
    assert not Notice.objects.filter(text__contains="asked me").exists()
    stranger = factories.person()
    factories.programme_role(factories.programme(), stranger, "coordinator")
    client.force_login(stranger)
    assert client.get(path).status_code == 404


@pytest.fixture
def group(aylin, martin):
    """Two mentors and two mentees."""
    made = factories.mentorship(
        aylin, martin, in_cohort=factories.cohort(programme=factories.programme(form="group"))
    )
    for role in (Role.MENTOR, Role.MENTEE):
        someone = factories.person(f"Second {role.label}")
        Member.objects.create(
            mentorship=made, enrolment=factories.enrolment(made.cohort, someone, role), role=role
        )
    return Mentorship.objects.with_members().get(pk=made.pk)


def test_group_goes_on_without_the_one_who_leaves_who_sees_no_more_of_it(group, aylin, martin, client):
    matching.actions.end(mentorship=group, person=aylin, at=NOW)
    matching.actions.end(mentorship=group, person=aylin, at=NOW)
    group.refresh_from_db()
    assert group.state == "active"
    assert told("mentorship-changed") == ["Martin Vogel", "Second mentee", "Second mentor"]
    assert "Aylin" not in Notice.objects.filter(kind="mentorship-changed").first().text
    client.force_login(aylin)
    assert client.get(reverse("mentorship", args=[group.uuid])).status_code == 404
    assert client.get(url("next", group)).status_code == 200
    client.force_login(martin)
    assert "Aylin" not in client.get(reverse("mentorship", args=[group.uuid])).content.decode()


def test_group_ends_when_nobody_of_a_role_remains(group):
    for someone in Member.objects.filter(mentorship=group, role=Role.MENTOR):
        matching.actions.end(mentorship=group, person=someone.person, at=NOW)
    group.refresh_from_db()
    assert group.state == "ended"


# --- The cohort is over -------------------------------------------------------------------------


def test_what_lives_is_completed_or_ended_two_weeks_after_a_closed_cohort(mentorship, aylin, martin):
    other = factories.mentorship(in_cohort=mentorship.cohort)
    meet(mentorship)
    after = datetime(2027, 2, 20, 9, 0, tzinfo=UTC)
    assert course.close_with_cohort(after) == 0
    Cohort.objects.filter(pk=mentorship.cohort_id).update(state=Cohort.State.CLOSED)
    assert course.close_with_cohort(datetime(2027, 2, 10, 9, 0, tzinfo=UTC)) == 0
    assert course.close_with_cohort(after) == 2
    assert course.close_with_cohort(after) == 0
    states = {m.pk: m.state for m in Mentorship.objects.all()}
    assert states == {mentorship.pk: "completed", other.pk: "ended"}


def over(mentorship, days):
    Mentorship.objects.filter(pk=mentorship.pk).update(
        state="completed", closed_at=NOW - timedelta(days=days)
    )


def test_look_back_is_asked_once_four_weeks_later(mentorship):
    over(mentorship, 20)
    assert course.ask_to_look_back(NOW) == 0
    over(mentorship, 60)  # the weeks between were missed
    assert course.ask_to_look_back(NOW) == 2
    assert course.ask_to_look_back(NOW + timedelta(days=1)) == 0
    over(mentorship, 400)
    LookBack.objects.all().delete()
    assert course.ask_to_look_back(NOW) == 0


def test_answer_is_stored_once_apart_from_the_person(mentorship, aylin, client):
    over(mentorship, 40)
    course.ask_to_look_back(NOW)
    asked = LookBack.objects.get(enrolment__person=aylin)
    client.force_login(aylin)
    page = client.get(url("look_back", asked)).content.decode()
    assert "checked" not in page
    assert "This field is required." in client.post(url("look_back", asked), {}).content.decode()
    for _click in range(2):
        client.post(url("look_back", asked), {"answer": "other"})
    answer = Again.objects.get()
    assert (answer.role, answer.answer, answer.cohort) == ("mentor", "other", mentorship.cohort)
    assert {f.name for f in Again._meta.get_fields()} == {"id", "cohort", "role", "answer"}
    client.force_login(factories.person())
    assert client.get(url("look_back", asked)).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_page_takes_the_same_queries_for_one_and_for_three(
    aylin, martin, client, rows, django_assert_num_queries
):
    mentorship = factories.mentorship(aylin, martin)
    for number in range(rows):
        meet(mentorship, day=10 + number)
    Farewell.objects.create(member=member(mentorship, martin), thanks="Thanks.")
    client.force_login(aylin)
    client.get(url("close", mentorship))
    with django_assert_num_queries(19):
        client.get(url("close", mentorship))


def test_end_is_planned_with_its_own_agenda(mentorship):
    from meetings.agenda import suggested

    meet(mentorship)
    assert "How we stay in touch" not in suggested(mentorship)
    Cohort.objects.filter(pk=mentorship.cohort_id).update(
        ends_on=date.today() + timedelta(days=7), starts_on=date(2026, 8, 3)
    )
    fresh = Mentorship.objects.select_related("cohort").get(pk=mentorship.pk)
    assert "How we stay in touch" in suggested(fresh)
