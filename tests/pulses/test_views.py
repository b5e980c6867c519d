import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from participants.models import Person
from pulses import actions
from pulses.models import InvitationToAnswer, OwnQuestion, Response
from pulses.questions import FEELING_SAFE
from pulses.views import PADDED_TO
from tests import factories

pytestmark = pytest.mark.django_db

SAFE = dict.fromkeys(FEELING_SAFE, "4")
FRAME = 5  # Savepoint and its release, session, person; the page's frame.


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def asked():
    """A mentor who is asked, and the address of the question round."""
    mentorship = factories.mentorship(factories.person("Aylin Kaya"), factories.person("Dr. Martin Vogel"))
    wave = actions.open_wave(cohort=mentorship.cohort, kind="start")
    aylin = factories.member(mentorship, "mentor").person
    invitation = InvitationToAnswer.objects.get(wave=wave, enrolment__person=aylin)
    return mentorship, aylin, reverse("pulses:answer", args=[invitation.uuid])


def test_the_page_chooses_nothing_and_says_who_sees_the_answers(asked):
    _, aylin, url = asked
    response = signed_in(aylin).get(url)
    page = response.content.decode()
    assert "checked" not in page and "required" not in page
    assert page.count("<fieldset") == page.count("<legend") == 8
    assert len(re.findall(r'type="radio"', page)) == 40
    assert "Nobody sees your answers." in page
    assert "groups of five people or more" in page
    assert "no-store" in response["Cache-Control"]


def test_answers_are_stored_once_and_a_second_visit_thanks(asked):
    _, aylin, url = asked
    client = signed_in(aylin)
    page = client.post(url, {**SAFE, "engagement": "5", "connection": ""})
    assert page.status_code == 200
    assert "Thank you" in page.content.decode()
    assert dict(Response.objects.get().answers.values_list("question", "value")) == {
        **dict.fromkeys(FEELING_SAFE, 4),
        "engagement": 5,
    }
    again = client.post(url, {**SAFE, "engagement": "1"})
    assert "Thank you" in again.content.decode()
    assert Response.objects.count() == 1


def test_nothing_chosen_is_said_beside_the_questions(asked):
    _, aylin, url = asked
    page = signed_in(aylin).post(url, {"engagement": ""})
    assert page.context["form"].non_field_errors() == [
        "Nothing is chosen yet. Answer at least one, or leave the page: that is fine too."
    ]
    assert Response.objects.count() == 0


def offers_in(page):
    return "It sounds as if not everything feels right" in page.content.decode()


@pytest.mark.parametrize(
    ("answers", "offered"),
    [({**SAFE, "safety-frank": "2"}, True), (SAFE, False), ({**SAFE, "engagement": "1"}, False)],
)
def test_help_is_offered_after_a_low_answer_on_feeling_safe(asked, answers, offered):
    mentorship, aylin, url = asked
    page = signed_in(aylin).post(url, answers)
    assert (page.status_code, offers_in(page)) == (200, offered)
    # The ways are there for everybody, folded; nothing says which of the two somebody saw.
    for name in ("concerns:raise", "matching:pause", "matching:end"):
        assert reverse(name, args=[mentorship.uuid]) in page.content.decode()
    assert ('<details class="disclosure' in page.content.decode()) is not offered
    assert reverse("pulses:advice") in page.content.decode()


def test_no_log_tells_by_length_status_or_queries_whether_help_was_offered(asked):
    mentorship, aylin, url = asked
    martin = factories.member(mentorship, "mentee").person
    theirs = reverse("pulses:answer", args=[InvitationToAnswer.objects.get(enrolment__person=martin).uuid])
    seen = []
    for person, where, answers in ((aylin, url, {**SAFE, "safety-frank": "1"}), (martin, theirs, SAFE)):
        client = signed_in(person)
        with CaptureQueriesContext(connection) as queries:
            page = client.post(where, answers)
        seen.append((page.status_code, len(page.content), len(queries), page.headers.get("Location")))
    assert seen[0] == seen[1]
    assert seen[0][1] % PADDED_TO == 0


@pytest.mark.parametrize("length", range(7))
def test_a_page_of_thanks_is_padded_whatever_its_length(asked, length):
    mentorship, aylin, url = asked
    Person.objects.filter(pk=factories.member(mentorship, "mentee").person.pk).update(name="M" * (length + 1))
    page = signed_in(aylin).post(url, SAFE)
    assert len(page.content) % PADDED_TO == 0


