"""Handing notices to the mail server: each once, whoever tries and however often."""

import logging
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import formataddr
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from notices.kinds import KINDS
from notices.models import CLAIM, Notice

logger = logging.getLogger(__name__)
BATCH = 500
TRIES = 20  # with the pauses below a little over two days
LONGEST_PAUSE = timedelta(hours=4)
METHOD = re.compile(r"^METHOD:([A-Za-z]+)\s*$", re.MULTILINE)


def sweep(clock: Callable[[], datetime] = timezone.now) -> int:
    """Send what is due over one connection, and say how many went out. Several sweeps share the work."""
    due = list(
        Notice.objects.undelivered(clock()).order_by("due_at", "pk").values_list("pk", flat=True)[:BATCH]
    )
    if not due:
        return 0
    connection = get_connection()
    try:
        sent = 0
        for pk in due:
            # Opened before a notice is claimed: while the server is away nothing loses one of its tries.
            connection.open()
            sent += deliver(pk, connection, clock())
        return sent
    except (SMTPException, OSError) as error:
        logger.warning("The mail server cannot be reached: %s", error)
        return sent
    finally:
        connection.close()


def deliver(pk: int, connection: BaseEmailBackend, at: datetime) -> bool:
    """Claim one notice and send it. False where somebody else has it, it is not due, or sending failed."""
    claimed = (
        Notice.objects.undelivered(at)
        .filter(pk=pk)
        .update(claimed_until=at + CLAIM, attempts=F("attempts") + 1)
    )
    if not claimed:
        return False
    notice = Notice.objects.select_related("recipient").get(pk=pk)
    if not notice.recipient.is_active:
        settle(notice, failed_at=at, last_error="The person has left.")
        return False
    try:
        connection.send_messages([message(notice)])
    except Exception as error:
        # Whatever is wrong with one notice holds up no other. A connection that broke answers nothing but
        # errors; the next notice opens a new one.
        connection.close()
        record_failure(notice, error, at)
        return False
    settle(notice, sent_at=at, last_error="")
    return True


def record_failure(notice: Notice, error: Exception, at: datetime) -> None:
    words = f"{type(error).__name__}: {error}"[:300]
    if is_permanent(error) or notice.attempts >= TRIES:
        settle(notice, failed_at=at, last_error=words)
        logger.error("Notice %s cannot be delivered: %s", notice.pk, words)
    else:
        pause = min(timedelta(minutes=2**notice.attempts), LONGEST_PAUSE)
        settle(notice, due_at=at + pause, last_error=words)
        logger.warning("Notice %s waits until %s: %s", notice.pk, notice.due_at, words)


def settle(notice: Notice, **fields: object) -> None:
    for name, value in {**fields, "claimed_until": None}.items():
        setattr(notice, name, value)
    notice.save(update_fields=[*fields, "claimed_until"])


def is_permanent(error: Exception) -> bool:
    """Whether the server refused this recipient or this message for good (5yz, RFC 5321 section 4.2.1).

    A refused sender or sign-in is a fault of the installation, not of the notice: it is tried again.
    """
    if isinstance(error, SMTPRecipientsRefused):
        return all(500 <= code < 600 for code, _words in error.recipients.values())
    return isinstance(error, SMTPDataError) and 500 <= error.smtp_code < 600


def message(notice: Notice) -> EmailMultiAlternatives:
    """The notice as plain text and as HTML made of the same text, in its language."""
    kind = KINDS.get(notice.kind)
    preferences = settings.SITE_URL + reverse("notices:preferences")
    headers = {"Message-ID": notice.message_id, "Auto-Submitted": "auto-generated"}
    if kind and kind.optional:
        headers["List-Unsubscribe"] = f"<{preferences}>"
    with translation.override(notice.language):
        context = {
            "notice": notice,
            "subject": notice.subject,
            "button_url": button_url(notice),
            "button_label": notice.label,
            "optional": bool(kind and kind.optional),
            "preferences_url": preferences,
        }
        text = render_to_string("notices/mail.txt", context)
        html = render_to_string("notices/mail.html", context)
    mail = EmailMultiAlternatives(
        subject=notice.subject,
        body=text,
        to=[formataddr((notice.recipient.name, notice.recipient.email))],
        headers=headers,
    )
    mail.attach_alternative(html, "text/html")
    if notice.calendar:
        attach_calendar(mail, notice.calendar)
    return mail


def button_url(notice: Notice) -> str:
    if notice.mail_url:
        return settings.SITE_URL + notice.mail_url
    return settings.SITE_URL + reverse("notices:open", args=[notice.uuid]) if notice.url else ""


def attach_calendar(mail: EmailMultiAlternatives, calendar: str) -> None:
    """As the alternative that mail programs answer to, and as a file for those that show none (RFC 6047
    section 2.4). The method in the content type is the text's own."""
    found = METHOD.search(calendar)
    kind = f"text/calendar; method={found[1].upper() if found else 'PUBLISH'}"
    mail.attach_alternative(calendar, kind)
    mail.attach("invite.ics", calendar, kind)
