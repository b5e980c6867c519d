"""The quick table holds the same numbers as the plain rules and scores."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import table as module
from matching.people import pair_array
from matching.rules import Rules, blocked
from matching.scoring import CRITERIA, Weights, scores
from matching.table import Table
from tests.matching.sides import sides


def some(seed: int) -> tuple[Rules, Weights]:
    rng = np.random.default_rng(seed)
    rules = Rules(
        grade_gap=[None, 0, 1, 2][rng.integers(4)],
        direction=[-1, 0, 1][rng.integers(3)],
        other_unit=bool(rng.integers(2)),
        other_profession=bool(rng.integers(2)),
        language_level=int(rng.integers(0, 4)),
        common_way=bool(rng.integers(2)),
        same_site=bool(rng.integers(2)),
        common_hours=int(rng.integers(0, 12)),
        earlier=["off", "here", "anywhere"][rng.integers(3)],
    )
    weights = {name: int(rng.integers(0, 11) * (rng.random() < 0.8)) for name in CRITERIA}
    return rules, Weights(**weights, stay=int(rng.integers(0, 251) * rng.integers(2)))


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([7, 100, 1 << 17]))
def test_same_numbers_as_the_plain_rules_and_scores(seed, tile):
    a, b = sides(seed, 33, 41, 2)
    rules, weights = some(seed)
    forbidden, fixed = pair_array([(1, 2), (3, 3)]), pair_array([(5, 6)])
    full = np.arange(33) == 8, np.arange(41) == 9
    table = Table(a, b, rules, weights, forbidden, fixed, full, 1)
    expected = scores(a, b, weights)
    expected[blocked(a, b, rules, forbidden=forbidden) != 0] = -1
    expected[5, 6], expected[8], expected[:, 9] = -1, -1, -1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "TILE", tile)
        assert np.array_equal(table.block(slice(None), slice(None)), expected)
        rows, columns = np.array([30, 2, 5, 8]), np.array([9, 6, 40, 1])
        assert np.array_equal(table.block(rows, columns), expected[np.ix_(rows, columns)])
        table.keep()
        assert np.array_equal(table.block(rows, columns), expected[np.ix_(rows, columns)])


def test_same_rounding_for_every_sum_of_weights_and_points():
    for whole in range(1, 71):
        raw = np.arange(100 * whole + 1, dtype=np.int16)
        mean = raw * np.float32(10 / whole) + np.float32((whole // 2 + 0.5) / whole)
        assert np.array_equal(mean.astype(np.int16), (10 * raw.astype(np.int64) + whole // 2) // whole)