@pytest.mark.parametrize("language", ["en", "de"])
def test_advice_is_the_same_page_for_everybody_who_is_signed_in(language):
    path = reverse("pulses:advice")
    pages = set()
    for person in (factories.person(), factories.hr_admin()):
        person.language = language
        person.save()
        page = signed_in(person).get(path)
        assert page.status_code == 200
        pages.add(page.content.decode().split("<main")[1])
    assert len(pages) == 1
    assert Client().get(path).status_code == 302


def test_that_help_was_offered_is_kept_nowhere(asked):
    _, aylin, url = asked
    client = signed_in(aylin)
    assert offers_in(client.post(url, {**SAFE, "safety-frank": "1"}))
    assert not offers_in(client.get(url))
    assert set(client.session.keys()) == {
        *("_auth_user_id", "_auth_user_backend", "_auth_user_hash", "signed_in_at", "seen_at")
    }


def test_a_round_that_has_closed_says_so(asked):
    mentorship, aylin, url = asked
    mentorship.cohort.pulse_waves.update(opens_on="2020-01-01", closes_on="2020-01-15")
    InvitationToAnswer.objects.update(closes_on="2020-01-15")
    client = signed_in(aylin)
    assert "This round has closed" in client.get(url).content.decode()
    client.post(url, SAFE)
    assert Response.objects.count() == 0


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_the_partner_and_hr_find_nothing(asked, method):
    mentorship, _, url = asked
    martin = factories.member(mentorship, "mentee").person
    for one in (factories.person(), factories.hr_admin(), martin):
        assert getattr(signed_in(one), method)(url, SAFE).status_code == 404
    assert Response.objects.count() == 0


@pytest.mark.parametrize("questions", [1, 3])
def test_the_page_takes_the_same_queries_however_many_questions(asked, django_assert_num_queries, questions):
    mentorship, aylin, url = asked
    for position in range(1, questions + 1):
        OwnQuestion.objects.create(
            programme=mentorship.cohort.programme, text_en=f"Question {position}?", position=position
        )
    client = signed_in(aylin)
    # The invitation with its wave; the programme's objectives and own questions.
    with django_assert_num_queries(FRAME + 3):
        page = client.get(url)
    assert page.content.decode().count("<fieldset") == 8 + questions


# --- Own questions in the admin ------------------------------------------------------


def test_a_coordinator_writes_questions_for_their_programmes_alone():
    coordinator, own, foreign = factories.person(), factories.programme(), factories.programme()
    factories.programme_role(own, coordinator, "coordinator")
    mine = OwnQuestion.objects.create(programme=own, text_en="Mine", position=1)
    theirs = OwnQuestion.objects.create(programme=foreign, text_en="Theirs", position=1)
    client = signed_in(coordinator)
    page = client.get(reverse("admin:pulses_ownquestion_changelist")).content.decode()
    assert ("Mine" in page, "Theirs" in page) == (True, False)
    opened = [client.get(reverse("admin:pulses_ownquestion_change", args=[one.pk])) for one in (mine, theirs)]
    assert [page.status_code for page in opened] == [200, 302]
    add = reverse("admin:pulses_ownquestion_add")
    sent = {"text_en": "New", "text_de": "Neu", "position": 2}
    assert client.post(add, {**sent, "programme": foreign.pk}).status_code == 200
    assert client.post(add, {**sent, "programme": own.pk}).status_code == 302
    assert set(OwnQuestion.objects.values_list("programme", "position")) == {
        (own.pk, 1),
        (own.pk, 2),
        (foreign.pk, 1),
    }


def test_somebody_who_is_not_staff_does_not_reach_the_questions():
    response = signed_in(factories.person()).get(reverse("admin:pulses_ownquestion_changelist"))
    assert response.status_code == 302


def test_an_answered_question_keeps_its_words_and_another_in_its_place_inherits_no_answers(asked):
    mentorship, aylin, url = asked
    programme = mentorship.cohort.programme
    question = OwnQuestion.objects.create(programme=programme, text_en="Ours", text_de="Unsere", position=1)
    signed_in(aylin).post(url, {question.key: "2"})
    client = signed_in(factories.hr_admin())
    change = reverse("admin:pulses_ownquestion_change", args=[question.pk])
    sent = {"text_en": "Another", "text_de": "Eine andere", "position": 1, "programme": programme.pk}
    assert "People have answered this question" in client.post(change, sent).content.decode()
    assert (
        client.post(change, {**sent, "text_en": "Ours", "text_de": "Unsere", "position": 3}).status_code
        == 302
    )
    question.delete()
    assert not OwnQuestion.objects.create(programme=programme, text_en="New", position=1).is_answered
