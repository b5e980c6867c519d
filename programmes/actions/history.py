"""What the staff did, kept where the admin site shows it, and read in the reader's language."""

import json
from datetime import datetime
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext

from participants.models import Person
from programmes.models import Cohort, Programme


def record(
    obj: models.Model,
    by: Person | None,
    message: str,
    at: datetime | None,
    flag: int = CHANGE,
    **figures: Any,
) -> None:
    """A line in the history the admin site shows beside the object, where somebody of the staff acted.

    `message` is a msgid and `figures` what stands in its placeholders. They are kept apart, so that each
    reader gets the line in their language.
    """
    if by is not None:
        said = [{"said": {"message": message, "figures": figures}}] if figures else message
        LogEntry.objects.create(
            user=by,
            content_type=ContentType.objects.get_for_model(obj),
            object_id=str(obj.pk),
            object_repr=str(obj)[:200],
            action_flag=flag,
            change_message=json.dumps(said) if figures else message,
            action_time=at or timezone.now(),
        )


def told(entry: LogEntry) -> str:
    """The line in the reader's language, whether `record` wrote it or the admin site itself."""
    text = entry.change_message
    if not text.startswith("["):
        return gettext(text) if text else ""
    try:
        said = json.loads(text)[0]["said"]
    except (ValueError, LookupError, TypeError):
        return entry.get_change_message()
    return gettext(said["message"]) % said["figures"]


def history_of(programme: Programme) -> models.QuerySet[LogEntry]:
    """Everything the staff did to the programme, its cohorts and what belongs to either, in whichever room it
    is kept; the newest first."""
    own = Programme.objects.filter(pk=programme.pk)
    cohorts = Cohort.objects.filter(programme=programme)
    parts: list[tuple[type[models.Model], models.QuerySet[Any]]] = [(Programme, own), (Cohort, cohorts)]
    for owners in (own, cohorts):
        for relation in owners.model._meta.related_objects:
            if not relation.many_to_many and relation.related_model is not Cohort:
                of = {f"{relation.field.name}__in": owners}
                parts.append((relation.related_model, relation.related_model._base_manager.filter(**of)))
    wanted = models.Q()
    for model, rows in parts:
        ids = rows.order_by().annotate(pk_text=Cast("pk", models.TextField())).values("pk_text")
        wanted |= models.Q(content_type=ContentType.objects.get_for_model(model), object_id__in=ids)
    return (
        LogEntry.objects.filter(wanted).select_related("user", "content_type").order_by("-action_time", "-pk")
    )
