from celery import shared_task


@shared_task
def sweep() -> None:
    """Find what is due and say so."""
