"""The people of a file beside the people in the database: what would change, and the change itself.

The file is copied into a table of the transaction, compared there, and written from there, in a number of
statements that does not depend on its length. Whoever calls holds the transaction; `Comparison` locks the
reporting lines for as long as it lasts.
"""

import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import connection
from psycopg2 import sql

from participants.importing.erased import ErasedRows
from participants.importing.mapping import ColumnChoice, day_of
from participants.importing.planning import Entry, Known, Plan, Remark, flaw_of, plan
from participants.importing.reading import Table
from participants.models import Grade, Profession, Site, Unit
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
PLACES: dict[str, type[Any]] = {"grade": Grade, "site": Site, "profession": Profession}
LANGUAGES = {"german": "de", "deutsch": "de", "english": "en", "englisch": "en"}
# Where a name stands whose place is not there yet: no row has this number.
MISSING = -1

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
        self.erased = ErasedRows()
        self.figures = Figures()
        self.rejected: list[Remark] = []
        self.remarks: list[Remark] = []
        with connection.cursor() as cursor:
            # As the trigger on the table does: no manager changes while lines are built anew.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('participants_lines'))")
            cursor.execute("SET LOCAL jit = off")
            cursor.execute("SET LOCAL work_mem = '64MB'")
            cursor.execute("SET LOCAL client_min_messages = warning")
            # Only where one transaction compares two files.
            cursor.execute(f"DROP TABLE IF EXISTS {', '.join(TABLES)}")
            columns = ", ".join(f"{name} text" for name in COPIED[1:])
            cursor.execute(f"CREATE TEMP TABLE people_file (line int, {columns}) ON COMMIT DROP")
        planned = plan(self._entries(), known_people())
        self.report(45)
        self._note(planned)
        self.report(55)
        self._places()
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

    def _note(self, planned: Plan) -> None:
        self.rejected = sorted([*self.rejected, *planned.rejected], key=lambda remark: remark.line)
        self.remarks = planned.remarks
        self.figures.refused = len(self.rejected)
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TEMP TABLE people_plan (line int, external_id text, manager text) ON COMMIT DROP"
            )
        copy(
            "people_plan (line, external_id, manager)",
            (
                [row.line, planned.numbers.get(email), planned.managers.get(email)]
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

    # --- Grades, units, sites, professions ---

    def _places(self) -> None:
        """Looks up every name in the file, whatever its capitals."""
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TEMP TABLE people_place (kind text, above text, name text, place bigint)"
                " ON COMMIT DROP"
            )
        self._fill_places(make=False)

    def _fill_places(self, *, make: bool) -> None:
        rows: list[list[Any]] = []
        for kind, model in PLACES.items():
            rows += self._named(kind, model, make)
        rows += self._units(make)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM people_place")
        copy("people_place (kind, above, name, place)", rows)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE people_place")

    def _named(self, kind: str, model: type[Any], make: bool) -> Iterator[list[Any]]:
        found = {str(item.name).casefold(): item.pk for item in model.objects.order_by("-pk")}
        names = [name for (name,) in distinct_of(kind)]
        missing = {name.casefold(): name for name in reversed(names) if name.casefold() not in found}
        self.figures.made[kind] = len(missing)
        if make:
            extra = {"time_zone": self.settings.time_zone} if kind == "site" else {}
            made = model.objects.bulk_create(model(name=name, **extra) for name in missing.values())
            found |= {item.name.casefold(): item.pk for item in made}
        for name in names:
            yield [kind, "", name, found.get(name.casefold(), MISSING)]

    def _units(self, make: bool) -> Iterator[list[Any]]:
        units = {unit_key(unit.parent_id, unit.name): unit.pk for unit in Unit.objects.order_by("-pk")}
        wanted = distinct_of("organisation", "unit")
        tops = {unit_key(None, above): above for above, _name in wanted if above}
        missing = [name for key, name in tops.items() if key not in units]
        if make:
            made = Unit.objects.bulk_create(Unit(name=name) for name in missing)
            units |= {unit_key(None, unit.name): unit.pk for unit in made}

        def parent_of(above: str) -> int | None:
            return units.get(unit_key(None, above), MISSING) if above else None

        parts = {unit_key(parent_of(above), name): name for above, name in wanted if name}
        if make:
            made = Unit.objects.bulk_create(
                Unit(name=name, parent_id=key[0]) for key, name in parts.items() if key not in units
            )
            units |= {unit_key(unit.parent_id, unit.name): unit.pk for unit in made}
        else:
            new_parts = {
                (above.casefold(), name.casefold())
                for above, name in wanted
                if name and unit_key(parent_of(above), name) not in units
            }
            # A unit without an organisation may be one of the organisations that are made.
            new_parts -= {("", name.casefold()) for name in missing}
            self.figures.made["unit"] = len(missing) + len(new_parts)
        for above, name in wanted:
            key = unit_key(parent_of(above), name) if name else unit_key(None, above)
            yield ["unit", above, name, units.get(key, MISSING)]

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
                  LEFT JOIN participants_person person ON person.email = file.email
                  {self._joins()}
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
                SELECT file.line, person.id, person.email, person.name, 'returning', '{}'
                  FROM people_file file JOIN participants_person person USING (email)
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
               AND NOT EXISTS (SELECT FROM people_file file WHERE file.email = person.email)
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

    def _joins(self) -> str:
        joins = [
            f"LEFT JOIN people_place {kind}_place ON {kind}_place.kind = '{kind}'"
            f" AND {kind}_place.name = file.{kind}"
            for kind in PLACES
            if kind in self.fields
        ]
        if self._has_unit:
            joins.append(
                "LEFT JOIN people_place unit_place ON unit_place.kind = 'unit'"
                " AND unit_place.above = file.organisation AND unit_place.name = file.unit"
            )
        if "manager" in self.fields:
            joins.append("LEFT JOIN participants_person manager ON manager.email = plan.manager")
        return " ".join(joins)

    @property
    def _has_unit(self) -> bool:
        return bool({"unit", "organisation"} & self.fields)

    def _compared(self) -> dict[str, tuple[str, str, str]]:
        """For each field the file speaks of: whether it differs, what it is, what it would be."""
        compared = {"name": ("person.name <> file.name", "person.name", "file.name")}
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
        if self._has_unit:
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

    # --- Writing ---

    def write(self, *, deactivate: bool = False, reactivate: bool = False) -> None:
        """Everything at once. Numbers that change hands are laid down first, so that two people can swap
        them; managers and lines are written together while the trigger on the table rests."""
        with connection.cursor() as cursor:
            if deactivate:
                self._set_active(cursor, "leaving", False)
            if reactivate:
                self._set_active(cursor, "returning", True)
            if not self.figures.new and not self.figures.changed:
                return
            self._fill_places(make=True)
            self.report(75)
            with bulk_lines(cursor):
                self._gather(cursor)
                self._lay_lines(cursor)
                self.report(80)
                cursor.execute(
                    "UPDATE participants_person person SET external_id = NULL FROM people_diff diff"
                    " WHERE diff.person = person.id AND diff.changes ? 'external_id'"
                )
                self._insert(cursor)
                self.report(90)
                self._update(cursor)
        self.report(95)

    def _set_active(self, cursor: Any, fate: str, active: bool) -> None:
        cursor.execute(
            "UPDATE participants_person person SET is_active = %s FROM people_diff diff"
            " WHERE diff.person = person.id AND diff.fate = %s",
            [active, fate],
        )

    def _gather(self, cursor: Any) -> None:
        """`people_target`: what each new or changed person is to be, with the number they have or get."""

        def place(kind: str, has: bool) -> str:
            return f"{kind}_place.place" if has else "NULL::bigint"

        cursor.execute(
            f"""
            CREATE TEMP TABLE people_target ON COMMIT DROP AS
            SELECT diff.fate, file.*, plan.external_id, plan.manager AS manager_email,
                   COALESCE(diff.person, nextval(pg_get_serial_sequence('participants_person', 'id')))
                       AS person,
                   NULL::bigint AS manager_id, diff.changes ? 'manager' AS moves,
                   {place("grade", "grade" in self.fields)} AS grade_id,
                   {place("site", "site" in self.fields)} AS site_id,
                   {place("profession", "profession" in self.fields)} AS profession_id,
                   {place("unit", self._has_unit)} AS unit_id
              FROM people_diff diff
              JOIN people_file file USING (line)
              JOIN people_plan plan USING (line)
              {self._joins()}
             WHERE diff.fate IN ('new', 'changed')
            """
        )
        cursor.execute("CREATE INDEX ON people_target (email)")
        cursor.execute("ANALYZE people_target")
        if "manager" in self.fields:
            cursor.execute(
                """
                UPDATE people_target target SET manager_id = COALESCE(
                    (SELECT id FROM participants_person WHERE email = target.manager_email),
                    (SELECT person FROM people_target above WHERE above.email = target.manager_email))
                 WHERE target.manager_email IS NOT NULL
                """
            )

    def _lay_lines(self, cursor: Any) -> None:
        """`people_line`: the reporting line of everybody whose line is new or changes."""
        cursor.execute(
            """
            CREATE TEMP TABLE people_above ON COMMIT DROP AS
            SELECT person.id, person.line,
                   CASE WHEN target.moves THEN target.manager_id ELSE person.manager_id END AS manager_id
              FROM participants_person person LEFT JOIN people_target target ON target.person = person.id
             UNION ALL
            SELECT person, NULL, manager_id FROM people_target WHERE fate = 'new'
            """
        )
        cursor.execute("CREATE INDEX ON people_above (manager_id)")
        cursor.execute("ANALYZE people_above")
        cursor.execute(
            """
            CREATE TEMP TABLE people_line ON COMMIT DROP AS
            WITH RECURSIVE lines (id, old, line) AS (
                SELECT id, line, '{}'::bigint[] FROM people_above WHERE manager_id IS NULL
                UNION ALL
                SELECT above.id, above.line, lines.line || lines.id
                  FROM people_above above JOIN lines ON above.manager_id = lines.id
            )
            SELECT id, line FROM lines WHERE old IS DISTINCT FROM line
            """
        )
        cursor.execute("CREATE UNIQUE INDEX ON people_line (id)")
        cursor.execute("ANALYZE people_line")

    def _insert(self, cursor: Any) -> None:
        """People sign in by mail: their password is one that fits nothing, as Django marks it."""
        cursor.execute(
            """
            INSERT INTO participants_person (id, password, email, name, given_name, external_id, job_title,
                grade_id, unit_id, site_id, profession_id, manager_id, line, joined_on, language, time_zone,
                is_active, is_hr_admin, created_at)
            SELECT target.person, '!' || replace(gen_random_uuid()::text, '-', ''), target.email, target.name,
                   target.given_name, target.external_id, target.job_title, target.grade_id, target.unit_id,
                   target.site_id, target.profession_id, target.manager_id, people_line.line,
                   target.joined_on::date, COALESCE(NULLIF(target.language, ''), %s),
                   COALESCE(site.time_zone, %s), TRUE, FALSE, now()
              FROM people_target target
              JOIN people_line ON people_line.id = target.person
              LEFT JOIN participants_site site ON site.id = target.site_id
             WHERE target.fate = 'new'
             ORDER BY target.line
            """,
            [self.settings.language, self.settings.time_zone],
        )
        if cursor.rowcount != self.figures.new:
            raise RuntimeError(f"{cursor.rowcount} of {self.figures.new} new people have a reporting line")

    def _update(self, cursor: Any) -> None:
        columns = {
            "name": "target.name",
            "job_title": "target.job_title",
            "joined_on": "target.joined_on::date",
            "external_id": "COALESCE(target.external_id, person.external_id)",
            **{f"{kind}_id": f"target.{kind}_id" for kind in PLACES},
            "unit_id": "target.unit_id",
            "manager_id": "CASE WHEN target.moves THEN target.manager_id ELSE person.manager_id END",
        }
        spoken_of = self.fields | {"name"} | ({"unit"} if self._has_unit else set())
        assignments = ", ".join(
            f"{column} = {value}"
            for column, value in columns.items()
            if column.removesuffix("_id") in spoken_of or column in spoken_of
        )
        cursor.execute(
            f"UPDATE participants_person person SET {assignments} FROM people_target target"
            " WHERE target.person = person.id AND target.fate = 'changed'"
        )
        cursor.execute(
            "UPDATE participants_person person SET line = people_line.line FROM people_line"
            " WHERE people_line.id = person.id AND person.line <> people_line.line"
        )


# --- Small parts -----------------------------------------------------------------------


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
        for email, number, manager in cursor:
            email = addresses.setdefault(email, email)
            known[email] = Known(number, addresses.setdefault(manager, manager) if manager else None)
    return known


def distinct_of(*columns: str) -> list[tuple[str, ...]]:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    empty = sql.SQL(" AND ").join(sql.SQL("{} = ''").format(sql.Identifier(name)) for name in columns)
    query = sql.SQL("SELECT {0}, min(line) FROM people_file WHERE NOT ({1}) GROUP BY {0} ORDER BY min(line)")
    with connection.cursor() as cursor:
        cursor.execute(query.format(names, empty))
        return [row[:-1] for row in cursor.fetchall()]


def unit_key(parent: int | None, name: str) -> tuple[int | None, str]:
    return parent, name.casefold()


@contextmanager
def bulk_lines(cursor: Any) -> Iterator[None]:
    """The trigger that keeps reporting lines rests; whoever calls writes them."""
    cursor.execute("SET LOCAL mentoring.bulk = 'on'")
    yield
    cursor.execute("SET LOCAL mentoring.bulk = 'off'")


def copy(target: str, rows: Iterable[list[Any]]) -> None:
    """COPY rows into a table of this transaction, as they come."""
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {target} FROM STDIN", _Stream(rows))


class _Stream(io.RawIOBase):
    """Rows as the text COPY reads, made while it reads."""

    def __init__(self, rows: Iterable[list[Any]]) -> None:
        self.rows, self.rest = iter(rows), b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        parts, length = [self.rest], len(self.rest)
        while size < 0 or length < size:
            row = next(self.rows, None)
            if row is None:
                break
            line = ("\t".join(map(copied, row)) + "\n").encode()
            parts.append(line)
            length += len(line)
        whole = b"".join(parts)
        self.rest = b"" if size < 0 else whole[size:]
        return whole if size < 0 else whole[:size]


ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copied(value: Any) -> str:
    return "\\N" if value is None else str(value).translate(ESCAPES)
