"""The checker must refuse every false claim: it is worth nothing if it nods."""

from dataclasses import replace

import numpy as np
import pytest

from matching.proof import ProofError, check
from matching.rules import Rules, blocked
from matching.scoring import Weights, scores
from matching.solution import Order
from matching.solver import solve
from tests.matching.sides import sides

RULES = Rules(grade_gap=0, other_unit=False, language_level=1, common_hours=1)


@pytest.fixture(scope="module", params=list(Order))
def case(request):
    a, b = sides(21, 40, 50, 2)
    return a, b, request.param, solve(a, b, RULES, order=request.param)


def refused(case, solution) -> str:
    a, b, order, _ = case
    with pytest.raises(ProofError) as error:
        check(solution, a, b, RULES, order=order)
    return str(error.value)


def without_last_pair(a, b, solution):
    """A consistent answer that is one pair worse."""
    pairs, told = solution.pairs[:-1], solution.scores[:-1]
    from matching.scoring import lot, lots

    numbers = lot(*(n[at] for n, at in zip(lots(a.key, b.key), pairs.T, strict=True)))
    served = np.unique(pairs[:, 1])
    low = [-int((told < band).sum()) for band in (300, 400, 500)]
    old = solution.objective
    objective = old._replace(
        served=len(served),
        waited=int(b.waited[served].sum()),
        pairs=len(pairs),
        total=int(told.sum(dtype=np.int64)),
        tie=int(numbers.sum(dtype=np.int64)),
        floor=int(told.min()) if old.floor else 0,
    )
    if any(old[3:6]):
        objective = objective._replace(below_300=low[0], below_400=low[1], below_500=low[2])
    return replace(
        solution, pairs=pairs, scores=told, fixed=solution.fixed[:-1], objective=objective, bound=objective
    )


def test_a_true_claim_is_accepted(case):
    a, b, order, solution = case
    verdict = check(solution, a, b, RULES, order=order)
    assert (verdict.optimal, verdict.pairs_checked, verdict.bound_total) == (
        True,
        2000,
        solution.objective.total,
    )


def test_a_worse_set_with_true_sums_is_not_proven(case):
    a, b, _, solution = case
    assert (
        refused(case, without_last_pair(a, b, solution)) == "The prices do not prove that nothing is better."
    )


def test_prices_that_are_too_low_are_refused(case):
    solution = case[3]
    for name in ("served", "worth"):
        prices = getattr(solution.proof, name)
        low = prices.mentees.copy()
        low[:, -1] -= 3 if name == "served" else 3 * solution.proof.base
        proof = replace(solution.proof, **{name: replace(prices, mentees=low)})
        assert refused(case, replace(solution, proof=proof)).startswith("The prices")


def test_a_negative_price_of_a_mentor_is_refused(case):
    solution = case[3]
    prices = solution.proof.worth
    low = prices.mentors.copy()
    low[0] = -1
    proof = replace(solution.proof, worth=replace(prices, mentors=low))
    assert refused(case, replace(solution, proof=proof)) == "A mentor's price is below nothing."


@pytest.mark.parametrize("case", [Order.FLOOR], indirect=True)
def test_a_floor_that_is_not_proven_is_refused(case):
    solution = case[3]
    proof = replace(solution.proof, floor=None)
    assert refused(case, replace(solution, proof=proof)) == "The prices do not prove that nothing is better."
    prices = solution.proof.floor
    proof = replace(solution.proof, floor=replace(prices, threshold=prices.threshold + 1))
    assert refused(case, replace(solution, proof=proof)) == "The prices do not prove that nothing is better."


def test_lots_that_could_outweigh_scores_are_refused(case):
    solution = case[3]
    proof = replace(solution.proof, base=1000)
    assert refused(case, replace(solution, proof=proof)) == "Lots could outweigh a point of score."


def test_wrong_numbers_are_refused(case):
    solution = case[3]
    told = solution.scores.copy()
    told[0] += 1
    assert refused(case, replace(solution, scores=told)) == "A score is not what the criteria add up to."
    grand = solution.objective._replace(total=solution.objective.total + 1)
    assert (
        refused(case, replace(solution, objective=grand)) == "The objective is not what the pairs add up to."
    )
    bound = solution.bound._replace(total=solution.bound.total + 1)
    assert refused(case, replace(solution, bound=bound)) == "The bound is not the objective."


def test_broken_rules_rooms_and_doubles_are_refused(case):
    a, b, _, solution = case
    pairs = solution.pairs.copy()
    pairs[1] = pairs[0]
    assert refused(case, replace(solution, pairs=pairs)) == "A pair comes up twice."
    bits = blocked(a, b, RULES)
    bad = np.argwhere(bits)[:1]
    assert (
        refused(case, replace(solution, pairs=np.concatenate([bad, solution.pairs[1:]])))
        == "A pair breaks a rule."
    )
    able = np.argwhere(bits == 0)
    told = scores(a, b, Weights())[bits == 0]
    all_of_them = replace(solution, pairs=able, scores=told, fixed=np.zeros(len(able), bool))
    assert refused(case, all_of_them) == "Somebody has more partners than room."


def test_fixed_pairs_that_were_not_asked_for_are_refused(case):
    solution = case[3]
    fixed = solution.fixed.copy()
    fixed[0] = True
    assert refused(case, replace(solution, fixed=fixed)) == "The fixed pairs are not those asked for."


def test_a_pair_the_solver_never_looked_at_counts(case):
    """A proof for some of the pairs is no proof once another pair becomes possible."""
    a, b, order, solution = case
    without = [tuple(pair) for pair in solution.pairs[:5].tolist()]
    poorer = solve(a, b, RULES, order=order, forbidden=without)
    assert check(poorer, a, b, RULES, order=order, forbidden=without).optimal
    with pytest.raises(ProofError, match="prices"):
        check(poorer, a, b, RULES, order=order)
