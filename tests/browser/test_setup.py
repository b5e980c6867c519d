"""Setting a programme up, as HR does it in a browser: what is counted, shown and hidden while they edit."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import expect

from participants.models import Person
from programmes import actions
from programmes.models import Cohort, Eligibility
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def programme():
    hr = factories.hr_admin(name="Helena")
    for rank in range(1, 9):
        factories.person(grade=factories.grade(rank))
    return actions.create_from_preset(preset="reverse", by=hr)


def test_hr_sees_numbers_and_dates_move_while_they_edit(open_page, programme):
    hr = Person.objects.get(name="Helena")
    page = open_page(reverse("admin:programmes_programme_who", args=[programme.pk]), person=hr)
    counts = page.locator("#counts dd")
    expect(counts).to_have_text(["4", "3", "0"])
    page.locator("#id_mentor-highest_grade").select_option(label="Grade 7")
    expect(counts).to_have_text(["7", "3", "2"])
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/change/")
    assert Eligibility.objects.get(programme=programme, role="mentor").highest_grade.rank == 7

    page.get_by_role("navigation").get_by_role("link", name="Objectives").click()
    first = page.locator("#objectives-group .form-group").first
    expect(first.locator(".field-dimension")).to_be_visible()
    expect(first.locator(".field-question_en")).to_be_hidden()
    page.locator("#id_objectives-0-measure").select_option("question")
    expect(first.locator(".field-dimension")).to_be_hidden()
    expect(first.locator(".field-question_en")).to_be_visible()

    page.goto(reverse("admin:programmes_cohort_add", query={"programme": programme.pk}))
    expect(page.locator("#course li")).to_have_count(16)
    page.locator("#id_meetings_planned").fill("2")
    page.locator("#id_meetings_planned").blur()
    expect(page.locator("#course li")).to_have_count(12)
    assert not Cohort.objects.exists()


@pytest.mark.parametrize("page_name", ["programme_change", "programme_changelist"])
def test_the_pages_of_programmes_fit_a_phone_and_axe_finds_nothing(open_page, programme, page_name):
    hr = Person.objects.get(name="Helena")
    of = [programme.pk] if page_name.endswith("change") else []
    page = open_page(reverse(f"admin:programmes_{page_name}", args=of), person=hr, width=360)
    page.wait_for_timeout(300)  # the theme measures its tabs once it has drawn them
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
    assert found.response["violations"] == []
