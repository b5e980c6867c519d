"""Whether what a notice asks for is still open, asked again when its mail is about to go."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable

from django.db import transaction

from notices.models import Notice

logger = logging.getLogger(__name__)
Check = Callable[[list[Notice]], Iterable[int]]
CHECKS: dict[str, Check] = {}


def still_due(*kinds: str) -> Callable[[Check], Check]:
    """Register, in an app's `reminders.py`, what tells of notices of these kinds which are still due.

    The function gets notices (`key` says what each is about, `recipient_id` whom it is for) and returns the
    pks of those whose question is still open, in few queries whatever their number. The others are not
    mailed and count as read. A kind without a check is always still due.
    """

    def register(check: Check) -> Check:
        CHECKS.update(dict.fromkeys(kinds, check))
        return check

    return register


def settled(notices: Iterable[Notice]) -> set[int]:
    """The pks of those that have been done, or have become pointless, meanwhile."""
    by_check: dict[Check, list[Notice]] = defaultdict(list)
    for notice in notices:
        if notice.kind in CHECKS:
            by_check[CHECKS[notice.kind]].append(notice)
    return {pk for check, asked in by_check.items() for pk in no_longer_due(check, asked)}


def no_longer_due(check: Check, asked: list[Notice]) -> set[int]:
    try:
        with transaction.atomic():
            return {notice.pk for notice in asked}.difference(check(asked))
    except Exception:
        # Rather one mail too many than all mail held up by one room's mistake.
        logger.exception("Whether %s notices are still due cannot be told", len(asked))
        return set()
