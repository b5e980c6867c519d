from celery import shared_task
from django.utils import timezone

from goals import reminders
from notices.outbox import again, post_all


@shared_task
def sweep() -> None:
    """Ask for the check-ins that are due."""
    at = timezone.now()
    post_all(reminders.messages(at), at=at)
    post_all(again(reminders.messages(at), at=at, after=reminders.AGAIN_AFTER), at=at)
