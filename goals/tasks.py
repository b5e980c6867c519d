from celery import shared_task
from django.utils import timezone

from goals import actions, reminders
from notices.outbox import again, post_all


@shared_task
def sweep() -> None:
    """Ask for the check-ins that are due; and where whoever had not agreed to a change left the group, it
    comes into force."""
    at = timezone.now()
    actions.settle_changes(at=at)
    post_all(reminders.messages(at), at=at)
    post_all(again(reminders.messages(at), at=at, after=reminders.AGAIN_AFTER), at=at)
