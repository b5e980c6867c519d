"""Handing notices to the mail server: each once, whoever tries and however often.

A sweep claims some notices, sorts out which of them may go now, and hands those over one after the other.
Each is written down as sent before the next one is handed over, so that whatever is killed, at most the one
that was on its way is sent again, under the same Message-ID. See docs/decisions/delivery.md.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPSenderRefused

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import InterfaceError, OperationalError, connection
from django.db.models import F, Q
from django.utils import timezone

from notices import claims, digest, hours, still
from notices.kinds import DIGEST, Pace
from notices.mail import message
from notices.models import ImmediateMail, Notice, NoticeQuerySet, RefusedAddress

logger = logging.getLogger(__name__)
BATCH = 200
TRIES = 20  # with the pauses below a little over two days
LONGEST_PAUSE = timedelta(hours=4)
PATIENCE = 900  # seconds in which a sent mail is written down, should the database be away for a moment
BROKEN_IN_A_ROW = 3
REFUSED = SMTPRecipientsRefused.__name__
Clock = Callable[[], datetime]


class Sick(Exception):
    """The mail server cannot be reached, or breaks off again and again: the sweep is over."""


class LostClaims(Exception):
    """The database session was lost, and what was claimed in it may be somebody else's by now."""


def sweep(clock: Clock = timezone.now) -> int:
    """Send all that is due, over one connection, and say how many mails went out. Several sweeps share the
    work."""
    at = clock()
    claims.take_over()
    digest.collect(at)
    if not Notice.objects.due(at).exists():
        return 0
    with claims.holder() as number:
        round_ = Round(number, clock)
        try:
            while batch := claims.claim(number, clock(), BATCH):
                round_.hand_over(Sorting(number, batch, clock()).ready())
        except Sick as error:
            logger.warning("The mail server cannot be reached: %s", error)
        except LostClaims:
            logger.warning("The database was away; the next sweep takes up what is left.")
        finally:
            round_.close()
        claims.release(number)
    return round_.sent


class Sorting:
    """Which of the claimed notices go now, and what becomes of the others, in few queries for all."""

    def __init__(self, number: int, batch: list[Notice], at: datetime) -> None:
        self.number, self.batch, self.at = number, batch, at
        self.items: dict[int, list[Notice]] = defaultdict(list)

    def ready(self) -> list[tuple[Notice, list[Notice]]]:
        """The notices to hand over, each with what it lists if it is a digest."""
        self._drop(
            [n for n in self.batch if not n.recipient.is_active],
            failed_at=self.at,
            last_error="The person has left.",
        )
        self._drop_refused()
        self._drop_pointless()
        self._wait_for_hours()
        self._one_a_day()
        return [(notice, self.items[notice.pk]) for notice in self.batch]

    def _keep_out(self, notices: list[Notice]) -> None:
        out = {notice.pk for notice in notices}
        self.batch = [notice for notice in self.batch if notice.pk not in out]

    def _drop(self, notices: list[Notice], **fields: object) -> None:
        if notices:
            pks = [notice.pk for notice in notices]
            Notice.objects.filter(pk__in=pks).update(claimed_by=None, **fields)
            self._keep_out(notices)

    def _drop_refused(self) -> None:
        refused = set(
            RefusedAddress.objects.filter(
                email__in={n.recipient.email.lower() for n in self.batch}
            ).values_list("email", flat=True)
        )
        found = [n for n in self.batch if n.recipient.email.lower() in refused]
        Notice.objects.filter(digest__in=found).update(failed_at=self.at)
        self._drop(found, failed_at=self.at, last_error=f"{REFUSED}: the address was refused before.")

    def _drop_pointless(self) -> None:
        """What was read, done or overtaken meanwhile; a digest with nothing left in it."""
        digests = [notice.pk for notice in self.batch if notice.is_digest]
        listed = list(Notice.objects.undelivered().filter(digest__in=digests).order_by("created_at", "pk"))
        single = [notice for notice in self.batch if not notice.is_digest]
        settled = still.settled([*listed, *single])
        past = {n.pk for n in [*listed, *single] if n.until and n.until <= self.at}
        read = {n.pk for n in [*listed, *single] if n.read_at and not n.calendar}
        Notice.objects.filter(pk__in=settled, read_at=None).update(read_at=self.at)
        out = settled | past | read
        Notice.objects.filter(pk__in=[n.pk for n in listed if n.pk in out]).update(by_email=False)
        self._drop([n for n in single if n.pk in out], by_email=False)
        for item in listed:
            if item.digest_id and item.pk not in out:
                self.items[item.digest_id].append(item)
        self._drop([n for n in self.batch if n.is_digest and not self.items[n.pk]], by_email=False)

    def _wait_for_hours(self) -> None:
        later = defaultdict(list)
        for notice in self.batch:
            chance = hours.next_chance(self.at, notice.recipient.zone, notice.meeting_at)
            if chance > self.at:
                later[chance].append(notice)
        for morning, notices in later.items():
            self._drop(notices, due_at=morning)

    def _one_a_day(self) -> None:
        """Of what goes at once, the first of a person's day; the rest is collected tomorrow."""
        counted = [
            notice
            for notice in self.batch
            if notice.pace == Pace.AT_ONCE
            and not hours.is_for_a_meeting_now(self.at, notice.recipient.zone, notice.meeting_at)
        ]
        if not counted:
            return
        days = {notice.pk: self.at.astimezone(notice.recipient.zone).date() for notice in counted}
        ImmediateMail.objects.bulk_create(
            [ImmediateMail(person=n.recipient, day=days[n.pk], notice=n) for n in counted],
            ignore_conflicts=True,
        )
        first = set(ImmediateMail.objects.filter(notice__in=counted).values_list("notice_id", "day"))
        later = defaultdict(list)
        for notice in counted:
            if (notice.pk, days[notice.pk]) not in first:
                later[hours.next_morning(self.at, notice.recipient.zone)].append(notice)
        for morning, notices in later.items():
            self._drop(notices, pace=Pace.DIGEST, due_at=morning)


