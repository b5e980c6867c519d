"""Which rows can be taken, and who reports to whom. Time and memory grow with the number of rows alone."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from participants.importing.mapping import FIELDS, day_of

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
NO_MANAGER = {"", "xx", "-", "–", "none", "n/a", "null", "keine", "keiner"}


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who is in the database already."""

    external_id: str | None = None
    manager: str | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    line: int
    who: str
    text: str


@dataclass(slots=True)
class Entry:
    """What the plan needs of a row. `manager` is as written, None where the table has no column for it."""

    line: int
    email: str
    name: str
    number: str = ""
    manager: str | None = None


@dataclass
class Plan:
    """By address. `managers` has an entry for each person taken, where the table has a column for it: an
    address, or None for nobody above them."""

    rows: dict[str, Entry] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    managers: dict[str, str | None] = field(default_factory=dict)
    rejected: list[Remark] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def reject(self, row: Entry, reason: str) -> None:
        self.rejected.append(Remark(row.line, row.email or row.name, reason))
        if self.rows.get(row.email) is row:
            del self.rows[row.email]
            self.numbers.pop(row.email, None)
            self.managers.pop(row.email, None)


def flaw_of(values: Mapping[str, str], dates: str = "dmy") -> str:
    """Why a row cannot be taken, as far as it shows by itself; empty where it can."""
    email = values.get("email", "")
    if not email:
        return _("There is no e-mail address.")
    for name, longest in LONGEST.items():
        if len(values.get(name, "")) > longest:
            return _("“%(column)s” is longer than %(longest)d characters.") % {
                "column": FIELDS[name],
                "longest": longest,
            }
    try:
        validate_email(email)
    except ValidationError:
        return _("“%s” is no e-mail address.") % email
    if not values.get("name"):
        return _("There is no name.")
    joined = values.get("joined_on", "")
    if joined and day_of(joined, dates) is None:
        return _("“%s” is no date that can be read.") % joined
    return ""


def plan(rows: Iterable[Entry], known: Mapping[str, Known]) -> Plan:
    """`known` is by address."""
    made = Plan()
    first_with: dict[str, Entry] = {}
    for row in rows:
        if row.email in made.rows:
            earlier = made.rows[row.email]
            made.reject(row, _("The address stands in line %d already.") % earlier.line)
        else:
            made.rows[row.email] = row
            take_number(made, row, first_with)
    _Ground(made, known, first_with).settle()
    made.rejected.sort(key=lambda remark: remark.line)
    return made


def take_number(made: Plan, row: Entry, first_with: dict[str, Entry]) -> None:
    if not row.number:
        return
    earlier = first_with.setdefault(row.number, row)
    if earlier is row:
        made.numbers[row.email] = row.number
    else:
        text = _("The number %(number)s stands in line %(line)d already: taken without it.")
        made.remarks.append(Remark(row.line, row.email, text % {"number": row.number, "line": earlier.line}))


class _Ground:
    """What rows stand on: a manager who is there, and a number that is theirs. Each refusal can take the
    ground from under others, who are then looked at again."""

    def __init__(self, made: Plan, known: Mapping[str, Known], first_with: dict[str, Entry]) -> None:
        self.made, self.known, self.first_with = made, known, first_with
        self.holders = {person.external_id: email for email, person in known.items() if person.external_id}
        self.named: dict[str, Entry | None] = {}
        self.leaning: dict[str, list[Entry]] = defaultdict(list)
        """Whom to look at again, by what the refused one was called."""
        for row in made.rows.values():
            name = row.name.casefold()
            self.named[name] = None if name in self.named else row
            if row.manager:
                self.leaning[row.manager.casefold()].append(row)
            holder = self.holders.get(made.numbers.get(row.email, ""))
            if holder and holder != row.email:
                self.leaning[holder].append(row)

    def settle(self) -> None:
        waiting = list(self.made.rows.values())
        while waiting:
            while waiting:
                row = waiting.pop()
                if self.made.rows.get(row.email) is row and (reason := self.trouble(row)):
                    waiting += self.refuse(row, reason)
            for circle in circles({email: p.manager for email, p in self.known.items()} | self.made.managers):
                text = " → ".join([*circle, circle[0]]) if len(circle) < 8 else " → ".join([*circle[:7], "…"])
                for email in circle:
                    if email in self.made.rows:
                        reason = _("The reporting line runs in a circle: %s.") % text
                        waiting += self.refuse(self.made.rows[email], reason)

    def refuse(self, row: Entry, reason: str) -> list[Entry]:
        self.made.reject(row, reason)
        names = {row.email, row.number.casefold(), row.name.casefold()}
        return [other for name in names for other in self.leaning.get(name, ())]

    def trouble(self, row: Entry) -> str:
        """Why it cannot be taken; otherwise its manager is noted."""
        number = self.made.numbers.get(row.email, "")
        holder = self.holders.get(number)
        # Perhaps the same person under a new address, perhaps their successor. To guess would hand one
        # person's words to another.
        if holder and holder != row.email and holder not in self.made.numbers:
            text = _(
                "The number %(number)s belongs to %(holder)s. Change the address or the number there first."
            )
            return text % {"number": number, "holder": holder}
        if row.manager is None:
            return ""
        found = self.person_called(row.manager)
        if found is None and row.manager.casefold() in NO_MANAGER:
            self.made.managers[row.email] = None
        elif found is not None and (found in self.made.rows or found in self.known):
            self.made.managers[row.email] = found
        elif self.named.get(row.manager.casefold(), row) is None:
            text = _("More than one person is called “%s”. Give the manager's number or e-mail address.")
            return text % row.manager
        else:
            text = _("The manager “%s” is neither in the table, or could not be taken, nor known here.")
            return text % row.manager
        return ""

    def person_called(self, asked: str) -> str | None:
        """The address of who has this number, address or name."""
        if "@" in asked:
            return asked.lower()
        first = self.first_with.get(asked)
        if first is not None and self.made.rows.get(first.email) is first:
            return first.email
        holder = self.holders.get(asked)
        if holder is not None and self.made.numbers.get(holder, asked) == asked:
            return holder
        named = self.named.get(asked.casefold())
        return named.email if named is not None and self.made.rows.get(named.email) is named else None


def circles(above: Mapping[str, str | None]) -> list[list[str]]:
    """Each circle of people who would be their own managers."""
    found: list[list[str]] = []
    done: set[str] = set()
    for start in above:
        if start in done:
            continue
        path: dict[str, None] = {}
        step: str | None = start
        while step is not None and step not in done and step not in path:
            path[step] = None
            step = above.get(step)
        if step is not None and step in path:
            steps = list(path)
            found.append(steps[steps.index(step) :])
        done.update(path)
    return found
