"""Properties of the solver; what it answers is compared with trying every set of mentorships."""

import threading

import highspy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import scan
from matching.people import People
from matching.proof import check
from matching.rules import Rules, blocked, blocked_pairs
from matching.scoring import CRITERIA, Weights, scores
from matching.solution import Cancelled, FixedPairError, Objective, Order, Status
from matching.solver import solve
from tests.matching.sides import best_by_trying, side, sides

EASY = Rules(grade_gap=0, other_unit=False, language_level=1, common_hours=1)
seeds = st.integers(0, 2**32 - 1)
orders = st.sampled_from(list(Order))


def some_rules(seed: int) -> Rules:
    rng = np.random.default_rng(seed)
    return Rules(
        line_reach=[None, 0, 1, 2][rng.integers(4)],
        reports_of_reports=bool(rng.integers(2)),
        grade_gap=[None, 0, 1, 2][rng.integers(4)],
        direction=[-1, 0, 1, 1][rng.integers(4)],
        other_unit=bool(rng.integers(2)),
        other_profession=bool(rng.random() < 0.2),
        language_level=int(rng.integers(0, 4)),
        common_way=bool(rng.integers(2)),
        same_site=bool(rng.integers(2)),
        common_hours=int(rng.integers(0, 10)),
        earlier=["off", "here", "anywhere"][rng.integers(3)],
    )


def some_weights(seed: int) -> Weights:
    rng = np.random.default_rng(seed)
    given = {name: int(rng.integers(0, 11)) for name in CRITERIA}
    return Weights(**given, stay=int(rng.choice([0, 30, 250])))


@settings(max_examples=150, deadline=None)
@given(seeds, orders, st.integers(0, 4), st.integers(0, 4), st.integers(1, 2))
def test_optimum_equals_trying_every_set(seed, order, mentors, mentees, most):
    a, b = sides(seed, mentors, mentees, most)
    rules, weights = some_rules(seed), some_weights(seed)
    solution = solve(a, b, rules, weights, order=order)
    assert solution.objective == best_by_trying(a, b, rules, weights, order)
    assert solution.status == Status.OPTIMAL
    assert check(solution, a, b, rules, weights, order=order).optimal


@settings(max_examples=60, deadline=None)
@given(seeds, orders, st.integers(1, 2))
def test_optimum_equals_trying_every_set_that_keeps_fixed_and_forbidden_pairs(seed, order, most):
    a, b = sides(seed, 4, 4, most)
    rules, weights = some_rules(seed), some_weights(seed)
    rng = np.random.default_rng(seed)
    forbidden = [tuple(map(int, rng.integers(0, 4, 2)))]
    able = np.argwhere(blocked(a, b, rules, forbidden=forbidden) == 0)
    fixed = [tuple(map(int, able[rng.integers(len(able))]))] if len(able) else []
    solution = solve(a, b, rules, weights, order=order, forbidden=forbidden, fixed=fixed)
    assert solution.objective == best_by_trying(a, b, rules, weights, order, fixed, forbidden)
    assert [tuple(pair) for pair in solution.pairs[solution.fixed].tolist()] == fixed
    assert check(solution, a, b, rules, weights, order=order, forbidden=forbidden, fixed=fixed).optimal


@settings(max_examples=30, deadline=None)
@given(seeds, orders, st.integers(0, 40), st.integers(0, 40), st.integers(1, 3))
def test_no_rule_is_ever_broken_and_the_proof_holds(seed, order, mentors, mentees, most):
    a, b = sides(seed, mentors, mentees, most)
    rules, weights = some_rules(seed), some_weights(seed)
    solution = solve(a, b, rules, weights, order=order)
    assert not blocked_pairs(a, b, rules, solution.pairs).any()
    assert (np.bincount(solution.pairs[:, 0], minlength=mentors) <= a.capacity).all()
    assert (np.bincount(solution.pairs[:, 1], minlength=mentees) <= b.capacity).all()
    assert len(np.unique(solution.pairs, axis=0)) == len(solution.pairs)
    assert check(solution, a, b, rules, weights, order=order).optimal


@settings(max_examples=30, deadline=None)
@given(seeds, orders)
def test_the_order_of_the_lists_is_no_matter(seed, order):
    a, b = sides(seed, 25, 30, 2)
    rng = np.random.default_rng(seed)
    one, two = rng.permutation(25), rng.permutation(30)
    solution, other = solve(a, b, EASY, order=order), solve(a.take(one), b.take(two), EASY, order=order)
    assert other.objective == solution.objective
    assert sorted(zip(one[other.pairs[:, 0]], two[other.pairs[:, 1]], strict=True)) == sorted(
        map(tuple, solution.pairs)
    )


