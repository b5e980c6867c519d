"""An HR file's way: uploaded, its columns checked, previewed, taken."""

import csv
import secrets
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.core.files.base import File
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.errors import DomainError
from domain.jobs import work_on
from domain.spreadsheets import guarded
from participants.importing import mapping
from participants.importing.comparing import Comparison, Settings
from participants.importing.copying import copy
from participants.importing.mapping import ColumnChoice
from participants.importing.opening import open_upload, refuse_at_a_glance
from participants.importing.table import opened
from participants.models import ColumnMapping, ImportRow, PeopleImport, Person
from participants.models.people_import import FOLDER

State, Fate = PeopleImport.State, ImportRow.Fate
# How long a file that was uploaded is kept: to take it, or to fetch the rows that were not taken.
KEPT = timedelta(days=14)


@transaction.atomic
def upload(
    *, file: File, is_full: bool = False, by: Person | None = None, at: datetime | None = None
) -> PeopleImport:
    """Keep a file and have a worker open it: nothing of it but its first bytes is looked at here. Raises
    DomainError where these tell already that it is no table; then nothing is kept."""
    made = keep(file=file, is_full=is_full, by=by, at=at)
    made.enqueue(at=at)
    return made


@transaction.atomic
def keep(
    *, file: File, is_full: bool = False, by: Person | None = None, at: datetime | None = None
) -> PeopleImport:
    """The same for who opens it themselves."""
    refuse_at_a_glance(file, file.size)
    made = PeopleImport(
        file_name=(file.name or "").rpartition("/")[2][:200],
        is_full=is_full,
        requested_by=by,
        requested_at=at or timezone.now(),
    )
    if by:
        made.language, made.time_zone = by.language, by.time_zone
    made.file.save(f"{made.requested_at:%Y%m%d}-{secrets.token_hex(8)}.bin", file, save=False)
    made.save()
    return made


def open_file(people_import: PeopleImport) -> None:
    """Put the table in the place of the upload, and guess its columns."""
    upload = str(people_import.file.name)
    with open_upload(people_import.file.path, lambda: people_import.report(0)) as table:
        people_import.file.save(upload.rpartition("/")[2].replace(".bin", ".csv"), File(table), save=False)
    try:
        with transaction.atomic():
            found = opened(people_import.file.path)
            samples = found.samples()
            people_import.move_to(
                State.UPLOADED,
                file=people_import.file.name,
                columns=[
                    {"name": name, "samples": values}
                    for name, values in zip(found.headers, samples, strict=True)
                ],
                choice=remembered(found.headers, samples).as_json(),
            )
    except BaseException:
        people_import.file.delete(save=False)
        people_import.file.name = upload
        raise
    people_import.file.storage.delete(upload)


def remembered(headers: list[str], samples: list[list[str]]) -> ColumnChoice:
    """What HR chose last for a file with these columns, else the guess."""
    known = ColumnMapping.objects.filter(key=mapping.key_of(headers)).first()
    if known:
        return mapping.from_json(
            {
                "columns": dict.fromkeys(headers)
                | {name: to for name, to in known.choice["columns"].items() if name in headers},
                "dates": known.choice["dates"],
            },
            headers,
        )
    columns = mapping.guess(headers)
    days = [
        sample
        for name, found in zip(headers, samples, strict=True)
        if columns.get(name) == "joined_on"
        for sample in found
    ]
    return ColumnChoice(columns, mapping.guess_dates(days))


@transaction.atomic
def again(*, people_import: PeopleImport, at: datetime | None = None) -> None:
    """Begin once more after something went wrong."""
    if people_import.is_opened:
        people_import.move_to(State.READING, differs=0)
    else:
        people_import.move_to(State.OPENING)
    people_import.enqueue(at=at)


