from datetime import datetime

from celery import shared_task
from django.utils import timezone

from notices.outbox import Message, post_all
from programmes.models import Invitation, Role


@shared_task
def sweep() -> None:
    """Find what is due and say so."""
    remind_invited(timezone.now())


def remind_invited(at: datetime) -> int:
    """One reminder to each person whose invitation has gone without an answer for a week."""
    due = Invitation.objects.due_for_reminder(at).select_related("cohort__programme", "person")
    return post_all(
        (
            Message(
                "invitation-reminder",
                to=invitation.person,
                key=f"invitation-reminder:{invitation.pk}",
                context={"cohort": invitation.cohort, "role": Role(invitation.role)},
                url=invitation.cohort.get_absolute_url(),
            )
            for invitation in due.iterator(500)
            if invitation.cohort.is_open(at)
        ),
        at=at,
    )
