"""The pages of figures as a browser shows them: for all, on a phone, in the dark, without JavaScript."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from insights.disclosure import Veil
from tests import factories
from tests.insights import company
from tests.insights.story import programme_with_a_past

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.fixture
def programme(monkeypatch):
    monkeypatch.setattr(Veil, "held_back", lambda self, group, part="": 0)
    monkeypatch.setattr(timezone, "now", lambda: company.AT)
    return programme_with_a_past()


def findings(page) -> list[str]:
    results = Axe().run(page, options={"resultTypes": ["violations"]})
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in results.response["violations"]
        for node in violation["nodes"]
    ]


def test_pages_have_no_findings_and_nothing_scrolls_sideways(open_page, programme):
    hr = factories.hr_admin()
    small = company.mentorship(factories.cohort()).cohort.programme
    part = f"/insights/{programme.uuid}/?site={factories.site('Hamburg').pk}&period=2026-Q3"
    for path in ["/insights/", f"/insights/{programme.uuid}/", f"/insights/{small.uuid}/", part]:
        for width in (360, 1200):
            for dark in (False, True):
                page = open_page(path, person=hr, width=width, dark=dark)
                for details in page.locator("details.disclosure > summary").all():
                    details.click()
                assert (path, width, dark, findings(page)) == (path, width, dark, [])
                assert page.evaluate("document.documentElement.scrollWidth") == width


def test_choosing_a_cohort_and_a_role_keeps_them_in_the_address_without_javascript(open_page, programme):
    page = open_page(
        f"/insights/{programme.uuid}/", person=company.sponsor(programme), java_script_enabled=False
    )
    page.get_by_label("Cohort", exact=True).select_option(label="Autumn 2026")
    page.get_by_label("Role", exact=True).select_option(label="Mentees")
    page.get_by_role("button", name="Show").click()
    autumn = programme.cohorts.get(name="Autumn 2026")
    assert page.url.endswith(
        f"/insights/{programme.uuid}/?cohort={autumn.uuid}&period=&role=mentee&unit=&grade=&site="
    )
    assert page.get_by_role("heading", name="Mentees", exact=True).count() == 1
    assert page.get_by_role("heading", name="Mentors", exact=True).count() == 0


def test_marks_of_a_scale_stand_above_their_numbers(open_page, programme):
    """The numbers under a profile belong to its grid, on a phone too."""
    for width in (360, 1200):
        page = open_page(f"/insights/{programme.uuid}/", person=company.sponsor(programme), width=width)
        edges = page.evaluate(
            """() => [...document.querySelectorAll('.ticks-row')].map(row => {
                const left = element => Math.round(element.getBoundingClientRect().left);
                return [...row.parentElement.querySelectorAll('svg.strip, svg.ticks')].map(left) })"""
        )
        assert len(edges) == 2
        assert [len(set(row)) for row in edges] == [1, 1]
