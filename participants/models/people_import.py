from typing import Any, Self

from django.core.validators import FileExtensionValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from domain.jobs import Job
from participants.models.person import Person
from participants.time_zones import validate_time_zone

FOLDER = "people-imports/"


class ColumnMapping(models.Model):
    """What HR said last about a file with these columns."""

    key = models.CharField(max_length=64, unique=True, help_text=_("Of the names of the columns."))
    choice = models.JSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("mapping of columns")
        verbose_name_plural = _("mappings of columns")

    def __str__(self) -> str:
        return ", ".join(self.choice.get("columns", {}))


class PeopleImportQuerySet(models.QuerySet["PeopleImport"]):
    def visible_to(self, person: Person) -> Self:
        return self if person.is_hr_admin else self.none()


class PeopleImport(Job):
    """A file of the HR system, from its upload to the people in the database.

    `file` is the upload while it is being opened, afterwards the table that was made of it (see
    `importing.table`). `columns` holds [{"name", "samples"}], `choice` which of them is what, `figures`
    what the import would do or did. The file and the rows are deleted a while after use; the figures stay.
    """

    class State(models.TextChoices):
        OPENING = "opening", _("being opened")
        UPLOADED = "uploaded", _("columns to check")
        READING = "reading", _("being read")
        PREVIEWED = "previewed", _("ready to be taken")
        TAKING = "taking", _("being taken")
        DONE = "done", _("taken")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    TRANSITIONS = {
        State.OPENING: (State.UPLOADED, State.FAILED, State.CANCELLED),
        State.UPLOADED: (State.READING, State.CANCELLED),
        State.READING: (State.PREVIEWED, State.FAILED, State.CANCELLED),
        State.PREVIEWED: (State.READING, State.TAKING, State.CANCELLED),
        State.TAKING: (State.DONE, State.PREVIEWED, State.FAILED, State.CANCELLED),
        State.FAILED: (State.OPENING, State.READING, State.CANCELLED),
    }
    WORKING = (State.OPENING, State.READING, State.TAKING)

    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPENING)
    file = models.FileField(
        _("file"),
        upload_to=FOLDER,
        blank=True,
        validators=[FileExtensionValidator(["csv", "txt", "tsv", "xlsx"])],
    )
    file_name = models.CharField(_("file"), max_length=200)
    is_full = models.BooleanField(_("lists everybody"), default=False)
    columns = models.JSONField(default=list)
    choice = models.JSONField(default=dict)
    language = models.CharField(max_length=5, default="en")
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    figures = models.JSONField(default=dict)
    deactivate = models.BooleanField(default=False)
    reactivate = models.BooleanField(default=False)
    differs = models.PositiveIntegerField(
        default=0, help_text=_("How many people have changed between the preview and the taking.")
    )

    objects = PeopleImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("HR file")
        verbose_name_plural = _("HR files")
        ordering = ["-requested_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "opening",
                        "uploaded",
                        "reading",
                        "previewed",
                        "taking",
                        "done",
                        "failed",
                        "cancelled",
                    ]
                ),
                name="people_import_state",
            )
        ]

    def __str__(self) -> str:
        return f"{self.file_name}, {timezone.localtime(self.requested_at):%Y-%m-%d %H:%M}"

    @property
    def is_opened(self) -> bool:
        return bool(self.columns)

    @property
    def headers(self) -> list[str]:
        return [column["name"] for column in self.columns]

    def hand_over(self) -> None:
        from participants import tasks

        tasks.work_on_import.delay(self.pk)

    def forget(self) -> None:
        """Delete the file and what was read from it; the figures stay."""
        if self.file:
            self.file.delete(save=False)
        self.columns = [{"name": name, "samples": []} for name in self.headers]
        self.save(update_fields=["file", "columns"])
        self.rows.all().delete()


class ImportRow(models.Model):
    """What happens to one person, as the preview showed it. `changes` holds {field: [old, new]}."""

    class Fate(models.TextChoices):
        NEW = "new", _("new")
        CHANGED = "changed", _("changed")
        REFUSED = "refused", _("not taken")
        LEAVING = "leaving", _("not in the file")
        RETURNING = "returning", _("inactive until now")

    people_import = models.ForeignKey(PeopleImport, models.CASCADE, related_name="rows")
    fate = models.CharField(max_length=10, choices=Fate.choices)
    line = models.PositiveIntegerField(null=True)
    who = models.CharField(max_length=320)
    name = models.CharField(max_length=200, blank=True)
    changes = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    is_news = models.BooleanField(default=False, help_text=_("Came up between the preview and the taking."))

    class Meta:
        verbose_name = _("row of an HR file")
        verbose_name_plural = _("rows of HR files")
        ordering = ["-is_news", "line", "who", "pk"]
        indexes = [
            models.Index(
                fields=["people_import", "fate", "-is_news", "line", "who", "id"], name="import_row_list"
            )
        ]

    def __str__(self) -> str:
        return self.who

    def changed_fields(self) -> list[tuple[Any, Any, Any]]:
        from participants.importing.mapping import FIELDS

        return [(FIELDS[name], old or "–", new or "–") for name, (old, new) in self.changes.items()]
