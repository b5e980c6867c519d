from celery import shared_task
from django.utils import timezone

from meetings import actions, reminders


@shared_task
def sweep() -> None:
    """Call off what nobody will hold, remind of what comes, and ask about what is over."""
    actions.cancel_orphaned()
    actions.release_leavers()
    reminders.post_due(timezone.now())
