from celery import shared_task
from django.utils import timezone

from accounts import sessions
from mentoring import reminders, retention, short_pulses, unsigned


@shared_task
def sweep() -> None:
    """What needs to know of several rooms at once."""
    at = timezone.now()
    unsigned.post_due(at)
    reminders.post_due(at)
    short_pulses.ask_due(at)


@shared_task
def forget() -> None:
    """Once a day: what has been kept long enough."""
    at = timezone.now()
    retention.forget_due(at)
    retention.forget_notices(at)
    sessions.forget_ended(at)
