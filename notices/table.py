"""The table of docs/reminders.md, from the kinds themselves."""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.utils import translation

from notices.kinds import KINDS, Group, Kind

DOCUMENT = Path(settings.BASE_DIR) / "docs" / "reminders.md"
HEAD = "| kind | whom | when | how often at most | what stops it | by mail |"


def lines() -> Iterator[str]:
    with translation.override("en"):
        for group in Group:
            kinds = {name: kind for name, kind in KINDS.items() if kind.group == group}
            if kinds:
                yield from [f"## {group.label}", "", HEAD, "|---|---|---|---|---|---|"]
                yield from (row(name, kind) for name, kind in kinds.items())
                yield ""


def row(name: str, kind: Kind) -> str:
    mail = str(kind.pace.label) + (", off by default" if not kind.by_email else "")
    optional = "; can be turned off" if kind.optional else ""
    cells = [f"{kind.title} (`{name}`)", kind.whom, kind.when, kind.at_most, kind.stops, mail + optional]
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def document() -> str:
    """The whole file: what is written by hand above the first heading of a group, then the table."""
    with translation.override("en"):
        first = f"## {next(iter(Group)).label}\n"
    by_hand = DOCUMENT.read_text().partition(first)[0]
    return by_hand + "\n".join(lines()).rstrip("\n") + "\n"
