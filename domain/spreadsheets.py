"""Cells of a file that people open in a spreadsheet."""

import re

GUARD = "'"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# What XML cannot hold, and with it no Excel file: control characters other than tab and line ends.
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def guarded(cell: str) -> str:
    """A spreadsheet takes what begins like a formula for one; an apostrophe makes it text."""
    cell = UNPRINTABLE.sub("", cell)
    return GUARD + cell if cell.startswith(FORMULA) else cell


def unguarded(cell: str) -> str:
    """The cell before it was guarded, so that such a file can be read again."""
    return cell[1:] if cell[:1] == GUARD and cell[1:2] in FORMULA else cell
