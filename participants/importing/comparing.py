"""The people of a file beside the people in the database: what would change.

The file is copied into a table of the transaction, compared there, and written from there, in a number of
statements that does not depend on its length. Whoever calls holds the transaction; `Comparison` locks the
reporting lines for as long as it lasts.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import connection

from participants.importing.copying import copy
from participants.importing.erased import ErasedRows
from participants.importing.mapping import ColumnChoice, day_of
from participants.importing.moving import Present, plan_with_moves
from participants.importing.places import PLACES, Places, has_unit, joins
from participants.importing.planning import Entry, Known, Plan, Remark, flaw_of
from participants.importing.table import Table
from participants.importing.writing import Writer
from participants.models import Person
from participants.models.person import given_name_of

# The columns of the table the file is copied into.
COPIED = [
    "line",
    "email",
    "name",
    "given_name",
    "job_title",
    "grade",
    "organisation",
    "unit",
    "site",
    "profession",
    "joined_on",
    "language",
]
# The tables of the transaction.
TABLES = [f"people_{name}" for name in ("file", "plan", "place", "diff", "target", "above", "line")]
LANGUAGES = {"german": "de", "deutsch": "de", "english": "en", "englisch": "en"}
Report = Callable[[float], None]


def quiet(done: float) -> None:
    """Nobody watches."""


@dataclass
class Figures:
    """`made`: how many grades, units, sites and professions are new."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    leaving: int = 0
    returning: int = 0
    made: dict[str, int] = field(default_factory=dict)


@dataclass
class Settings:
    """`language` and `time_zone` are for people and sites that are new: what people chose for themselves is
    not written over. With `is_full`, who is not in the file has left."""

    language: str = "en"
    time_zone: str = "UTC"
    is_full: bool = False


