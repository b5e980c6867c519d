"""What was changed, word by word, for `templates/agreements/_marked.html`."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from agreements.models import Clause, Version
from programmes.models import GroundRule

WORDS = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Piece:
    """`kind` is "same", "ins" or "del"."""

    kind: str
    text: str


@dataclass(frozen=True)
class Marked:
    """One clause with what distinguishes it from what it is compared with."""

    clause: Clause
    pieces: list[Piece]
    change: str
    """In a word: struck, reworded, added …; empty where nothing was changed."""
    language: str
    """In which its words are, where they are not in the reader's."""


def difference(old: str, new: str) -> list[Piece]:
    """`new` with what is gone from `old`. Without "ins" the pieces make `old`, without "del" `new`."""
    before, after = WORDS.findall(old), WORDS.findall(new)
    pieces: list[Piece] = []
    gone = come = ""
    steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for number, (tag, a, b, c, d) in enumerate(steps, start=1):
        kept = "".join(after[c:d]) if tag == "equal" else ""
        if kept and (kept.strip() or not (gone or come) or number == len(steps)):
            pieces += [*changed(gone, come), Piece("same", kept)]
            gone = come = ""
        else:  # a space alone between two changes belongs to both: they read better as one
            gone, come = gone + "".join(before[a:b]), come + "".join(after[c:d])
    return pieces + changed(gone, come)


def changed(gone: str, come: str) -> list[Piece]:
    return [piece for piece in (Piece("del", gone), Piece("ins", come)) if piece.text]


def against_programme(version: Version) -> list[Marked]:
    """Every clause against the words it was copied from."""
    return [
        marked(clause, clause.programme_words(language_of(clause)), clause.change)
        for clause in version.clauses.all()
    ]


def against_version(version: Version, earlier: Version) -> list[Marked]:
    """Every clause against the same one in an earlier version."""
    before = {clause.position: clause for clause in earlier.clauses.all()}
    return [compared(clause, before.get(clause.position)) for clause in version.clauses.all()]


def plain(version: Version) -> list[Marked]:
    """What holds, without marks and without what was struck."""
    return [
        Marked(clause, [Piece("same", clause.words())], "", foreign(clause))
        for clause in version.clauses.all()
        if not clause.is_struck
    ]


def grouped(clauses: Sequence[Marked]) -> list[tuple[str, list[Marked]]]:
    groups = [
        (label, [m for m in clauses if m.clause.kind == kind]) for kind, label in GroundRule.Kind.choices
    ]
    return [(str(label), members) for label, members in groups if members]


def compared(clause: Clause, before: Clause | None) -> Marked:
    if before is None:
        return marked(clause, "", _("added"))
    old, change = before.words(language_of(clause) or language_of(before)), ""
    if clause.is_struck != before.is_struck:
        change = _("struck") if clause.is_struck else _("brought back")
    elif clause.text != before.text:
        change = _("added to") if clause.is_mandatory and not before.text else _("reworded")
    return marked(clause, "" if before.is_struck and not clause.is_struck else old, change)


def marked(clause: Clause, old: str, change: str) -> Marked:
    words = clause.words(language_of(clause))
    if clause.is_struck:
        pieces = [Piece("del", words)]
    elif not change:
        pieces = [Piece("same", clause.words())]
    else:
        pieces = list(calm(old, words))
    return Marked(clause, pieces, change, foreign(clause))


def calm(old: str, new: str) -> Iterator[Piece]:
    """Word by word while that reads well; a text that was written anew stands whole below the old one."""
    pieces = difference(old, new)
    kept = sum(len(piece.text) for piece in pieces if piece.kind == "same")
    if old and new and kept * 3 < max(len(old), len(new)):
        yield Piece("del", old)
        yield Piece("ins", "\n" + new)
    else:
        yield from pieces


def language_of(clause: Clause) -> str:
    """In which a reworded clause is compared; of a mandatory one everybody reads their own."""
    return "" if clause.is_mandatory else clause.language


def foreign(clause: Clause) -> str:
    return language_of(clause) if clause.text and clause.language != get_language() else ""
