import pytest
from django.apps import apps
from django.contrib import admin

from mentoring.permissions import ACTS, ADMIN_MODELS
from tests import factories

pytestmark = pytest.mark.django_db

# What people say to each other, and what must never be read per person.
NO_ADMIN_PATH = [
    "agreements.Agreement",
    "agreements.Version",
    "agreements.Clause",
    "agreements.Signature",
    "concerns.Concern",
    "concerns.ConcernMessage",
    "feedback.Feedback",
    "goals.Goal",
    "goals.GoalLevel",
    "goals.CheckIn",
    "meetings.MeetingLog",
    "meetings.NextStep",
    "meetings.PrivateNote",
    "meetings.Resource",
    "notices.Notice",
    "programmes.Avoidance",
    "programmes.Wish",
    "pulses.Answer",
    "pulses.InvitationToAnswer",
    "pulses.Response",
]


@pytest.mark.parametrize("label", NO_ADMIN_PATH)
def test_what_people_say_to_each_other_has_no_admin_path(label):
    model = apps.get_model(label)
    assert model not in admin.site._registry
    assert label.lower() not in ADMIN_MODELS
    hr = factories.hr_admin()
    assert [
        verb
        for verb in ("view", "add", "change", "delete")
        if hr.has_perm(f"{model._meta.app_label}.{verb}_{model._meta.model_name}")
    ] == []


def test_every_model_in_the_admin_has_its_line_in_the_table():
    registered = {model._meta.label_lower for model in admin.site._registry}
    assert registered - set(ADMIN_MODELS) == set()


@pytest.mark.parametrize(
    "name",
    ["programmes.no_such_act", "auth.add_group", "participants.delete_person", ""],
)
def test_a_name_outside_the_table_is_refused_to_hr_too(name):
    assert not factories.hr_admin().has_perm(name)


@pytest.mark.parametrize(
    "name",
    [
        "meetings.plan",
        "meetings.log",
        "agreements.sign",
        "goals.set",
        "matching.pause_or_end",
        "concerns.raise",
        "feedback.give",
    ],
)
def test_acts_of_members_are_open_to_members_and_closed_to_hr_and_strangers(name):
    mentorship = factories.mentorship()
    assert name in ACTS
    assert [person.has_perm(name, mentorship) for person in mentorship.people()] == [
        True,
        True,
    ]
    assert not factories.person().has_perm(name, mentorship)
    assert not factories.hr_admin().has_perm(name, mentorship)


@pytest.mark.parametrize("name", ["programmes.run_programme", "matching.run_matching", "matching.decide"])
def test_acts_of_staff_are_open_to_the_programmes_coordinator_and_closed_to_anothers(
    name,
):
    programme, other = factories.programme(), factories.programme()
    coordinator, stranger = factories.person(), factories.person()
    factories.programme_role(programme, coordinator, "coordinator")
    factories.programme_role(other, stranger, "coordinator")
    assert coordinator.has_perm(name, programme)
    assert not stranger.has_perm(name, programme)
    assert factories.hr_admin().has_perm(name, programme)


def test_an_inactive_person_may_do_nothing():
    assert not factories.hr_admin(is_active=False).has_perm("mentoring.enter_admin")
