from celery import shared_task
from django.utils import timezone

from insights import monthly, release


@shared_task
def refresh() -> None:
    """Count anew, and release what may be."""
    release.refresh(timezone.now())


@shared_task
def sweep() -> None:
    monthly.post_due(timezone.now())
