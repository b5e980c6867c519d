"""The second half of an import: what was planned, written into the database in bulk."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection, models, transaction
from django.utils.translation import gettext as _

from domain.errors import DomainError
from participants.importing import LANGUAGES, Known, Plan, Remark, Row, joined_on, plan
from participants.models import Grade, Person, Profession, Site, Unit
from participants.models.person import given_name_of

WRITTEN = ["name", "external_id", "job_title", "grade", "unit", "site", "profession", "joined_on"]


@dataclass
class Outcome:
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    made: dict[str, int] = field(default_factory=dict)
    """How many grades, units, sites and professions are new."""
    rejected: list[Remark] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


@transaction.atomic
def load(
    rows: Iterable[Row],
    *,
    language: str = "en",
    time_zone: str = "UTC",
    grades: Sequence[str] = (),
    dry_run: bool = False,
) -> Outcome:
    """Take the rows that can be taken. `language` and `time_zone` are for people and sites that are new:
    what people chose for themselves is not written over. `grades` puts the grades in
    order, the lowest first. A dry run does it all and takes it back."""
    with connection.cursor() as cursor:
        # As the trigger on the table does: no manager changes while lines are built anew.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('participants_lines'))")
    there = {person.email: person for person in Person.objects.select_related("manager")}
    planned = plan(rows, {person.email: known(person) for person in there.values()})
    outcome = Outcome(rejected=planned.rejected, remarks=planned.remarks)
    places = Places(planned, time_zone, outcome)
    wanted = {email: values_of(row, planned, places) for email, row in planned.rows.items()}
    new = [
        Person(
            email=email,
            password=make_password(None),
            **values,
            **first_settings(planned.rows[email], places, language, time_zone),
        )
        for email, values in wanted.items()
        if email not in there
    ]
    altered = [
        there[email] for email, values in wanted.items() if email in there and differs(there[email], values)
    ]
    moved = {
        email
        for email, manager in planned.managers.items()
        if manager != (manager_of(there[email]) if email in there else None)
    }
    for person in altered:
        for name, value in wanted[person.email].items():
            setattr(person, name, value)
    write(new, altered)
    move(moved, planned, there | {person.email: person for person in new})
    changed = {person.email for person in altered} | (moved & set(there))
    outcome.created, outcome.changed = len(new), len(changed)
    outcome.unchanged = len(wanted) - len(new) - len(changed)
    if grades:
        order_grades(grades)
    if dry_run:
        transaction.set_rollback(True)
    return outcome


def known(person: Person) -> Known:
    return Known(external_id=person.external_id, manager=manager_of(person))


def manager_of(person: Person) -> str | None:
    return person.manager.email if person.manager else None


class Places:
    """Grades, units, sites and professions by name, whatever its capitals; the missing ones are made."""

    def __init__(self, planned: Plan, time_zone: str, outcome: Outcome) -> None:
        rows = list(planned.rows.values())
        self.outcome = outcome
        self.grades = self._named(Grade, rows, "grade")
        self.professions = self._named(Profession, rows, "profession")
        self.sites = self._named(Site, rows, "site", time_zone=time_zone)
        tops = {(None, row.values.get("organisation", "")) for row in rows}
        self.units = {key_of(unit.parent_id, unit.name): unit for unit in Unit.objects.all()}
        self._make_units(tops)
        self._make_units({(self._top(row), row.values.get("unit", "")) for row in rows})

    def _named(
        self, model: type[models.Model], rows: list[Row], column: str, **fields: Any
    ) -> dict[str, Any]:
        found = {str(item.name).casefold(): item for item in model.objects.order_by("-pk")}
        missing = {}
        for row in rows:
            name = row.values.get(column, "")
            if name and name.casefold() not in found:
                missing.setdefault(name.casefold(), model(name=name, **fields))
        model.objects.bulk_create(missing.values())
        self.outcome.made[str(model._meta.model_name)] = len(missing)
        return found | missing

    def _make_units(self, wanted: set[tuple[int | None, str]]) -> None:
        missing = {}
        for parent, name in sorted(wanted, key=lambda pair: (pair[0] or 0, pair[1])):
            if name and key_of(parent, name) not in self.units:
                missing.setdefault(key_of(parent, name), Unit(parent_id=parent, name=name))
        Unit.objects.bulk_create(missing.values())
        self.units |= missing
        self.outcome.made["unit"] = self.outcome.made.get("unit", 0) + len(missing)

    def _top(self, row: Row) -> int | None:
        organisation = self.units.get(key_of(None, row.values.get("organisation", "")))
        return organisation.pk if organisation else None

    def unit_of(self, row: Row) -> Unit | None:
        own = self.units.get(key_of(self._top(row), row.values.get("unit", "")))
        return own or self.units.get(key_of(None, row.values.get("organisation", "")))


def key_of(parent: int | None, name: str) -> tuple[int | None, str]:
    return parent, name.casefold()


def values_of(row: Row, planned: Plan, places: Places) -> dict[str, Any]:
    """The fields of a person the table speaks of. A column it does not have leaves its field alone."""
    values: dict[str, Any] = {"name": row.name}
    if row.email in planned.numbers:
        values["external_id"] = planned.numbers[row.email]
    if "job_title" in row.values:
        values["job_title"] = row.values["job_title"]
    if "joined_on" in row.values:
        values["joined_on"] = joined_on(row)
    if {"unit", "organisation"} & set(row.values):
        values["unit"] = places.unit_of(row)
    for name, known_names in [
        ("grade", places.grades),
        ("profession", places.professions),
        ("site", places.sites),
    ]:
        if name in row.values:
            values[name] = known_names.get(row.values[name].casefold())
    return values


def first_settings(row: Row, places: Places, language: str, time_zone: str) -> dict[str, Any]:
    """What somebody begins with and may change themselves afterwards."""
    site = places.sites.get(row.values.get("site", "").casefold())
    return {
        "given_name": row.values.get("given_name") or given_name_of(row.name),
        "language": LANGUAGES.get(row.values.get("language", "").casefold(), language),
        "time_zone": site.time_zone if site else time_zone,
    }


def differs(person: Person, values: dict[str, Any]) -> bool:
    def stored(value: Any) -> Any:
        return value.pk if isinstance(value, models.Model) else value

    return any(
        getattr(person, Person._meta.get_field(name).attname) != stored(value)
        for name, value in values.items()
    )


def write(new: list[Person], altered: list[Person]) -> None:
    """Numbers that change hands are laid down first, so that two people can swap them."""
    ids = [person.pk for person in altered]
    Person.objects.filter(pk__in=ids).exclude(external_id=None).update(external_id=None)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL mentoring.bulk = 'on'")
    Person.objects.bulk_create(
        [*altered, *new],
        update_conflicts=True,
        unique_fields=["email"],
        update_fields=WRITTEN,
        batch_size=1000,
    )


def move(moved: set[str], planned: Plan, people: dict[str, Person]) -> None:
    """Set managers while the trigger on the table rests, then compute every line anew."""
    ids = [people[email].pk for email in moved]
    managers = [people[manager].pk if (manager := planned.managers[email]) else None for email in moved]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE participants_person person SET manager_id = moved.manager"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS moved (id, manager) WHERE person.id = moved.id",
            [ids, managers],
        )
        if moved:
            Person.objects.rebuild_lines()
        cursor.execute("SET LOCAL mentoring.bulk = 'off'")


@transaction.atomic
def order_grades(names: Sequence[str]) -> None:
    """Rank the grades from the lowest to the highest; those not named lose their rank."""
    grades = {grade.name.casefold(): grade for grade in Grade.objects.all()}
    if unknown := [name for name in names if name.casefold() not in grades]:
        raise DomainError(
            _("There is no grade “%(unknown)s”. There are: %(known)s.")
            % {"unknown": "”, “".join(unknown), "known": ", ".join(grade.name for grade in grades.values())}
        )
    for grade in grades.values():
        grade.rank = None
    for rank, name in enumerate(names, start=1):
        grades[name.casefold()].rank = rank
    Grade.objects.bulk_update(grades.values(), ["rank"])
