"""While a mentorship is paused nothing that one member does reaches the other."""

import pytest

import feedback.actions
import feedback.exchange
import goals.actions
import meetings.actions
from agreements.actions import agreement_for, sign
from domain.errors import DomainError
from feedback.models import TopicOffer
from goals.models import Goal
from matching.models import Mentorship
from notices.models import Notice
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def paused():
    made = factories.mentorship()
    agreement_for(made, at=NOW)
    TopicOffer.objects.create(mentorship=made, member=made.members.last(), title="Budgets")
    Mentorship.objects.filter(pk=made.pk).update(state="paused", paused_at=NOW)
    Notice.objects.all().delete()
    return Mentorship.objects.with_members().get(pk=made.pk)


ACTS = {
    "feedback": lambda m, one, two: feedback.actions.give(
        mentorship=m, author=one, recipient=two, helped="Much.", at=NOW
    ),
    "offer a topic": lambda m, one, two: feedback.exchange.offer(
        mentorship=m, member=one, title="Prompts", at=NOW
    ),
    "take a topic up": lambda m, one, two: feedback.exchange.take_up(
        topic=TopicOffer.objects.get(), member=one, at=NOW
    ),
    "set a goal": lambda m, one, two: goals.actions.set_goal(
        mentorship=m, member=one, title="T", levels={-1: "a", 0: "b", 2: "c"}, at=NOW
    ),
    "share a link": lambda m, one, two: meetings.actions.share(
        mentorship=m, member=one, title="T", link="https://example.org", at=NOW
    ),
    "sign": lambda m, one, two: sign(agreement=m.agreement, member=one, version_number=1, at=NOW),
    "check in": lambda m, one, two: goals.actions.check_in(
        goal=Goal.objects.create(mentorship=m, title="T"), member=one, due_on=NOW.date(), level=0, at=NOW
    ),
}


@pytest.mark.parametrize("act", ACTS)
def test_nothing_reaches_the_other_while_it_is_paused(paused, act):
    one, two = paused.members.all()
    with pytest.raises(DomainError, match="paused"):
        ACTS[act](paused, one, two)
    assert Notice.objects.count() == 0
