"""What people say of their meetings, in a browser: from a mail, over a bad line, in two tabs. What is left in
the browser of whoever signs out, and what shows where somebody is signed in."""

import re
import time
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

import agreements.actions
import meetings.actions
from agreements.actions import ClauseEdit
from meetings import mail_link
from meetings.models import Confirmation, MeetingLog
from programmes.models import Role
from tests import factories
from tests.browser.test_look import findings

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def meeting():
    now = timezone.now()
    mentorship = factories.mentorship(
        mentor=factories.person("Aylin Kaya"), mentee=factories.person("Dr. Martin Vogel")
    )
    return meetings.actions.plan(
        mentorship=mentorship,
        by=mentorship.people()[0],
        starts_at=now - timedelta(days=2),
        minutes=60,
        at=now - timedelta(days=9),
    )


@pytest.fixture
def member(meeting):
    return factories.member(meeting.mentorship, Role.MENTOR)


def log_page(meeting) -> str:
    return reverse("meetings:log", args=[meeting.uuid])


def drafts(page) -> list[str]:
    return page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('draft:'))")


def test_log_survives_a_cut_connection_a_closed_page_and_a_double_click(open_page, meeting, member):
    page = open_page(log_page(meeting), person=member.person, width=360)
    page.get_by_label("What did you talk about?").fill("AI in daily work")
    status = page.locator("[data-autosave-state]")
    expect(status).to_contain_text("Saved")
    expect(page.get_by_role("status").filter(has_text="Saved")).to_contain_text("Saved")
    assert (MeetingLog.objects.get().topics, drafts(page)) == ("AI in daily work", [])

    page.context.set_offline(True)
    page.get_by_label("What went well?").fill("We laughed")
    expect(status).to_contain_text("Not saved yet.")
    assert len(drafts(page)) == 1
    page.goto("about:blank")
    page.context.set_offline(False)

    page.goto(log_page(meeting))
    expect(page.get_by_label("What went well?")).to_have_value("We laughed")
    limit = time.monotonic() + 10
    while page.evaluate("Object.keys(localStorage).some(key => key.startsWith('draft:'))"):
        assert time.monotonic() < limit, "the draft stays in the browser"
        page.wait_for_timeout(50)
    assert MeetingLog.objects.get().successes == "We laughed"
    page.get_by_label("What happens until next time?").fill("Try it")
    page.get_by_role("button", name="Done").dblclick()
    expect(page.get_by_text("The log is saved.")).to_be_visible()
    log = MeetingLog.objects.get()
    assert (log.topics, log.successes, log.meeting.next_steps.count()) == (
        "AI in daily work",
        "We laughed",
        1,
    )
    assert drafts(page) == []


def test_log_in_two_tabs_overwrites_nothing_silently(open_page, meeting, member):
    old = open_page(log_page(meeting), person=member.person)
    new = old.context.new_page()
    new.goto(log_page(meeting))
    new.get_by_label("What did you talk about?").fill("Written in the new tab")
    expect(new.locator("[data-autosave-state]")).to_contain_text("Saved")
    old.get_by_label("What was hard?").fill("Written in the old tab")
    expect(old.get_by_role("button", name="Take what is saved")).to_be_visible()
    expect(old.locator("[data-autosave-theirs]")).to_have_text("Written in the new tab")
    assert MeetingLog.objects.get().challenges == ""
    old.get_by_role("button", name="Take what is saved").click()
    expect(old.get_by_label("What did you talk about?")).to_have_value("Written in the new tab")
    old.get_by_label("What was hard?").fill("And more")
    expect(old.locator("[data-autosave-state]")).to_contain_text("Saved")
    log = MeetingLog.objects.get()
    assert (log.topics, log.challenges) == ("Written in the new tab", "And more")


def test_what_was_typed_goes_from_the_browser_with_its_writer(open_page, meeting, member):
    page = open_page(log_page(meeting), person=member.person)
    page.route("**/log/save/", lambda route: route.abort())
    page.get_by_label("A note to yourself").fill("Only mine")
    expect(page.locator("[data-autosave-state]")).to_contain_text("Not saved yet.")
    assert len(drafts(page)) == 1
    page.locator(".menu > summary").click()
    page.locator(".menu [data-signs-out] button").click()
    page.wait_for_url("**/account/login/**")
    assert (drafts(page), MeetingLog.objects.count()) == ([], 0)


