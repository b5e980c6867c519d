"""Each criterion gives what docs/matching.md says, and the score is their weighted mean."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.people import People, week
from matching.scoring import CRITERIA, Weights, criteria, lot, lots, overall, scores
from tests.matching.sides import sides


def one(key: int = 1, **columns) -> People:
    return People(key=[key], **{name: [value] for name, value in columns.items()})


def points(name: str, mentor: People, mentee: People) -> int:
    return int(criteria(mentor, mentee, [(0, 0)])[name][0])


@pytest.mark.parametrize(
    ("level", "years", "expected"),
    [(0, 30, 0), (1, 0, 15), (2, 3, 42), (4, 0, 60), (4, 10, 100), (4, 40, 100)],
)
def test_topics_count_level_and_years(level, years, expected):
    mentor = one(1, expertise=[level], practice=[years])
    assert points("topics", mentor, one(2, interest=[2])) == expected


def test_topics_are_weighted_by_how_much_they_matter_to_the_mentee():
    mentor = one(1, expertise=[4, 0], practice=[10, 0])
    assert points("topics", mentor, one(2, interest=[3, 1])) == 75
    assert points("topics", mentor, one(2, interest=[1, 3])) == 25
    assert points("topics", mentor, one(2, interest=[0, 0])) == 50


@pytest.mark.parametrize(("hours", "expected"), [(0, 0), (1, 10), (9, 90), (10, 100), (30, 100)])
def test_hours_in_common_up_to_ten(hours, expected):
    assert (
        points("hours", one(1, hours=week(range(60, 60 + hours))), one(2, hours=week(range(100)))) == expected
    )


def test_another_perspective_adds_up_what_differs():
    mentor = one(1, unit=1, profession=1, site=1, years=2)
    assert points("perspective", mentor, one(2, unit=1, profession=1, site=1, years=2)) == 0
    assert points("perspective", mentor, one(2, unit=2, profession=1, site=1, years=2)) == 30
    assert points("perspective", mentor, one(2, unit=2, profession=2, site=2, years=5)) == 86
    assert points("perspective", mentor, one(2, unit=2, profession=2, site=2, years=40)) == 100
    assert points("perspective", mentor, one(2, years=2)) == 0  # nothing known is nothing different


@pytest.mark.parametrize(("level", "expected"), [(0, 0), (1, 10), (4, 70), (6, 100)])
def test_language_ease_is_the_weaker_of_the_two_in_their_best_language(level, expected):
    assert points("language", one(1, languages=[6, 0]), one(2, languages=[level, 6])) == expected


def test_wishes_count_from_either_side_and_by_rank():
    assert points("wishes", one(1, wishes=[2]), one(2)) == 50
    assert points("wishes", one(1, wishes=[2]), one(2, wishes=[7, 1])) == 90
    assert points("wishes", one(1, wishes=[2]), one(2, wishes=[1])) == 100
    assert points("wishes", one(1), one(2, wishes=[3, 4, 5, 6, 7, 8, 1])) == 10
    assert points("wishes", one(1), one(2, wishes=[1, 1])) == 50
    assert points("wishes", one(1), one(2)) == 0


def test_experience_is_that_of_the_more_experienced():
    assert points("experience", one(1, experience=1), one(2, experience=3)) == 75
    assert points("experience", one(1, experience=9), one(2)) == 100


def test_waiting_counts_on_both_sides():
    assert points("waiting", one(1, waited=1), one(2)) == 25
    assert points("waiting", one(1, waited=5), one(2, waited=1)) == 75


def test_the_score_is_the_weighted_mean_rounded():
    parts = {name: np.array([0], np.uint8) for name in CRITERIA} | {
        "topics": np.array([33]),
        "hours": np.array([50]),
    }
    only = dict.fromkeys(CRITERIA, 0)
    assert overall(parts, Weights(**only | {"topics": 10})).tolist() == [330]
    assert overall(parts, Weights(**only | {"topics": 2, "hours": 1})).tolist() == [387]  # 116 * 10 / 3
    assert overall(parts, Weights(**only)).tolist() == [0]


@pytest.mark.parametrize("weight", [-1, 11])
def test_a_weight_is_0_to_10(weight):
    with pytest.raises(ValueError, match="topics"):
        Weights(topics=weight)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_blocks_and_lists_agree_and_stay_in_range(seed):
    mentors, mentees = sides(seed, 20, 25)
    weights = Weights(
        **dict(zip(CRITERIA, np.random.default_rng(seed).integers(0, 11, 7).tolist(), strict=True))
    )
    whole = scores(mentors, mentees, weights)
    parts = criteria(mentors, mentees, np.argwhere(whole >= 0))
    assert np.array_equal(overall(parts, weights), whole.ravel())
    assert all(part.min() >= 0 and part.max() <= 100 for part in parts.values())
    assert whole.min() >= 0 and whole.max() <= 1000
    rows, columns = [3, 19, 0], [24, 1]
    assert np.array_equal(
        scores(mentors, mentees, weights, rows=rows, columns=columns), whole[np.ix_(rows, columns)]
    )


def test_lots_come_from_the_keys_alone_and_spread():
    one, two = lots(np.arange(300), np.arange(300))
    table = lot(one[:, None], two[None, :])
    assert 32000 < table.mean() < 33500 and table.max() <= 65535
    again, _ = lots(np.arange(300)[::-1], np.arange(300))
    assert np.array_equal(again[::-1], one)
    assert lots(np.array([1]), np.array([1]))[0][0] != lots(np.array([1]), np.array([1]))[1][0]
