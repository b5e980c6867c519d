from celery import shared_task
from django.core.mail import get_connection
from django.utils import timezone

from notices import delivery


@shared_task
def deliver(pk: int) -> None:
    delivery.deliver(pk, get_connection(), timezone.now())


@shared_task
def sweep() -> None:
    """Deliver what was left: after a server that was away, or a worker that died."""
    delivery.sweep()
