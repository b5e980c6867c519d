"""The hard rules: who may not be matched with whom, and the sentence that says why.

Arrays in, bits out; knows nothing of Django. Every rule has a bit, a name, a switch or value in `Rules`, and
an English sentence that is also its message id, with the rule's values as named placeholders.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matching.people import People, Ragged, pair_array


def gettext_noop(text: str) -> str:
    """Marks a sentence for translation where it is written; whoever shows it translates it."""
    return text


@dataclass(frozen=True, slots=True)
class Rules:
    """What a programme asks of every mentorship. The defaults are those of reverse mentoring."""

    line_reach: int | None = None  # levels up and down the reporting line; None: all of them, 0: off
    reports_of_reports: bool = True  # the mentor does not report to one of the mentee's direct reports
    grade_gap: int | None = 2  # at least so many grades apart; None: off
    direction: Literal[-1, 0, 1] = 1  # 1: the mentee is senior, -1: the mentor is, 0: either
    other_unit: bool = True
    other_profession: bool = False
    language_level: int = 4  # both speak one language at least so well (1 to 6 for A1 to C2); 0: off
    common_way: bool = True  # both by video, or both on site
    same_site: bool = True  # where only on site is possible, it is one site
    common_hours: int = 2  # in a week; 0: off
    earlier: Literal["off", "here", "anywhere"] = "here"


Audience = Literal["anybody", "staff", "nobody"]

# Columns of `People` that count as partners of before; those of now always do.
_BEFORE = {"off": (), "here": ("earlier",), "anywhere": ("earlier", "elsewhere")}


@dataclass(frozen=True, slots=True)
class Rule:
    name: str
    bit: int
    label: str
    sentence: str
    audience: Audience  # who may be told that this rule was the reason


_ = gettext_noop
# Power, safety and what people keep to themselves are not weighed against anything: nobody overrides these,
# and one sentence stands for all of them, so that none tells that somebody would rather not.
NEVER = ("same_person", "line", "reports", "avoid", "capacity")
NEVER_SENTENCE = _(
    "These two cannot be matched, not even by hand. One may have no room left, or be in the other's "
    "reporting line. We never say which reason it is."
)
_WORDS = {
    "same_person": (_("Two people"), NEVER_SENTENCE),
    "line": (_("No reporting line"), NEVER_SENTENCE),
    "reports": (_("Not under a direct report"), NEVER_SENTENCE),
    "grade": (
        _("Seniority"),
        _("The two are not at least %(grade_gap)s grades apart in the right direction."),
    ),
    "unit": (_("Another unit"), _("Both work in the same unit.")),
    "profession": (_("Another profession"), _("Both have the same profession.")),
    "language": (_("A common language"), _("They share no language that both can work in.")),
    "way": (_("A way to meet"), _("One would only meet by video, the other only on site.")),
    "site": (_("The same site"), _("They can only meet on site, and work at different sites.")),
    "hours": (_("Common hours"), _("They have fewer than %(common_hours)s hours a week in common.")),
    "capacity": (_("Capacity"), NEVER_SENTENCE),
    "avoid": (_("Personal reasons"), NEVER_SENTENCE),
    "earlier": (_("Somebody new"), _("They have been together before.")),
    "blocked": (_("Set by a coordinator"), _("A coordinator ruled this mentorship out.")),
}
_AUDIENCES: dict[str, Audience] = {"avoid": "nobody", "blocked": "staff"}
ALL = tuple(
    Rule(name, 1 << place, label, sentence, _AUDIENCES.get(name, "anybody"))
    for place, (name, (label, sentence)) in enumerate(_WORDS.items())
)
BY_NAME = {rule.name: rule for rule in ALL}
TOLD = sum(rule.bit for rule in ALL if rule.audience != "nobody")
"""Bits of the rules that may count in what anybody is shown."""


def broken(bits: int) -> list[Rule]:
    """The rules behind the bits of one pair."""
    return [rule for rule in ALL if bits & rule.bit]


def sentence(bits: int) -> str:
    """Why a pair is not possible, as a message id with placeholders: the first rule that staff could
    override, or else the one sentence for all others."""
    return next((rule.sentence for rule in broken(bits) if rule.name not in NEVER), NEVER_SENTENCE)


def values(rules: Rules) -> dict[str, int | None]:
    """What the placeholders of the sentences stand for."""
    return {"grade_gap": rules.grade_gap, "common_hours": rules.common_hours}


class Rulebook:
    """The rules prepared for two sides, so that any part of the pairs can be asked for, block by block."""

    def __init__(
        self,
        mentors: People,
        mentees: People,
        rules: Rules,
        forbidden: ArrayLike | None = None,
    ) -> None:
        self.mentors, self.mentees, self.rules = mentors, mentees, rules
        pairs, bits = _listed(mentors, mentees, rules, pair_array(forbidden))
        # one entry per pair, all its bits together, by mentor row
        code = pairs[:, 0] * max(1, len(mentees)) + pairs[:, 1]
        self.codes, place = np.unique(code, return_inverse=True)
        self.bits = np.zeros(len(self.codes), np.uint16)
        np.bitwise_or.at(self.bits, place, bits)
        self.starts = np.searchsorted(self.codes, np.arange(len(mentors) + 1) * max(1, len(mentees)))

    def block(self, rows: ArrayLike | slice | None, columns: ArrayLike | slice | None) -> NDArray[np.uint16]:
        one, two = part(rows, len(self.mentors)), part(columns, len(self.mentees))
        out = _compared(self.mentors, self.mentees, self.rules, one[:, None], two[None, :])
        row, column, bits = self.listed(one, two)
        out[row, column] |= bits
        return out

    def listed(
        self, one: NDArray[np.int64], two: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint16]]:
        """Place in the block, and bits, of the pairs that are ruled out one by one."""
        counts = self.starts[one + 1] - self.starts[one]
        row = np.repeat(np.arange(len(one)), counts)
        entry = (
            np.arange(len(row))
            - np.repeat(np.cumsum(counts) - counts, counts)
            + np.repeat(self.starts[one], counts)
        )
        where = np.full(len(self.mentees), -1)
        where[two] = np.arange(len(two))
        column = where[self.codes[entry] % max(1, len(self.mentees))]
        inside = column >= 0
        return row[inside], column[inside], self.bits[entry[inside]]

    def pairs(self, pairs: ArrayLike) -> NDArray[np.uint16]:
        pairs = pair_array(pairs)
        out = _compared(self.mentors, self.mentees, self.rules, pairs[:, 0], pairs[:, 1])
        if len(self.codes):
            code = pairs[:, 0] * max(1, len(self.mentees)) + pairs[:, 1]
            at = np.minimum(np.searchsorted(self.codes, code), len(self.codes) - 1)
            out |= np.where(self.codes[at] == code, self.bits[at], 0).astype(np.uint16)
        return out


def part(which: ArrayLike | slice | None, count: int) -> NDArray[np.int64]:
    """Row numbers from a slice, a list, or None for all."""
    if which is None or isinstance(which, slice):
        return np.arange(count)[which or slice(None)]
    return np.asarray(which, np.int64)


def _compared(
    a: People, b: People, rules: Rules, i: NDArray[np.int64], j: NDArray[np.int64]
) -> NDArray[np.uint16]:
    """Bits of the rules that compare two rows; i and j broadcast against each other."""
    out = np.zeros(np.broadcast_shapes(i.shape, j.shape), np.uint16)

    def add(name: str, broken: NDArray[np.bool_]) -> None:
        np.bitwise_or(out, np.uint16(BY_NAME[name].bit), out=out, where=broken)

    if rules.grade_gap is not None:
        gap = b.grade[j].astype(np.int32) - a.grade[i]
        add(
            "grade",
            (np.abs(gap) if rules.direction == 0 else gap * rules.direction) < rules.grade_gap,
        )
    for name, asked in [
        ("unit", rules.other_unit),
        ("profession", rules.other_profession),
    ]:
        if asked:
            one, two = getattr(a, name)[i], getattr(b, name)[j]
            add(name, (one == two) & (one >= 0))
    if rules.language_level:
        shared = np.zeros(out.shape, np.bool_)
        for language in range(min(a.languages.shape[1], b.languages.shape[1])):
            shared |= (a.languages[i, language] >= rules.language_level) & (
                b.languages[j, language] >= rules.language_level
            )
        add("language", ~shared)
    video, onsite = a.remote[i] & b.remote[j], a.onsite[i] & b.onsite[j]
    if rules.common_way:
        add("way", ~(video | onsite))
    if rules.same_site:
        one, two = a.site[i], b.site[j]
        add("site", ~video & onsite & ((one != two) | (one < 0)))
    if rules.common_hours:
        add("hours", common_hours(a, b, i, j) < rules.common_hours)
    add("capacity", (a.capacity[i] == 0) | (b.capacity[j] == 0))
    return out


def common_hours(a: People, b: People, i: NDArray[np.int64], j: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Hours of the week in which both have time."""
    out = np.zeros(np.broadcast_shapes(i.shape, j.shape), np.uint8)
    for word in range(3):
        out += np.bitwise_count(a.hours[i, word] & b.hours[j, word])
    return out


