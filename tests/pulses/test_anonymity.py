"""Nothing in the database leads from an answer back to a person."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection, models
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from matching.models import Mentorship
from participants.models import Person
from programmes.models import Enrolment
from pulses import actions, blending
from pulses.models import Answer, InvitationToAnswer, Response, Wave
from pulses.questions import FEELING_SAFE, FIVE_KS
from tests import factories
from tests.pulses.test_actions import AT, SAFE, pair, wave_of

pytestmark = pytest.mark.django_db


def reachable(start):
    """Every model one can get to from a row of `start` along foreign keys, either way, but not from a wave:
    all rows of a wave share it."""
    seen, ahead = set(), [start]
    while ahead:
        model = ahead.pop()
        if model in seen or model is Wave:
            continue
        seen.add(model)
        ahead += [field.related_model for field in model._meta.get_fields() if field.is_relation]
    return seen


@pytest.mark.parametrize("model", [Response, Answer])
def test_no_foreign_key_leads_from_an_answer_to_a_person(model):
    assert reachable(model) == {Response, Answer}
    assert reachable(InvitationToAnswer) & {Response, Answer} == set()
    assert Person in reachable(InvitationToAnswer)


@pytest.mark.parametrize("model", [Response, Answer])
def test_an_answer_keeps_no_time_and_no_running_number(model):
    kinds = {type(field) for field in model._meta.concrete_fields}
    assert kinds & {models.DateTimeField, models.DateField, models.TimeField, models.DurationField} == set()
    assert isinstance(model._meta.pk, models.UUIDField)
    assert not issubclass(type(model._meta.pk), models.AutoField)
    assert model._meta.ordering == []


def test_an_invitation_keeps_no_time():
    model = apps.get_model("pulses.InvitationToAnswer")
    assert {field.name for field in model._meta.concrete_fields} == {
        "id",
        "uuid",
        "wave",
        "enrolment",
        "closes_on",  # known beforehand, and the same whether or when somebody answers
        "is_answered",
    }


class WhateverPeopleAnswer(TestCase):
    @settings(max_examples=15, deadline=None)
    @given(
        st.lists(
            st.dictionaries(st.sampled_from([*FIVE_KS, *FEELING_SAFE]), st.integers(1, 5), min_size=1),
            min_size=1,
            max_size=4,
        )
    )
    def test_the_database_keeps_the_answers_and_one_mark_per_person(self, given_answers):
        mentorship, *_ = pair()
        while Enrolment.objects.filter(cohort=mentorship.cohort).count() < len(given_answers):
            pair(in_cohort=mentorship.cohort)
        wave = wave_of(mentorship)
        asked = list(wave.invitations.order_by("pk"))[: len(given_answers)]
        for invitation, answers in zip(asked, given_answers, strict=True):
            actions.answer(invitation=invitation, answers=answers, at=AT)
        stored = [
            sorted(one.answers.values_list("question", "value")) for one in Response.objects.filter(wave=wave)
        ]
        assert sorted(stored) == sorted(sorted(answers.items()) for answers in given_answers)
        assert wave.invitations.filter(is_answered=True).count() == len(given_answers)
        people = {str(value) for value in Person.objects.values_list("pk", flat=True)}
        people |= {str(value) for value in wave.invitations.values_list("uuid", flat=True)}
        keys = {str(one.pk) for one in Response.objects.all()} | {str(one.pk) for one in Answer.objects.all()}
        assert keys & people == set()


def written_by_one_transaction(wave):
    """Pairs of an invitation and a response that one transaction wrote, as PostgreSQL itself remembers."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT invitation.id, response.id FROM pulses_invitationtoanswer invitation
               JOIN pulses_response response ON response.xmin::text = invitation.xmin::text
               WHERE invitation.wave_id = %s""",
            [wave.pk],
        )
        return cursor.fetchall()


def answered_wave(people):
    cohort = factories.cohort()
    for _ in range((people + 1) // 2):
        mentorship, *_ = pair(in_cohort=cohort)
    wave = wave_of(Mentorship.objects.get(pk=mentorship.pk))
    for number, invitation in enumerate(list(wave.invitations.all())[:people]):
        actions.answer(invitation=invitation, answers={**SAFE, "engagement": 1 + number % 5}, at=AT)
    return wave


@pytest.mark.django_db(transaction=True)
def test_blending_takes_away_what_the_database_remembers_of_who_wrote_what():
    wave = answered_wave(6)
    before = sorted(Answer.objects.values_list("response", "question", "value"))
    assert len(written_by_one_transaction(wave)) == 6
    assert blending.blend_due(AT) == [wave]
    # Every response now shares its transaction with every invitation: that says nothing of any of them.
    assert len(written_by_one_transaction(wave)) == 6 * wave.invitations.count()
    assert sorted(Answer.objects.values_list("response", "question", "value")) == before
    assert wave.invitations.filter(is_answered=True).count() == 6
    assert blending.blend_due(AT) == []


@pytest.mark.django_db(transaction=True)
def test_blending_waits_for_five_and_no_longer_than_until_the_wave_has_closed():
    wave = answered_wave(4)
    assert blending.blend_due(AT) == []
    assert blending.blend_due(AT + timedelta(days=15)) == [wave]
    assert blending.blend_due(AT + timedelta(days=15)) == []


@pytest.mark.django_db(transaction=True)
def test_blending_takes_a_single_new_answer_in_among_those_before():
    wave = answered_wave(7)
    blending.blend_due(AT)
    late = wave.invitations.filter(is_answered=False).first()
    actions.answer(invitation=late, answers=SAFE, at=AT)
    assert len(written_by_one_transaction(wave)) == 7 * 7 + 1
    assert blending.blend_due(AT) == [wave]
    assert len(written_by_one_transaction(wave)) == 8 * wave.invitations.count()


@pytest.mark.django_db(transaction=True)
def test_blending_writes_answers_in_an_order_that_is_not_the_one_they_came_in():
    wave = answered_wave(14)
    place = "SELECT id FROM pulses_response ORDER BY ctid"
    with connection.cursor() as cursor:
        cursor.execute(place)
        came = cursor.fetchall()
        blending.blend(wave)
        cursor.execute(place)
        lies = cursor.fetchall()
    assert sorted(came) == sorted(lies)
    assert came != lies  # one in 14! that chance puts them back


@pytest.mark.django_db(transaction=True)
def test_blending_while_somebody_answers_loses_nothing():
    wave = answered_wave(6)
    cohort = wave.cohort
    pair(in_cohort=cohort)
    pair(in_cohort=cohort)
    actions.open_wave(cohort=cohort, kind="start", at=AT)
    open_ones = list(wave.invitations.filter(is_answered=False))

    def act(what):
        try:
            return (
                blending.blend(wave) if what is None else actions.answer(invitation=what, answers=SAFE, at=AT)
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(act, [None, open_ones[0], None, *open_ones[1:], None]))
    assert done.count(True) == len(open_ones) == 4
    assert Response.objects.filter(wave=wave).count() == 10
    assert Answer.objects.filter(response__wave=wave, question="safety-frank").count() == 10


@pytest.mark.django_db(transaction=True)
def test_blending_leaves_alone_what_it_cannot_hide():
    wave = answered_wave(1)
    wave.invitations.filter(is_answered=False).delete()
    for _ in range(2):
        assert blending.blend_due(AT + timedelta(days=15)) == []
