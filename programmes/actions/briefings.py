from datetime import datetime

from django.utils import timezone

from programmes.models import Enrolment


def complete_briefing(*, enrolment: Enrolment, at: datetime | None = None) -> bool:
    at = at or timezone.now()
    done = Enrolment.objects.filter(pk=enrolment.pk, briefed_at=None).update(briefed_at=at)
    if done:
        enrolment.briefed_at = at
    return bool(done)