@transaction.atomic
def choose(
    *,
    people_import: PeopleImport,
    choice: ColumnChoice,
    language: str,
    time_zone: str,
    is_full: bool,
    at: datetime | None = None,
) -> None:
    """Say what the columns are, remember it, and have the file read."""
    choice.check(people_import.headers)
    ColumnMapping.objects.update_or_create(
        key=mapping.key_of(people_import.headers), defaults={"choice": choice.as_json()}
    )
    people_import.move_to(
        State.READING,
        choice=choice.as_json(),
        language=language,
        time_zone=time_zone,
        is_full=is_full,
        differs=0,
    )
    people_import.enqueue(at=at)


@transaction.atomic
def confirm(
    *,
    people_import: PeopleImport,
    deactivate: bool = False,
    reactivate: bool = False,
    by: Person | None = None,
    at: datetime | None = None,
) -> bool:
    """Have a previewed file taken. False where somebody did that already."""
    taken = people_import.move_to(
        State.TAKING, deactivate=deactivate, reactivate=reactivate, requested_by=by, differs=0
    )
    if taken:
        people_import.enqueue(at=at)
    return taken


@transaction.atomic
def cancel(*, people_import: PeopleImport, at: datetime | None = None) -> None:
    """Nothing is taken, and the file is deleted. A worker under way notices and takes back what it did."""
    if people_import.move_to(State.CANCELLED, finished_at=at or timezone.now()):
        people_import.forget()


def work(people_import: PeopleImport) -> None:
    """What a worker does: opening, the preview, or the taking."""
    steps = {State.OPENING: open_file, State.READING: preview, State.TAKING: take}
    work_on(people_import, lambda job: steps[State(job.state)](job))


@transaction.atomic
def preview(people_import: PeopleImport) -> Comparison:
    found = compared(people_import)
    people_import.rows.all().delete()
    record(people_import, found)
    people_import.move_to(State.PREVIEWED, figures=figures_of(found))
    return found


@transaction.atomic
def take(people_import: PeopleImport, *, at: datetime | None = None) -> Comparison:
    """Take what was previewed, all of it or nothing. Where people have changed since, nothing is taken and
    the preview is shown anew with what has come up."""
    found = compared(people_import)
    differs = differs_from_preview(people_import)
    if differs:
        renew_preview(people_import, found)
        people_import.move_to(State.PREVIEWED, figures=figures_of(found), differs=differs)
        return found
    finish(people_import, found, at or timezone.now())
    return found


@transaction.atomic
def take_at_once(people_import: PeopleImport, *, at: datetime | None = None) -> Comparison:
    """For the command line, where nobody looks at a preview."""
    at = at or timezone.now()
    people_import.state = State.TAKING
    people_import.save()
    found = compared(people_import)
    finish(people_import, found, at)
    return found


def finish(people_import: PeopleImport, found: Comparison, at: datetime) -> None:
    found.write(deactivate=people_import.deactivate, reactivate=people_import.reactivate)
    figures = figures_of(found)
    people_import.move_to(State.DONE, figures=figures, finished_at=at)
    people_import.rows.exclude(fate=Fate.REFUSED).delete()
    if people_import.requested_by:
        LogEntry.objects.log_actions(
            people_import.requested_by.pk,
            [people_import],
            CHANGE,
            change_message=_("Taken: %(new)d new, %(changed)d changed, %(refused)d rows not taken.") % figures
            + (_(" %(leaving)d deactivated.") % figures if people_import.deactivate else ""),
            single_object=True,
        )
    if not found.rejected:
        transaction.on_commit(people_import.forget, robust=True)


def compared(people_import: PeopleImport) -> Comparison:
    if not people_import.file:
        raise DomainError(_("The file has been deleted meanwhile. Please upload it again."))
    table = opened(people_import.file.path)
    choice = ColumnChoice(people_import.choice["columns"], people_import.choice["dates"])
    choice.check(table.headers)
    settings = Settings(people_import.language, people_import.time_zone, people_import.is_full)
    return Comparison(table, choice, settings, people_import.report)


def figures_of(found: Comparison) -> dict[str, Any]:
    remarks = [asdict(remark) for remark in found.remarks[:100]]
    return {**asdict(found.figures), "remarks": remarks}


# --- The rows of a preview -------------------------------------------------------------


