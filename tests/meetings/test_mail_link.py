"""The page that answers “did you meet?” without signing in: what it must never do."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from matching.models import Mentorship
from meetings import actions, mail_link
from meetings.models import Confirmation, Meeting
from participants.models import Person
from tests import factories
from tests.threads import at_once

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(minute=0, second=0, microsecond=0)
START = NOW - timedelta(days=2)


@pytest.fixture
def meeting(mentorship, aylin) -> Meeting:
    return actions.plan(
        mentorship=mentorship,
        by=aylin,
        starts_at=START,
        minutes=60,
        place="Secret place",
        link="https://meet.example.org/secret",
        agenda="Secret agenda",
        at=START - timedelta(days=9),
    )


@pytest.fixture
def address(meeting, mentor) -> str:
    return mail_link.address(meeting, mentor)


def form_of(client: Client, address: str) -> dict[str, str]:
    return {"shown": client.get(address).context["shown"]}


def said() -> list[tuple[str, str]]:
    return [(c.member.person.first_name, c.answer) for c in Confirmation.objects.order_by("pk")]


@pytest.mark.parametrize("answer", ["yes", "no", "moved"])
def test_one_tap_answers_for_this_person_and_this_meeting_alone(client, mentorship, aylin, address, answer):
    other = actions.plan(
        mentorship=mentorship,
        by=aylin,
        starts_at=START - timedelta(days=1),
        minutes=30,
        at=START - timedelta(days=9),
    )
    response = client.post(address, {**form_of(client, address), "answer": answer})
    assert (response.status_code, response["Location"]) == (302, address)
    assert said() == [("Aylin", answer)]
    assert (other.confirmations.count(), client.session.keys()) == (0, {}.keys())
    assert client.get(address).context["answer"].answer == answer
    assert client.get(reverse("home")).status_code == 302  # nobody is signed in by it


def test_looking_changes_nothing_however_often(client, address):
    for _times in range(3):
        assert client.get(address).status_code == 200
        assert client.head(address).status_code == 200
        assert client.get(address, {"answer": "yes"}).status_code == 200
    assert client.options(address).status_code == 405
    assert client.put(address, {"answer": "yes"}).status_code == 405
    assert said() == []


@pytest.mark.parametrize(
    "data", [{}, {"answer": "yes"}, {"answer": "yes", "shown": "x"}, {"answer": "perhaps"}]
)
def test_post_by_something_that_never_saw_the_form_changes_nothing(client, address, data):
    shown = form_of(client, address) if data.get("answer") == "perhaps" else {}
    assert client.post(address, {**shown, **data}).status_code == 400
    assert said() == []


def test_proof_of_another_form_does_not_fit(client, meeting, mentee, address):
    shown = form_of(client, mail_link.address(meeting, mentee))
    assert client.post(address, {**shown, "answer": "yes"}).status_code == 400
    assert said() == []


def test_it_works_without_any_cookie(address):
    client = Client(enforce_csrf_checks=True)
    shown = form_of(client, address)
    client.cookies.clear()
    assert client.post(address, {**shown, "answer": "yes"}).status_code == 302
    assert said() == [("Aylin", "yes")]


def test_sent_again_it_answers_no_more_and_says_so(client, address, meeting):
    shown = form_of(client, address)
    for answer in ("yes", "yes", "no"):
        assert client.post(address, {**shown, "answer": answer}).status_code == 302
    page = client.get(address).content.decode()
    assert said() == [("Aylin", "yes")]
    assert ("Thank you: you met" in page, "<button" in page.split("<main")[1]) == (True, False)
    assert reverse("meetings:log", args=[meeting.uuid]) in page


@pytest.mark.django_db(transaction=True)
def test_two_taps_at_once_are_one(address):
    shown = form_of(Client(), address)
    at_once(*[lambda a=answer: Client().post(address, {**shown, "answer": a}) for answer in ("yes", "no")])
    assert Confirmation.objects.count() == 1


def test_each_member_answers_with_their_own_link(client, meeting, mentor, mentee):
    for member, answer in ((mentor, "yes"), (mentee, "no")):
        own = mail_link.address(meeting, member)
        client.post(own, {**form_of(client, own), "answer": answer})
    assert said() == [("Aylin", "yes"), ("Martin", "no")]
    assert meeting.status() == Meeting.Status.DISPUTED


def test_page_shows_nothing_confidential_in_the_language_and_zone_of_its_person(client, meeting, mentee):
    meeting.mentorship.member_for(mentee.person)
    Person.objects.filter(pk=mentee.person.pk).update(language="de")
    page = client.get(mail_link.address(meeting, mentee))
    text = page.content.decode()
    assert "Haben Sie und Aylin sich getroffen?" in text
    local = START.astimezone(mentee.person.zone)
    assert f"{local:%H:%M}" in page.context["when"]
    assert [word for word in ("Secret", "secret", "Kaya") if word in text] == []
    assert (page["Cache-Control"], page["X-Robots-Tag"], page["Referrer-Policy"]) == (
        "private, no-store",
        "noindex",
        "no-referrer",
    )


def tampered(address: str) -> str:
    token = address.rstrip("/").rpartition("/")[2]
    return reverse("meetings:by_mail", args=[token[:-1] + ("A" if token[-1] != "A" else "B")])


def dead(client, address: str) -> tuple[int, str]:
    """What a dead link answers to looking, and to a tap on a form that was open since before."""
    looked = client.get(address)
    token = address.rstrip("/").rpartition("/")[2]
    tapped = client.post(address, {"shown": mail_link.proof_of_form(token), "answer": "yes"})
    assert (tapped.status_code, said()) == (looked.status_code, [])
    assert looked.context["text"]
    return looked.status_code, str(looked.context["title"])


def test_link_that_was_cut_off_or_made_up_leads_nowhere(client, meeting, address, mentor):
    assert dead(client, tampered(address)) == (404, "This link leads nowhere")
    stranger = factories.mentorship()
    foreign = factories.member(stranger, "mentor")
    assert dead(client, mail_link.address(meeting, foreign)) == (404, "This link leads nowhere")


def test_link_of_somebody_who_left_leads_nowhere(client, address, aylin):
    Person.objects.filter(pk=aylin.pk).update(is_active=False)
    assert dead(client, address) == (404, "This link leads nowhere")


def test_link_expires_three_weeks_after_the_meeting(client, address, meeting):
    def held_before(**ago):
        begun = START - timedelta(**ago)
        Meeting.objects.update(starts_at=begun, ends_at=begun + timedelta(hours=1))
        return mail_link.address(Meeting.objects.get(), meeting.mentorship.members.first())

    assert dead(client, held_before(days=19, hours=1))[1] == "This link has expired"
    assert client.get(held_before(days=18)).status_code == 200


def test_link_of_a_moved_meeting_says_so(client, address, meeting, aylin):
    actions.move(meeting=meeting, by=aylin, starts_at=NOW + timedelta(days=3), minutes=60)
    assert dead(client, address) == (410, "This meeting has another time now")
    assert dead(client, mail_link.address(Meeting.objects.get(), meeting.mentorship.members.first())) == (
        410,
        "This meeting has not begun yet",
    )


def test_link_of_a_cancelled_meeting_says_so(client, address):
    Meeting.objects.update(cancelled_at=NOW)
    assert dead(client, address) == (410, "This meeting was cancelled")


@pytest.mark.parametrize("state", ["ended", "completed"])
def test_link_of_a_mentorship_that_is_over_says_so(client, address, state):
    Mentorship.objects.update(state=state)
    assert dead(client, address) == (410, "This mentorship is over")


def test_link_does_not_work_for_somebody_else_who_is_signed_in(client, address, martin):
    for person in (martin, factories.hr_admin(), factories.person()):
        client.force_login(person)
        assert dead(client, address) == (403, "This link was sent to somebody else")


def test_link_works_for_its_person_who_is_signed_in(client, address, aylin):
    client.force_login(aylin)
    assert client.post(address, {**form_of(client, address), "answer": "yes"}).status_code == 302
    assert said() == [("Aylin", "yes")]
