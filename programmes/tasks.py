from datetime import datetime

from celery import shared_task
from django.utils import timezone

from domain.jobs import work_on
from notices.outbox import Message, post_all
from programmes.actions import execute_round, tell_the_forgotten
from programmes.models import Invitation, InvitationRound, Role


@shared_task
def sweep() -> None:
    """Find what is due and say so; hand over again what no worker holds."""
    at = timezone.now()
    remind_invited(at)
    InvitationRound.hand_over_the_lost(at=at)
    tell_the_forgotten(at=at)


@shared_task
def invite_round(pk: int) -> None:
    work_on(InvitationRound.objects.select_related("requested_by", "cohort").get(pk=pk), execute_round)


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
