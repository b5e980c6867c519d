from celery import shared_task
from django.utils import timezone

from insights import monthly, release
from participants.models import Person


@shared_task
def refresh() -> None:
    """Count what is due, and release what may be."""
    release.refresh(timezone.now())


@shared_task
def begin(reader: int, cohorts: list[int]) -> None:
    """Somebody looks at the part of their units in these cohorts for the first time."""
    release.begin(cohorts, Person.objects.get(pk=reader))
    release.refresh(timezone.now())


@shared_task
def sweep() -> None:
    monthly.post_due(timezone.now())
