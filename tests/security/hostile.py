"""Words that would be markup, code or a header if anything took them for more than words."""

import csv
import re
from collections.abc import Iterator
from contextlib import suppress
from html.parser import HTMLParser
from io import BytesIO, StringIO
from typing import Any

import openpyxl
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import CharField, Field, FileField, JSONField, Model, QuerySet, TextField
from icalendar import Calendar

from meetings.files import safe_name

TEXT = (
    "=q7({pk})\"'><q7x q7y=1 x-init=q7()>{{{{ q7 }}}}{{% q7 %}}</script></style></textarea></title>-->"
    '#panic("q7") javascript:q7() https://q7.example/"q7y="\x0b\x1f\r\nBcc: q7@example.org\r\nATTENDEE:q7'
)
SHORT = "\"'><q7x q7y=1>{pk}"
TINY = '"><q7x>'
URL = "https://q7.example/\"'><q7x/q7y=1/x-init=q7()>{{{{q7}}}}"
EMAIL = '"=q7{pk}<q7x/q7y=1>"@example.org'
# What a form asks of a column beyond its validators.
SHAPES = {
    "meetings.Resource.file_name": safe_name,
    **{
        f"programmes.Wording.{name}": lambda words: words.replace("{% q7 %}", "")
        for name in ("subject_en", "text_en", "subject_de", "text_de")
    },
}

# Columns that no person writes: what the product reads there, it wrote itself.
MACHINE = {
    f"{model}.{column}"
    for model, columns in {
        "accounts.AccountMail": "facts",
        "admin.LogEntry": "object_id",
        "agreements.Clause": "language",
        "insights.Release": "figures gates",
        "insights.ReleasedMentorship": "health key",
        "insights.ReleasedPerson": "key",
        "insights.ReleasedSum": "kind",
        "insights.ReleasedTally": "kind section",
        "matching.GroupDecision": "before",
        "matching.MatchRun": "outcome snapshot trial",
        "matching.Proposal": "breakdown",
        "matching.ProposedGroup": "breakdown",
        "matching.Request": "breakdown",
        "matching.Step": "before",
        "meetings.Resource": "file",
        "notices.Notice": "calendar key kind language mail_url url",
        "notices.NoticePreference": "kind",
        "participants.ColumnMapping": "choice key",
        "participants.Erased": "fingerprint",
        "participants.PeopleImport": "choice file language time_zone",
        "participants.Person": "password time_zone",
        "participants.PersonLanguage": "code",
        "participants.Site": "time_zone",
        "programmes.Cohort": "time_zone",
        "programmes.Enrolment": "step",
        "programmes.InvitationLink": "token",
        "pulses.Answer": "question",
        "usersessions.UserSession": "session_key data",
    }.items()
    for column in columns.split()
}
FOREIGN = {
    "account.EmailAddress",
    "account.EmailConfirmation",
    "auth.Group",
    "auth.Permission",
    "contenttypes.ContentType",
    "sessions.Session",
}


