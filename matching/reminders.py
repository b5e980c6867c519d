"""Who is reminded of a request, and which of these notices are still due."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from matching.models import Request
from matching.requests import message
from notices.models import Notice
from notices.outbox import post_all
from notices.still import still_due


def remind_asked(at: datetime) -> int:
    """One reminder to whoever has let a request wait for three days."""
    due = Request.objects.due_for_reminder(at).with_people()
    return post_all((message(r, "request-reminder", r.asked.person) for r in due.iterator(500)), at=at)


@still_due("request-received", "request-reminder")
def still_open(notices: list[Notice]) -> Iterable[int]:
    request_of = {notice.pk: int(notice.key.split(":")[1]) for notice in notices}
    open_ones = set(
        Request.objects.open(timezone.now()).filter(pk__in=request_of.values()).values_list("pk", flat=True)
    )
    return [notice for notice, request in request_of.items() if request in open_ones]
