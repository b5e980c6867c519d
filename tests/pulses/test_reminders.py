"""Whoever has not answered is asked once more, and then left alone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from notices.models import Notice
from notices.outbox import again, post_all
from notices.still import settled
from pulses import actions, reminders
from tests import factories
from tests.pulses.test_actions import AT, SAFE, invitation_of, pair, wave_of

pytestmark = pytest.mark.django_db


def nudge(at):
    """Who has been asked a second time, after this run."""
    post_all(again(reminders.messages(at), at=at, after=reminders.AGAIN_AFTER), at=at)
    return sorted(Notice.objects.filter(key__endswith=":again").values_list("recipient__name", flat=True))


def test_a_second_nudge_goes_once_to_who_got_the_first_and_has_not_answered():
    mentorship, aylin, _ = pair()
    wave = wave_of(mentorship)
    assert nudge(AT + timedelta(days=8)) == []  # the first never reached anybody
    Notice.objects.update(sent_at=AT)
    actions.answer(invitation=invitation_of(wave, aylin), answers=SAFE, at=AT)
    assert nudge(AT + timedelta(days=6)) == []
    for days in (9, 10):  # no worker ran on the seventh day; a second run changes nothing
        assert nudge(AT + timedelta(days=days)) == ["Dr. Martin Vogel"]
    assert "last time" in Notice.objects.get(key__endswith=":again").text


def test_no_second_nudge_once_the_round_has_closed_where_the_cohort_is():
    cohort = factories.cohort(time_zone="Pacific/Auckland")
    mentorship, *_ = pair(in_cohort=cohort)
    wave_of(mentorship)  # opens on 15 September, 22:00 in Auckland, and closes with the 29th
    Notice.objects.update(sent_at=AT)
    assert nudge(AT + timedelta(days=14, hours=3)) == []
    assert nudge(AT + timedelta(days=14)) == ["Aylin Kaya", "Dr. Martin Vogel"]


def test_a_mail_that_waits_is_not_sent_once_the_question_is_answered():
    mentorship, aylin, _ = pair()
    wave = wave_of(mentorship, timezone.now())
    asked = Notice.objects.filter(kind="pulse-open")
    assert settled(asked) == set()
    actions.answer(invitation=invitation_of(wave, aylin), answers=SAFE)
    assert settled(asked) == {asked.get(recipient=aylin).pk}


@pytest.mark.parametrize("mentorships", [1, 3])
def test_reminders_take_one_query_however_many_are_asked(django_assert_num_queries, mentorships):
    cohort = factories.cohort()
    for _ in range(mentorships):
        mentorship, *_ = pair(in_cohort=cohort)
    wave_of(mentorship)
    with django_assert_num_queries(1):
        assert len(list(reminders.messages(AT))) == 2 * mentorships