def columns() -> Iterator[tuple[type[Model], "Field[Any, Any]"]]:
    """Every column of every table that holds words."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            is_text = isinstance(field, CharField | TextField | JSONField | FileField)
            if is_text and not field.choices and not field.is_relation and model._meta.label not in FOREIGN:
                yield model, field


def words_for(model: type[Model], field: "Field[Any, Any]", pk: Any, given: Any) -> Any:
    """The worst the column takes. Raises ValidationError where it takes nothing of the kind."""
    if isinstance(field, JSONField):
        return within(given, TEXT.format(pk=pk))
    longest = field.max_length or len(TEXT) + 20
    refused = ValidationError("")
    for shape in ([TEXT] if longest > 60 else []) + [SHORT, TINY, URL, EMAIL]:
        words = shape.format(pk=pk)[:longest]
        words = SHAPES.get(f"{model._meta.label}.{field.name}", str)(words)
        try:
            field.run_validators(words)
        except ValidationError as error:
            refused = error
        else:
            return words
    raise refused


def within(value: Any, words: str) -> Any:
    """Data with every text in it replaced; what it is called by stays."""
    if isinstance(value, dict):
        return {name: within(one, words) for name, one in value.items()}
    if isinstance(value, list):
        return [within(one, words) for one in value]
    return words if isinstance(value, str) and value else value


def fill() -> dict[str, int]:
    """Write it into every column there is, and return into how many rows of each."""
    written: dict[str, int] = {}
    for model, field in columns():
        label = f"{model._meta.label}.{field.name}"
        if label in MACHINE:
            continue
        written[label] = 0
        rows = QuerySet(model)
        for pk, given in list(rows.values_list("pk", field.attname)):
            words = words_for(model, field, pk, given)
            with suppress(IntegrityError), transaction.atomic():  # a resource is a link or a file
                written[label] += rows.filter(pk=pk).update(**{field.attname: words})
    return written


# --- What came of it --------------------------------------------------------------------

SCHEMES = re.compile(r"[\x00-\x20]*(?:[a-z]\s*)+[a-z0-9+.-]*\s*:", re.IGNORECASE)
HARMLESS = ("http:", "https:", "mailto:", "data:image/", "webcal:")
ADDRESSES = {
    *("href", "src", "action", "formaction", "data", "poster", "srcdoc"),
    *(f"{prefix}-{verb}" for prefix in ("hx", "x") for verb in ("get", "post", "put", "patch", "delete")),
}
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class Reader(HTMLParser):
    """What a browser would have made of the words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.problems: set[str] = set()
        self.inside = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag
        if "q7" in tag:
            self.problems.add(f"made the element {tag}")
        for name, value in ((name, value or "") for name, value in attrs):
            if "q7" in name:
                self.problems.add(f"made an attribute of {tag}")
            elif name.startswith(("x-", "@", ":", "on", "hx-on", "style")) and "q7" in value:
                self.problems.add(f"stands in {name} of {tag}")
            elif name in ADDRESSES and SCHEMES.match(value) and not value.startswith(HARMLESS):
                self.problems.add(f"{name} of {tag} leads to {value[:20]}")

    def handle_data(self, data: str) -> None:
        if self.inside in ("script", "style") and "q7" in data and ("<" in data or self.inside == "style"):
            self.problems.add(f"stands in {self.inside}")
        self.inside = ""

    def handle_comment(self, data: str) -> None:
        if "q7" in data:
            self.problems.add("stands in a comment")


def in_html(page: str) -> set[str]:
    return Reader(page).problems if "q7" in page else set()


def in_cells(rows: Any) -> set[str]:
    cells = {str(cell) for row in rows for cell in row if cell is not None}
    return {f"begins a cell with {cell[0]!r}" for cell in cells if cell.startswith(FORMULA)}


def in_csv(text: str) -> set[str]:
    text = text.removeprefix("\ufeff")
    dialect = csv.Sniffer().sniff(text.splitlines()[0], ",;\t") if text else csv.excel
    return in_cells(csv.reader(StringIO(text), delimiter=dialect.delimiter))


def in_xlsx(content: bytes) -> set[str]:
    book = openpyxl.load_workbook(BytesIO(content))
    cells = [[cell.value for cell in row] for sheet in book for row in sheet.iter_rows()]
    formulas = {"f" for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"}
    return in_cells(cells) | {"is a formula" for _ in formulas}


def in_calendar(text: str) -> set[str]:
    """Each line has a name the standard knows, and whoever is invited is invited by the product."""
    problems = set()
    for part in Calendar.from_ical(text).walk():
        for name, value in part.property_items(recursive=False):
            if (
                (name in ("ATTENDEE", "ORGANIZER") and not str(value).lower().startswith("mailto:"))
                or "Q7" in name
                or name == "BCC"
            ):
                problems.add(f"made a line {name}")
    return problems
