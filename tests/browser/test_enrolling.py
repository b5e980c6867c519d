"""Enrolling on a phone: by keyboard, saved as it goes, and through a session that ends in between."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from programmes import actions
from programmes.models import Enrolment, Role
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def aylin():
    person = factories.person("Aylin Kaya", email="aylin@example.org")
    person.set_password("tandem-lantern-42")
    person.save()
    return person


@pytest.fixture
def draft(aylin) -> Enrolment:
    return actions.begin(cohort=factories.open_now(), person=aylin, role=Role.MENTOR)


def test_the_week_by_keyboard_is_saved_by_itself(open_page, aylin, draft):
    page = open_page(f"/programmes/{draft.cohort.uuid}/enrol/time/", person=aylin, width=360)
    page.locator("input[name=weekly_hours][value='9']").focus()
    for key in ("Space", "ArrowDown", "Space", "ArrowRight", "Space"):
        page.keyboard.press(key)
    expect(page.locator("#saved")).to_contain_text("Saved at")
    draft.refresh_from_db()
    assert draft.weekly_hours == [9, 10, 34]
    page.get_by_role("button", name="Mornings").click()
    page.get_by_role("button", name=re.compile("Whole day.*Friday")).click()
    page.get_by_role("button", name=re.compile("Whole day.*Friday")).click()
    page.get_by_role("button", name="Next", exact=True).click()
    page.wait_for_url("**/enrol/people/")
    draft.refresh_from_db()
    assert draft.weekly_hours == [day * 24 + hour for day in range(4) for hour in (9, 10, 11)]
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_people_are_found_while_typing_and_named(open_page, aylin, draft):
    other = factories.person("Martina Vogel")
    page = open_page(f"/programmes/{draft.cohort.uuid}/enrol/people/", person=aylin, width=360, dark=True)
    page.locator("textarea[name=hopes]").fill("To be heard.")
    page.get_by_label("Look for a name").press_sequentially("vog")
    page.get_by_role("button", name=re.compile("Rather not.*Martina")).click()
    expect(page.get_by_role("button", name=re.compile("Remove.*Martina"))).to_be_visible()
    assert Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"] == []
    draft.refresh_from_db()
    assert (draft.hopes, [found.person for found in draft.avoidances.all()]) == ("To be heard.", [other])
    assert "vog" not in page.url


def test_what_was_typed_survives_a_session_that_has_ended(open_page, aylin, draft):
    page = open_page(f"/programmes/{draft.cohort.uuid}/enrol/people/", person=aylin)
    Session.objects.all().delete()
    page.locator("textarea[name=hopes]").fill("To be heard.")
    expect(page.locator("#signed-out")).to_be_visible()
    page.get_by_role("button", name="Next", exact=True).click()
    page.get_by_label("Email").fill("aylin@example.org")
    page.get_by_label("Password").fill("tandem-lantern-42")
    page.keyboard.press("Enter")
    expect(page.locator("textarea[name=hopes]")).to_have_value("To be heard.")
    expect(page.locator("#brought-back")).to_be_visible()
    page.get_by_role("button", name="Next", exact=True).click()
    page.wait_for_url("**/enrol/send/")
    draft.refresh_from_db()
    assert draft.hopes == "To be heard."
