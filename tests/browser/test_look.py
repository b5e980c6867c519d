"""The look, as a browser sees it: readable for all, in light and dark, on a phone, by keyboard."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from playwright.sync_api import expect

from participants.models import Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STRANGERS_PAGES = ["/account/login/", "/account/login/code/", "/account/password/reset/", "/account/signup/"]
PAPER = {"light": "rgb(250, 248, 244)", "dark": "rgb(18, 24, 26)"}


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


@pytest.fixture
def hanna() -> Person:
    return Person.objects.create_user(
        "hanna.roth@example.com", "tandem-lantern-42", name="Hanna Roth", is_hr_admin=True
    )


def findings(page, within: str = "html") -> list[str]:
    results = Axe().run(page, context=within, options={"resultTypes": ["violations"]})
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in results.response["violations"]
        for node in violation["nodes"]
    ]


def background(page) -> str:
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [360, 1200])
def test_style_guide_has_no_findings(open_page, hanna, dark, width):
    page = open_page("/styleguide/", person=hanna, dark=dark, width=width)
    assert findings(page) == []


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("path", STRANGERS_PAGES)
def test_entrance_pages_have_no_findings(open_page, path, dark):
    assert findings(open_page(path, dark=dark, width=360)) == []


@pytest.mark.parametrize("dark", [False, True])
def test_what_needs_attention_in_the_admin_site_has_no_findings(open_page, hanna, dark):
    page = open_page("/admin/", person=hanna, dark=dark)
    page.wait_for_selector(".attention, .all-well", timeout=5000)
    assert findings(page, within=".attention, .all-well") == []


@pytest.mark.parametrize("path", [*STRANGERS_PAGES, "/styleguide/"])
def test_nothing_scrolls_sideways_on_a_phone(open_page, hanna, path):
    page = open_page(path, person=hanna if path == "/styleguide/" else None, width=360)
    assert page.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.parametrize("dark", [False, True])
def test_signing_in_with_a_password_by_keyboard_alone(open_page, hanna, dark, live_server):
    page = open_page("/account/login/?next=/styleguide/", dark=dark)
    page.get_by_label("Email").focus()
    page.keyboard.type("Hanna.Roth@example.com")
    page.keyboard.press("Tab")
    page.keyboard.type("tandem-lantern-42")
    page.keyboard.press("Enter")
    page.wait_for_url(live_server.url + "/styleguide/")
    assert page.get_by_role("heading", level=1).inner_text() == "Style guide"


def test_wrong_password_keeps_the_address_and_says_what_is_wrong(open_page, hanna):
    page = open_page("/account/login/")
    page.get_by_label("Email").fill("hanna.roth@example.com")
    page.get_by_label("Password").fill("wrong-lantern-42")
    page.get_by_role("button", name="Sign in", exact=True).click()
    assert page.get_by_label("Email").input_value() == "hanna.roth@example.com"
    assert page.locator(".alert-danger").is_visible()
    assert findings(page) == []


def test_first_tab_stop_leads_to_the_content(open_page, hanna):
    page = open_page("/styleguide/", person=hanna)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("dark", [False, True])
def test_every_tab_stop_shows_its_focus_and_is_not_covered(open_page, hanna, dark):
    page = open_page("/styleguide/", person=hanna, dark=dark, width=360)
    seen_stops, bare = 0, []
    while page.keyboard.press("Tab") or page.evaluate("document.activeElement !== document.body"):
        seen_stops += 1
        seen = page.evaluate(
            """() => { const element = document.activeElement, style = getComputedStyle(element);
            const box = element.getBoundingClientRect(), nav = document.querySelector('.site-nav');
            return {what: element.outerHTML.slice(0, 80), width: parseFloat(style.outlineWidth),
                    style: style.outlineStyle,
                    covered: !nav.contains(element) && box.top >= nav.getBoundingClientRect().top} }"""
        )
        if seen["width"] < 2 or seen["style"] == "none" or seen["covered"]:
            bare.append(seen)
    assert bare == []
    assert seen_stops > 50


def test_targets_on_a_phone_are_large_enough(open_page, hanna):
    page = open_page("/styleguide/", person=hanna, width=360, has_touch=True, is_mobile=True)
    small = page.evaluate(
        """() => [...document.querySelectorAll('.btn,.site-nav a,.tool,.menu > summary,.brand,.row-action,.back,'
            + '.form-control,.form-select,.form-check,.disclosure > summary')]
            .filter(element => element.checkVisibility())
            .filter(element => element.getBoundingClientRect().height < 44)
            .map(element => element.outerHTML.slice(0, 90))"""
    )
    assert small == []


def test_theme_follows_the_system_until_somebody_chooses(open_page):
    page = open_page("/account/login/", dark=True)
    toggle = page.get_by_role("button", name="Switch between light and dark")
    assert background(page) == PAPER["dark"]
    toggle.click()
    assert background(page) == PAPER["light"]
    page.reload()
    assert background(page) == PAPER["light"]
    toggle.click()
    assert background(page) == PAPER["dark"]
    page.emulate_media(color_scheme="light")
    expect(page.locator("body")).to_have_css("background-color", PAPER["light"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_without_javascript_the_system_decides_and_no_dead_button_is_shown(open_page, scheme):
    page = open_page("/account/login/", dark=scheme == "dark", java_script_enabled=False)
    assert background(page) == PAPER[scheme]
    assert page.locator("[data-theme-toggle]").count() == 1
    assert not page.locator("[data-theme-toggle]").is_visible()
    page.get_by_role("button", name="Deutsch").click()
    assert page.locator("html").get_attribute("lang") == "de"


@pytest.mark.parametrize("width", [360, 1200])
def test_menu_opens_and_signs_out_without_javascript(open_page, hanna, width, live_server):
    page = open_page("/account/email/", person=hanna, width=width, java_script_enabled=False)
    page.locator("details.menu > summary").click()
    page.get_by_role("button", name="Sign out").click()
    assert page.url == live_server.url + "/account/login/"


def test_menu_closes_with_escape_and_gives_focus_back(open_page, hanna):
    page = open_page("/account/email/", person=hanna)
    page.locator("details.menu > summary").click()
    page.get_by_role("link", name="Password").focus()
    page.keyboard.press("Escape")
    assert not page.get_by_role("link", name="Password").is_visible()
    assert page.evaluate("document.activeElement.localName") == "summary"


def test_few_peoples_places_move_into_the_menu_on_a_phone(open_page, hanna):
    page = open_page("/account/email/", person=hanna, width=360)
    navigation = page.get_by_role("navigation", name="Main")
    assert not navigation.get_by_role("link", name="Admin").is_visible()
    page.locator("details.menu > summary").click()
    assert page.locator(".menu-panel").get_by_role("link", name="Admin").is_visible()


def test_nothing_moves_for_who_asks_for_calm(open_page, hanna):
    page = open_page("/styleguide/", person=hanna, reduced_motion="reduce")
    durations = page.evaluate(
        "[...document.querySelectorAll('*')].map(element => getComputedStyle(element).transitionDuration)"
    )
    assert {duration for duration in durations if not re.fullmatch(r"0s(, 0s)*", duration)} == set()
