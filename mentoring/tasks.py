from celery import shared_task
from django.utils import timezone

from mentoring import unsigned


@shared_task
def sweep() -> None:
    """What needs to know of several rooms at once."""
    unsigned.post_due(timezone.now())
