from celery import shared_task
from django.utils import timezone

from concerns import reminders
from notices.outbox import post_all


@shared_task
def sweep() -> None:
    """Tell confidants of what waits, and remind those who owe an answer."""
    at = timezone.now()
    post_all(reminders.messages(at), at=at)
    post_all(reminders.nudges(at), at=at)
