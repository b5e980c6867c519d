"""A table from a CSV or Excel file of unknown origin. What is no table gets a sentence that helps."""

import codecs
import csv
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from defusedxml.common import DefusedXmlException
from django.utils.translation import gettext as _
from openpyxl.utils.exceptions import InvalidFileException

from domain.errors import DomainError
from participants.importing.mapping import guess

LARGEST_UPLOAD = 60 * 2**20  # bytes; 200,000 rows of twelve columns are some 35 MB
LARGEST_UNPACKED = 600 * 2**20  # bytes of an Excel file once unpacked
MOST_ROWS = 1_000_000
MOST_COLUMNS = 300
# A title, a date and an empty line may stand above the names of the columns.
LINES_ABOVE = 20
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*", b"RIFF")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
DELIMITERS = ",;\t|"
# Written before a cell that a spreadsheet would take for a formula, and taken off again when read.
GUARD = "'"
FORMULA = ("=", "+", "-", "@", "\t", "\r")

Cells = list[str]
Line = tuple[int, Cells]


@dataclass(frozen=True)
class Table:
    """`rows()` reads the file once more from the top: (number of the line, as many cells as there are
    headers), without empty ones."""

    headers: list[str]
    rows: Callable[[], Iterator[Line]]
    delimiter: str = ","

    def samples(self, most: int = 3) -> list[list[str]]:
        """For each column, its first few different values."""
        found: list[dict[str, None]] = [{} for _header in self.headers]
        for _line, cells in islice(self.rows(), 200):
            for values, cell in zip(found, cells, strict=False):
                if cell and len(values) < most:
                    values[cell[:60]] = None
        return [list(values) for values in found]


