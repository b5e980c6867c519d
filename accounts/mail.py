"""Mail about accounts: stored by the request that asks for it, made and sent by a worker.

So asking takes as long for an address nobody has, and no longer when the mail server is slow. Hours, digests
and the one mail a day do not apply: somebody waits for it.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.dateparse import parse_datetime

from accounts.models import AccountMail
from accounts.secrets import login_code, reset_link
from notices.delivery import is_permanent
from notices.models import RefusedAddress
from participants.models import Person

logger = logging.getLogger(__name__)
Kind = AccountMail.Kind
# Later the mail is pointless, and its row goes.
GOOD_FOR = {
    Kind.LOGIN_CODE: timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT),
    Kind.PASSWORD_RESET: timedelta(hours=1),
}
NEWS_GOOD_FOR = timedelta(days=7)
LONGEST_PAUSE = timedelta(minutes=30)


def post(*, kind: Kind, to: str, facts: dict[str, Any], at: datetime | None = None) -> AccountMail:
    """Store the mail and have a worker send it: the same work whether or not anybody signs in with `to`."""
    at = at or timezone.now()
    posted = AccountMail.objects.create(
        kind=kind,
        email=to.lower(),
        person=Person.objects.signs_in_with(to).first(),
        facts=facts,
        created_at=at,
        due_at=at,
        until=at + GOOD_FOR.get(kind, NEWS_GOOD_FOR),
    )
    transaction.on_commit(hand_over, robust=True)
    return posted


def hand_over() -> None:
    from accounts.tasks import send

    send.delay()


def send_due(clock: Callable[[], datetime] = timezone.now) -> int:
    """Send all that is due and say how many remain for another try. Several workers share the rows."""
    at, server = clock(), get_connection()
    try:
        while send_next(server, at):
            pass
    except (SMTPException, OSError) as error:
        logger.warning("The mail server cannot be reached: %s", error)
    finally:
        server.close()
    return AccountMail.objects.due(at + LONGEST_PAUSE).count()


@transaction.atomic
def send_next(server: BaseEmailBackend, at: datetime) -> bool:
    """False where nothing is due. The row is locked until its mail is handed over, then deleted. After a kill
    in between the same mail is sent again, under the same Message-ID."""
    due = AccountMail.objects.due(at).select_for_update(of=["self"], skip_locked=True)
    mail = due.select_related("person").first()
    if mail is None:
        return False
    person = mail.person
    if person is None or mail.until <= at or not still_theirs(mail, person):
        mail.delete()
        return True
    server.open()  # raises while it is away; then nothing loses a try
    try:
        server.send_messages([message(mail, person)])
    except Exception as error:
        server.close()
        put_off(mail, error, at)
    else:
        mail.delete()
    return True


def still_theirs(mail: AccountMail, person: Person) -> bool:
    """Both addresses are told of a change. Everything else goes where the person signs in."""
    return person.is_active and (mail.kind == Kind.ADDRESS_CHANGED or mail.email == person.email)


def put_off(mail: AccountMail, error: Exception, at: datetime) -> None:
    words = f"{type(error).__name__}: {error}"[:300]
    if is_permanent(error):
        logger.error("A mail about an account (%s) was refused: %s", mail.kind, type(error).__name__)
        if isinstance(error, SMTPRecipientsRefused):
            RefusedAddress.objects.get_or_create(
                email=mail.email, defaults={"refused_at": at, "words": words}
            )
        mail.delete()
        return
    logger.warning("A mail about an account (%s) is tried again: %s", mail.kind, type(error).__name__)
    mail.attempts += 1
    mail.due_at = at + min(timedelta(seconds=5 * 2**mail.attempts), LONGEST_PAUSE)
    mail.save(update_fields=["attempts", "due_at"])


def message(mail: AccountMail, person: Person) -> EmailMultiAlternatives:
    with translation.override(person.language), timezone.override(person.zone):
        context = context_of(mail, person)
        prefix = f"account/email/{mail.kind}"
        subject = " ".join(render_to_string(f"{prefix}_subject.txt", context).split())
        made = EmailMultiAlternatives(
            subject=subject,
            body=render_to_string(f"{prefix}_message.txt", context).strip(),
            to=[mail.email],
            headers={"Message-ID": message_id(mail), "Auto-Submitted": "auto-generated"},
        )
        with suppress(TemplateDoesNotExist):  # what only informs is plain text
            made.attach_alternative(render_to_string(f"{prefix}_message.html", context), "text/html")
    return made


def context_of(mail: AccountMail, person: Person) -> dict[str, Any]:
    context = {**mail.facts, "person": person, "email": mail.email, "site_url": settings.SITE_URL}
    if mail.kind == Kind.LOGIN_CODE:
        context["code"] = login_code(person, mail.facts["nonce"])
    elif mail.kind == Kind.PASSWORD_RESET:
        context["password_reset_url"] = reset_link(person)
    if at := mail.facts.get("timestamp"):
        context["timestamp"] = parse_datetime(at)
    return context


def message_id(mail: AccountMail) -> str:
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip("> ") or "localhost"
    return f"<{mail.uuid}@{domain}>"
