"""Time, memory and worth of the solver, each case in a process of its own, beside named baselines.

Baselines, measured in the same run:
- dense: scipy's linear_sum_assignment on the whole table, which knows one partner each and the total only,
and proves nothing (up to 5,000 a side, one partner each); - top 50: OR-Tools on each mentee's fifty best
pairs, without a look at the rest: the usual shortlist.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
from typing import Any

import numpy as np
from ortools.graph.python import min_cost_flow
from scipy.optimize import linear_sum_assignment

from benchmarks.company import company
from matching import proof
from matching.rules import Rulebook, Rules
from matching.scoring import Scorer, Weights
from matching.solver import solve
from matching.table import Table

CASES = {
    "tight": {},
    "mixed": {"capacity": "mixed"},
    "scarce": {"scarce": True},  # 12 mentors for 20 mentees
    "hotspot": {"hotspot": True},
}


def sides(people: int, capacity: str = "tight", scarce: bool = False, hotspot: bool = False) -> tuple:
    return company(people * 12 // 20 if scarce else people, people, capacity=capacity, hotspot=hotspot)


def ours(people: int, case: str) -> dict[str, Any]:
    mentors, mentees = sides(people, **CASES[case])
    start = time.perf_counter()
    solution = solve(mentors, mentees)
    seconds = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    checked = time.perf_counter()
    if people <= 5000:
        assert proof.check(solution, mentors, mentees).optimal
    goal = solution.objective
    return {
        "seconds": seconds,
        "MB": memory,
        "served": goal.served,
        "pairs": goal.pairs,
        "worst": goal.floor,
        "total": goal.total,
        "bound": solution.bound.total,
        "gap": solution.gap,
        "check": time.perf_counter() - checked if people <= 5000 else None,
    }


def whole_table(mentors, mentees) -> np.ndarray:
    none = np.zeros((0, 2), np.int64)
    full = np.zeros(len(mentors), np.bool_), np.zeros(len(mentees), np.bool_)
    table = Table(mentors, mentees, Rules(), Weights(), none, none, full, None)
    table.keep()
    return table.block(slice(None), slice(None))


def dense(people: int, case: str) -> dict[str, Any] | None:
    mentors, mentees = sides(people, **CASES[case])
    if people > 5000 or mentors.capacity.max() > 1:
        return None
    start = time.perf_counter()
    scores = whole_table(mentors, mentees)
    rows, columns = linear_sum_assignment(
        np.where(scores < 0, 0, scores + 10_000).astype(np.float64), maximize=True
    )
    got = scores[rows, columns]
    return summary(start, columns[got >= 0], got[got >= 0])


def top_50(people: int, case: str) -> dict[str, Any]:
    mentors, mentees = sides(people, **CASES[case])
    start = time.perf_counter()
    book, scorer = Rulebook(mentors, mentees, Rules()), Scorer(mentors, mentees, Weights())
    found = []
    for low in range(0, len(mentees), 64):
        columns = np.arange(low, min(low + 64, len(mentees)))
        scores = np.where(book.block(None, columns) == 0, scorer.block(None, columns), -1).T
        few = min(50, scores.shape[1])
        best = np.argpartition(scores, scores.shape[1] - few, axis=1)[:, -few:]
        found.append(
            (best.ravel(), np.repeat(columns, few), np.take_along_axis(scores, best, axis=1).ravel())
        )
    mentor, mentee, score = (np.concatenate(part).astype(np.int64) for part in zip(*found, strict=True))
    able = score >= 0
    mentor, mentee, score = mentor[able], mentee[able], score[able]
    a, b = len(mentors), len(mentees)
    flow = min_cost_flow.SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        np.concatenate([mentee, np.full(b, a + b), b + np.arange(a)]).astype(np.int32),
        np.concatenate([b + mentor, np.arange(b), np.full(a, a + b + 1)]).astype(np.int32),
        np.concatenate([np.ones(len(mentor)), mentees.capacity, mentors.capacity]).astype(np.int64),
        np.concatenate([-score, np.zeros(a + b)]).astype(np.int64),
    )
    most = int(mentees.capacity.sum())
    flow.set_nodes_supplies(np.array([a + b, a + b + 1], np.int32), np.array([most, -most]))
    flow.solve_max_flow_with_min_cost()
    used = flow.flows(arcs)[: len(mentor)] > 0
    return summary(start, mentee[used], score[used])


def summary(start: float, mentees: np.ndarray, scores: np.ndarray) -> dict[str, Any]:
    return {
        "seconds": time.perf_counter() - start,
        "MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "served": len(np.unique(mentees)),
        "pairs": len(scores),
        "worst": int(scores.min(initial=1000)),
        "total": int(scores.sum(dtype=np.int64)),
    }


def alone(work: Any, people: int, case: str) -> dict[str, Any] | None:
    """In a fresh process, so that its peak memory is its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, (people, case))


def main(sizes: list[int]) -> None:
    print("python", sys.version.split()[0], "numpy", np.__version__, "cores", multiprocessing.cpu_count())
    head = f"{'a side':>7} {'case':8} {'way':8} {'s':>7} {'MB':>5} {'served':>7} {'pairs':>7} {'worst':>5}"
    print(f"{head} {'total':>10} {'bound':>10} {'gap':>4} {'check s':>7} {'time ratio':>10}")
    for people in sizes:
        for case in CASES:
            mine = alone(ours, people, case)
            show(people, case, "ours", mine, "")
            for name, work in [("dense", dense), ("top 50", top_50)]:
                other = alone(work, people, case)
                if other:
                    show(people, case, name, other, f"{other['seconds'] / mine['seconds']:.1f} x ours")


def show(people: int, case: str, name: str, got: dict[str, Any], ratio: str) -> None:
    check = "" if got.get("check") is None else f"{got['check']:.1f}"
    bound, gap = got.get("bound", ""), got.get("gap", "")
    print(
        f"{people:7,} {case:8} {name:8} {got['seconds']:7.2f} {got['MB']:5} {got['served']:7,}",
        f"{got['pairs']:7,} {got['worst']:5} {got['total']:10,} {bound:>10} {gap:>4} {check:>7} {ratio:>10}",
        flush=True,
    )
