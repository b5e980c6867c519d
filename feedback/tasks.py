from celery import shared_task
from django.utils import timezone

from feedback import reminders
from notices.outbox import again, post_all


@shared_task
def sweep() -> None:
    """Say what has become readable because a week has passed, and ask at the middle and the end."""
    at = timezone.now()
    post_all(reminders.messages(at), at=at)
    post_all(reminders.to_ask(at), at=at)
    post_all(again(reminders.to_ask(at), at=at, after=reminders.AGAIN_AFTER), at=at)
