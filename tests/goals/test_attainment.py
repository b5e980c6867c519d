from math import isclose, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goals.attainment import t_score

LEVELS = st.floats(-2, 2)
WEIGHTS = st.integers(1, 5)
GOALS = st.lists(st.tuples(LEVELS, WEIGHTS), min_size=1, max_size=6)


def test_t_score_of_one_goal_moves_ten_per_level():
    # One goal: the root is √(0.7·w² + 0.3·w²) = w, so T = 50 + 10·x.
    assert t_score([(1, 1)]) == pytest.approx(60)
    assert t_score([(-2, 4)]) == pytest.approx(30)


def test_t_score_of_three_goals_of_equal_weight_by_hand():
    # Levels 1, 0, 2: Σwx = 3, Σw² = 3, (Σw)² = 9; √(0.7·3 + 0.3·9) = √4.8 = 2.190890; 50 + 30/2.190890.
    assert t_score([(1, 1), (0, 1), (2, 1)]) == pytest.approx(63.693064, abs=1e-6)


def test_t_score_of_weighted_goals_by_hand():
    # Levels 1 and -1, weights 3 and 1: Σwx = 2, Σw² = 10, (Σw)² = 16; √(7 + 4.8) = √11.8 = 3.435113.
    assert t_score([(1, 3), (-1, 1)]) == pytest.approx(55.822225, abs=1e-6)


def test_t_score_of_two_goals_without_correlation():
    assert t_score([(1, 1), (1, 1)], rho=0) == pytest.approx(50 + 20 / sqrt(2))


@pytest.mark.parametrize("scores", [[], [(0, 0)], [(1, 2), (1, -1)]])
def test_t_score_without_goals_or_weight_is_refused(scores):
    with pytest.raises(ValueError):
        t_score(scores)


@given(st.lists(WEIGHTS, min_size=1, max_size=6))
def test_t_score_is_fifty_when_everything_went_as_expected(weights):
    assert t_score([(0, weight) for weight in weights]) == 50


@given(GOALS, st.integers(0, 5), st.floats(0.01, 1))
def test_t_score_rises_with_every_goal(goals, which, more):
    which %= len(goals)
    level, weight = goals[which]
    better = [*goals]
    better[which] = (level + more, weight)
    assert t_score(better) > t_score(goals)


@given(GOALS, st.integers(2, 50))
def test_t_score_does_not_change_when_all_weights_grow_alike(goals, factor):
    grown = [(level, weight * factor) for level, weight in goals]
    assert isclose(t_score(grown), t_score(goals), abs_tol=1e-9)