def _listed(
    a: People, b: People, rules: Rules, forbidden: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.uint16]]:
    """Pairs that are ruled out one by one, with the bit; a pair can come up more than once."""
    found: list[tuple[NDArray[np.int64], int]] = [(forbidden, BY_NAME["blocked"].bit)]

    def add(name: str, i: NDArray[np.int64], j: NDArray[np.int64]) -> None:
        known = (i >= 0) & (j >= 0)
        found.append((np.stack([i[known], j[known]], axis=1), BY_NAME[name].bit))

    add("same_person", places(a.key, b.key), np.arange(len(b)))
    above, below = _levels(a.line), _levels(b.line)
    mentor, boss = a.line.owners(), places(b.key, a.line.values)
    mentee, chief = b.line.owners(), places(a.key, b.line.values)
    if rules.line_reach != 0:
        near = np.ones(len(above), np.bool_) if rules.line_reach is None else above <= rules.line_reach
        add("line", mentor[near], boss[near])
        near = np.ones(len(below), np.bool_) if rules.line_reach is None else below <= rules.line_reach
        add("line", chief[near], mentee[near])
    if rules.reports_of_reports:
        add("reports", mentor[above == 2], boss[above == 2])
    named = [("avoids", "avoid"), ("together", "earlier")]
    named += [(column, "earlier") for column in _BEFORE[rules.earlier]]
    for column, rule in named:
        one, two = getattr(a, column), getattr(b, column)
        add(rule, one.owners(), places(b.key, one.values))
        add(rule, places(a.key, two.values), two.owners())
    pairs = np.concatenate([pairs for pairs, bit in found])
    bits = np.concatenate([np.full(len(pairs), bit, np.uint16) for pairs, bit in found])
    return pairs, bits


