from collections.abc import Iterator
from datetime import datetime, timedelta

from feedback.actions import message
from feedback.models import SHOWN_AFTER, Feedback
from notices.outbox import Message

LOOKED_BACK = timedelta(days=28)
"""How long a worker may be down without anybody missing a notice."""


def messages(at: datetime) -> Iterator[Message]:
    shown = Feedback.objects.filter(
        written_at__lte=at - SHOWN_AFTER, written_at__gt=at - SHOWN_AFTER - LOOKED_BACK
    )
    people = shown.select_related("mentorship", "author__enrolment__person", "recipient__enrolment__person")
    return map(message, people)
