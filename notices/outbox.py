import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from notices import hours, wording
from notices.kinds import KINDS, Kind, Pace
from notices.models import Notice, NoticePreference

logger = logging.getLogger(__name__)
SEPARATOR = uuid4().hex  # between the parts of a message; nobody who writes in it can know it


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
    made = draft(
        Message(kind, to, key, context, url, calendar, mail_url, after, until), at=at or timezone.now()
    )
    if made is None:
        return None
    notice, created = Notice.objects.get_or_create(
        key=key, defaults={name: getattr(made, name) for name in DRAFTED}
    )
    if not created:
        return None
    if is_due_now(notice):
        transaction.on_commit(hand_over, robust=True)
    return notice


def post_all(messages: Iterable[Message], *, at: datetime) -> int:
    """For sweeps: post those not posted before, and say how many. One that cannot be rendered keeps nobody
    else's back."""
    posted, due = 0, False
    rest = iter(messages)
    while batch := list(islice(rest, 500)):
        known = Known(batch)
        made = [notice for message in batch if (notice := drafted(message, known, at))]
        if made:
            Notice.objects.bulk_create(made, ignore_conflicts=True)
            posted += Notice.objects.filter(uuid__in=[notice.uuid for notice in made]).count()
        due = due or any(is_due_now(notice) for notice in made)
    if due:
        transaction.on_commit(hand_over, robust=True)
    return posted


def drafted(message: Message, known: "Known", at: datetime) -> Notice | None:
    try:
        return draft(message, at=at, known=known)
    except Exception:
        logger.exception("The notice %s could not be posted", message.key)
        return None


class Known:
    """What has to be looked up for messages before they are drafted, in few queries for all of them."""

    def __init__(self, messages: list[Message]) -> None:
        keys = [message.key for message in messages]
        self.posted = set(Notice.objects.filter(key__in=keys).values_list("key", flat=True))
        new = [message for message in messages if message.key not in self.posted]
        before = {message.after for message in new} - {""}
        self.got = set(Notice.objects.got().filter(key__in=before).values_list("key", flat=True))
        wishes = NoticePreference.objects.filter(
            person__in={message.to.pk for message in new}, kind__in={message.kind for message in new}
        )
        self.finders = wording.finders({message.kind for message in new})
        self.wishes = {(wish.person_id, wish.kind): wish for wish in wishes}


def draft(message: Message, *, at: datetime, known: Known | None = None) -> Notice | None:
    """The notice, not stored yet. None where there is nothing to do."""
    kind, to = KINDS[message.kind], message.to
    known = known or Known([message])
    if not to.is_active or message.key in known.posted or (message.after and message.after not in known.got):
        return None
    subject, text, label = render(message.kind, to, message.context, known.finders)
    by_email, in_inbox = channels(kind, known.wishes.get((to.pk, message.kind)))
    meeting_at = meeting_in(message.context)
    pace = Pace.UNCOUNTED if message.calendar else kind.pace
    pace, due_at = hours.when_due(pace, at, to.zone, meeting_at)
    return Notice(
        recipient=to,
        kind=message.kind,
        key=message.key,
        language=to.language,
        subject=subject,
        text=text,
        label=label,
        url=message.url,
        mail_url=message.mail_url,
        calendar=message.calendar,
        pace=pace,
        meeting_at=meeting_at,
        until=message.until,
        by_email=by_email,
        in_inbox=in_inbox,
        created_at=at,
        due_at=due_at,
    )


DRAFTED = (
    *("uuid", "recipient", "kind", "language", "subject", "text", "label", "url", "mail_url", "calendar"),
    *("pace", "meeting_at", "until", "by_email", "in_inbox", "created_at", "due_at"),
)


def channels(kind: Kind, wish: NoticePreference | None) -> tuple[bool, bool]:
    """By e-mail, and in the inbox. What is not optional goes by e-mail where neither is wanted."""
    if wish is None:
        return kind.by_email, kind.in_inbox
    if not (kind.optional or wish.by_email or wish.in_inbox):
        return True, True
    return wish.by_email, wish.in_inbox


def meeting_in(context: dict[str, Any]) -> datetime | None:
    return getattr(context.get("meeting"), "starts_at", None)


def is_due_now(notice: Notice) -> bool:
    return notice.by_email and notice.due_at <= notice.created_at and notice.pace != Pace.DIGEST


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


def render(
    kind: str, to: Any, context: dict[str, Any], finders: Iterable[wording.Find] = ()
) -> tuple[str, str, str]:
    """Subject on one line, plain text, and the button's label, from `templates/notices/<kind>.txt`; subject
    and text in a programme's own words where it has some."""
    with translation.override(to.language), timezone.override(to.zone):
        whole = render_to_string(f"notices/{kind}.txt", {**context, "recipient": to, "separator": SEPARATOR})
        subject, text, label = (part.strip() for part in whole.split(SEPARATOR))
        for find in finders:
            own = find(kind, context, to.language)
            try:
                subject, text = (
                    wording.fill(words, wording.values_for(context, to, words)) if words else before
                    for words, before in zip(own, (subject, text), strict=True)
                )
            except Exception:
                logger.exception("The own words for %s do not fit; the product's are used", kind)
    return " ".join(subject.split())[:200], text, label[:100]


def hand_over() -> None:
    """Let a worker deliver what is due, as soon as it is stored."""
    from notices.tasks import sweep

    sweep.delay()
