"""A table from a CSV or Excel file of unknown origin. What is no table gets a sentence that helps.

A small file can ask for hours and for gigabytes, so nothing here runs in a process of ours: `opening` starts
this module as a program with limits, which knows neither Django's settings nor the database.
"""

import codecs
import csv
import json
import resource
import sys
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.utils.translation.trans_null import gettext_noop as _  # asks no settings

from domain.spreadsheets import unguarded
from participants.importing.mapping import guess
from participants.importing.table import Line

LARGEST_UNPACKED = 600 * 2**20  # bytes of an Excel file once unpacked
MOST_ROWS = 1_000_000
MOST_COLUMNS = 300
LONGEST_CELL = 32_767  # as in Excel
UNREADABLE = 3  # how the program ends where it has a sentence about the file
# A title, a date and an empty line may stand above the names of the columns.
LINES_ABOVE = 20
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
DELIMITERS = ",;\t|"


class Unreadable(Exception):
    """`text` is a msgid: who reads it is known to who started this program."""

    def __init__(self, text: str, **values: int | str) -> None:
        super().__init__(text % values)
        self.text, self.values = text, values


def rows_of(path: Path) -> Iterator[list[str]]:
    """The rows of the table as `table` describes them. Raises Unreadable."""
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(OLE):
        with path.open("rb") as file:
            locked = "EncryptedPackage".encode("utf-16-le") in file.read()
        if locked:
            raise Unreadable(_("The file is protected by a password. Save it without one."))
        raise Unreadable(_("This is an old Excel file (.xls). Save it as .xlsx or as CSV."))
    lines, delimiter = (excel(path), ",") if start.startswith(b"PK") else text(path)
    return with_headers(lines, delimiter)


# --- CSV -------------------------------------------------------------------------------


def text(path: Path) -> tuple[Callable[[], Iterator[Line]], str]:
    encoding = encoding_of(path)
    with path.open(encoding=encoding, newline="") as file:
        above = [line for line in islice(file, LINES_ABOVE) if line.strip()]
    if not above:
        raise Unreadable(_("The file is empty."))
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
                text = _("Line %(line)d cannot be read: %(error)s.")
                raise Unreadable(text, line=reader.line_num, error=str(error)) from error

    return lines, delimiter


def encoding_of(path: Path) -> str:
    with path.open("rb") as file:
        marked = file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1252"):
            decoder = codecs.getincrementaldecoder(encoding)()
            file.seek(0)
            try:
                while block := file.read(2**20):
                    if b"\x00" in block and not marked:
                        raise Unreadable(_("This is no text file. Export people as CSV or Excel (.xlsx)."))
                    decoder.decode(block)
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                continue
            return encoding
    raise Unreadable(_("The file is neither UTF-8 nor Windows-1252. Save it as “CSV UTF-8”."))


def best_delimiter(above: list[str]) -> str:
    """The one that makes the most known columns of a line; without any, the most columns."""

    def worth(sign: str) -> tuple[int, int]:
        try:
            rows = list(csv.reader(above, delimiter=sign))
        except csv.Error:  # a cell without an end
            return 0, 0
        return max(len(guess([tidy(cell) for cell in row])) for row in rows), max(map(len, rows))

    return max(DELIMITERS, key=worth)


# --- Excel -----------------------------------------------------------------------------


def excel(path: Path) -> Callable[[], Iterator[Line]]:
    broken = _("This Excel file cannot be read. Open it, save it as .xlsx again, and try once more.")
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as error:
        raise Unreadable(broken) from error
    if not any(member.filename.lower() == "xl/workbook.xml" for member in members):
        raise Unreadable(_("This is no Excel table. Export people as CSV or Excel (.xlsx)."))
    # zipfile never unpacks more of a member than it declares here.
    if sum(member.file_size for member in members) > LARGEST_UNPACKED:
        raise Unreadable(_("This Excel file is too large once unpacked. Save the table as CSV."))

    def lines() -> Iterator[Line]:
        try:
            with path.open("rb") as file:
                yield from first_sheet(file)
        except (Unreadable, MemoryError):
            raise
        except Exception as error:  # the libraries raise whatever a broken file makes them stumble over
            raise Unreadable(broken) from error

    return lines


def first_sheet(file: Any) -> Iterator[Line]:
    """The lines of the first visible sheet that has any."""
    import openpyxl  # half a second and some memory that text does without

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


def with_headers(lines: Callable[[], Iterator[Line]], delimiter: str) -> Iterator[list[str]]:
    above = [(line, cells) for line, cells in islice(lines(), LINES_ABOVE) if any(cells)]
    if not above:
        raise Unreadable(_("The file is empty."))
    line, headers = next((row for row in above if len(guess(row[1])) > 1), above[0])
    while headers and not headers[-1]:
        headers.pop()
    if any("@" in cell for cell in headers):
        raise Unreadable(
            _("The first line holds a person. Put a line above it that names the columns: Name, E-mail, …")
        )
    if len(headers) < 2:
        raise Unreadable(
            _("Only one column was found. A name and an e-mail address need two, with a line naming them.")
        )

    yield [delimiter, *distinct(headers)]
    taken = 0
    for number, cells in lines():
        if number > line and any(cells):
            taken += 1
            if taken > MOST_ROWS:
                raise Unreadable(_("The table has more than %(most)d rows."), most=MOST_ROWS)
            yield [str(number), *cells[: len(headers)], *[""] * (len(headers) - len(cells))]


def distinct(headers: Iterable[str]) -> list[str]:
    """Names of columns, each once: what has none gets its number, what comes twice as well."""
    names: list[str] = []
    for number, header in enumerate(headers, start=1):
        name = header[:100] or f"#{number}"
        names.append(name if name not in names else f"{name} #{number}")
    return names


def tidy(cell: str) -> str:
    # A spreadsheet can hold half a sign, which no file and no database takes.
    cell = cell.replace("\x00", "").encode("utf-8", "replace").decode()
    return unguarded(" ".join(cell.split())[:LONGEST_CELL])


# --- The program -----------------------------------------------------------------------


def main(path: str, memory: str, cpu_seconds: str, largest_table: str) -> int:
    """Write the table to standard output, or one JSON object about the file to standard error."""
    for limit, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, largest_table),
        (resource.RLIMIT_CORE, "0"),
    ):
        resource.setrlimit(limit, (int(most), int(most)))
    try:
        with open(1, "w", encoding="utf-8", newline="", closefd=False) as out:
            csv.writer(out).writerows(rows_of(Path(path)))
    except Unreadable as error:
        print(json.dumps({"text": error.text, "values": error.values}), file=sys.stderr)
        return UNREADABLE
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