class Comparison:
    """What a file would change. Afterwards the tables `people_file` (each row that can be taken) and
    `people_diff` (line, person, fate, changes) exist until the end of the transaction."""

    def __init__(
        self, table: Table, choice: ColumnChoice, settings: Settings, report: Report = quiet
    ) -> None:
        self.table, self.choice, self.settings, self.report = table, choice, settings, report
        self.fields = set(choice.columns.values())
        self.figures = Figures()
        self.rejected: list[Remark] = []
        self.remarks: list[Remark] = []
        with connection.cursor() as cursor:
            # As the trigger on the table does: no manager changes while lines are built anew.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('participants_lines'))")
            self.erased = ErasedRows()
            cursor.execute("SET LOCAL jit = off")
            cursor.execute("SET LOCAL work_mem = '64MB'")
            cursor.execute("SET LOCAL client_min_messages = warning")
            # Only where one transaction compares two files.
            cursor.execute(f"DROP TABLE IF EXISTS {', '.join(TABLES)}")
            columns = ", ".join(f"{name} text" for name in COPIED[1:])
            cursor.execute(f"CREATE TEMP TABLE people_file (line int, {columns}) ON COMMIT DROP")
        planned, moves = plan_with_moves(self._entries(), known_people(), names_of)
        self.report(45)
        self._note(planned, Present(moves))
        self.report(55)
        self.places = Places(settings.time_zone)
        self.figures.made = self.places.made
        self._compare()
        self.report(70)

    # --- From the file into the database ---

    def _entries(self) -> list[Entry]:
        """In parts: between two of them, but not within one, the database can be asked something else."""
        entries: list[Entry] = []
        lines = self._lines(entries)
        while part := list(islice(lines, 5000)):
            copy(f"people_file ({', '.join(COPIED)})", part)
            self.report(min(35, len(entries) / 6000))
        self.erased.pass_over(entries)
        return entries

    def _lines(self, entries: list[Entry]) -> Iterator[list[Any]]:
        names = [self.choice.columns.get(header) for header in self.table.headers]
        places = [(index, name) for index, name in enumerate(names) if name]
        has_manager = "manager" in self.fields
        for line, cells in self.table.rows():
            values = {name: cells[index] for index, name in places}
            email = values["email"] = values.get("email", "").lower()
            if not values.get("name"):
                parts = (values.get("given_name", ""), values.get("family_name", ""))
                values["name"] = " ".join(part for part in parts if part)
            if flaw := flaw_of(values, self.choice.dates):
                self.rejected.append(Remark(line, (email or values["name"])[:300], flaw))
                continue
            number, above = values.get("external_id", ""), values.get("manager", "")
            if why := self.erased.refuses(email=email, number=number, name=values["name"], manager=above):
                self.rejected.append(Remark(line, email, why))
                continue
            manager = above if has_manager else None
            entries.append(Entry(line, email, values["name"], number, manager))
            joined = values.get("joined_on")
            day = day_of(joined, self.choice.dates) if joined else None
            told = values.get("language", "").casefold()
            yield [
                line,
                email,
                values["name"],
                values.get("given_name") or given_name_of(values["name"]),
                values.get("job_title", ""),
                values.get("grade", ""),
                values.get("organisation", ""),
                values.get("unit", ""),
                values.get("site", ""),
                values.get("profession", ""),
                day.isoformat() if day else None,
                LANGUAGES.get(told, told[:2] if told[:2] in ("de", "en") else ""),
            ]

    def _note(self, planned: Plan, present: Present) -> None:
        """`people_plan`: beside each row that is taken, the addresses of the person and of the manager as the
        database knows them."""
        self.rejected = sorted([*self.rejected, *planned.rejected], key=lambda remark: remark.line)
        self.remarks = planned.remarks
        self.figures.refused = len(self.rejected)
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TEMP TABLE people_plan (line int, present text, external_id text, manager text,"
                " manager_present text) ON COMMIT DROP"
            )
        copy(
            "people_plan (line, present, external_id, manager, manager_present)",
            (
                [
                    row.line,
                    present.address(email),
                    planned.numbers.get(email),
                    manager := planned.managers.get(email),
                    present.address(manager),
                ]
                for email, row in planned.rows.items()
            ),
        )
        # Addresses of refused rows still say that these people have not left.
        self.spoken_of = {remark.who for remark in self.rejected}
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM people_file file WHERE NOT EXISTS"
                " (SELECT FROM people_plan plan WHERE plan.line = file.line)"
            )
            cursor.execute("ANALYZE people_file, people_plan")

    # --- What differs ---

    def _compare(self) -> None:
        """One row for each person who is new or changes; figures for the others."""
        compared = self._compared()
        changes = ", ".join(
            f"'{name}', CASE WHEN {test} THEN jsonb_build_array({before}, {after}) END"
            for name, (test, before, after) in compared.items()
        )
        differs = " OR ".join(f"({test})" for test, _before, _after in compared.values())
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                CREATE TEMP TABLE people_diff ON COMMIT DROP AS
                SELECT file.line, person.id AS person, file.email, file.name,
                       CASE WHEN person.id IS NULL THEN 'new' ELSE 'changed' END AS fate,
                       CASE WHEN person.id IS NULL THEN '{{}}'::jsonb
                            ELSE jsonb_strip_nulls(jsonb_build_object({changes})) END AS changes
                  FROM people_file file
                  JOIN people_plan plan USING (line)
                  LEFT JOIN participants_person person ON person.email = plan.present
                  {joins(self.fields)}
                 WHERE person.id IS NULL OR {differs}
                """
            )
            cursor.execute("SELECT fate, count(*) FROM people_diff GROUP BY fate")
            counts = dict(cursor.fetchall())
            cursor.execute("SELECT count(*) FROM people_file")
            taken = cursor.fetchone()[0]
            self.figures.new, self.figures.changed = counts.get("new", 0), counts.get("changed", 0)
            self.figures.unchanged = taken - self.figures.new - self.figures.changed
            cursor.execute(
                """
                INSERT INTO people_diff (line, person, email, name, fate, changes)
                SELECT plan.line, person.id, person.email, person.name, 'returning', '{}'
                  FROM people_plan plan JOIN participants_person person ON person.email = plan.present
                 WHERE NOT person.is_active
                """
            )
            self.figures.returning = cursor.rowcount
            if self.settings.is_full:
                self.figures.leaving = self._find_leaving(cursor)
            cursor.execute("ANALYZE people_diff")

    def _find_leaving(self, cursor: Any) -> int:
        """Active people the file does not speak of, neither by address nor by number. HR admins are left
        alone: whoever runs the product must not be shut out by a file."""
        cursor.execute(
            """
            INSERT INTO people_diff (person, email, name, fate, changes)
            SELECT person.id, person.email, person.name, 'leaving', '{}'
              FROM participants_person person
             WHERE person.is_active AND NOT person.is_hr_admin
               AND NOT EXISTS (SELECT FROM people_plan plan WHERE plan.present = person.email)
               AND NOT person.email = ANY(%s) AND NOT COALESCE(person.external_id = ANY(%s), FALSE)
            """,
            [list(self.spoken_of), list(self._numbers_refused())],
        )
        return cursor.rowcount

    def _numbers_refused(self) -> Iterator[str]:
        """The numbers of refused rows, so that who stands there with a mistyped address is not taken to have
        left."""
        index = next(
            (i for i, h in enumerate(self.table.headers) if self.choice.columns.get(h) == "external_id"), None
        )
        if index is None or not self.rejected:
            return
        lines = {remark.line for remark in self.rejected}
        for line, cells in self.table.rows():
            if line in lines and cells[index]:
                yield cells[index]

    def _compared(self) -> dict[str, tuple[str, str, str]]:
        """For each field the file speaks of: whether it differs, what it is, what it would be."""
        compared = {
            "email": ("person.email <> file.email", "person.email", "file.email"),
            "name": ("person.name <> file.name", "person.name", "file.name"),
        }
        if "external_id" in self.fields:
            compared["external_id"] = (
                "plan.external_id IS NOT NULL AND person.external_id IS DISTINCT FROM plan.external_id",
                "person.external_id",
                "plan.external_id",
            )
        if "job_title" in self.fields:
            compared["job_title"] = (
                "person.job_title <> file.job_title",
                "person.job_title",
                "file.job_title",
            )
        if "joined_on" in self.fields:
            compared["joined_on"] = (
                "person.joined_on IS DISTINCT FROM file.joined_on::date",
                "person.joined_on::text",
                "file.joined_on",
            )
        for kind in PLACES:
            if kind in self.fields:
                compared[kind] = (
                    f"person.{kind}_id IS DISTINCT FROM {kind}_place.place",
                    f"(SELECT old.name FROM participants_{kind} old WHERE old.id = person.{kind}_id)",
                    f"file.{kind}",
                )
        if has_unit(self.fields):
            compared["unit"] = (
                "person.unit_id IS DISTINCT FROM unit_place.place",
                "(SELECT concat_ws(' › ', top.name, old.name) FROM participants_unit old"
                " LEFT JOIN participants_unit top ON top.id = old.parent_id WHERE old.id = person.unit_id)",
                "concat_ws(' › ', NULLIF(file.organisation, ''), NULLIF(file.unit, ''))",
            )
        if "manager" in self.fields:
            compared["manager"] = (
                "person.manager_id IS DISTINCT FROM manager.id"
                " OR (plan.manager IS NOT NULL AND manager.id IS NULL)",
                "(SELECT old.email FROM participants_person old WHERE old.id = person.manager_id)",
                "plan.manager",
            )
        return compared

    def write(self, *, deactivate: bool = False, reactivate: bool = False) -> None:
        Writer(
            fields=self.fields,
            places=self.places,
            new=self.figures.new,
            changed=self.figures.changed,
            language=self.settings.language,
            time_zone=self.settings.time_zone,
            report=self.report,
        ).write(deactivate=deactivate, reactivate=reactivate)


def known_people() -> dict[str, Known]:
    """By address; read in parts, so that never two copies of everybody are held."""
    known: dict[str, Known] = {}
    addresses: dict[str, str] = {}
    with connection.connection.cursor(name="people_known") as cursor:
        cursor.itersize = 5000
        cursor.execute(
            "SELECT person.email, person.external_id, manager.email FROM participants_person person"
            " LEFT JOIN participants_person manager ON manager.id = person.manager_id"
        )
        for address, number, manager in cursor:
            email = addresses.setdefault(address, address)
            known[email] = Known(number, addresses.setdefault(manager, manager) if manager else None)
    return known


def names_of(addresses: list[str]) -> dict[str, str]:
    return dict(Person.objects.filter(email__in=addresses).values_list("email", "name"))
