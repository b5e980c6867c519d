"""A table that was opened: what `reading` made of an upload, in one format that is cheap to read again.

The first row holds the delimiter of the upload and the names of the columns, each further row the number of
its line and as many cells as there are names.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

Cells = list[str]
Line = tuple[int, Cells]


@dataclass(frozen=True)
class Table:
    path: Path
    headers: list[str]
    delimiter: str = ","

    def rows(self) -> Iterator[Line]:
        """Read the file once more from the top; rows without any content are not in it."""
        with self.path.open(encoding="utf-8", newline="") as file:
            for line, *cells in islice(csv.reader(file), 1, None):
                yield int(line), cells

    def samples(self, most: int = 3) -> list[list[str]]:
        """For each column, its first few different values."""
        found: list[dict[str, None]] = [{} for _header in self.headers]
        for _line, cells in islice(self.rows(), 200):
            for values, cell in zip(found, cells, strict=False):
                if cell and len(values) < most:
                    values[cell[:60]] = None
        return [list(values) for values in found]


def opened(path: Path | str) -> Table:
    with Path(path).open(encoding="utf-8", newline="") as file:
        delimiter, *headers = next(csv.reader(file))
    return Table(Path(path), headers, delimiter)
