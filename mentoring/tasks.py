from celery import shared_task
from django.utils import timezone

from mentoring import short_pulses, unsigned


@shared_task
def sweep() -> None:
    """What needs to know of several rooms at once."""
    at = timezone.now()
    unsigned.post_due(at)
    short_pulses.ask_due(at)
