from celery import shared_task
from django.utils import timezone

from domain.jobs import work_on
from programmes import actions, reminders
from programmes.models import Cohort, Enrolment, InvitationRound


@shared_task
def sweep() -> None:
    """Give free places to those who wait, ask new line managers, find what is due and say so; hand over
    again what no worker holds."""
    at = timezone.now()
    for cohort in Cohort.objects.with_people_waiting():
        actions.move_up(cohort=cohort, at=at)
    for enrolment in Enrolment.objects.with_an_unasked_manager():
        actions.ask_line_manager(enrolment=enrolment, at=at)
    reminders.remind_invited(at)
    reminders.remind_unfinished(at)
    reminders.remind_line_managers(at)
    reminders.remind_unbriefed(at)
    InvitationRound.hand_over_the_lost(at=at)
    actions.tell_the_forgotten(at=at)


@shared_task
def invite_round(pk: int) -> None:
    work_on(
        InvitationRound.objects.select_related("requested_by", "cohort").get(pk=pk), actions.execute_round
    )
