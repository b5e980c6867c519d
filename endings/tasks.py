from celery import shared_task
from django.utils import timezone

from endings import course


@shared_task
def sweep() -> None:
    """What comes to its end by itself, and what is asked about it."""
    at = timezone.now()
    course.post_due(at)
    course.close_with_cohort(at)
    course.ask_to_look_back(at)
