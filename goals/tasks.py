from celery import shared_task
from django.utils import timezone

from goals import reminders
from notices.outbox import post_all


@shared_task
def sweep() -> None:
    """Ask for the check-ins that are due."""
    at = timezone.now()
    post_all(reminders.messages(at), at=at)