def record(people_import: PeopleImport, found: Comparison) -> None:
    copy(
        "participants_importrow (people_import_id, fate, line, who, name, changes, reason, is_news)",
        (
            [people_import.pk, "refused", remark.line, remark.who[:320], "", "{}", remark.text, "f"]
            for remark in found.rejected
        ),
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO participants_importrow"
            " (people_import_id, fate, line, who, name, changes, reason, is_news)"
            " SELECT %s, fate, line, email, name, changes, '', FALSE FROM people_diff ORDER BY line, email",
            [people_import.pk],
        )


DIFFERENCE = """
    WITH now AS (SELECT fate, line, email AS who, changes FROM people_diff WHERE fate = ANY(%s)),
      seen AS (SELECT fate, line, who, changes FROM participants_importrow
                WHERE people_import_id = %s AND fate = ANY(%s))
    SELECT count(DISTINCT who)
      FROM ((TABLE now EXCEPT TABLE seen) UNION ALL (TABLE seen EXCEPT TABLE now)) AS difference
"""


def differs_from_preview(people_import: PeopleImport) -> int:
    """How many people the file would treat otherwise than the preview said."""
    fates = ["new", "changed"]
    fates += ["leaving"] * people_import.deactivate + ["returning"] * people_import.reactivate
    with connection.cursor() as cursor:
        cursor.execute(DIFFERENCE, [fates, people_import.pk, fates])
        return cursor.fetchone()[0]


def renew_preview(people_import: PeopleImport, found: Comparison) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE people_seen ON COMMIT DROP AS SELECT fate, line, who, changes, reason"
            " FROM participants_importrow WHERE people_import_id = %s",
            [people_import.pk],
        )
        people_import.rows.all().delete()
        record(people_import, found)
        cursor.execute(
            "UPDATE participants_importrow now SET is_news = TRUE WHERE people_import_id = %s"
            " AND NOT EXISTS (SELECT FROM people_seen seen WHERE seen.fate = now.fate AND seen.who = now.who"
            " AND seen.line IS NOT DISTINCT FROM now.line AND seen.changes = now.changes)",
            [people_import.pk],
        )
        cursor.execute("DROP TABLE people_seen")


# --- The rows that were not taken, as a file -------------------------------------------


def refused_rows(people_import: PeopleImport) -> Iterator[list[str]]:
    """The columns of the file and the reason, then the rows; safe to open in a spreadsheet."""
    table = opened(people_import.file.path)
    reasons = dict(people_import.rows.filter(fate=Fate.REFUSED).values_list("line", "reason"))
    yield [*map(guarded, table.headers), _("Why it was not taken")]
    for line, cells in table.rows():
        if line in reasons:
            yield [guarded(cell) for cell in (*cells, reasons[line])]


def write_refused(people_import: PeopleImport, to: Any) -> None:
    to.write("\ufeff")
    writer = csv.writer(to, delimiter=opened(people_import.file.path).delimiter)
    writer.writerows(refused_rows(people_import))


# --- Afterwards ------------------------------------------------------------------------


def forget_old(at: datetime) -> int:
    """Delete files nobody went on with, and what was kept of those that were taken. Returns how many."""
    forget_unnamed(at)
    old = PeopleImport.objects.exclude(file="").exclude(state__in=PeopleImport.WORKING)
    old = old.filter(requested_at__lt=at - KEPT)
    forgotten = 0
    for people_import in old:
        with transaction.atomic():
            if people_import.state in (State.UPLOADED, State.PREVIEWED, State.FAILED):
                people_import.move_to(State.CANCELLED, finished_at=at)
            people_import.forget()
        forgotten += 1
    return forgotten


def forget_unnamed(at: datetime) -> None:
    """Delete files that no row names, because whoever wrote them was killed before the row was."""
    storage = PeopleImport._meta.get_field("file").storage
    if not storage.exists(FOLDER):
        return
    named = set(PeopleImport.objects.exclude(file="").values_list("file", flat=True))
    for name in storage.listdir(FOLDER)[1]:
        path = f"{FOLDER}{name}"
        if path not in named and storage.get_modified_time(path) < at - timedelta(days=1):
            storage.delete(path)
