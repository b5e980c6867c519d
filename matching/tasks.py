from celery import shared_task

from matching.models import MatchRun


@shared_task
def run(run_id: int) -> None:
    from matching.runs import execute_run

    execute_run(run=MatchRun.objects.select_related("cohort__programme").get(pk=run_id))
