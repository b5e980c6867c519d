"""The home page of somebody who arranges meetings for others."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from matching.models import Mentorship
from meetings import actions
from meetings.arranging import waiting_for_arranger
from meetings.waiting import waiting_for
from participants.models import Delegation
from tests import factories

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(minute=0, second=0, microsecond=0)


def titles(person) -> list[str]:
    return [thing.title for thing in waiting_for(person, NOW)]


def planned(mentorship, by, days=3):
    return actions.plan(
        mentorship=mentorship,
        by=by,
        starts_at=NOW + timedelta(days=days),
        minutes=60,
        agenda="Secret plans",
        at=NOW,
    )


def test_delegate_without_a_mentorship_is_led_to_planning_from_home(client, mentorship, delegate):
    client.force_login(delegate)
    page = client.get(reverse("home"))
    assert page.context["next_step"].title == "When do Martin and Aylin meet?"
    [action, _rhythm] = page.context["next_step"].actions
    assert action.url == reverse("meetings:plan", args=[mentorship.uuid])
    assert client.get(action.url).status_code == 200


def test_planned_meetings_follow_without_what_is_said(client, mentorship, delegate, aylin):
    meeting = planned(mentorship, aylin)
    client.force_login(delegate)
    page = client.get(reverse("home"))
    assert page.context["next_step"].actions[0].url == reverse("meetings:detail", args=[meeting.uuid])
    assert "Secret" not in page.content.decode()


@pytest.mark.parametrize("state", ["paused", "ended", "completed", "offered"])
def test_nothing_waits_where_nothing_goes_on(mentorship, delegate, state):
    Mentorship.objects.update(state=state)
    assert titles(delegate) == []


def test_nothing_waits_for_a_stranger_or_twice_for_a_member(mentorship, aylin, martin):
    assert titles(factories.person()) == []
    Delegation.objects.create(person=martin, delegate=aylin)
    assert titles(aylin) == ["When do you and Martin meet for the first time?"]


def test_what_waits_for_a_delegate_costs_the_same_queries_for_one_and_three(
    mentorship, delegate, martin, django_assert_num_queries
):
    with django_assert_num_queries(3):
        assert len(waiting_for_arranger(delegate, NOW)) == 1
    for number in (1, 2):
        planned(factories.mentorship(mentee=martin), martin, days=number)
    with django_assert_num_queries(3):
        assert len(waiting_for_arranger(delegate, NOW)) == 3
