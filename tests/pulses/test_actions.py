from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from domain.errors import DomainError
from notices.models import Notice
from programmes.models import Enrolment, Objective, Role
from pulses import actions, schedule, waiting
from pulses.models import Answer, InvitationToAnswer, OwnQuestion, Response, Wave
from pulses.questions import FEELING_SAFE, FIVE_KS, feels_unsafe, questions_for
from tests import factories

pytestmark = pytest.mark.django_db

AT = datetime(2026, 9, 15, 10, 0, tzinfo=UTC)
SAFE = dict.fromkeys(FEELING_SAFE, 4)


def wave_of(mentorship, at=AT, kind="start"):
    return actions.open_wave(cohort=mentorship.cohort, kind=kind, at=at)


def invitation_of(wave, person):
    return InvitationToAnswer.objects.get(wave=wave, enrolment__person=person)


def pair(**fields):
    made = factories.mentorship(
        factories.person("Aylin Kaya"), factories.person("Dr. Martin Vogel"), **fields
    )
    return made, factories.member(made, "mentor").person, factories.member(made, "mentee").person


# --- What is asked -------------------------------------------------------------------


def test_questions_cover_the_five_ks_and_safety_in_the_words_of_the_role():
    mentorship, *_ = pair()
    wave = wave_of(mentorship)
    asked = {role: questions_for(wave, role) for role in Role.values}
    for questions in asked.values():
        assert [one.key for one in questions] == [*FIVE_KS, *FEELING_SAFE]
        assert {one.dimension for one in questions} == set(Objective.Dimension.values)
    assert all(str(asked["mentor"][i].text) != str(asked["mentee"][i].text) for i in range(len(FIVE_KS)))


@pytest.mark.parametrize(
    ("kind", "extra"),
    [("start", ["objective", "own"]), ("middle", ["own"]), ("end", ["objective", "own"])],
)
def test_questions_of_the_programme_are_asked_where_they_belong(kind, extra):
    mentorship, *_ = pair()
    programme = mentorship.cohort.programme
    fields = {"programme": programme, "statement": "x", "target": 4}
    asked = Objective.objects.create(**fields, measure="question", question="Do ideas travel?")
    Objective.objects.create(**fields, measure="goals")
    own = OwnQuestion.objects.create(programme=programme, text_en="Ours", text_de="Unsere", position=2)
    OwnQuestion.objects.create(programme=factories.programme(), text_en="Theirs", position=1)
    keys = [one.key for one in questions_for(wave_of(mentorship, kind=kind), "mentor")][8:]
    names = {"objective": f"objective-{asked.pk}", "own": f"own-{own.pk}"}
    assert keys == [names[key] for key in extra]


@pytest.mark.parametrize("position", [0, 6])
def test_the_database_takes_five_questions_of_ones_own_and_no_sixth(position):
    programme = factories.programme()
    for place in range(1, 6):
        OwnQuestion.objects.create(programme=programme, text_en="Ours", position=place)
    with pytest.raises(IntegrityError), transaction.atomic():
        OwnQuestion.objects.create(programme=programme, text_en="A sixth", position=position)
    with pytest.raises(IntegrityError), transaction.atomic():
        OwnQuestion.objects.create(programme=programme, text_en="A second first", position=1)


def test_short_pulse_asks_about_feeling_safe_alone():
    wave = wave_of(pair()[0], kind="short")
    assert [one.key for one in questions_for(wave, "mentee")] == list(FEELING_SAFE)


@pytest.mark.parametrize(
    ("answers", "unsafe"),
    [
        (SAFE, False),
        ({}, False),
        ({"safety-frank": 3}, False),
        ({**SAFE, "safety-decline": 2}, True),
        ({"safety-support": 1}, True),
        ({"engagement": 1}, False),
    ],
)
def test_feels_unsafe_looks_at_safety_alone(answers, unsafe):
    assert feels_unsafe(answers) is unsafe


# --- Whom, and when ------------------------------------------------------------------


def test_open_wave_asks_the_accepted_and_matched_and_nobody_else():
    mentorship, aylin, martin = pair()
    cohort = mentorship.cohort
    factories.enrolment(cohort)  # accepted, not matched
    factories.mentorship(in_cohort=cohort, state="offered")
    left, *_ = pair(in_cohort=cohort)
    Enrolment.objects.filter(memberships__mentorship=left).update(state="withdrawn")
    pair()  # another cohort
    wave = wave_of(mentorship)
    assert set(wave.invitations.values_list("enrolment__person", flat=True)) == {aylin.pk, martin.pk}
    assert (wave.opens_on, wave.closes_on) == (date(2026, 9, 15), date(2026, 9, 29))
    notices = Notice.objects.all()
    assert {(one.kind, one.recipient, one.created_at) for one in notices} == {
        ("pulse-open", aylin, AT),
        ("pulse-open", martin, AT),
    }
    assert notices[0].url == f"/pulses/{invitation_of(wave, notices[0].recipient).uuid}/"