def test_the_number_of_threads_and_the_size_of_blocks_are_no_matter(monkeypatch):
    a, b = sides(7, 120, 130, 2)
    solution = solve(a, b, EASY, threads=1)
    monkeypatch.setattr("matching.table.BLOCK", 1000)
    for threads in [1, 2, 5]:
        assert np.array_equal(solve(a, b, EASY, threads=threads).pairs, solution.pairs)
    monkeypatch.setattr("matching.table.KEPT", 0)
    other = solve(a, b, EASY, threads=2)
    assert np.array_equal(other.pairs, solution.pairs)
    assert check(other, a, b, EASY).optimal


@settings(max_examples=40, deadline=None)
@given(seeds, orders, st.integers(1, 3))
def test_short_lists_and_small_samples_are_no_matter(seed, order, most):
    """With lists so short that nearly everything is left to the scans, the answer is the same."""
    a, b = sides(seed, 45, 50, most)
    solution = solve(a, b, EASY, order=order)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in [
            ("LISTED", 1),
            ("ADDED", 1),
            ("SAMPLE", 6),
            ("SEEN", 40),
            ("BLOCK", 500),
            ("TILE", 90),
        ]:
            patch.setattr(scan, name, value)
        patch.setattr("matching.table.KEPT", 0)
        other = solve(a, b, EASY, order=order, threads=2)
    assert other.objective == solution.objective
    assert check(other, a, b, EASY, order=order).optimal


@settings(max_examples=25, deadline=None)
@given(seeds, orders)
def test_a_new_mentor_never_lowers_the_objective(seed, order):
    a, b = sides(seed, 21, 20, 2)
    fewer = solve(a.take(range(20)), b, EASY, order=order)
    assert solve(a, b, EASY, order=order).objective >= fewer.objective


@settings(max_examples=25, deadline=None)
@given(seeds, orders)
def test_a_looser_rule_never_lowers_the_objective(seed, order):
    a, b = sides(seed, 20, 20, 2)
    strict = Rules(grade_gap=1, language_level=4, common_hours=3, earlier="anywhere")
    looser = [
        Rules(grade_gap=0, language_level=4, common_hours=3, earlier="anywhere"),
        Rules(grade_gap=1, language_level=3, common_hours=3, earlier="here"),
        Rules(grade_gap=1, language_level=4, common_hours=1, earlier="anywhere", other_unit=False),
        Rules(grade_gap=1, language_level=4, common_hours=3, earlier="off", line_reach=1),
    ]
    least = solve(a, b, strict, order=order).objective
    for rules in looser:
        assert solve(a, b, rules, order=order).objective >= least


@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize(("mentors", "mentees"), [(0, 0), (0, 3), (3, 0), (1, 1)])
def test_nothing_breaks_when_hardly_anybody_is_there(order, mentors, mentees):
    a, b = sides(1, mentors, mentees)
    nobody = Rules(grade_gap=99)
    solution = solve(a, b, nobody, order=order)
    assert solution.objective == Objective(0, 0, 0, 0, 0, 0, 0, 0, 0)
    assert solution.bound == solution.objective
    assert solution.pairs.shape == (0, 2)
    assert check(solution, a, b, nobody, order=order).optimal


@pytest.mark.parametrize("order", list(Order))
def test_everybody_avoids_everybody(order):
    rng = np.random.default_rng(3)
    a, b = side(rng, 10, 0), side(rng, 10, 1000)
    a = a.but(avoids=[list(b.key)] * 10)
    solution = solve(a, b, EASY, order=order)
    assert solution.objective.served == 0
    assert check(solution, a, b, EASY, order=order).optimal


def test_two_mentors_of_one_mentee_are_two_people():
    a = People(key=[1, 2], capacity=[5, 5])
    b = People(key=[11], capacity=[3])
    solution = solve(a, b, Rules(grade_gap=None, language_level=0, common_hours=0))
    assert solution.pairs.tolist() == [[0, 0], [1, 0]]


def test_a_second_mentor_never_costs_somebody_their_only_one():
    a = People(key=[1, 2], expertise=[[4], [4]], practice=[[10], [10]])
    b = People(key=[11, 12], capacity=[2, 1], interest=[[3], [1]], expertise=[[0], [0]])
    solution = solve(a, b, Rules(grade_gap=None, language_level=0, common_hours=0))
    assert solution.objective.served == 2


def test_who_waited_longest_is_served_first():
    a = People(key=[1])
    b = People(key=[11, 12, 13], waited=[1, 3, 2], years=[10, 0, 10])
    solution = solve(a, b, Rules(grade_gap=None, language_level=0, common_hours=0), Weights(waiting=0))
    assert solution.pairs.tolist() == [[0, 1]]


