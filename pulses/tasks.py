from celery import shared_task
from django.utils import timezone

from notices.outbox import again, post_all
from pulses import blending, reminders, schedule


@shared_task
def sweep() -> None:
    """Open the waves that are due, ask a second time, and keep answers from leading back to people."""
    at = timezone.now()
    schedule.open_due(at)
    post_all(again(reminders.messages(at), at=at, after=reminders.AGAIN_AFTER), at=at)
    blending.blend_due(at)