def _levels(line: Ragged) -> NDArray[np.int64]:
    """How far above the person each manager stands: 1 is the direct manager."""
    return np.repeat(np.diff(line.starts), np.diff(line.starts)) - line.ranks()


def places(keys: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """The row of each wanted key, -1 where it is not among them."""
    if not len(keys):
        return np.full(len(wanted), -1)
    order = np.argsort(keys)
    at = np.minimum(np.searchsorted(keys, wanted, sorter=order), len(keys) - 1)
    return np.where(keys[order[at]] == wanted, order[at], -1)


def blocked(
    mentors: People,
    mentees: People,
    rules: Rules,
    *,
    forbidden: ArrayLike | None = None,
    rows: ArrayLike | slice | None = None,
    columns: ArrayLike | slice | None = None,
) -> NDArray[np.uint16]:
    """For every mentor (row) and mentee (column) bits of all rules they break together; 0 is possible.

    `forbidden` are (mentor row, mentee row) ruled out by a coordinator; `rows` and `columns` ask for a part.
    """
    return Rulebook(mentors, mentees, rules, forbidden).block(rows, columns)


def blocked_pairs(
    mentors: People,
    mentees: People,
    rules: Rules,
    pairs: ArrayLike,
    *,
    forbidden: ArrayLike | None = None,
) -> NDArray[np.uint16]:
    """The same for listed pairs (mentor row, mentee row)."""
    return Rulebook(mentors, mentees, rules, forbidden).pairs(pairs)


def matchable_with_nobody(
    mentors: People,
    mentees: People,
    rules: Rules,
    *,
    forbidden: ArrayLike | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of mentors and of mentees whom the rules leave nobody; to be said before a run, not after. Rules
    nobody may be told about do not count."""
    book = Rulebook(mentors, mentees, rules, forbidden)
    one, two = np.zeros(len(mentors), np.bool_), np.zeros(len(mentees), np.bool_)
    step = max(1, 4_000_000 // max(1, len(mentees)))
    for low in range(0, len(mentors), step):
        possible = book.block(slice(low, low + step), None) & TOLD == 0
        one[low : low + step] = possible.any(axis=1)
        two |= possible.any(axis=0)
    return np.flatnonzero(~one), np.flatnonzero(~two)
