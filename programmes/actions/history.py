from datetime import datetime

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone

from participants.models import Person


def record(
    obj: models.Model, by: Person | None, message: str, at: datetime | None, flag: int = CHANGE
) -> None:
    """A line in the history the admin site shows beside the object, where somebody of the staff acted."""
    if by is not None:
        LogEntry.objects.create(
            user=by,
            content_type=ContentType.objects.get_for_model(obj),
            object_id=str(obj.pk),
            object_repr=str(obj)[:200],
            action_flag=flag,
            change_message=message,
            action_time=at or timezone.now(),
        )
