from celery import shared_task
from django.utils import timezone

from matching.models import MatchRun, Request
from matching.reminders import remind_asked
from matching.requests import close_misfits, put_away_lapsed


@shared_task
def run(run_id: int) -> None:
    from matching.runs import execute_run

    execute_run(run=MatchRun.objects.select_related("cohort__programme").get(pk=run_id))


@shared_task
def sweep() -> None:
    """Requests: remind of those that wait, put away what lapsed or no longer fits."""
    at = timezone.now()
    put_away_lapsed(at)
    close_misfits(Request.objects.all(), at)
    remind_asked(at)
