import logging

from celery import shared_task
from django.utils import timezone

from agreements import actions, reminders
from matching.models import Mentorship

logger = logging.getLogger(__name__)


@shared_task
def sweep() -> None:
    """Give every mentorship that was confirmed its agreement, and say to whom one waits for a signature."""
    at = timezone.now()
    without = Mentorship.objects.filter(state=Mentorship.State.CONFIRMED, agreement=None)
    for mentorship in without.with_members():
        try:
            actions.agreement_for(mentorship, at=at)
        except Exception:
            logger.exception("Mentorship %s has no agreement yet", mentorship.pk)
    reminders.post_due(at)
