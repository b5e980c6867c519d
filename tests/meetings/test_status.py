from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.models import Mentorship
from meetings import actions
from meetings.bars import bars
from meetings.models import Confirmation, Meeting
from meetings.timeline import COURSE, entries
from meetings.waiting import waiting_for
from programmes.models import Role
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
START = NOW + timedelta(days=1)
END = START + timedelta(hours=1)


def planned(mentorship, by, **fields) -> Meeting:
    return actions.plan(
        **{"mentorship": mentorship, "by": by, "starts_at": START, "minutes": 60, "at": NOW, **fields}
    )


ANSWERS = st.lists(
    st.tuples(st.sampled_from(Role.values), st.sampled_from(Confirmation.Answer.values)), max_size=6
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answers=ANSWERS, days=st.integers(min_value=0, max_value=4000))
def test_meeting_is_held_only_by_what_its_members_last_said(mentorship, aylin, answers, days):
    Meeting.objects.all().delete()
    meeting, at = planned(mentorship, aylin), END + timedelta(days=days)
    assert meeting.status(at) == Meeting.Status.DUE
    last = {}
    for role, answer in answers:
        actions.answer(meeting=meeting, member=factories.member(mentorship, role), answer=answer, at=at)
        last[role] = answer == "yes"
    held = bool(last) and all(last.values())
    assert (meeting.status(at) == Meeting.Status.HELD) == held
    assert Meeting.objects.held().filter(pk=meeting.pk).exists() == held
    assert Meeting.objects.to_confirm(at).filter(pk=meeting.pk).exists() == (not last)
    assert (meeting.status(at) == Meeting.Status.MISSED) == Meeting.objects.missed().exists()


def test_bars_say_how_far_the_course_is(mentorship, aylin, mentor, mentee):
    made = [planned(mentorship, aylin, starts_at=START + timedelta(days=n)) for n in range(5)]
    actions.cancel(meeting=made[4], by=aylin, at=NOW)
    at = START + timedelta(days=2, hours=2)
    actions.answer(meeting=made[0], member=mentor, answer="yes", at=at)
    actions.answer(meeting=made[1], member=mentor, answer="no", at=at)
    drawn = bars(mentorship, at)
    assert drawn.bars == ["held", "missed", "due", "planned", "open", "open", "open"]
    assert drawn.label == "1 held, 1 to confirm, 1 planned, 3 to plan, 1 did not take place"


def test_bars_cost_no_query_where_the_meetings_are_loaded(mentorship, aylin, django_assert_num_queries):
    planned(mentorship, aylin)
    loaded = (
        type(mentorship)
        .objects.select_related("cohort")
        .prefetch_related("meetings__confirmations")
        .get(pk=mentorship.pk)
    )
    with django_assert_num_queries(0):
        assert bars(loaded, NOW).bars == ["planned"] + ["open"] * 5


def test_timeline_tells_what_was_and_what_comes(mentorship, aylin, mentor, martin):
    first = planned(mentorship, aylin)
    planned(mentorship, aylin, starts_at=START + timedelta(days=30))
    actions.record_log(meeting=first, member=mentor, topics="AI", next_steps=["Try it"], at=END)
    actions.share(mentorship=mentorship, member=mentor, title="Slides", link="https://example.org", at=END)
    assert [(e.title, e.when, e.text, e.state) for e in entries(mentorship, martin, END)] == [
        ("First meeting", "Wednesday 16 September", "Next step: Try it", "happened"),
        ("Aylin shared “Slides”", "Wednesday 16 September", "", "happened"),
        ("Meeting 2", "Friday 16 October, 10:00", "", "coming"),
    ]


@pytest.mark.parametrize("count", [1, 3])
def test_timeline_costs_the_same_whatever_is_in_it(
    mentorship, aylin, mentor, martin, count, django_assert_num_queries
):
    for number in range(count):
        meeting = planned(mentorship, aylin, starts_at=START + timedelta(days=number))
        at = END + timedelta(days=number)
        actions.record_log(meeting=meeting, member=mentor, topics="AI", next_steps=["Try it"], at=at)
        actions.share(mentorship=mentorship, member=mentor, title="It", link="https://example.org", at=at)
    with django_assert_num_queries(9):
        loaded = Mentorship.objects.with_members().prefetch_related(*COURSE).get(pk=mentorship.pk)
        assert len(entries(loaded, martin, END + timedelta(days=9))) == 2 * count


def titles(person, at) -> list[str]:
    return [thing.title for thing in waiting_for(person, at)]


def test_waiting_follows_a_meeting_from_plan_to_log(mentorship, aylin, martin, mentor, mentee):
    assert titles(aylin, NOW) == ["When do you and Martin meet for the first time?"]
    meeting = planned(mentorship, aylin)
    assert titles(martin, NOW) == ["You meet Aylin on Wednesday 16 September"]
    assert titles(aylin, END) == ["Did you and Martin meet on Wednesday?"]
    assert titles(aylin, END + timedelta(days=7)) == ["Did you and Martin meet on Wednesday 16 September?"]
    actions.answer(meeting=meeting, member=mentee, answer="yes", at=END)
    assert titles(aylin, END) == [
        "What came out of your meeting on Wednesday?",
        "When do you and Martin meet next?",
    ]
    actions.answer(meeting=meeting, member=mentor, answer="no", at=END)
    assert titles(martin, END)[0] == "You and Aylin remember Wednesday differently"
    actions.record_log(meeting=meeting, member=mentor, topics="AI", at=END)
    assert titles(aylin, END) == ["When do you and Martin meet next?"]


def test_nothing_waits_for_a_stranger_and_of_what_was_for_a_delegate(mentorship, aylin, delegate):
    planned(mentorship, aylin)
    assert titles(factories.person(), END) == []
    assert titles(delegate, END) == ["When do Martin and Aylin meet?"]


def test_waiting_costs_the_same_with_three_mentorships(mentorship, aylin, django_assert_num_queries):
    planned(mentorship, aylin)
    with django_assert_num_queries(5):
        assert len(waiting_for(aylin, END)) == 1
    for _ in range(2):
        planned(factories.mentorship(mentor=aylin), aylin)
    with django_assert_num_queries(5):
        assert len(waiting_for(aylin, END)) == 3
