from celery import shared_task

from notices import delivery


@shared_task
def sweep() -> None:
    """Deliver what is due: on time, and what was left by a server that was away or a worker that died."""
    delivery.sweep()
