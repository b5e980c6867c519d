from datetime import datetime

from celery import shared_task
from django.utils import timezone

from matching.models import MatchRun, Request
from matching.requests import close_misfits, message, put_away_lapsed
from notices.outbox import post_all


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


def remind_asked(at: datetime) -> int:
    """One reminder to whoever has let a request wait for three days."""
    due = Request.objects.due_for_reminder(at).with_people()
    return post_all((message(r, "request-reminder", r.asked.person) for r in due.iterator(500)), at=at)
