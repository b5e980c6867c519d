"""Whose address changes by a file: number and name together say who somebody is, wherever they are mailed."""

from collections import Counter
from collections.abc import Callable, Mapping

from participants.importing.planning import Entry, Known, Plan, plan

Moves = Mapping[str, str]
"""From the address somebody has to the one the file gives them."""
NamesOf = Callable[[list[str]], Mapping[str, str]]


def plan_with_moves(
    entries: list[Entry], known: Mapping[str, Known], names_of: NamesOf
) -> tuple[Plan, Moves]:
    """The plan as if people had their new addresses already. A row that cannot be taken moves nobody, and
    others may lean on it, so then everything is planned anew without that move."""
    moves = wanted(entries, known, names_of)
    while True:
        planned = plan(entries, moved(known, moves))
        taken = {old: new for old, new in moves.items() if new in planned.rows}
        if len(taken) == len(moves):
            return planned, moves
        moves = possible(taken, known)


def wanted(entries: list[Entry], known: Mapping[str, Known], names_of: NamesOf) -> Moves:
    """A number alone would not do: perhaps it went to a successor, and one person's words with it."""
    holders = {person.external_id: email for email, person in known.items() if person.external_id}
    numbers = Counter(entry.number for entry in entries)
    addresses = Counter(entry.email for entry in entries)
    elsewhere = {
        holders[entry.number]: entry
        for entry in entries
        if holders.get(entry.number, entry.email) != entry.email
        and numbers[entry.number] == addresses[entry.email] == 1
    }
    names = names_of(list(elsewhere)) if elsewhere else {}
    return possible(
        {old: entry.email for old, entry in elsewhere.items() if alike(names[old], entry.name)}, known
    )


def possible(moves: Moves, known: Mapping[str, Known]) -> Moves:
    """Without whoever would take the address of somebody who keeps theirs."""
    while kept := {old for old, new in moves.items() if new in known and new not in moves}:
        moves = {old: new for old, new in moves.items() if old not in kept}
    return moves


def moved(known: Mapping[str, Known], moves: Moves) -> Mapping[str, Known]:
    if not moves:
        return known
    return {
        moves.get(email, email): Known(person.external_id, moves.get(person.manager or "", person.manager))
        for email, person in known.items()
    }


def alike(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


class Present:
    """The address at which the database knows somebody before the file is taken."""

    def __init__(self, moves: Moves) -> None:
        self.left = set(moves)
        self.before = {new: old for old, new in moves.items()}

    def address(self, email: str | None) -> str | None:
        """None for somebody who is new, at an address that another leaves too."""
        if email in self.before:
            return self.before[email]
        return None if email in self.left else email
