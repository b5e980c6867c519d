"""What a notice, or a digest of several, looks like as a mail: plain text, and HTML of the same."""

import re
from email.utils import formataddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.signing import Signer
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import ngettext

from notices.kinds import KINDS
from notices.models import Notice

METHOD = re.compile(r"^METHOD:([A-Za-z]+)\s*$", re.MULTILINE)


def unsubscribe_signer() -> Signer:
    """Made when it is needed: programs that only name tasks import this and have no key."""
    return Signer(salt="notices.unsubscribe")


def message(notice: Notice, items: list[Notice] | None = None) -> EmailMultiAlternatives:
    """`items` are what a digest lists. A digest of one thing looks like that thing."""
    alone = items[0] if items and len(items) == 1 else None
    shown = alone or notice
    with translation.override(notice.language):
        subject = digest_subject(items) if items and not alone else shown.subject
        unsubscribe = unsubscribe_url(notice, items or [notice])
        context = {
            "name": notice.recipient.first_name,
            "subject": subject,
            "text": shown.text,
            "items": [] if alone or not items else [(item, button_url(item)) for item in items],
            "button_url": button_url(shown) if alone or not items else "",
            "button_label": shown.label,
            "preferences_url": settings.SITE_URL + reverse("notices:preferences"),
            "unsubscribe_url": unsubscribe,
        }
        text = render_to_string("notices/mail.txt", context)
        html = render_to_string("notices/mail.html", context)
    headers = {"Message-ID": notice.message_id, "Auto-Submitted": "auto-generated"}
    if unsubscribe:
        headers["List-Unsubscribe"] = f"<{unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail = EmailMultiAlternatives(
        subject=one_line(subject),
        body=text,
        to=[formataddr((one_line(notice.recipient.name), notice.recipient.email))],
        headers=headers,
    )
    mail.attach_alternative(html, "text/html")
    if shown.calendar:
        attach_calendar(mail, shown.calendar)
    return mail


def one_line(words: str) -> str:
    """For a header, which ends where a line does: a name with a line end in it would keep the mail back."""
    return " ".join(words.split())


def digest_subject(items: list[Notice]) -> str:
    more = len(items) - 1
    return ngettext("%(first)s, and %(more)d more", "%(first)s, and %(more)d more", more) % {
        "first": items[0].subject,
        "more": more,
    }


def button_url(notice: Notice) -> str:
    if notice.mail_url:
        return settings.SITE_URL + notice.mail_url
    return settings.SITE_URL + reverse("notices:open", args=[notice.uuid]) if notice.url else ""


def unsubscribe_url(notice: Notice, items: list[Notice]) -> str:
    """Where one click turns these kinds off by e-mail, without signing in (RFC 8058); empty where none of
    them can be turned off."""
    if not any(KINDS[item.kind].optional for item in items if item.kind in KINDS):
        return ""
    token = unsubscribe_signer().sign(str(notice.uuid))
    return settings.SITE_URL + reverse("notices:unsubscribe", args=[token])


def attach_calendar(mail: EmailMultiAlternatives, calendar: str) -> None:
    """As the alternative that mail programs answer to, and as a file for those that show none (RFC 6047
    section 2.4). The method in the content type is the text's own."""
    found = METHOD.search(calendar)
    kind = f"text/calendar; method={found[1].upper() if found else 'PUBLISH'}"
    mail.attach_alternative(calendar, kind)
    mail.attach("invite.ics", calendar, kind)