def open_table(path: Path | str) -> Table:
    """Raises DomainError where the file is no table with names of columns."""
    path = Path(path)
    if path.stat().st_size > LARGEST_UPLOAD:
        raise DomainError(
            _("The file is larger than %(limit)d MB. Export only the columns that are needed.")
            % {"limit": LARGEST_UPLOAD // 2**20}
        )
    with path.open("rb") as file:
        start = file.read(8)
    refuse_what_is_no_table(path, start)
    lines, delimiter = (excel(path), ",") if start.startswith(b"PK") else text(path)
    return with_headers(lines, delimiter)


def refuse_what_is_no_table(path: Path, start: bytes) -> None:
    if not start.strip():
        raise DomainError(_("The file is empty."))
    if start.startswith(PICTURES):
        raise DomainError(_("This is a picture, not a table. Export people as CSV or Excel (.xlsx)."))
    if start.startswith(b"%PDF"):
        raise DomainError(_("This is a PDF document, not a table. Export people as CSV or Excel (.xlsx)."))
    if start.startswith(OLE):
        with path.open("rb") as file:
            locked = "EncryptedPackage".encode("utf-16-le") in file.read()
        if locked:
            raise DomainError(_("The file is protected by a password. Save it without one."))
        raise DomainError(_("This is an old Excel file (.xls). Save it as .xlsx or as CSV."))


# --- CSV -------------------------------------------------------------------------------


def text(path: Path) -> tuple[Callable[[], Iterator[Line]], str]:
    encoding = encoding_of(path)
    with path.open(encoding=encoding, newline="") as file:
        above = [line for line in islice(file, LINES_ABOVE) if line.strip()]
    if not above:
        raise DomainError(_("The file is empty."))
    told = above[0].strip().lower()
    delimiter = above[0].strip()[4] if told.startswith("sep=") and len(told) == 5 else best_delimiter(above)

    def lines() -> Iterator[Line]:
        with path.open(encoding=encoding, newline="") as file:
            reader = csv.reader(file, delimiter=delimiter)
            try:
                for cells in reader:
                    if reader.line_num == 1 and told.startswith("sep="):
                        continue
                    yield reader.line_num, [tidy(cell) for cell in cells[:MOST_COLUMNS]]
            except csv.Error as error:
                values = {"line": reader.line_num, "error": error}
                raise DomainError(_("Line %(line)d cannot be read: %(error)s.") % values) from error

    return lines, delimiter


def encoding_of(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(4)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        for encoding in ("utf-8-sig", "cp1252"):
            decoder = codecs.getincrementaldecoder(encoding)()
            file.seek(0)
            try:
                while block := file.read(2**20):
                    if b"\x00" in block:
                        raise DomainError(_("This is no text file. Export people as CSV or Excel (.xlsx)."))
                    decoder.decode(block)
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                continue
            return encoding
    raise DomainError(_("The file is neither UTF-8 nor Windows-1252. Save it as “CSV UTF-8”."))


def best_delimiter(above: list[str]) -> str:
    """The one that makes the most known columns of a line; without any, the most columns."""

    def worth(sign: str) -> tuple[int, int]:
        rows = list(csv.reader(above, delimiter=sign))
        return max(len(guess([tidy(cell) for cell in row])) for row in rows), max(map(len, rows))

    return max(DELIMITERS, key=worth)


# --- Excel -----------------------------------------------------------------------------


def excel(path: Path) -> Callable[[], Iterator[Line]]:
    broken = _("This Excel file cannot be read. Open it, save it as .xlsx again, and try once more.")
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as error:
        raise DomainError(broken) from error
    if not any(member.filename.lower() == "xl/workbook.xml" for member in members):
        raise DomainError(_("This is no Excel table. Export people as CSV or Excel (.xlsx)."))
    # zipfile never unpacks more of a member than it declares here.
    if sum(member.file_size for member in members) > LARGEST_UNPACKED:
        raise DomainError(_("This Excel file is too large once unpacked. Save the table as CSV."))

    def lines() -> Iterator[Line]:
        try:
            with path.open("rb") as file:
                yield from first_sheet(file)
        except (
            InvalidFileException,
            zipfile.BadZipFile,
            DefusedXmlException,
            ParseError,
            KeyError,
            ValueError,
            TypeError,
        ) as error:
            raise DomainError(broken) from error

    return lines


def first_sheet(file: Any) -> Iterator[Line]:
    """The lines of the first visible sheet that has any."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and extensions nobody needs here
        # What formulas came to when the file was saved; they are never reckoned here.
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        sheet.reset_dimensions()
        found = False
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            words = [tidy(written(cell)) for cell in cells[:MOST_COLUMNS]]
            found = found or any(words)
            yield number, words
        if found:
            return


def written(value: Any) -> str:
    """A cell as HR would have typed it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


# --- Both ------------------------------------------------------------------------------


def with_headers(lines: Callable[[], Iterator[Line]], delimiter: str) -> Table:
    above = [(line, cells) for line, cells in islice(lines(), LINES_ABOVE) if any(cells)]
    if not above:
        raise DomainError(_("The file is empty."))
    line, headers = next((row for row in above if len(guess(row[1])) > 1), above[0])
    while headers and not headers[-1]:
        headers.pop()
    if any("@" in cell for cell in headers):
        raise DomainError(
            _("The first line holds a person. Put a line above it that names the columns: Name, E-mail, …")
        )
    if len(headers) < 2:
        raise DomainError(
            _("Only one column was found. A name and an e-mail address need two, with a line naming them.")
        )

    def rows() -> Iterator[Line]:
        taken = 0
        for number, cells in lines():
            if number > line and any(cells):
                taken += 1
                if taken > MOST_ROWS:
                    raise DomainError(_("The table has more than %(most)d rows.") % {"most": MOST_ROWS})
                yield number, [*cells[: len(headers)], *[""] * (len(headers) - len(cells))]

    return Table(distinct(headers), rows, delimiter)


def distinct(headers: Iterable[str]) -> list[str]:
    """Names of columns, each once: what has none gets its number, what comes twice as well."""
    names: list[str] = []
    for number, header in enumerate(headers, start=1):
        name = header[:100] or f"#{number}"
        names.append(name if name not in names else f"{name} #{number}")
    return names


def tidy(cell: str) -> str:
    cell = " ".join(cell.replace("\x00", "").split())
    return cell[1:] if cell[:1] == GUARD and cell[1:2] in FORMULA else cell


def guarded(cell: str) -> str:
    """A cell as it may be written into a file that people open in a spreadsheet."""
    return GUARD + cell if cell.startswith(FORMULA) else cell
