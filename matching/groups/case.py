"""What is asked of a group, worked out once for all people of a cohort."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import and_

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matching.people import People
from matching.rules import ALL, TOLD, Rules, blocked, places
from matching.scoring import Scorer, Weights, overall

MOST_PRIORITY = 3
EVERYTHING = -1  # a mask in which every bit is set


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many make a group."""

    mentors: int = 2
    least: int = 3  # mentees
    most: int = 5

    def __post_init__(self) -> None:
        if not (self.mentors >= 1 and 1 <= self.least <= self.most):
            raise ValueError("A group has at least one mentor, and from `least` to `most` mentees.")

    def fit(self, mentors: int, mentees: int) -> bool:
        return mentors == self.mentors and self.least <= mentees <= self.most


@dataclass(frozen=True, slots=True, order=True)
class Group:
    """Rows of mentors and of mentees around a theme, a column of expertise and interest.

    `score` is the mean, rounded down, of the scores (0 to 1000) of all its pairs of mentor and mentee.
    """

    mentors: tuple[int, ...]
    mentees: tuple[int, ...]
    theme: int
    score: int = field(compare=False, default=0)

    def __len__(self) -> int:
        return len(self.mentors) + len(self.mentees)


Place = tuple[int, int]  # side, row


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """Masks are Python integers of any width; a bit is an hour, a language or a way to meet."""

    mentors: People
    mentees: People
    rules: Rules
    sizes: Sizes
    themes: list[int]
    hours: tuple[list[int], list[int]]
    languages: tuple[list[int], list[int]]
    ways: tuple[list[int], list[int]]
    across: NDArray[np.bool_]  # mentor × mentee: may be in one group
    told: NDArray[np.bool_]  # the same, as far as the rules go that may be told of
    among: tuple[NDArray[np.bool_], NDArray[np.bool_]]  # mentor × mentor, mentee × mentee
    scores: dict[int, NDArray[np.int64]]  # theme → mentor × mentee
    fits: dict[int, tuple[NDArray[np.int64], NDArray[np.int64]]]  # theme → rows who fit it and have room
    together: tuple[frozenset[Place], ...] = ()  # who are in the same groups, or in none

    @property
    def room(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        return self.mentors.capacity, self.mentees.capacity

    def group(self, theme: int, mentors: Sequence[int], mentees: Sequence[int]) -> Group:
        one, two = tuple(sorted(mentors)), tuple(sorted(mentees))
        return Group(one, two, theme, self.total(theme, one, two) // (len(one) * len(two)))

    def total(self, theme: int, mentors: Sequence[int], mentees: Sequence[int]) -> int:
        return int(self.scores[theme][np.ix_(mentors, mentees)].sum())

    def companions(self, side: int, row: int) -> frozenset[Place]:
        return next((kept for kept in self.together if (side, row) in kept), frozenset())

    def parts(self, group: Group) -> bool:
        """Whether the group has some of those kept together, and not all."""
        here = {(side, row) for side, rows in enumerate((group.mentors, group.mentees)) for row in rows}
        return any(kept & here and kept - here for kept in self.together)

    def can_sit_together(self, mentors: Sequence[int], mentees: Sequence[int]) -> bool:
        """Whether nothing stands between each two, and all of them can meet."""
        core = [(0, row) for row in mentors] + [(1, row) for row in mentees]
        return bool(
            self.across[np.ix_(mentors, mentees)].all()
            and self.among[0][np.ix_(mentors, mentors)].all()
            and self.among[1][np.ix_(mentees, mentees)].all()
            and self.meet(*self.in_common(core))
        )

    def in_common(self, places: Iterable[Place]) -> tuple[int, int, int]:
        """Hours, languages and ways that all of these have, as masks."""
        places = list(places)
        hours, languages, ways = (
            reduce(and_, (mask[side][row] for side, row in places), EVERYTHING)
            for mask in (self.hours, self.languages, self.ways)
        )
        return hours, languages, ways

    def meet(self, hours: int, languages: int, ways: int) -> bool:
        """Whether people who have this in common can meet."""
        return bool(languages) and bool(ways) and enough(hours, self.rules.common_hours)


def enough(hours: int, least: int) -> bool:
    return hours == EVERYTHING or hours.bit_count() >= least


def case_of(
    mentors: People,
    mentees: People,
    rules: Rules,
    weights: Weights,
    sizes: Sizes,
    *,
    themes: Sequence[int] | None = None,
    apart: ArrayLike | None = None,
    together: ArrayLike | None = None,
) -> Case:
    columns = min(mentors.expertise.shape[1], mentees.interest.shape[1])
    asked = [t for t in (range(columns) if themes is None else sorted(set(themes))) if 0 <= t < columns]
    scorer = Scorer(mentors, mentees, weights)
    pairs = np.stack(np.divmod(np.arange(len(mentors) * len(mentees)), max(1, len(mentees))), axis=1)
    parts = {name: points.astype(np.int64) for name, points in scorer.criteria(pairs).items()}
    scores, fits = {}, {}
    for theme in asked:
        # how much they want it times how well the mentor knows it, 0 to 100
        points = np.outer(scorer.strength[:, theme], scorer.interest[:, theme]).astype(np.int64)
        parts["topics"] = (points // MOST_PRIORITY).ravel()
        scores[theme] = overall(parts, weights).astype(np.int64).reshape(len(mentors), len(mentees))
        able = (mentors.expertise[:, theme] > 0) & (mentors.capacity > 0)
        wants = (mentees.interest[:, theme] > 0) & (mentees.capacity > 0)
        fits[theme] = np.flatnonzero(able), np.flatnonzero(wants)
    bits, among = _allowed(mentors, mentees, rules, np.asarray(apart if apart is not None else [], np.int64))
    sides = (mentors, mentees)
    return (
        Case(
            mentors=mentors,
            mentees=mentees,
            rules=rules,
            sizes=sizes,
            themes=[t for t in asked if len(fits[t][0]) >= sizes.mentors and len(fits[t][1]) >= sizes.least],
            hours=(_hours(mentors, rules), _hours(mentees, rules)),
            languages=(_languages(mentors, rules), _languages(mentees, rules)),
            ways=(_ways(mentors, rules), _ways(mentees, rules)),
            across=bits == 0,
            told=bits & TOLD == 0,
            among=among,
            scores=scores,
            fits=fits,
            together=_kept(mentors, mentees, np.asarray(together if together is not None else [], np.int64)),
        )
        if all(len(side) for side in sides)
        else _empty(mentors, mentees, rules, sizes)
    )


def _kept(mentors: People, mentees: People, together: NDArray[np.int64]) -> tuple[frozenset[Place], ...]:
    """Pairs of keys joined into sets of people; a pair of whom one is not here or has no room is none."""
    place = {
        int(key): (side, row)
        for side, people in enumerate((mentors, mentees))
        for row, key in enumerate(people.key)
        if people.capacity[row]
    }
    sets: list[frozenset[Place]] = []
    for one, two in together.reshape(-1, 2).tolist():
        if one in place and two in place:
            joined = frozenset({place[one], place[two]})
            touched = [kept for kept in sets if kept & joined]
            sets = [kept for kept in sets if kept not in touched] + [joined.union(*touched)]
    return tuple(sorted(sets, key=sorted))


def _empty(mentors: People, mentees: People, rules: Rules, sizes: Sizes) -> Case:
    nobody: tuple[list[int], list[int]] = ([0] * len(mentors), [0] * len(mentees))
    among = tuple(np.ones((len(side), len(side)), np.bool_) for side in (mentors, mentees))
    none = np.zeros((len(mentors), len(mentees)), np.bool_)
    return Case(
        mentors, mentees, rules, sizes, [], nobody, nobody, nobody, none, none, (among[0], among[1]), {}, {}
    )


def _allowed(
    mentors: People, mentees: People, rules: Rules, apart: NDArray[np.int64]
) -> tuple[NDArray[np.uint16], tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """What keeps a mentor and a mentee out of one group, as bits, and who of each side may sit in one.
    Between mentors and mentees every rule holds that holds for two; within a side those about reporting
    lines, about whom one avoids, and what a coordinator ruled out."""
    apart = apart.reshape(-1, 2)
    both = np.concatenate([apart, apart[:, ::-1]])
    beside = replace(
        rules,
        grade_gap=None,
        other_unit=False,
        other_profession=False,
        language_level=0,
        common_way=False,
        same_site=False,
        common_hours=0,
        earlier="off",
    )

    def bits(one: People, two: People, of: Rules) -> NDArray[np.uint16]:
        rows = np.stack([places(one.key, both[:, 0]), places(two.key, both[:, 1])], axis=1)
        # capacity is a matter of the whole, not of two
        one, two = (side.but(capacity=np.maximum(side.capacity, 1)) for side in (one, two))
        return blocked(one, two, of, forbidden=rows[(rows >= 0).all(axis=1)])

    def within(side: People) -> NDArray[np.bool_]:
        possible = bits(side, side, beside) == 0
        possible &= possible.T
        np.fill_diagonal(possible, True)
        return possible

    return bits(mentors, mentees, rules), (within(mentors), within(mentees))


def _hours(people: People, rules: Rules) -> list[int]:
    if not rules.common_hours:
        return [EVERYTHING] * len(people)
    return [sum(int(word) << (64 * at) for at, word in enumerate(row)) for row in people.hours]


def _languages(people: People, rules: Rules) -> list[int]:
    if not rules.language_level:
        return [EVERYTHING] * len(people)
    return [_bits(np.flatnonzero(row >= rules.language_level)) for row in people.languages]


def _ways(people: People, rules: Rules) -> list[int]:
    """Bit 0: by video; the others: on site, at each site by itself where it has to be the same."""
    if not rules.common_way:
        return [EVERYTHING] * len(people)
    masks = []
    for remote, onsite, site in zip(people.remote, people.onsite, people.site, strict=True):
        here = (2 << (int(site) + 1) if site >= 0 else 0) if rules.same_site else 2
        masks.append(int(remote) | (here if onsite else 0))
    return masks


def _bits(places: NDArray[np.int64]) -> int:
    return sum(1 << int(place) for place in places)


def faults(case: Case, group: Group) -> list[str]:
    """What stands against a group, as names: of rules in `matching.rules`, or "size", "theme", "beside" (two
    of one role who may not be in one group), "together" (without somebody kept together with a member).

    Worked out from the people and the rules two by two, not from what the solver used.
    """
    found = set()
    if not case.sizes.fit(len(group.mentors), len(group.mentees)):
        found.add("size")
    one, two = case.mentors.take(group.mentors), case.mentees.take(group.mentees)
    if not ((one.expertise[:, group.theme] > 0).all() and (two.interest[:, group.theme] > 0).all()):
        found.add("theme")
    bits = blocked(one, two, case.rules)
    found |= {rule.name for rule in ALL if (bits & rule.bit).any()}
    for side, rows in zip(case.among, (group.mentors, group.mentees), strict=True):
        if not side[np.ix_(rows, rows)].all():
            found.add("beside")
    if case.parts(group):
        found.add("together")
    if not case.across[np.ix_(group.mentors, group.mentees)].all() and not found:
        found.add("blocked")
    hours = np.bitwise_and.reduce(np.concatenate([one.hours, two.hours]), axis=0)
    if int(np.bitwise_count(hours).sum()) < case.rules.common_hours:
        found.add("hours")
    if case.rules.language_level:
        spoken = np.concatenate([one.languages, two.languages]).min(axis=0, initial=6)
        if not (spoken >= case.rules.language_level).any():
            found.add("language")
    if case.rules.common_way:
        remote = bool(one.remote.all() and two.remote.all())
        sites = {*one.site.tolist(), *two.site.tolist()}
        onsite = bool(one.onsite.all() and two.onsite.all())
        if case.rules.same_site:
            onsite = onsite and len(sites) == 1 and min(sites) >= 0
        if not (remote or onsite):
            found.add("way")
    return sorted(found)