@pytest.mark.parametrize("script", [True, False])
def test_one_tap_from_the_mail_and_then_the_way_to_the_log(open_page, meeting, member, script):
    page = open_page(mail_link.address(meeting, member), width=360, java_script_enabled=script)
    expect(page.get_by_role("heading", name="Did you and Martin meet?")).to_be_visible()
    assert Confirmation.objects.count() == 0
    page.get_by_role("button", name="Yes, we met").click()
    expect(page.get_by_role("heading", name="Thank you: you met")).to_be_visible()
    assert [c.answer for c in Confirmation.objects.filter(member=member)] == ["yes"]
    page.get_by_role("link", name="Write the log").click()
    page.wait_for_url(re.compile(r"/account/login/\?next="))


@pytest.mark.parametrize(("width", "dark"), [(360, True), (1200, False)])
def test_pages_of_agreement_and_accounts_have_no_findings(open_page, meeting, member, width, dark):
    mentorship = meeting.mentorship
    agreement = agreements.actions.agreement_for(mentorship)
    agreements.actions.adapt(
        agreement=agreement,
        member=member,
        clauses=[
            ClauseEdit(position=1, text="Nothing about health, nothing about faith."),
            ClauseEdit(position=2, text="For good."),
            ClauseEdit(kind="logistics", text="Coffee first."),
        ],
    )
    meetings.actions.record_log(
        meeting=meeting, member=member, topics="AI", next_steps=["Try it"], private_note="Mine"
    )
    meetings.actions.share(
        mentorship=mentorship, member=member, title="Slides", link="https://example.org", meeting=meeting
    )
    meetings.actions.answer(meeting=meeting, member=factories.member(mentorship, Role.MENTEE), answer="no")
    coming = meetings.actions.plan(
        mentorship=mentorship,
        by=member.person,
        starts_at=timezone.now() + timedelta(days=3),
        minutes=60,
        agenda="Something",
    )
    page = open_page("/", person=member.person, width=width, dark=dark)
    found = {}
    for path in [
        *(reverse(f"agreements:{name}", args=[mentorship.uuid]) for name in ("detail", "adapt", "print")),
        reverse("agreements:detail", args=[mentorship.uuid]) + "?version=2&against=1",
        *(reverse(f"meetings:{name}", args=[meeting.uuid]) for name in ("detail", "answer", "moved", "log")),
        reverse("meetings:detail", args=[coming.uuid]),
        *(reverse(f"meetings:{name}", args=[mentorship.uuid]) for name in ("unplanned", "share")),
        reverse("mentorship", args=[mentorship.uuid]),
        mail_link.address(meeting, member),
    ]:
        page.goto(path)
        found[path] = findings(page)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found[path].append("scrolls sideways")
    assert {path: what for path, what in found.items() if what} == {}


# --- What is left in the browser ---


def sign_out(page) -> None:
    page.locator(".menu > summary").click()
    page.locator(".menu [data-signs-out] button").click()
    page.wait_for_url("**/account/login/**")


def test_back_button_shows_nothing_after_signing_out(open_page, meeting, member):
    page = open_page("/", person=member.person)
    page.goto(reverse("mentorship", args=[meeting.mentorship.uuid]))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Martin")
    page.goto(log_page(meeting))
    sign_out(page)
    for _ in range(2):
        page.go_back()
        assert "/account/" in page.url
        assert "Martin" not in page.content()


def test_page_shown_again_whole_asks_the_server_anew(open_page, member):
    """As a browser would that keeps pages whole in spite of what they say."""
    page = open_page("/", person=member.person)
    page.context.clear_cookies()
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    page.wait_for_url("**/account/login/**")


def test_signing_out_takes_drafts_and_leaves_language_and_look(open_page, member):
    page = open_page("/", person=member.person)
    page.locator("[data-theme-toggle]").first.click()
    page.evaluate("localStorage.setItem('draft:x', 'private')")
    page.evaluate("document.querySelector('[data-signs-out]').removeAttribute('data-signs-out')")
    page.locator(".menu > summary").click()
    page.locator(".menu form[action$='logout/'] button").click()
    page.wait_for_url("**/account/login/**")
    assert page.evaluate("localStorage.length") == 0
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"


@pytest.mark.parametrize(("width", "dark"), [(360, True), (1200, False)])
def test_pages_of_signing_in_have_no_findings(open_page, member, width, dark):
    member.person.language = "de"
    member.person.save()
    page = open_page("/", person=member.person, width=width, dark=dark)
    found = {}
    for name in ("signed_in_places", "sign_in_again"):
        page.goto(reverse(name))
        found[name] = findings(page)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found[name].append("scrolls sideways")
    assert found == {"signed_in_places": [], "sign_in_again": []}
