"""The whole product: what is asked in a browser travels through database, broker and worker to a mailbox."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect

from notices.models import Notice
from tests.factories import person

pytestmark = pytest.mark.browser


def test_sign_in_by_code_from_a_real_mail_reaches_home(chromium: Browser, running_product, smtp):
    person("Ada Winter", email="ada@example.org")
    context = chromium.new_context(base_url=running_product)
    page = context.new_page()
    page.goto("/account/login/code/")
    page.locator("input[name=email]").fill("ada@example.org")
    page.get_by_role("button", name="Send the code").click()
    body = smtp.wait_for(to="ada@example.org").get_body(("plain",))
    code = re.search(r"^[A-Z0-9-]{6,}\b", body.get_content(), re.MULTILINE)
    assert code, body.get_content()
    page.locator("input[name=code]").fill(code[0])
    page.locator("input[name=code]").press("Enter")
    expect(page).to_have_url(f"{running_product}/")
    context.close()


def test_notice_nobody_handed_over_is_delivered_by_beat_and_worker(running_product, smtp):
    ada = person(email="ada@example.org")
    due = timezone.now() - timedelta(hours=1)
    notice = Notice.objects.create(
        recipient=ada,
        key="left-over:1",
        kind="offer",
        language="en",
        subject="You could meet Martin",
        text="He would like to learn from you.",
        label="Have a look",
        url="/",
        by_email=True,
        created_at=due,
        due_at=due,
    )
    mail = smtp.wait_for(to="ada@example.org")
    assert mail["Subject"] == notice.subject
    assert running_product in mail.get_body(("plain",)).get_content()
