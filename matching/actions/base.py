"""What the verbs of matching share."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType

from matching.models import MatchRun, Mentorship
from participants.models import Person


def record(by: Person, objects: Iterable[Any], message: str, at: datetime) -> None:
    """Who among the staff did it, in the admin site's history."""
    LogEntry.objects.bulk_create(
        LogEntry(
            user=by,
            content_type=ContentType.objects.get_for_model(obj),
            object_id=obj.pk,
            object_repr=str(obj)[:200],
            action_flag=CHANGE,
            change_message=message,
            action_time=at,
        )
        for obj in objects
    )


def hold(run: MatchRun) -> MatchRun:
    """The run as it stands now, locked with its cohort, as asking for a run does: decisions about its
    proposals come one after the other, and a new run knows of them or they are refused."""
    runs = MatchRun.objects.select_for_update(of=["self", "cohort"]).select_related("cohort__programme")
    return runs.get(pk=run.pk)


def locked(mentorship: Mentorship) -> Mentorship:
    mine = Mentorship.objects.select_for_update(of=["self"]).select_related("cohort__programme")
    return mine.get(pk=mentorship.pk)
