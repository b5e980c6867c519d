"""Against a real SMTP server, which refuses, delays or drops as the recipient's address asks it to."""

import time
from datetime import timedelta

import pytest
from django.db import connections

from notices import claims, delivery, outbox
from notices.models import Notice
from tests import factories
from tests.factories import NOW
from tests.threads import at_once

pytestmark = pytest.mark.django_db


def posted(email: str = "aylin@example.org", *, kind: str = "agreement-to-sign", **fields) -> Notice:
    to = factories.person("Aylin Kaya, Ä", email=email, **fields)
    context = {"others": "Jürgen & Co", "number": 1}
    if kind == "meeting-to-confirm":
        context["meeting"] = {"starts_at": NOW}
    return outbox.post(kind, to=to, key=f"test:{to.pk}", context=context, url="/agreements/1/", at=NOW)


def sweep(at=NOW) -> int:
    return delivery.sweep(clock=lambda: at)


def test_names_with_line_ends_and_signs_that_part_texts_keep_no_mail_back(mailbox):
    """Somebody chooses what they are called; whoever is told of them is told nevertheless."""
    to = factories.person("Aylin\r\nBcc: eve@example.org", email="aylin@example.org")
    context = {"others": "Mar\x1ftin\r\nBcc: eve@example.org", "number": 1}
    outbox.post("agreement-to-sign", to=to, key="test", context=context, url="/agreements/1/", at=NOW)
    assert sweep() == 1
    [mail] = mailbox.mails
    assert mail["Subject"] == "Your agreement with Mar tin Bcc: eve@example.org is ready to sign"
    assert [address.addr_spec for address in mail["To"].addresses] == ["aylin@example.org"]
    assert mail["Bcc"] is None


def test_mail_is_the_notice_as_text_and_as_html(mailbox):
    notice = posted()
    assert sweep() == 1
    [mail] = mailbox.mails
    notice.refresh_from_db()
    assert (notice.sent_at, notice.attempts, notice.claimed_by) == (NOW, 1, None)
    assert mail["Subject"] == "Your agreement with Jürgen & Co is ready to sign"
    assert mail["Message-ID"] == notice.message_id
    assert mail["To"].addresses[0].addr_spec == "aylin@example.org"
    assert mail["List-Unsubscribe"] is None
    text = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
    html = mail.get_body(("html",)).get_content()
    link = f"https://mentoring.example.org/notices/{notice.uuid}/"
    assert text.startswith("Hello Aylin,\n\nThe agreement says what stays between you")
    assert f"Read and sign: {link}\n" in text
    assert f'href="{link}"' in html
    assert "Jürgen &amp; Co is ready to sign</h1>" in html
    assert "<p>The agreement says what stays between you" in html


def test_mail_of_an_optional_kind_says_how_to_turn_it_off(mailbox):
    posted(kind="meeting-to-confirm")
    sweep()
    [mail] = mailbox.mails
    link = mail["List-Unsubscribe"].strip().strip("<>")
    assert link.startswith("https://mentoring.example.org/notices/unsubscribe/")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text = mail.get_body(("plain",)).get_content()
    assert link in text
    assert "https://mentoring.example.org/notices/preferences/" in text


def test_sweep_twice_sends_once_and_over_one_connection(mailbox):
    for number in range(3):
        posted(f"person-{number}@example.org")
    assert (sweep(), sweep(), len(mailbox.mails), mailbox.connections) == (3, 0, 3, 1)


def test_refused_recipient_fails_for_good_and_holds_up_nobody(mailbox):
    refused, fine = posted("gone@example.org"), posted("fine@example.org")
    assert sweep() == 1
    refused.refresh_from_db()
    fine.refresh_from_db()
    assert (refused.failed_at, refused.sent_at, fine.sent_at) == (NOW, None, NOW)
    assert refused.last_error.startswith("SMTPRecipientsRefused")
    assert sweep(NOW + timedelta(days=1)) == 0


def test_refused_message_fails_for_good(mailbox):
    notice = posted("spam@example.org")
    sweep()
    notice.refresh_from_db()
    assert (notice.failed_at, notice.last_error[:13]) == (NOW, "SMTPDataError")


@pytest.mark.parametrize("email", ["full@example.org", "drop@example.org"])
def test_temporary_failure_is_tried_again_later_and_holds_up_nobody(mailbox, email):
    notice, fine = posted(email), posted("fine@example.org")
    assert sweep() == 1
    notice.refresh_from_db()
    fine.refresh_from_db()
    assert (notice.attempts, notice.failed_at, notice.claimed_by) == (1, None, None)
    assert (notice.due_at, fine.sent_at) == (NOW + timedelta(minutes=2), NOW)
    assert sweep(NOW + timedelta(minutes=1)) == 0
    sweep(NOW + timedelta(minutes=2))
    notice.refresh_from_db()
    assert (notice.attempts, notice.due_at) == (2, NOW + timedelta(minutes=6))


def test_temporary_failure_does_not_last_for_ever(mailbox):
    notice = posted("full@example.org")
    Notice.objects.update(attempts=delivery.TRIES - 1)
    sweep()
    notice.refresh_from_db()
    assert notice.failed_at == NOW


def test_server_that_is_away_costs_no_try(mailbox, settings):
    notice = posted()
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    assert sweep() == 0
    notice.refresh_from_db()
    assert (notice.attempts, notice.sent_at) == (0, None)
    settings.EMAIL_PORT = port
    assert sweep(NOW + timedelta(minutes=2)) == 1


@pytest.mark.django_db(transaction=True)
def test_claim_of_a_worker_that_died_is_taken_over_and_of_one_that_lives_is_not(mailbox):
    posted()
    first = connections.create_connection("default")
    try:
        with first.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, 7)", [claims.NAMESPACE])
        Notice.objects.update(claimed_by=7)
        assert sweep(NOW + timedelta(days=1)) == 0
    finally:
        first.close()  # as the kernel does for a process that is killed
    assert within(5, lambda: sweep() == 1)


def within(seconds: float, holds) -> bool:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if holds():
            return True
        time.sleep(0.05)
    return False


def test_person_who_left_gets_no_mail(mailbox):
    notice = posted()
    notice.recipient.is_active = False
    notice.recipient.save()
    assert (sweep(), mailbox.mails) == (0, [])


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_send_each_notice_once(mailbox):
    for number in range(8):
        posted(f"person-{number}@example.org")
    assert sum(at_once(sweep, sweep, sweep)) == 8
    assert sorted(mail["To"].addresses[0].addr_spec for mail in mailbox.mails) == [
        f"person-{number}@example.org" for number in range(8)
    ]
