import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from notices.kinds import KINDS, Pace
from notices.models import Notice, NoticePreference

logger = logging.getLogger(__name__)
SEPARATOR = "\x1f"


@dataclass(frozen=True)
class Message:
    """What `post` takes, for those who have several; see there."""

    kind: str
    to: Any
    key: str
    context: dict[str, Any]
    url: str = ""
    calendar: str = ""
    mail_url: str = ""
    after: str = ""
    until: datetime | None = None


def post(
    kind: str,
    *,
    to: Any,
    key: str,
    context: dict[str, Any],
    url: str = "",
    calendar: str = "",
    mail_url: str = "",
    after: str = "",
    until: datetime | None = None,
    at: datetime | None = None,
) -> Notice | None:
    """Store one message to one person, in their language and time zone; the same key is stored once.

    Commits or vanishes with the change that causes it; delivery is handed to a worker on commit, and the
    sweep delivers what was left. Returns None where there was nothing to do: the key was posted before, the
    nudge before it was not got, or the person has left. Raises KeyError for an unknown kind.

    - `url` is the path its button leads to, `mail_url` where the mail's button leads if that is another
      page: one that needs no signing in.
    - `calendar` is an iCalendar text (RFC 5545) with a METHOD. The mail carries it as its text/calendar
      alternative and as invite.ics; it is never collected in a digest, and counts towards no limit.
    - `after` is the key of the nudge before this one: a second is only for somebody who got the first.
    - `until` is when the mail stops making sense. Later it stays a notice in the product.
    - `context` fills the template. With a `meeting` in it, the mail concerns that meeting, and goes at any
      hour on its day. With a `programme`, or something that belongs to one, the programme's own wording
      of the kind takes the place of the template.
    """
    definition = KINDS[kind]
    if not to.is_active or Notice.objects.filter(key=key).exists():
        return None
    if after and not Notice.objects.got().filter(key=after).exists():
        return None
    at = at or timezone.now()
    subject, text, label = render(kind, to, context)
    wanted = not (
        definition.optional and NoticePreference.objects.filter(person=to, kind=kind, by_email=False).exists()
    )
    notice, created = Notice.objects.get_or_create(
        key=key,
        defaults={
            "recipient": to,
            "kind": kind,
            "language": to.language,
            "subject": subject,
            "text": text,
            "label": label,
            "url": url,
            "mail_url": mail_url,
            "calendar": calendar,
            "pace": Pace.UNCOUNTED if calendar else definition.pace,
            "meeting_at": meeting_in(context),
            "until": until,
            "by_email": wanted,
            "in_inbox": definition.in_inbox,
            "read_at": None if definition.in_inbox else at,
            "created_at": at,
            "due_at": at,
        },
    )
    if not created:
        return None
    if wanted:
        transaction.on_commit(lambda: hand_over(notice.pk), robust=True)
    return notice


def meeting_in(context: dict[str, Any]) -> datetime | None:
    return getattr(context.get("meeting"), "starts_at", None)


def post_all(messages: Iterable[Message], *, at: datetime) -> int:
    """For sweeps: post those not posted before, and say how many. Each commits by itself, so that one that
    cannot be rendered keeps nobody else's back."""
    posted = 0
    rest = iter(messages)
    while batch := list(islice(rest, 500)):
        known = set(
            Notice.objects.filter(key__in=[message.key for message in batch]).values_list("key", flat=True)
        )
        for message in batch:
            if message.key in known:
                continue
            try:
                with transaction.atomic():
                    notice = post(**vars(message), at=at)
            except Exception:
                logger.exception("The notice %s could not be posted", message.key)
            else:
                posted += notice is not None
    return posted


def again(messages: Iterable[Message], *, at: datetime, after: timedelta) -> Iterator[Message]:
    """The second nudge, for whoever got the first at least `after` ago. Templates know it as `again`."""
    rest = iter(messages)
    while batch := list(islice(rest, 500)):
        first = Notice.objects.filter(key__in=[message.key for message in batch], created_at__lte=at - after)
        told = set(first.values_list("key", flat=True))
        for message in batch:
            if message.key in told:
                yield replace(
                    message,
                    key=f"{message.key}:again",
                    after=message.key,
                    context={**message.context, "again": True},
                )


def render(kind: str, to: Any, context: dict[str, Any]) -> tuple[str, str, str]:
    """Subject on one line, plain text, and the button's label, from `templates/notices/<kind>.txt`."""
    with translation.override(to.language), timezone.override(to.zone):
        whole = render_to_string(f"notices/{kind}.txt", {**context, "recipient": to})
    subject, text, label = (part.strip() for part in whole.split(SEPARATOR))
    return " ".join(subject.split())[:200], text, label[:100]


def hand_over(pk: int) -> None:
    from notices.tasks import deliver

    deliver.delay(pk)
