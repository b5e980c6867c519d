"""One's own data on a phone, and being erased: from somebody's own wish to HR's last word, by keyboard."""

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from meetings.models import Meeting, MeetingLog
from participants.models import Person
from programmes.models import Role
from tests import factories
from tests.browser.test_look import findings

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def aylin():
    mentorship = factories.mentorship(factories.person("Aylin Kaya"))
    member = factories.member(mentorship, Role.MENTOR)
    meeting = Meeting.objects.create(
        mentorship=mentorship, starts_at=factories.NOW, ends_at=factories.NOW.replace(hour=11)
    )
    MeetingLog.objects.create(meeting=meeting, member=member, topics="What clouds are made of")
    return member.person


@pytest.mark.parametrize("dark", [False, True])
def test_own_data_is_read_and_taken_along_on_a_phone(open_page, aylin, dark, tmp_path):
    page = open_page("/account/data/", person=aylin, width=360, dark=dark)
    assert findings(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Download everything").click()
    download.value.save_as(tmp_path / "copy.zip")
    with zipfile.ZipFile(Path(tmp_path / "copy.zip")) as packed:
        assert b"What clouds are made of" in packed.read("data.json")
    page.get_by_role("link", name="Read it here").click()
    page.get_by_text("Meeting logs").click()
    expect(page.get_by_text("What clouds are made of")).to_be_visible()
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.parametrize("dark", [False, True])
def test_from_the_wish_to_the_last_word(open_page, aylin, dark):
    hanna = factories.hr_admin(name="Hanna Roth")
    mine = open_page("/account/data/erase/", person=aylin, width=360, dark=dark)
    assert findings(mine) == []
    mine.get_by_role("button", name="Ask HR").click()
    expect(mine.get_by_text("You asked on")).to_be_visible()

    page = open_page("/admin/", person=hanna, dark=dark)
    page.get_by_role("link", name="See who").click()
    assert findings(page, within=".matching") == []
    page.get_by_role("link", name="Look at it").click()
    page.get_by_role("button", name="Set inactive").press("Enter")
    page.get_by_role("button", name="End it kindly now").press("Enter")
    assert findings(page, within=".matching") == []
    page.get_by_label("Type “Aylin Kaya” to confirm").fill("Aylin")
    page.keyboard.press("Enter")
    expect(page.get_by_text("That is not the name.")).to_be_visible()
    assert findings(page, within=".matching") == []
    page.get_by_label("Type “Aylin Kaya” to confirm").fill("Aylin Kaya")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Erased, with everything they wrote.")).to_be_visible()
    assert Person.objects.get(pk=aylin.pk).erased_at
    assert MeetingLog.objects.count() == 0
    mine.goto("/account/data/")
    expect(mine.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
