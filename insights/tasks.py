from celery import shared_task
from django.utils import timezone

from insights import release


@shared_task
def refresh() -> None:
    """Count anew, and release what may be."""
    release.refresh(timezone.now())
