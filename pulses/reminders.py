from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.utils import timezone

from notices.models import Notice
from notices.outbox import Message
from notices.still import still_due
from pulses.actions import is_open, message
from pulses.models import InvitationToAnswer

AGAIN_AFTER = timedelta(days=7)
"""Whoever was asked and has not answered is asked a second time, and then no more."""


def unanswered(at: datetime) -> Iterator[InvitationToAnswer]:
    """Those that still can be answered. A day of room on either side: a round closes with the day in the time
    zone of its cohort."""
    day = timedelta(days=1)
    around = InvitationToAnswer.objects.filter(
        is_answered=False, wave__opens_on__lte=at.date() + day, closes_on__gte=at.date() - day
    )
    for invitation in around.select_related("wave__cohort", "enrolment__person"):
        if is_open(invitation, at):
            yield invitation


def messages(at: datetime) -> Iterator[Message]:
    return map(message, unanswered(at))


@still_due("pulse-open")
def still_unanswered(notices: list[Notice]) -> Iterable[int]:
    """The key names the invitation."""
    waiting = {invitation.pk for invitation in unanswered(timezone.now())}
    return [one.pk for one in notices if int(one.key.split(":")[1]) in waiting]
