"""Who is handing over which notices. A claim lasts as long as the database session of its holder.

No clock is involved: a holder that is killed loses its session, and with it the advisory lock that stands
for it, so that others take its notices over at once; one that waits for a slow mail server keeps them.
Why not a time limit: docs/decisions/delivery.md.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

from django.db import DatabaseError, connection, transaction

from notices.models import Notice

NAMESPACE = 0x6D61696C  # "mail"; keeps these locks apart from any other


@contextmanager
def holder() -> Iterator[int]:
    """A number to claim under, alive until the block or the database session ends."""
    number = secrets.randbelow(2**31 - 1) + 1
    with connection.cursor() as cursor:
        # A machine that vanished is noticed within two minutes instead of two hours.
        cursor.execute("SET tcp_keepalives_idle = 60; SET tcp_keepalives_interval = 15")
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [NAMESPACE, number])
    try:
        yield number
    finally:
        with suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [NAMESPACE, number])


def claim(number: int, at: datetime, most: int) -> list[Notice]:
    """Take at most so many notices whose mail is due, the longest due first. Nobody else gets them."""
    with transaction.atomic():
        due = Notice.objects.due(at).order_by("due_at", "pk").select_for_update(skip_locked=True)
        pks = list(due.values_list("pk", flat=True)[:most])
        Notice.objects.filter(pk__in=pks).update(claimed_by=number)
    return list(
        Notice.objects.filter(pk__in=pks).select_related("recipient").order_by("due_at", "pk") if pks else []
    )


def release(number: int) -> None:
    """Give back what the holder claimed and did not settle."""
    Notice.objects.filter(claimed_by=number).update(claimed_by=None)


def take_over() -> int:
    """Free what was claimed by holders that are no more. How many notices that were."""
    freed = 0
    holders = Notice.objects.exclude(claimed_by=None).order_by().values_list("claimed_by", flat=True)
    for number in set(holders):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [NAMESPACE, number])
            if cursor.fetchone()[0]:
                freed += Notice.objects.filter(claimed_by=number).update(claimed_by=None)
    return freed
