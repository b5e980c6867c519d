from celery import shared_task
from django.utils import timezone

from feedback import reminders
from notices.outbox import post_all


@shared_task
def sweep() -> None:
    """Say what has become readable because a week has passed."""
    at = timezone.now()
    post_all(reminders.messages(at), at=at)
