"""The grades, units, sites and professions a file names, and the numbers they have in the database."""

from collections.abc import Iterator
from typing import Any

from django.db import connection
from psycopg2 import sql

from participants.importing.copying import copy
from participants.models import Grade, Profession, Site, Unit

PLACES: dict[str, type[Any]] = {"grade": Grade, "site": Site, "profession": Profession}
# Where a name stands whose place is not there yet: no row has this number.
MISSING = -1


class Places:
    """The table `people_place`: every name in `people_file`, whatever its capitals. `made` is how many of
    each kind are new; a new site has `time_zone`."""

    def __init__(self, time_zone: str) -> None:
        self.time_zone = time_zone
        self.made: dict[str, int] = {}
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TEMP TABLE people_place (kind text, above text, name text, place bigint)"
                " ON COMMIT DROP"
            )
        self.fill(make=False)

    def fill(self, *, make: bool) -> None:
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
        self.made[kind] = len(missing)
        if make:
            extra = {"time_zone": self.time_zone} if kind == "site" else {}
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
            self.made["unit"] = len(missing) + len(new_parts)
        for above, name in wanted:
            key = unit_key(parent_of(above), name) if name else unit_key(None, above)
            yield ["unit", above, name, units.get(key, MISSING)]


def joins(fields: set[str]) -> str:
    """From `file` and `plan` to the places and the manager, as far as the file speaks of them."""
    joins = [
        f"LEFT JOIN people_place {kind}_place ON {kind}_place.kind = '{kind}'"
        f" AND {kind}_place.name = file.{kind}"
        for kind in PLACES
        if kind in fields
    ]
    if has_unit(fields):
        joins.append(
            "LEFT JOIN people_place unit_place ON unit_place.kind = 'unit'"
            " AND unit_place.above = file.organisation AND unit_place.name = file.unit"
        )
    if "manager" in fields:
        joins.append("LEFT JOIN participants_person manager ON manager.email = plan.manager_present")
    return " ".join(joins)


def has_unit(fields: set[str]) -> bool:
    return bool({"unit", "organisation"} & fields)


def distinct_of(*columns: str) -> list[tuple[str, ...]]:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    empty = sql.SQL(" AND ").join(sql.SQL("{} = ''").format(sql.Identifier(name)) for name in columns)
    query = sql.SQL("SELECT {0}, min(line) FROM people_file WHERE NOT ({1}) GROUP BY {0} ORDER BY min(line)")
    with connection.cursor() as cursor:
        cursor.execute(query.format(names, empty))
        return [row[:-1] for row in cursor.fetchall()]


def unit_key(parent: int | None, name: str) -> tuple[int | None, str]:
    return parent, name.casefold()
