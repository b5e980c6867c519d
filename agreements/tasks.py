import logging

from celery import shared_task
from django.utils import timezone

from agreements import actions, reminders
from matching.models import Member, Mentorship

logger = logging.getLogger(__name__)


@shared_task
def sweep() -> None:
    """Give every mentorship that was confirmed its agreement, and say to whom one waits for a signature.
    Where the one who had not signed left a group, the others begin."""
    at = timezone.now()
    without = Mentorship.objects.filter(state=Mentorship.State.CONFIRMED, agreement=None)
    for mentorship in without.with_members():
        try:
            actions.agreement_for(mentorship, at=at)
        except Exception:
            logger.exception("Mentorship %s has no agreement yet", mentorship.pk)
    left = Member.of_all_time.exclude(left_at=None).values("mentorship")
    for mentorship in Mentorship.objects.filter(state=Mentorship.State.CONFIRMED, pk__in=left):
        actions.activate_if_signed(mentorship, at=at)
    reminders.post_due(at)
