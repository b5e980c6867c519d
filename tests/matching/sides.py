"""Random small companies, and the best set of mentorships found by trying every one."""

from itertools import combinations

import numpy as np

from matching.people import People
from matching.rules import blocked
from matching.scoring import lot, lots, scores
from matching.solution import Objective, Order

TOPICS, LANGUAGES = 5, 2


def side(rng: np.random.Generator, count: int, start: int, most: int = 1) -> People:
    """`count` people with keys from `start`; the second side, with a larger start, is the senior one."""

    def keys(chance: float) -> list[list[int]]:
        return [
            list(rng.choice(30, 3, replace=False) + 1000 * rng.integers(0, 2)) * (rng.random() < chance)
            for _ in range(count)
        ]

    return People(
        key=start + rng.permutation(count),
        grade=rng.integers(0, 4, count) + (2 if start else 0),
        unit=rng.integers(-1, 3, count),
        profession=rng.integers(-1, 3, count),
        site=rng.integers(-1, 2, count),
        years=rng.integers(0, 15, count),
        languages=rng.integers(0, 7, (count, LANGUAGES)),
        hours=rng.integers(0, 2**20, (count, 3), dtype=np.uint64),
        remote=rng.random(count) < 0.8,
        onsite=rng.random(count) < 0.7,
        expertise=rng.integers(0, 5, (count, TOPICS)),
        practice=rng.integers(0, 14, (count, TOPICS)),
        interest=rng.integers(0, 4, (count, TOPICS)),
        line=keys(0.3),
        capacity=rng.integers(0 if rng.random() < 0.3 else 1, most + 1, count),
        wishes=keys(0.4),
        avoids=keys(0.2),
        earlier=keys(0.2),
        elsewhere=keys(0.1),
        waited=rng.integers(0, 3, count),
        experience=rng.integers(0, 6, count),
        stays=keys(0.3),
    )


def sides(seed: int, mentors: int, mentees: int, most: int = 1) -> tuple[People, People]:
    rng = np.random.default_rng(seed)
    return side(rng, mentors, 0, most), side(rng, mentees, 1000, most)


def worth(mentors, mentees, weights, pairs, order, fixed=()) -> Objective:
    """The objective of any set of pairs, worked out pair by pair."""
    table = scores(mentors, mentees, weights)
    numbers = lot(
        *(
            n[at]
            for n, at in zip(
                lots(mentors.key, mentees.key), np.ix_(range(len(mentors)), range(len(mentees))), strict=True
            )
        )
    )
    all_scores = [int(table[pair]) for pair in pairs]
    free = [int(table[pair]) for pair in pairs if pair not in fixed]
    served = {mentee for _, mentee in pairs}
    return Objective(
        len(served),
        sum(int(mentees.waited[mentee]) for mentee in served),
        len(pairs),
        *(
            -sum(score < band for score in all_scores) if order is Order.BANDS else 0
            for band in (300, 400, 500)
        ),
        min(free, default=0) if order is Order.FLOOR else 0,
        sum(all_scores),
        sum(int(numbers[pair]) for pair in pairs),
    )


def every_set(possible: np.ndarray, mentors: People, mentees: People, kept=()):
    """Every set of pairs that capacities allow and that holds the kept ones."""

    def go(mentee: int, room: list[int]):
        if mentee == len(mentees):
            yield []
            return
        able = [i for i in range(len(mentors)) if possible[i, mentee] and room[i]]
        must = {i for i, j in kept if j == mentee}
        for size in range(int(mentees.capacity[mentee]) + 1):
            for chosen in combinations(able, size):
                if must <= set(chosen):
                    left = [have - (i in chosen) for i, have in enumerate(room)]
                    for rest in go(mentee + 1, left):
                        yield [(i, mentee) for i in chosen] + rest

    return go(0, [int(c) for c in mentors.capacity])


def best_by_trying(mentors, mentees, rules, weights, order, kept=(), forbidden=None) -> Objective:
    possible = blocked(mentors, mentees, rules, forbidden=forbidden) == 0
    return max(
        worth(mentors, mentees, weights, pairs, order, kept)
        for pairs in every_set(possible, mentors, mentees, kept)
    )
