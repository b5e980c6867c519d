"""A first set of groups: around each mentor and theme whoever can meet and fits best; the best ones stay."""

from __future__ import annotations

from collections.abc import Callable, Iterable
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
            for mentor in case.fits[theme][0].tolist()
            if room[0][mentor] and (group := _around(case, theme, mentor, room))
        ]
        kept = 0
        for group in sorted(found, key=lambda g: (-len(g), -g.score, g)):
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


def _around(case: Case, theme: int, mentor: int, room: list[NDArray[np.int32]]) -> Group | None:
    """The group this mentor would lead: partners with most hours in common, then mentees by score."""
    mentors = [mentor]
    common = (case.hours[0][mentor], case.languages[0][mentor], case.ways[0][mentor])
    while len(mentors) < case.sizes.mentors:
        free = [m for m in case.fits[theme][0].tolist() if m not in mentors and room[0][m]]
        best = _next(case, 0, free, mentors, common, lambda m, hours: (hours, 0))
        if best is None:
            return None
        mentors.append(best[0])
        common = best[1]
    worth = case.scores[theme][mentors].sum(axis=0)
    mentees: list[int] = []
    free = [n for n in case.fits[theme][1].tolist() if room[1][n] and case.across[mentors, n].all()]
    while len(mentees) < case.sizes.most and free:
        best = _next(case, 1, free, mentees, common, lambda n, hours: (int(worth[n]), hours))
        if best is None:
            break
        mentees.append(best[0])
        common = best[1]
        free.remove(best[0])
    return case.group(theme, mentors, mentees) if len(mentees) >= case.sizes.least else None


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
