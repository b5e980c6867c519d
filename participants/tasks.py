from celery import shared_task
from django.utils import timezone

from participants import imports
from participants.models import PeopleImport


@shared_task
def sweep() -> None:
    """Files whose worker vanished, and files nobody needs any more."""
    at = timezone.now()
    PeopleImport.hand_over_the_lost(at=at)
    imports.forget_old(at)


@shared_task
def work_on_import(pk: int) -> None:
    imports.work(PeopleImport.objects.get(pk=pk))
