"""An HR file's way in a browser, with a worker that reads and takes it, to grades in order."""

import csv
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from participants.models import Grade, Person
from tests import factories

pytestmark = pytest.mark.browser

FILE = """Personalnummer;Name;E-Mail;Stufe;Bereich;Vorgesetzte;Eintritt
1;Gerda Top;gerda@example.org;Vorstand;Leitung;;01.02.2001
2;Karl Mitte;karl@example.org;Leitung;Technik;gerda@example.org;01.05.2010
3;Lea Neu;lea@example.org;Fachkraft;Technik;karl@example.org;03.04.2024
4;Ohne Adresse;;Fachkraft;Technik;karl@example.org;03.04.2024
5;Falscher Tag;tag@example.org;Fachkraft;Technik;karl@example.org;31.02.2024
"""


@pytest.fixture
def page(chromium: Browser, running_product: str):
    """Of an HR admin, on a phone."""
    client, complaints = Client(), []
    client.force_login(factories.hr_admin(name="Helene", email="helene@example.org"))
    cookie = {
        "name": settings.SESSION_COOKIE_NAME,
        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
        "url": running_product,
    }
    context = chromium.new_context(base_url=running_product, viewport={"width": 360, "height": 800})
    context.add_cookies([cookie])
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: "Content Security Policy" in m.text and complaints.append(m.text))
    yield page
    context.close()
    assert complaints == []


def look(page: Page) -> None:
    """It fits a phone, and axe finds nothing."""
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, page.url
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
    assert found.response["violations"] == [], page.url


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def upload(page: Page, path: Path) -> None:
    page.goto("/admin/participants/peopleimport/")
    page.get_by_role("link", name="Upload an HR file").click()
    expect(page.locator("input[type=file]")).to_be_visible()
    look(page)
    page.locator("input[type=file]").set_input_files(path)
    press(page, "Upload")


def test_hr_takes_people_from_a_file_and_puts_the_grades_in_order(transactional_db, page, tmp_path):
    picture = tmp_path / "people.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 100)
    upload(page, picture)
    expect(page.get_by_text("picture")).to_be_visible()

    path = tmp_path / "people.csv"
    path.write_text(FILE, encoding="cp1252")
    upload(page, path)
    # A worker opens it, in a program of its own, and the page asks every two seconds.
    expect(page.get_by_label("Vorgesetzte")).to_have_value("manager", timeout=30_000)
    look(page)
    press(page, "See what would happen")
    expect(page.get_by_role("heading", name="What would happen")).to_be_visible(timeout=30_000)
    assert page.locator(".people-figures dd").all_inner_texts() == ["3", "0", "0", "2"]
    look(page)
    page.get_by_role("navigation", name="Lists").get_by_role("link", name="not taken").click()
    expect(page.get_by_text("“31.02.2024” is no date that can be read.")).to_be_visible()
    assert not Person.objects.filter(email="lea@example.org").exists()
    press(page, "Take the good rows")
    expect(page.get_by_role("heading", name="What happened")).to_be_visible()
    look(page)
    lea, gerda = (Person.objects.get(email=f"{name}@example.org") for name in ("lea", "gerda"))
    assert lea.line == [gerda.pk, lea.manager_id]
    with page.expect_download() as download:
        page.get_by_role("link", name="with the reason, as a CSV file").click()
    lines = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    rows = list(csv.reader(lines, delimiter=";"))
    assert [row[0] for row in rows[1:]] == ["4", "5"]
    assert rows[1][-1] == "There is no e-mail address."

    page.get_by_role("link", name="Put the grades in order").click()
    expect(page.get_by_role("button", name="Save the order")).to_be_visible()
    assert names_in_order(page) == ["Vorstand", "Leitung", "Fachkraft"]
    look(page)
    page.get_by_role("button", name="Fachkraft: up").focus()
    page.keyboard.press("Enter")
    assert names_in_order(page) == ["Vorstand", "Fachkraft", "Leitung"]
    drag(page, "Vorstand", below="Leitung")
    assert names_in_order(page) == ["Fachkraft", "Leitung", "Vorstand"]
    drag(page, "Fachkraft", below="Vorstand")
    drag(page, "Vorstand", below="Leitung", half=0.2)
    assert names_in_order(page) == ["Vorstand", "Leitung", "Fachkraft"]
    press(page, "Save the order")
    expect(page.get_by_text("The grades are in order.")).to_be_visible()
    assert list(Grade.objects.order_by("-rank").values_list("name", flat=True)) == [
        "Vorstand",
        "Leitung",
        "Fachkraft",
    ]


def names_in_order(page: Page) -> list[str]:
    expect(page.locator(".people-order > li")).to_have_count(3)
    return page.locator(".people-order > li").evaluate_all("rows => rows.map(row => row.dataset.name)")


def drag(page: Page, name: str, *, below: str, half: float = 0.9) -> None:
    """By its handle, slowly, to the lower or the upper half of another row."""
    handle = page.locator(f"li[data-name='{name}'] .people-handle").bounding_box()
    target = page.locator(f"li[data-name='{below}']").bounding_box()
    assert handle and target
    page.mouse.move(handle["x"] + 8, handle["y"] + 8)
    page.mouse.down()
    page.mouse.move(handle["x"] + 8, target["y"] + target["height"] * half, steps=12)
    page.mouse.up()