def test_the_worst_off_pair_comes_before_the_total():
    # topics only: 100 + 15 together against 75 + 35
    a = People(key=[1, 2], expertise=[[4, 4], [2, 1]], practice=[[10, 4], [1, 0]])
    b = People(key=[11, 12], interest=[[3, 0], [0, 3]])
    rules = Rules(grade_gap=None, language_level=0, common_hours=0)
    only = Weights(**{name: 10 * (name == "topics") for name in CRITERIA})
    assert scores(a, b, only).tolist() == [[1000, 760], [340, 150]]
    assert sorted(solve(a, b, rules, only, order=Order.TOTAL).scores.tolist()) == [150, 1000]
    assert sorted(solve(a, b, rules, only, order=Order.FLOOR).scores.tolist()) == [340, 760]
    assert sorted(solve(a, b, rules, only, order=Order.BANDS).scores.tolist()) == [340, 760]


def test_the_total_equals_that_of_a_linear_programme():
    a, b = sides(11, 40, 50, 3)
    able, table = blocked(a, b, EASY) == 0, scores(a, b, Weights())
    i, j = np.nonzero(able)
    solution = solve(a, b, EASY, order=Order.TOTAL)
    highs = highspy.Highs()
    highs.silent()
    use = [highs.addVariable(0, 1) for _ in i]
    first = [highs.addVariable(0, min(1, int(c))) for c in b.capacity]
    for mentor in range(len(a)):
        highs.addConstr(
            sum([use[n] for n in np.flatnonzero(i == mentor)], 0 * first[0]) <= int(a.capacity[mentor])
        )
    for mentee in range(len(b)):
        mine = sum([use[n] for n in np.flatnonzero(j == mentee)], 0 * first[0])
        highs.addConstr(mine <= int(b.capacity[mentee]))
        highs.addConstr(mine >= first[mentee])
    goal = solution.objective
    highs.addConstr(sum(first) >= goal.served)
    highs.addConstr(sum(first[n] * int(b.waited[n]) for n in range(len(b))) >= goal.waited)
    highs.addConstr(sum(use) >= goal.pairs)
    highs.maximize(sum(use[n] * int(table[i[n], j[n]]) for n in range(len(i))))
    assert round(highs.getObjectiveValue()) == goal.total


def test_a_fixed_pair_that_breaks_a_rule_is_refused_with_the_rule():
    a, b = People(key=[1], unit=[5]), People(key=[2], unit=[5])
    with pytest.raises(FixedPairError) as refused:
        solve(a, b, Rules(grade_gap=None, language_level=0, common_hours=0), fixed=[(0, 0)])
    from matching.rules import BY_NAME

    assert refused.value.pairs == [(0, 0, BY_NAME["unit"].bit)]


def test_more_fixed_pairs_than_room_are_refused():
    a, b = People(key=[1]), People(key=[2, 3])
    with pytest.raises(FixedPairError):
        solve(a, b, Rules(grade_gap=None, language_level=0, common_hours=0), fixed=[(0, 0), (0, 1)])


@pytest.mark.parametrize("order", list(Order))
def test_a_time_limit_leaves_a_valid_set_and_says_how_far_it_may_be_off(order, monkeypatch):
    monkeypatch.setattr(scan, "LISTED", 1)
    a, b = sides(5, 150, 150, 2)
    best = solve(a, b, EASY, order=order)
    short = solve(a, b, EASY, order=order, seconds=0)
    assert short.objective <= best.objective <= short.bound
    assert short.gap >= 0
    assert (short.status == Status.OPTIMAL) == (short.bound == short.objective)
    check(short, a, b, EASY, order=order)


def test_a_cancelled_run_stops():
    a, b = sides(5, 60, 60)
    with pytest.raises(Cancelled):
        solve(a, b, EASY, cancelled=lambda: True)


def test_progress_is_told_in_stages():
    told = []
    a, b = sides(5, 60, 60)
    solve(a, b, EASY, progress=lambda stage, share: told.append((stage, share)))
    assert {stage for stage, _ in told} <= {"list", "floor", "scan"}
    assert all(0 <= share <= 1 for _, share in told)


def test_two_runs_at_once_do_not_meet():
    a, b = sides(5, 60, 60)
    answers = []
    runs = [threading.Thread(target=lambda: answers.append(solve(a, b, EASY).objective)) for _ in range(2)]
    [run.start() for run in runs]
    [run.join() for run in runs]
    assert answers[0] == answers[1]


def test_a_sought_after_topic_leaves_nobody_without_who_could_have_a_mentor():
    """Everybody's best mentors are the same few; only a look at all pairs finds the rest."""
    count = 300
    rng = np.random.default_rng(0)
    rules = Rules(grade_gap=None, language_level=0, common_hours=0)
    a = People(key=np.arange(count), expertise=(rng.random((count, 3)) < [0.1, 0.05, 0.8]) * 4)
    b = People(key=1000 + np.arange(count), interest=np.tile([3, 3, 0], (count, 1)))
    solution = solve(a, b, rules)
    assert solution.objective.served == count
    assert check(solution, a, b, rules).optimal
