from celery import shared_task
from django.utils import timezone

from meetings import reminders


@shared_task
def sweep() -> None:
    """Remind of what comes, and ask about what is over."""
    reminders.post_due(timezone.now())
