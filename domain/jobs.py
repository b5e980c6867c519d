"""Long work that a person asks for, a worker does, and both may leave and come back to.

A subclass is a row with its own states, of which `WORKING` are those in which a worker is to be at it:

    class Mailing(Job):
        class State(models.TextChoices):
            RUNNING = "running", _("running")
            FINISHED = "finished", _("finished")
            FAILED = "failed", _("failed")
            CANCELLED = "cancelled", _("cancelled")

        TRANSITIONS = {State.RUNNING: (State.FINISHED, State.FAILED, State.CANCELLED)}
        WORKING = (State.RUNNING,)
        state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)

        def hand_over(self) -> None:
            tasks.mail.delay(self.pk)

Who asks creates the row and calls `job.enqueue()` in the same transaction. The task is one line,
`work_on(job, do)`, where `do(job)` works in steps that may be done twice, or in one transaction that ends
with `move_to(FINISHED)`. On its way it calls `job.report(done, of)`, which others read as `job.progress`, and
which raises `Stopped` once the state has left `WORKING`. The sweep calls `Mailing.hand_over_the_lost()`:
what no worker holds, because it was killed or the queue lost the message, is handed over again.
Templates include `admin/job_progress.html`.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeVar

from django.conf import settings
from django.core.cache import cache
from django.db import connection, models, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domain.errors import DomainError
from domain.states import StateMachine

logger = logging.getLogger(__name__)

# How often a job whose worker vanished is begun again before it is given up.
ATTEMPTS = 3
# How long a message may wait in the queue before it is taken for lost. Handing over twice is harmless.
PATIENCE = timedelta(minutes=5)
# The same where a worker had begun: that it let go is the sign that it was killed.
BEGUN_PATIENCE = timedelta(seconds=30)
DAY = 60 * 60 * 24


class Stopped(Exception):
    """Somebody cancelled the job while it was worked on."""


class Job(StateMachine):
    """See the module. The worker holds a lock of its database session, so that whether somebody is at it is
    known the moment they vanish; progress lies in the cache, where the work's own transaction does not hide
    it."""

    WORKING: ClassVar[tuple[str, ...]]
    FAILED: ClassVar[str] = "failed"

    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=gettext_lazy("asked for by"),
    )
    requested_at = models.DateTimeField(gettext_lazy("asked for on"), default=timezone.now)
    handed_over_at = models.DateTimeField(null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    finished_at = models.DateTimeField(gettext_lazy("done on"), null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        abstract = True

    def hand_over(self) -> None:
        """Put the job's task into the queue."""
        raise NotImplementedError

    def enqueue(self, *, at: datetime | None = None) -> None:
        """Hand the job to a worker once this transaction commits; from now on it has all its attempts."""
        self.handed_over_at, self.attempts, self.error = at or timezone.now(), 0, ""
        self.save(update_fields=["handed_over_at", "attempts", "error"])
        self._forget_progress()
        transaction.on_commit(self.hand_over, robust=True)

    @property
    def is_working(self) -> bool:
        return self.state in self.WORKING

    @property
    def is_abandoned(self) -> bool:
        """Whether a worker began it and has vanished. It is handed over again by itself."""
        return self.is_working and self.attempts > 0 and not self.is_held

    @property
    def is_held(self) -> bool:
        """Whether a worker is at it at this moment."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                " AND classid = (hashtext(%s)::bigint & 4294967295)::oid AND objid = %s::bigint::oid)",
                [self._meta.db_table, self.pk],
            )
            return cursor.fetchone()[0]

    @contextmanager
    def held(self) -> Iterator[bool]:
        """Hold the job for the length of the block; False where somebody else does."""
        name = [self._meta.db_table, self.pk]
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s), %s)", name)
            got = cursor.fetchone()[0]
        try:
            yield got
        finally:
            if got and connection.connection is not None and not connection.connection.closed:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(hashtext(%s), %s)", name)

    @property
    def progress(self) -> int:
        """In hundredths; 0 before the first report."""
        return cache.get(self._progress_key, 0)

    def report(self, done: float, of: float = 100) -> None:
        """Say how far the work is. Raises Stopped once somebody has cancelled it."""
        cache.set(self._progress_key, min(100, int(100 * done / of)) if of else 100, timeout=DAY)
        if not type(self)._base_manager.filter(models.Q(state__in=self.WORKING), pk=self.pk).exists():
            raise Stopped

    def fail(self, reason: str, *, at: datetime | None = None) -> None:
        try:
            self.move_to(self.FAILED, error=reason[:500], finished_at=at or timezone.now())
        except DomainError:
            logger.info("%s %s had ended before it could fail", self._meta.label, self.pk)

    @property
    def _progress_key(self) -> str:
        return f"progress:{self._meta.db_table}:{self.pk}"

    def _forget_progress(self) -> None:
        cache.delete(self._progress_key)

    @classmethod
    def hand_over_the_lost(cls, *, at: datetime | None = None) -> int:
        """For the sweep: hand over again what nobody holds. Returns how many."""
        at = at or timezone.now()
        waiting = cls._base_manager.filter(
            models.Q(attempts=0, handed_over_at__lt=at - PATIENCE)
            | models.Q(attempts__gt=0, handed_over_at__lt=at - BEGUN_PATIENCE),
            models.Q(state__in=cls.WORKING),
        )
        lost = [job for job in waiting if not job.is_held]
        for job in lost:
            # Waiting in a long queue is no attempt; `work_on` counts those.
            cls._base_manager.filter(pk=job.pk).update(handed_over_at=at)
            transaction.on_commit(job.hand_over, robust=True)
        return len(lost)


J = TypeVar("J", bound=Job)


def work_on(job: J, do: Callable[[J], Any], *, at: datetime | None = None) -> None:
    """Do a job's work, unless it is over or somebody else is at it. A failure ends in `job.error`, in the
    language of who asked for it. Called by the task, outside a transaction."""
    with job.held() as mine:
        if not mine:
            return
        job.refresh_from_db()
        if not job.is_working:
            return
        job.attempts += 1
        job.save(update_fields=["attempts"])
        with translation.override(job.requested_by.language if job.requested_by else None):
            if job.attempts > ATTEMPTS:
                given_up = _(
                    "It was interrupted several times and has been given up. You can start it again."
                )
                job.fail(given_up, at=at)
                return
            try:
                do(job)
            except Stopped:
                job.refresh_from_db()
            except DomainError as error:
                job.fail(error.message, at=at)
            except Exception:
                logger.exception("%s %s failed", job._meta.label, job.pk)
                job.fail(_("Something went wrong on our side. You can start it again."), at=at)
