from celery import shared_task
from django.utils import timezone

from pulses import blending, schedule


@shared_task
def sweep() -> None:
    """Open the waves that are due, and keep answers from leading back to people."""
    at = timezone.now()
    schedule.open_due(at)
    blending.blend_due(at)
