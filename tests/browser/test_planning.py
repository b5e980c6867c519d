"""Planning as a browser does it: readable for all on a phone, and smoother with scripts."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from meetings import actions
from meetings.models import CalendarFeed
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def findings(page) -> list[str]:
    results = Axe().run(page, options={"resultTypes": ["violations"]})
    return [
        f"{page.url} {violation['id']}: {node['target']}"
        for violation in results.response["violations"]
        for node in violation["nodes"]
    ]


@pytest.fixture
def aylin():
    return factories.person("Aylin Kaya", time_zone="Europe/Berlin", language="de")


@pytest.fixture
def mentorship(aylin):
    today = timezone.localdate()
    cohort = factories.cohort(
        enrolment_opens_on=today - timedelta(days=60),
        enrolment_closes_on=today - timedelta(days=30),
        starts_on=today - timedelta(days=14),
        ends_on=today + timedelta(days=170),
    )
    martin = factories.person("Dr. Martin Vogel", time_zone="America/New_York")
    return factories.mentorship(mentor=aylin, mentee=martin, in_cohort=cohort)


def test_planning_pages_have_no_findings_on_a_dark_phone(open_page, aylin, mentorship):
    meeting = actions.plan(
        mentorship=mentorship, by=aylin, starts_at=timezone.now() + timedelta(days=6), minutes=60
    )
    CalendarFeed.objects.renew(person=aylin)
    dates = f"/meetings/plan/{mentorship.uuid}/all/?slot={timezone.now() + timedelta(days=9):%Y-%m-%dT%H:%MZ}"
    for path in (
        f"/meetings/plan/{mentorship.uuid}/",
        f"/meetings/plan/{mentorship.uuid}/all/",
        f"{dates}&weeks_between=4&count=3&minutes=45",
        f"/meetings/{meeting.uuid}/move/",
        "/meetings/calendar/",
    ):
        page = open_page(path, person=aylin, width=360, dark=True)
        assert findings(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_own_time_takes_the_place_of_a_suggestion_and_length_brings_new_ones(open_page, aylin, mentorship):
    page = open_page(f"/meetings/plan/{mentorship.uuid}/", person=aylin)
    suggestion = page.locator("input[name=slot]").first
    suggestion.check()
    page.locator("input[name=day]").fill("2030-01-07")
    expect(suggestion).not_to_be_checked()
    expect(page.locator("#slot-other")).to_be_checked()
    with page.expect_response(lambda response: "minutes=30" in response.url):
        page.locator("select[name=minutes]").select_option("30")
    expect(page.locator(".slot-note").first).to_contain_text(":30")