class Round:
    """One connection to the mail server, and what went over it."""

    def __init__(self, number: int, clock: Clock) -> None:
        self.number, self.clock = number, clock
        self.server: BaseEmailBackend = get_connection()
        self.sent = self.broken = 0

    def hand_over(self, ready: list[tuple[Notice, list[Notice]]]) -> None:
        """One after the other, while a thread makes the next ones: most of the time is spent waiting for
        the mail server, and for the database to have written down what it took."""
        with ThreadPoolExecutor(1, "mail") as makers:
            try:
                made = [makers.submit(message, notice, items) for notice, items in ready]
                for (notice, _items), mail in zip(ready, made, strict=True):
                    self.hand_over_one(notice, mail)
            finally:
                makers.shutdown(wait=True, cancel_futures=True)

    def hand_over_one(self, notice: Notice, mail: Future[EmailMultiAlternatives]) -> None:
        try:
            whole = mail.result()
        except Exception as error:
            self.record_failure(notice, error)  # what is wrong with one holds up no other
            return
        self.connect()
        try:
            self.server.send_messages([whole])
        except Exception as error:
            self.record_failure(notice, error)
        else:
            self.broken = 0
            self.record_sent(notice)

    def connect(self) -> None:
        """Before a notice is tried: while the server is away nothing loses one of its tries."""
        if self.broken >= BROKEN_IN_A_ROW:
            raise Sick("it broke off several times in a row")
        try:
            self.server.open()
        except (SMTPException, OSError) as error:
            raise Sick(error) from error

    def close(self) -> None:
        self.server.close()

    def record_sent(self, notice: Notice) -> None:
        self.sent += 1
        fields = {
            "sent_at": self.clock(),
            "attempts": F("attempts") + 1,
            "last_error": "",
            "claimed_by": None,
        }
        self.write(lambda: with_items(notice).update(**fields))

    def record_failure(self, notice: Notice, error: Exception) -> None:
        words = f"{type(error).__name__}: {error}"[:300]
        if not isinstance(error, SMTPRecipientsRefused | SMTPDataError | SMTPSenderRefused):
            # A connection that broke answers nothing but errors; the next notice opens a new one.
            self.server.close()
            self.broken += isinstance(error, SMTPException | OSError)
        at, tries = self.clock(), notice.attempts + 1
        if is_permanent(error) or tries >= TRIES:
            logger.error("Notice %s cannot be delivered: %s", notice.pk, words)
            self.write(
                lambda: with_items(notice).update(
                    failed_at=at,
                    attempts=tries,
                    last_error=words,
                    claimed_by=None,
                    in_inbox=Q(in_inbox=True) | ~Q(kind=DIGEST),  # where they find it at least
                )
            )
            if isinstance(error, SMTPRecipientsRefused):
                RefusedAddress.objects.get_or_create(
                    email=notice.recipient.email.lower(), defaults={"refused_at": at, "words": words}
                )
        else:
            pause = min(timedelta(seconds=settings.MAIL_RETRY_SECONDS * 2**tries), LONGEST_PAUSE)
            logger.warning("Notice %s is tried again in %s: %s", notice.pk, pause, words)
            fields = {"due_at": at + pause, "attempts": tries, "last_error": words, "claimed_by": None}
            self.write(lambda: Notice.objects.filter(pk=notice.pk).update(**fields))

    def write(self, update: Callable[[], int]) -> None:
        """Once, and again should the database be away for a moment: what was handed over must be known."""
        limit, lost = time.monotonic() + PATIENCE, False
        while True:
            try:
                update()
            except (OperationalError, InterfaceError):
                if connection.in_atomic_block or time.monotonic() > limit:
                    raise
                lost = True
                connection.close()
                time.sleep(0.2)
            else:
                break
        if lost:
            raise LostClaims


def with_items(notice: Notice) -> NoticeQuerySet:
    """The notice, and what it lists if it is a digest."""
    one = Q(pk=notice.pk)
    return Notice.objects.filter(one | Q(digest=notice, by_email=True) if notice.is_digest else one)


def is_permanent(error: Exception) -> bool:
    """Whether the server refused this recipient or this message for good (5yz, RFC 5321 section 4.2.1).

    A refused sender or sign-in is a fault of the installation, not of the notice: it is tried again.
    """
    if isinstance(error, SMTPRecipientsRefused):
        return all(500 <= code < 600 for code, _words in error.recipients.values())
    return isinstance(error, SMTPDataError) and 500 <= error.smtp_code < 600
