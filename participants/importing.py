"""People from a table of the HR system: read it, plan what would change, carry it out.

`read` and `plan` know no database. A row that cannot be taken is reported with its reason and the others are
taken; a person whose manager could not be found is not taken, because without the reporting line they could
be matched inside it.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from domain.errors import DomainError

# What a column may be called, in English and German, without spaces, hyphens and what stands in brackets.
HEADINGS: dict[str, str] = {
    heading: name
    for name, headings in {
        "email": "email emailaddress mail mailaddress emailadresse mailadresse",
        "name": "name fullname displayname vollernamen vollständigername",
        "given_name": "givenname firstname forename vorname rufname",
        "family_name": "familyname lastname surname nachname familienname",
        "external_id": "postuniquereference uniquereference reference externalid id employeeid employeenumber"
        " personnelnumber staffnumber personalnummer mitarbeiternummer kennung",
        "job_title": "jobtitle position function stelle stellenbezeichnung funktion tätigkeit",
        "grade": "grade level band paygrade stufe karrierestufe gehaltsstufe entgeltgruppe",
        "organisation": "organisation organization company division unternehmen gesellschaft direktion",
        "unit": "unit department team orgunit bereich abteilung organisationseinheit",
        "site": "site location office standort dienstort",
        "profession": "profession professionaloccupationalgroup professionalgroup occupation jobfamily"
        " beruf berufsgruppe fachgebiet",
        "manager": "reportstoseniorpost reportsto manager manageremail managerid linemanager linemanageremail"
        " supervisor vorgesetzter vorgesetzte vorgesetzteperson führungskraft führungskraftemail berichtetan",
        "joined_on": "joinedon startdate hiredate entrydate incompanysince eintritt eintrittsdatum",
        "language": "language preferredlanguage sprache",
    }.items()
    for heading in headings.split()
}
LONGEST = {
    "email": 254,
    "name": 200,
    "given_name": 100,
    "external_id": 100,
    "job_title": 200,
    "grade": 100,
    "organisation": 200,
    "unit": 200,
    "site": 200,
    "profession": 200,
}
NO_MANAGER = {"", "xx", "-", "–", "none", "n/a", "keine", "keiner"}
DATES = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y")
LANGUAGES = {"de": "de", "german": "de", "deutsch": "de", "en": "en", "english": "en", "englisch": "en"}


# --- Reading ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    line: int
    values: Mapping[str, str]

    @property
    def email(self) -> str:
        return self.values.get("email", "").lower()

    @property
    def name(self) -> str:
        parts = (self.values.get("given_name", ""), self.values.get("family_name", ""))
        return self.values.get("name") or " ".join(part for part in parts if part)


def read(content: bytes) -> list[Row]:
    """The rows of a CSV file, in UTF-8 or Windows-1252, parted by commas, semicolons or tabs.

    Raises DomainError where it is no such table or has no column for names or addresses.
    """
    text = decoded(content)
    first = text.partition("\n")[0]
    if not first.strip():
        raise DomainError(_("The first line is empty. It must name the columns."))
    # The delimiter that makes the most known columns of the first line is the right one.
    delimiter = max(",;\t", key=lambda sign: known_columns(first, sign))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        names = [column_of(heading) for heading in next(reader)]
        rows = [
            Row(reader.line_num, {name: tidy(cell) for name, cell in zip(names, cells, strict=False) if name})
            for cells in reader
            if any(cell.strip() for cell in cells)
        ]
    except csv.Error as error:
        raise DomainError(
            _("Line %(line)d cannot be read: %(error)s.") % {"line": reader.line_num, "error": error}
        ) from error
    if "email" not in names or not {"name", "family_name"} & set(names):
        raise DomainError(
            _("The first line must name at least a column for the name and one for the e-mail.")
        )
    return rows


def decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DomainError(_("The file is neither UTF-8 nor Windows-1252. Save it as “CSV UTF-8”."))


def column_of(heading: str) -> str | None:
    bare = re.sub(r"\(.*?\)|[\W_]", "", heading.casefold())
    return HEADINGS.get(bare)


def known_columns(line: str, delimiter: str) -> int:
    return sum(
        column_of(heading) is not None for heading in next(csv.reader([line], delimiter=delimiter), [])
    )


def tidy(cell: str) -> str:
    return " ".join(cell.replace("\x00", "").split())


# --- Planning --------------------------------------------------------------------------


@dataclass(frozen=True)
class Known:
    """Somebody who is in the database already."""

    external_id: str | None = None
    manager: str | None = None


@dataclass(frozen=True)
class Remark:
    line: int
    who: str
    text: str


@dataclass
class Plan:
    """`managers` has an entry for each person taken, where the table has a column for it: an address, or None
    for nobody above them."""

    rows: dict[str, Row] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    managers: dict[str, str | None] = field(default_factory=dict)
    rejected: list[Remark] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def reject(self, row: Row, reason: str) -> None:
        self.rejected.append(Remark(row.line, row.email or row.name, reason))
        if self.rows.get(row.email) is row:
            del self.rows[row.email]
            self.numbers.pop(row.email, None)
            self.managers.pop(row.email, None)


def plan(rows: Iterable[Row], known: Mapping[str, Known]) -> Plan:
    """Which rows can be taken, and who reports to whom. `known` is by address."""
    made = Plan()
    first_with: dict[str, Row] = {}
    for row in rows:
        if reason := flaw_of(row):
            made.reject(row, reason)
        elif row.email in made.rows:
            earlier = made.rows[row.email]
            made.reject(row, _("The address stands in line %d already.") % earlier.line)
        else:
            made.rows[row.email] = row
            take_number(made, row, first_with)
    # Each refusal can take the ground from under others, so it is asked again until nothing more falls.
    while (
        refuse_taken_numbers(made, known)
        or refuse_unknown_managers(made, known, first_with)
        or refuse_circles(made, known)
    ):
        pass
    made.rejected.sort(key=lambda remark: remark.line)
    return made


def flaw_of(row: Row) -> str:
    if not row.email:
        return _("There is no e-mail address.")
    for name, longest in LONGEST.items():
        if len(row.name if name == "name" else row.values.get(name, "")) > longest:
            return _("“%(column)s” is longer than %(longest)d characters.") % {
                "column": name,
                "longest": longest,
            }
    try:
        validate_email(row.email)
    except ValidationError:
        return _("“%s” is no e-mail address.") % row.email
    if not row.name:
        return _("There is no name.")
    if row.values.get("joined_on") and joined_on(row) is None:
        return _("“%s” is no date that can be read.") % row.values["joined_on"]
    return ""


def joined_on(row: Row) -> date | None:
    for pattern in DATES:
        try:
            return datetime.strptime(row.values.get("joined_on", ""), pattern).date()
        except ValueError:
            continue
    return None


def take_number(made: Plan, row: Row, first_with: dict[str, Row]) -> None:
    number = row.values.get("external_id", "")
    if not number:
        return
    earlier = first_with.setdefault(number, row)
    if earlier is row:
        made.numbers[row.email] = number
    else:
        text = _("The number %(number)s stands in line %(line)d already: taken without it.")
        values = {"number": number, "line": earlier.line}
        made.remarks.append(Remark(row.line, row.email, text % values))


def refuse_taken_numbers(made: Plan, known: Mapping[str, Known]) -> bool:
    """A number that somebody outside the table has: perhaps the same person under a new address, perhaps
    their successor. To guess would hand one person's words to another."""
    holders = {person.external_id: email for email, person in known.items() if person.external_id}
    refused = False
    for email, number in list(made.numbers.items()):
        holder = holders.get(number)
        if holder and holder != email and holder not in made.numbers:
            text = _(
                "The number %(number)s belongs to %(holder)s. Change the address or the number there first."
            )
            made.reject(made.rows[email], text % {"number": number, "holder": holder})
            refused = True
    return refused


