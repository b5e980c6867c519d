"""Companies to measure with: drawn from a seed, skewed the way real ones are."""

import numpy as np

from matching.people import People

TOPICS, LANGUAGES, SITES, UNITS, PROFESSIONS = 60, 8, 40, 120, 25
ZONES = np.array([-8, -5, -3, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 3, 5, 8, 9, 10])  # hours from UTC, most in Europe


def company(mentors: int, mentees: int, *, capacity: str = "tight", hotspot: bool = False, seed: int = 1):
    """Two sides. `capacity`: "tight" (one each) or "mixed" (one to three); `hotspot`: four fifths of the
    mentees want the same three topics, of which few know much."""
    rng = np.random.default_rng(seed)
    zone = ZONES[rng.integers(0, len(ZONES), SITES)]
    size = 1 / (1 + np.arange(SITES))
    juniors = _side(rng, mentors, 0, zone, size / size.sum(), capacity, (1, 6))
    seniors = _side(rng, mentees, 1_000_000, zone, size / size.sum(), capacity, (6, 11))
    if hotspot:
        interest = seniors.interest.copy()
        sought = rng.random(mentees) < 0.8
        interest[sought] = 0
        interest[sought, :3] = rng.integers(1, 4, (int(sought.sum()), 3))
        seniors = seniors.but(interest=interest)
    # each junior has up to four managers; the nearer ones are often on the other side
    boss = rng.integers(0, max(1, mentees), (mentors, 3))
    heads = rng.integers(0, max(1, min(mentees, 20)), mentors)
    line = [
        [2_000_000, 1_000_000 + int(head), *(1_000_000 + row[: 1 + k % 3])]
        for k, (head, row) in enumerate(zip(heads, boss, strict=True))
    ]
    some = rng.random(mentors)
    pick = rng.integers(0, max(1, mentees), (mentors, 3)) + 1_000_000
    juniors = juniors.but(
        line=line,
        wishes=[row if chance < 0.1 else row[:0] for row, chance in zip(pick, some, strict=True)],
        avoids=[row[:1] if chance > 0.98 else row[:0] for row, chance in zip(pick, some, strict=True)],
        earlier=[row[:2] if 0.5 < chance < 0.6 else row[:0] for row, chance in zip(pick, some, strict=True)],
    )
    return juniors, seniors


def _side(rng, count, start, zone, size, capacity, grades) -> People:
    site = rng.choice(SITES, count, p=size)
    popular = 1 / (3 + np.arange(TOPICS)) ** 0.9
    knows = rng.random((count, TOPICS)) < np.minimum(0.9, 7 * popular / popular.sum())
    wants = np.argsort(rng.random((count, TOPICS)) ** (1 / (popular + 0.02)), axis=1)[:, -4:]
    interest = np.zeros((count, TOPICS), np.uint8)
    np.put_along_axis(interest, wants, rng.integers(1, 4, (count, 4), dtype=np.uint8), axis=1)
    languages = np.zeros((count, LANGUAGES), np.uint8)
    languages[:, 0] = rng.choice([0, 3, 4, 5, 6], count, p=[0.04, 0.08, 0.25, 0.33, 0.3])
    own = site % (LANGUAGES - 1) + 1
    languages[np.arange(count), own] = 6
    # in local time: some of the half-days of the working week, and now and then an evening
    half = rng.random((count, 10)) < 0.45
    hours = np.zeros((count, 168), np.bool_)
    for day in range(5):
        hours[:, day * 24 + 8 : day * 24 + 12] = half[:, 2 * day, None]
        hours[:, day * 24 + 13 : day * 24 + 17] = half[:, 2 * day + 1, None]
        hours[:, day * 24 + 18] = rng.random(count) < 0.1
    utc = hours[np.arange(count)[:, None], (np.arange(168)[None, :] + zone[site][:, None]) % 168]
    words = np.zeros((count, 192), np.bool_)
    words[:, :168] = utc
    return People(
        key=start + np.arange(count),
        grade=rng.integers(*grades, count),
        unit=rng.integers(0, UNITS, count),
        profession=rng.choice(PROFESSIONS, count, p=_skewed(PROFESSIONS)),
        site=site,
        years=np.minimum(40, rng.exponential(7, count)),
        languages=languages,
        hours=np.packbits(words, axis=1, bitorder="little").view(np.uint64),
        remote=rng.random(count) < 0.9,
        onsite=rng.random(count) < 0.7,
        expertise=np.where(knows, rng.integers(1, 5, (count, TOPICS)), 0),
        practice=np.minimum(20, rng.exponential(4, (count, TOPICS))),
        interest=interest,
        capacity=np.ones(count) if capacity == "tight" else rng.integers(1, 4, count),
        waited=np.where(rng.random(count) < 0.1, rng.integers(1, 3, count), 0),
        experience=rng.poisson(0.5, count),
    )


def _skewed(count: int) -> np.ndarray:
    share = 1 / (2 + np.arange(count))
    return share / share.sum()
