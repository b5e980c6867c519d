import sys
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from notices.models import Notice, RefusedAddress

LATE = timedelta(minutes=15)


class Command(BaseCommand):
    help = "Say how the delivery of mail stands; ends with 1 when something is late."

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        due = Notice.objects.undelivered().filter(due_at__lte=at)
        first = due.filter(digest=None).order_by("due_at").values_list("due_at", flat=True).first()
        late = at - first if first else timedelta(0)
        figures = {
            "waiting for their time": Notice.objects.undelivered().filter(due_at__gt=at).count(),
            "due": due.count(),
            "in somebody's hands": Notice.objects.exclude(claimed_by=None).count(),
            "minutes the latest is late": int(late.total_seconds() // 60),
            "addresses refused": RefusedAddress.objects.count(),
        }
        for words, number in figures.items():
            self.stdout.write(f"{number:8,} {words}")
        if late > LATE:
            sys.exit(1)