def refuse_unknown_managers(made: Plan, known: Mapping[str, Known], first_with: Mapping[str, Row]) -> bool:
    numbers = {
        person.external_id: email
        for email, person in known.items()
        if made.numbers.get(email, person.external_id) == person.external_id
    }
    numbers |= {number: row.email for number, row in first_with.items() if made.rows.get(row.email) is row}
    refused = False
    for email, row in list(made.rows.items()):
        if "manager" not in row.values:
            continue
        asked = row.values["manager"]
        found = asked.lower() if "@" in asked else numbers.get(asked)
        if found is None and asked.casefold() in NO_MANAGER:
            made.managers[email] = None
        elif found in made.rows or found in known:
            made.managers[email] = found
        else:
            reason = _("The manager “%s” is neither in the table, or could not be taken, nor known here.")
            made.reject(row, reason % asked)
            refused = True
    return refused


def refuse_circles(made: Plan, known: Mapping[str, Known]) -> bool:
    above = {email: person.manager for email, person in known.items()} | made.managers
    in_circle: list[list[str]] = []
    done: set[str] = set()
    for start in above:
        path: dict[str, None] = {}
        step: str | None = start
        while step is not None and step not in done and step not in path:
            path[step] = None
            step = above.get(step)
        if step is not None and step in path:
            steps = list(path)
            in_circle.append(steps[steps.index(step) :])
        done |= path.keys()
    for circle in in_circle:
        text = " → ".join([*circle, circle[0]])
        for email in circle:
            if email in made.rows:
                made.reject(made.rows[email], _("The reporting line runs in a circle: %s.") % text)
    return bool(in_circle)
