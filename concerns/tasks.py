from celery import shared_task
from django.utils import timezone

from concerns import reminders
from notices.outbox import post_all


@shared_task
def sweep() -> None:
    """Remind confidants who owe an answer, and tell authors whom nobody reads any more."""
    at = timezone.now()
    post_all(reminders.unread(at), at=at)
    post_all(reminders.nudges(at), at=at)
