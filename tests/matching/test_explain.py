"""Reasons and alternatives, counted by hand or solved again."""

import numpy as np

from matching.explain import Reason, alternatives, cost, why_nobody
from matching.people import People
from matching.rules import Rules, blocked
from matching.scoring import Weights
from matching.solver import solve
from tests.matching.sides import sides

PLAIN = Rules(grade_gap=1, language_level=0, common_hours=0)
RULES = Rules(grade_gap=0, other_unit=False, language_level=1, common_hours=1)


def test_each_rule_is_counted_and_what_it_removes_alone():
    mentors = People(key=[1, 2, 3, 4], grade=[1, 5, 5, 1], unit=[0, 0, 1, 1])
    mentees = People(key=[11], grade=[5], unit=[0])
    (nobody,) = why_nobody(mentors, mentees, PLAIN, side="mentees", rows=[0], forbidden=[(3, 0)])
    assert (nobody.candidates, nobody.possible) == (4, 0)
    assert nobody.reasons == (Reason("grade", 2, 1), Reason("unit", 2, 1), Reason("blocked", 1, 1))


def test_who_would_rather_not_is_not_given_away():
    mentors, mentees = People(key=[1], grade=[0], avoids=[[11]]), People(key=[11], grade=[5])
    (nobody,) = why_nobody(mentors, mentees, PLAIN, side="mentees", rows=[0])
    assert (nobody.possible, nobody.reasons) == (1, ())
    (nobody,) = why_nobody(mentors, mentees, PLAIN, side="mentors", rows=[0])
    assert (nobody.possible, nobody.reasons) == (1, ())


def test_alternatives_are_possible_and_cost_at_least_what_they_say():
    a, b = sides(9, 30, 30, 2)
    weights = Weights()
    solution = solve(a, b, RULES, weights)
    possible = blocked(a, b, RULES) == 0
    chosen = set(map(tuple, solution.pairs.tolist()))
    seen = 0
    for side, column in [("mentors", 0), ("mentees", 1)]:
        for row in range(0, 30, 3):
            found = alternatives(solution, a, b, RULES, weights, side=side, row=row, count=3)
            for other in found:
                pair = other.mentor, other.mentee
                assert pair[column] == row and possible[pair] and pair not in chosen
                real = cost(solution, a, b, RULES, weights, pair=pair)
                assert real >= (0,) * 9
                if other.serves_fewer:
                    assert real[:3] > (0, 0, 0)
                elif other.lowers_floor:
                    assert real[:7] > (0,) * 7
                elif real[:7] == (0,) * 7:
                    assert real.total >= other.costs_at_least
                seen += 1
    assert seen > 20


def test_an_alternative_of_equal_worth_costs_nothing():
    mentors, mentees = People(key=[1, 2]), People(key=[11])
    rules = Rules(grade_gap=None, language_level=0, common_hours=0)
    solution = solve(mentors, mentees, rules)
    (other,) = alternatives(solution, mentors, mentees, rules, Weights(), side="mentees", row=0)
    assert (other.serves_fewer, other.lowers_floor, other.costs_at_least) == (False, False, 0)
    assert np.array_equal(
        cost(solution, mentors, mentees, rules, Weights(), pair=(other.mentor, 0))[:8], [0] * 8
    )
