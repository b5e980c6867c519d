"""How often somebody finds out by trying who can be put together.

A refusal by hand, or a run, tells a little of what people keep to themselves, whatever its sentence says. So
attempts are limited, and stand in the history of the cohort, where HR reads them. Whom an attempt was about
does not stand there: that would tell others what it told.
"""

from datetime import datetime, timedelta

from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from domain.errors import DomainError
from matching.actions import record
from participants.models import Person
from programmes.models import Cohort

WINDOW = timedelta(hours=1)
MOST = 40
BY_HAND = gettext_noop("Looked at what putting two people together by hand would mean.")
BY_RUNNING = gettext_noop("Asked for a run of the matching.")


@transaction.atomic
def attempt(*, cohort: Cohort, by: Person, what: str, at: datetime | None = None) -> None:
    """Count one attempt before it is made, so that it counts whatever comes of it. Raises DomainError for too
    many within an hour; those of one person are counted one after the other."""
    at = at or timezone.now()
    Person.objects.select_for_update(no_key=True).get(pk=by.pk)
    recent = LogEntry.objects.filter(
        user=by, action_time__gt=at - WINDOW, change_message__in=[BY_HAND, BY_RUNNING]
    )
    if recent.count() >= MOST:
        raise DomainError(
            _("You have tried out %(count)d matches within an hour. Please wait an hour before you go on.")
            % {"count": MOST}
        )
    record(by, [cohort], what, at)
