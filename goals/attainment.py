"""How far goals were attained, after Kiresuk and Sherman.

Kiresuk, T. J. and Sherman, R. E. (1968): Goal attainment scaling: a general method for evaluating
comprehensive community mental health programs. Community Mental Health Journal 4 (6), 443–453.
"""

from collections.abc import Sequence
from math import sqrt

RHO = 0.30
"""The correlation between the scores of different goals that the authors assume."""


def t_score(scores: Sequence[tuple[float, float]], rho: float = RHO) -> float:
    """T = 50 + 10 · Σ(w·x) / √((1−ρ)·Σw² + ρ·(Σw)²) for pairs of (x, w).

    x is the level reached, −2 to 2, where several members reported their mean; w is the weight, above 0. The
    result is a standard score: 50 when everything went as expected, and about 10 per standard deviation. It
    depends on the ratio of the weights only. Raises ValueError without goals, or with a weight of 0 or less.
    """
    if not scores:
        raise ValueError("a T-score needs at least one goal")
    if any(weight <= 0 for _level, weight in scores):
        raise ValueError("weights are above 0")
    reached = sum(weight * level for level, weight in scores)
    squares = sum(weight**2 for _level, weight in scores)
    total = sum(weight for _level, weight in scores)
    return 50 + 10 * reached / sqrt((1 - rho) * squares + rho * total**2)