def test_open_wave_again_asks_only_who_came_since_and_never_after_it_closed():
    mentorship, aylin, _ = pair()
    wave = wave_of(mentorship)
    actions.answer(invitation=invitation_of(wave, aylin), answers=SAFE, at=AT)
    pair(in_cohort=mentorship.cohort)
    assert wave_of(mentorship, AT + timedelta(days=3)) == wave
    assert (wave.invitations.count(), Notice.objects.count()) == (4, 4)
    pair(in_cohort=mentorship.cohort)
    assert wave_of(mentorship, AT + timedelta(days=15)) == wave
    assert (wave.invitations.count(), Notice.objects.count()) == (4, 4)


@pytest.mark.parametrize(
    ("day", "state", "kinds"),
    [
        ("2026-08-03", "matching", []),
        ("2026-08-03", "running", ["start"]),
        ("2026-08-20", "running", ["start"]),  # a late worker loses nothing
        ("2026-10-31", "running", ["start"]),
        ("2026-11-01", "running", ["middle"]),  # the middle of 3 August and 31 January
        ("2026-11-28", "running", ["middle"]),
        ("2026-11-29", "running", []),
        ("2027-01-16", "running", []),
        ("2027-01-17", "running", ["end"]),
        ("2027-02-14", "closed", ["end"]),
        ("2027-02-15", "closed", []),
        ("2026-09-15", "closed", []),
    ],
)
def test_waves_open_within_their_windows(day, state, kinds):
    cohort = factories.cohort(state=state)
    assert list(schedule.wanted(cohort, date.fromisoformat(day))) == kinds


def test_waves_open_once_with_the_day_of_the_cohorts_time_zone():
    cohort = factories.cohort(time_zone="Pacific/Auckland")
    pair(in_cohort=cohort)
    before_midnight = datetime(2026, 10, 31, 10, 59, tzinfo=UTC)  # 23:59 on 31 October in Auckland
    (start,) = schedule.open_due(before_midnight)
    (middle,) = schedule.open_due(before_midnight + timedelta(minutes=1))
    assert (start.kind, middle.kind, middle.opens_on) == ("start", "middle", date(2026, 11, 1))
    told = Notice.objects.count()
    schedule.open_due(before_midnight + timedelta(days=2))
    assert (Wave.objects.count(), Notice.objects.count(), told) == (2, 4, 4)


def test_a_pulse_waits_for_the_invited_until_it_is_answered_or_closed():
    mentorship, aylin, martin = pair()
    wave = wave_of(mentorship)
    stranger = factories.person()
    titles = lambda person, at=AT: [one.title for one in waiting.waiting_for(person, at)]  # noqa: E731
    assert titles(aylin) == ["A short question round"]
    assert titles(stranger) == []
    assert titles(martin, AT + timedelta(days=15)) == []
    actions.answer(invitation=invitation_of(wave, aylin), answers=SAFE, at=AT)
    assert titles(aylin) == []


# --- Answering -----------------------------------------------------------------------


def test_answer_stores_role_and_values_and_no_person():
    mentorship, aylin, _ = pair()
    wave = wave_of(mentorship)
    invitation = invitation_of(wave, aylin)
    assert actions.answer(invitation=invitation, answers={**SAFE, "engagement": 5}, at=AT) is True
    invitation.refresh_from_db()
    assert invitation.is_answered
    response = Response.objects.get()
    assert (response.wave, response.role) == (wave, "mentor")
    assert dict(response.answers.values_list("question", "value")) == {**SAFE, "engagement": 5}


def test_answer_a_second_time_changes_nothing():
    mentorship, aylin, _ = pair()
    invitation = invitation_of(wave_of(mentorship), aylin)
    actions.answer(invitation=invitation, answers=SAFE, at=AT)
    assert actions.answer(invitation=invitation, answers={"engagement": 1}, at=AT) is False
    assert (Response.objects.count(), Answer.objects.filter(question="engagement").count()) == (1, 0)


@pytest.mark.parametrize(
    ("answers", "at", "message"),
    [
        ({}, AT, "at least one"),
        ({"engagement": None}, AT, "at least one"),
        ({"no-such": 3}, AT, "not answers"),
        ({"engagement": 6}, AT, "not answers"),
        (SAFE, AT + timedelta(days=15), "closed"),
        (SAFE, AT - timedelta(days=1), "closed"),
    ],
)
def test_answer_that_is_none_is_refused_and_leaves_the_invitation_open(answers, at, message):
    mentorship, aylin, _ = pair()
    invitation = invitation_of(wave_of(mentorship), aylin)
    with pytest.raises(DomainError, match=message):
        actions.answer(invitation=invitation, answers=answers, at=at)
    invitation.refresh_from_db()
    assert (invitation.is_answered, Response.objects.count()) == (False, 0)


@pytest.mark.django_db(transaction=True)
def test_answer_sent_four_times_at_once_is_one_response():
    mentorship, aylin, _ = pair()
    invitation = invitation_of(wave_of(mentorship), aylin)

    def send(_):
        try:
            return actions.answer(
                invitation=InvitationToAnswer.objects.get(pk=invitation.pk), answers=SAFE, at=AT
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(send, range(4))) == [False, False, False, True]
    assert Response.objects.count() == 1
