from celery import shared_task
from django.utils import timezone

from matching.leavers import look_after_leavers
from matching.models import MatchRun, Request
from matching.reminders import lapse_offers, remind_asked, remind_offered
from matching.requests import close_misfits, put_away_lapsed
from matching.runs import execute_run


@shared_task
def run(run_id: int) -> None:
    execute_run(run=MatchRun.objects.select_related("cohort__programme", "requested_by").get(pk=run_id))


@shared_task
def take_up() -> None:
    """Runs whose worker was killed, or whose message was lost, are handed over again."""
    MatchRun.hand_over_the_lost()


@shared_task
def sweep() -> None:
    """Requests and offers: remind of those that wait, put away what lapsed or no longer fits. And part those
    of whom one has left the company."""
    at = timezone.now()
    put_away_lapsed(at)
    close_misfits(Request.objects.all(), at)
    remind_asked(at)
    lapse_offers(at)
    look_after_leavers(at)
    remind_offered(at)
