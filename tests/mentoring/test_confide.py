"""From every page of a mentorship, quietly: the way to a confidant."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import agreements.actions
import goals.actions
import meetings.actions
from feedback.actions import give
from meetings.models import Meeting
from tests import factories

pytestmark = pytest.mark.django_db

OF_A_MENTORSHIP = [
    "mentorship",
    "goals:set",
    "feedback:give",
    "feedback:exchange",
    "agreements:detail",
    "agreements:adapt",
    "meetings:plan",
    "meetings:share",
    "matching:pause",
    "matching:end",
]
OF_A_GOAL = [
    "goals:detail",
    "goals:check_in",
    "goals:describe",
    "goals:propose_change",
    "goals:attain",
    "goals:drop",
]


@pytest.fixture
def scene():
    now = timezone.now()
    mentorship = factories.mentorship(factories.person("Aylin Kaya"), factories.person("Dr. Martin Vogel"))
    confidant = factories.person("Nadia Okafor")
    factories.programme_role(mentorship.cohort.programme, confidant, "confidant")
    aylin, martin = (factories.member(mentorship, role) for role in ("mentor", "mentee"))
    delegate = factories.person("Petra Lindner")
    martin.person.delegations.create(delegate=delegate)
    agreements.actions.agreement_for(mentorship=mentorship, at=now)
    goal = goals.actions.set_goal(
        mentorship=mentorship,
        member=aylin,
        title="Use AI",
        levels={-1: "once", 0: "two of five", 2: "all five"},
        at=now - timedelta(days=5),
    )
    feedback = give(mentorship=mentorship, author=aylin, recipient=martin, helped="x", at=now)
    for days in (-3, 5):
        meetings.actions.plan(
            mentorship=mentorship,
            by=aylin.person,
            starts_at=now + timedelta(days=days),
            minutes=60,
            place="Canteen",
            at=now - timedelta(days=6),
        )
    past, coming = Meeting.objects.order_by("starts_at")
    pages = [reverse(name, args=[mentorship.uuid]) for name in OF_A_MENTORSHIP]
    pages += [reverse(name, args=[goal.uuid]) for name in OF_A_GOAL]
    pages += [
        reverse(name, args=[coming.uuid]) for name in ("meetings:detail", "meetings:move", "meetings:cancel")
    ]
    pages += [
        reverse(name, args=[past.uuid]) for name in ("meetings:detail", "meetings:log", "meetings:answer")
    ]
    pages += [reverse("feedback:edit", args=[feedback.uuid])]
    return mentorship, aylin.person, delegate, pages


def test_every_page_of_a_mentorship_has_the_way_to_a_confidant(scene):
    mentorship, aylin, _, pages = scene
    client = Client()
    client.force_login(aylin)
    way = reverse("concerns:raise", args=[mentorship.uuid])
    found = {page: client.get(page) for page in pages}
    assert {page: answer.status_code for page, answer in found.items()} == dict.fromkeys(pages, 200)
    assert [page for page, answer in found.items() if way not in answer.content.decode()] == []


def test_a_delegate_sees_no_such_way(scene):
    _, _, delegate, pages = scene
    client = Client()
    client.force_login(delegate)
    answers = [client.get(page) for page in pages]
    seen = [answer.content.decode() for answer in answers if answer.status_code == 200]
    assert seen
    assert not any("/concerns/raise/" in page for page in seen)
