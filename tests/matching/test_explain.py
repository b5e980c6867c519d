"""Reasons and alternatives, counted by hand or solved again."""

import numpy as np
import pytest

from matching.explain import Reason, alternatives, cost, margins, rivals, why_nobody
from matching.people import People
from matching.rules import Rules, blocked
from matching.scoring import Weights
from matching.solver import Order, solve
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


def test_what_is_counted_is_the_same_with_and_without_an_avoidance():
    """Also of somebody another rule removes: "the only reason" would otherwise tell of a second one."""
    mentors = People(key=[1, 2, 3], grade=[1, 5, 5], unit=[0, 1, 1])
    mentees = People(key=[11], grade=[5], unit=[1])
    for avoids in ([[11], [], []], [[], [11], []], [[], [], [11]], [[11], [11], [11]]):
        for side, rows in (("mentees", [0]), ("mentors", [0, 1, 2])):
            plain = why_nobody(mentors, mentees, PLAIN, side=side, rows=rows)
            assert why_nobody(mentors.but(avoids=avoids), mentees, PLAIN, side=side, rows=rows) == plain


def test_alternatives_are_the_same_with_and_without_an_avoidance():
    mentors = People(key=[1, 2, 3], grade=[1, 1, 1], expertise=[[1], [4], [3]])
    mentees = People(key=[11, 12], grade=[5, 5], interest=[[3], [3]])
    solution = solve(mentors, mentees, PLAIN, Weights())
    avoiding = mentors.but(avoids=[[11, 12], [], []])
    for side, row in (("mentees", 0), ("mentors", 0)):
        asked = {"side": side, "row": row}
        found = alternatives(solution, mentors, mentees, PLAIN, Weights(), **asked)
        assert found and alternatives(solution, avoiding, mentees, PLAIN, Weights(), **asked) == found


def test_rivals_have_the_mentors_the_rules_leave_and_tell_of_no_avoidance():
    mentors = People(key=[1, 2, 3], grade=[1, 1, 1], unit=[0, 1, 2], expertise=[[1], [4], [4]])
    mentees = People(
        key=[11, 12, 13], grade=[5, 5, 5], unit=[5, 5, 2], interest=[[3], [3], [3]], avoids=[[], [], []]
    )
    solution = solve(mentors.take([0, 1]), mentees, PLAIN, fixed=[(0, 0), (1, 1)])
    asked = (mentors.take([0, 1]), mentees, PLAIN, Weights())
    assert rivals(solution, *asked, rows=[2]) == [[1, 0]]
    assert rivals(solution, *asked, rows=[2], forbidden=[(1, 2)]) == [[0]]
    avoiding = mentees.but(avoids=[[], [], [2]])
    assert rivals(solution, asked[0], avoiding, *asked[2:], rows=[2]) == [[1, 0]]


def test_alternatives_are_possible_and_cost_at_least_what_they_say():
    a, b = (side.but(avoids=[[]] * 30) for side in sides(9, 30, 30, 2))
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


@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize("seed", range(6))
def test_margins_are_what_is_lost_when_two_may_not_be_together(seed, order):
    a, b = sides(seed, 14 + seed % 3 * 3, 17, 1)
    a = a.but(capacity=1 + np.arange(len(a)) % 2)
    solution = solve(a, b, RULES, order=order)
    found = margins(solution, a, b, RULES, Weights(), most=60)
    seen = 0
    for pair, margin in zip(solution.pairs.tolist(), found.tolist(), strict=True):
        other = solve(a, b, RULES, order=order, forbidden=[pair])
        if other.objective[:7] != solution.objective[:7]:
            assert margin == 61
        else:
            lost = solution.objective.total - other.objective.total
            assert abs(margin - min(lost, 61)) <= 1
            seen += lost <= 60
    assert seen or order is Order.FLOOR


def test_an_alternative_of_equal_worth_costs_nothing():
    mentors, mentees = People(key=[1, 2]), People(key=[11])
    rules = Rules(grade_gap=None, language_level=0, common_hours=0)
    solution = solve(mentors, mentees, rules)
    (other,) = alternatives(solution, mentors, mentees, rules, Weights(), side="mentees", row=0)
    assert (other.serves_fewer, other.lowers_floor, other.costs_at_least) == (False, False, 0)
    assert np.array_equal(
        cost(solution, mentors, mentees, rules, Weights(), pair=(other.mentor, 0))[:8], [0] * 8
    )
