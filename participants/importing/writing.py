"""What a comparison found, written into the database in a number of statements that does not depend on how
much it is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection

from participants.importing.places import PLACES, Places, has_unit, joins


@dataclass
class Writer:
    """Reads the tables `people_file`, `people_plan`, `people_place` and `people_diff` of the transaction.

    `fields` are those the file speaks of, `new` and `changed` say how many people are. `language` and
    `time_zone` are for people who are new.
    """

    fields: set[str]
    places: Places
    new: int
    changed: int
    language: str
    time_zone: str
    report: Callable[[float], None]

    def write(self, *, deactivate: bool = False, reactivate: bool = False) -> None:
        """Everything at once. Numbers that change hands are laid down first, so that two people can swap
        them. Addresses are swapped by one statement, before new people get what others leave. Managers and
        lines are written together while the trigger on the table rests."""
        with connection.cursor() as cursor:
            if deactivate:
                self._set_active(cursor, "leaving", False)
            if reactivate:
                self._set_active(cursor, "returning", True)
            if not self.new and not self.changed:
                return
            self.places.fill(make=True)
            self.report(75)
            with bulk_lines(cursor):
                self._gather(cursor)
                self._lay_lines(cursor)
                self.report(80)
                cursor.execute(
                    "UPDATE participants_person person SET external_id = NULL FROM people_diff diff"
                    " WHERE diff.person = person.id AND diff.changes ? 'external_id'"
                )
                cursor.execute(
                    "UPDATE participants_person person SET email = target.email FROM people_target target"
                    " WHERE target.person = person.id AND target.fate = 'changed'"
                    " AND person.email <> target.email"
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
            SELECT diff.fate, file.*, plan.external_id, plan.manager AS manager_email, plan.manager_present,
                   COALESCE(diff.person, nextval(pg_get_serial_sequence('participants_person', 'id')))
                       AS person,
                   NULL::bigint AS manager_id, diff.changes ? 'manager' AS moves,
                   {place("grade", "grade" in self.fields)} AS grade_id,
                   {place("site", "site" in self.fields)} AS site_id,
                   {place("profession", "profession" in self.fields)} AS profession_id,
                   {place("unit", has_unit(self.fields))} AS unit_id
              FROM people_diff diff
              JOIN people_file file USING (line)
              JOIN people_plan plan USING (line)
              {joins(self.fields)}
             WHERE diff.fate IN ('new', 'changed')
            """
        )
        cursor.execute("CREATE INDEX ON people_target (email)")
        cursor.execute("ANALYZE people_target")
        if "manager" in self.fields:
            cursor.execute(
                """
                UPDATE people_target target SET manager_id = COALESCE(
                    (SELECT id FROM participants_person WHERE email = target.manager_present),
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
            [self.language, self.time_zone],
        )
        if cursor.rowcount != self.new:
            raise RuntimeError(f"{cursor.rowcount} of {self.new} new people have a reporting line")

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
        spoken_of = self.fields | {"name"} | ({"unit"} if has_unit(self.fields) else set())
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


@contextmanager
def bulk_lines(cursor: Any) -> Iterator[None]:
    """The trigger that keeps reporting lines rests; whoever calls writes them."""
    cursor.execute("SET LOCAL mentoring.bulk = 'on'")
    yield
    cursor.execute("SET LOCAL mentoring.bulk = 'off'")
