"""A first set of groups: around those kept together, and around each mentor and theme, whoever can meet and
fits best; the best ones stay."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from matching.groups.case import Case, Group

# Hours, languages and ways to meet, as bits.
Masks = tuple[int, int, int]


def seed(case: Case) -> list[Group]:
    room = [side.copy() for side in case.room]
    case = replace(case, across=case.across.copy())
    groups: list[Group] = []
    while True:
        found = [
            group
            for theme in case.themes
            for mentors, mentees in _starts(case, theme, room)
            if (group := _around(case, theme, mentors, mentees, room))
        ]
        kept = 0
        for group in sorted(found, key=lambda g: (not _has_kept(case, g), -len(g), -g.score, g)):
            still = case.across[np.ix_(group.mentors, group.mentees)].all()
            if (
                still
                and (room[0][list(group.mentors)] > 0).all()
                and (room[1][list(group.mentees)] > 0).all()
            ):
                room[0][list(group.mentors)] -= 1
                room[1][list(group.mentees)] -= 1
                case.across[np.ix_(group.mentors, group.mentees)] = False
                groups.append(group)
                kept += 1
        if not kept:
            return groups


def _has_kept(case: Case, group: Group) -> bool:
    return any(case.companions(0, row) for row in group.mentors) or any(
        case.companions(1, row) for row in group.mentees
    )


def _starts(case: Case, theme: int, room: list[NDArray[np.int32]]) -> Iterator[tuple[list[int], list[int]]]:
    """Those kept together who all fit the theme, and each mentor who is with nobody yet."""
    fits = [set(rows.tolist()) for rows in case.fits[theme]]
    for kept in case.together:
        if all(row in fits[side] and room[side][row] for side, row in kept):
            yield [row for side, row in sorted(kept) if not side], [row for side, row in sorted(kept) if side]
    for mentor in case.fits[theme][0].tolist():
        if room[0][mentor] and not case.companions(0, mentor):
            yield [mentor], []


def _around(
    case: Case, theme: int, mentors: list[int], mentees: list[int], room: list[NDArray[np.int32]]
) -> Group | None:
    """The group these would be the core of: partners with most hours in common, then mentees by score."""
    if not case.can_sit_together(mentors, mentees):
        return None
    common = case.in_common([(0, row) for row in mentors] + [(1, row) for row in mentees])
    alone = [
        [row for row in case.fits[theme][side].tolist() if room[side][row] and not case.companions(side, row)]
        for side in (0, 1)
    ]
    while len(mentors) < case.sizes.mentors:
        free = [m for m in alone[0] if m not in mentors and case.across[m, mentees].all()]
        best = _next(case, 0, free, mentors, common, lambda m, hours: (hours, 0))
        if best is None:
            return None
        mentors.append(best[0])
        common = best[1]
    worth = case.scores[theme][mentors].sum(axis=0)
    free = [n for n in alone[1] if n not in mentees and case.across[mentors, n].all()]
    while len(mentees) < case.sizes.most and free:
        best = _next(case, 1, free, mentees, common, lambda n, hours: (int(worth[n]), hours))
        if best is None:
            break
        mentees.append(best[0])
        common = best[1]
        free.remove(best[0])
    return case.group(theme, mentors, mentees) if case.sizes.fit(len(mentors), len(mentees)) else None


def _next(
    case: Case,
    side: int,
    free: Iterable[int],
    own: list[int],
    common: Masks,
    key: Callable[[int, int], tuple[int, int]],
) -> tuple[int, Masks] | None:
    """The best of `free` who can join, and what all have in common then; nobody: None."""
    found: tuple[int, Masks, tuple[int, int, int]] | None = None
    for row in free:
        if not case.among[side][row, own].all():
            continue
        hours = common[0] & case.hours[side][row]
        left = (hours, common[1] & case.languages[side][row], common[2] & case.ways[side][row])
        if not case.meet(*left):
            continue
        worth = (*key(row, hours.bit_count() if hours >= 0 else 0), -row)
        if found is None or worth > found[2]:
            found = row, left, worth
    return found and found[:2]
