"""The guarantee, tried by attackers who know the rule, the exact total of each table, and every view."""

from collections import defaultdict
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.disclosure import (
    Count,
    Mean,
    Sample,
    Span,
    add,
    add_tables,
    mean,
    pool,
    protect,
    share,
    span,
)

LIMITS = (1.2, 4.8)
numbers = st.integers(0, 40)
thresholds = st.integers(5, 12)


def people(*numbers: int) -> dict[int, Count]:
    return {position: Count.of(number) for position, number in enumerate(numbers)}


def tables_of(cells: int, total: int):
    """Every table with so many cells and this total."""
    if cells == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in tables_of(cells - 1, total - first):
            yield (first, *rest)


def publication(table: tuple[int, ...], threshold: int) -> tuple[Span, ...]:
    return tuple(protect(people(*table), threshold).values())


def betrays(candidates: set[int], threshold: int) -> bool:
    """Whether what is still possible says: this group exists, and it is small."""
    return candidates <= set(range(1, threshold))


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0, (0, 4)), (4, (0, 4)), (5, (5, 9)), (9, (5, 9)), (10, (10, 14)), (237, (235, 239))],
)
def test_span_holds_five_numbers(number, shown):
    assert span(number, 5) == Span(*shown)


def test_span_under_the_smallest_threshold_is_refused():
    with pytest.raises(ValueError, match="under 5"):
        span(10, 4)


def test_protect_hides_small_cells_and_zeros_alike():
    assert protect(people(12, 3, 0, 7), 5) == {0: Span(10, 14), 1: Span(0, 4), 2: Span(0, 4), 3: Span(5, 9)}


def test_protect_hides_the_smallest_shown_cell_where_the_total_would_give_the_hidden_one_away():
    """9 shown as "5 to 9" of 10: the other would have to be at least 1."""
    assert protect(people(9, 1, 14), 5) == {0: Span(0, None), 1: Span(0, None), 2: Span(10, 14)}


def test_protect_leaves_shown_what_leaves_room_for_an_empty_group():
    assert protect(people(8, 1, 14), 5) == {0: Span(5, 9), 1: Span(0, 4), 2: Span(10, 14)}


def test_protect_hides_events_of_few_however_many_they_are():
    table = {"held": Count(40, 12), "missed": Count(11, 2), "cancelled": Count(6, 3)}
    assert protect(table, 5, events=True) == {
        "held": Span(40, 44),
        "missed": Span(0, None),
        "cancelled": Span(0, None),
    }


@pytest.mark.parametrize(
    ("cells", "largest_total", "threshold"), [(2, 40, 5), (3, 36, 5), (4, 26, 5), (3, 30, 7)]
)
def test_nobody_who_knows_rule_and_total_can_prove_a_small_group(cells, largest_total, threshold):
    """The strongest reader of one table: compares what was published with what every other table with the
    same total would have published. Exhaustive; totals under the threshold are published nowhere."""
    for total in range(threshold, largest_total + 1):
        possible = defaultdict(lambda: [set() for _cell in range(cells)])
        tables = list(tables_of(cells, total))
        for table in tables:
            for seen, number in zip(possible[publication(table, threshold)], table, strict=True):
                seen.add(number)
        for table in tables:
            for seen, number in zip(possible[publication(table, threshold)], table, strict=True):
                assert not (0 < number < threshold and betrays(seen, threshold)), table


@given(numbers, numbers, thresholds)
def test_the_difference_of_two_nested_counts_proves_no_small_group(first, second, threshold):
    """Of a step and the next: those who stopped in between."""
    larger, smaller = max(first, second), min(first, second)
    outer, inner = span(larger, threshold), span(smaller, threshold)
    for known in ({larger}, set(range(outer.low, outer.high + 1))):
        candidates = {
            number - part
            for number, part in product(known, range(inner.low, inner.high + 1))
            if number >= part
        }
        assert not betrays(candidates, threshold)


@given(st.lists(st.tuples(numbers, numbers, numbers), min_size=1, max_size=6), thresholds)
def test_sums_of_tables_hold_the_true_sums(tables, threshold):
    added = add_tables(protect(people(*table), threshold) for table in tables)
    for position, one in added.items():
        true = sum(table[position] for table in tables)
        assert one.low <= true and (one.high is None or true <= one.high)


@given(
    st.lists(st.lists(st.integers(1, 5), max_size=12), min_size=2, max_size=4),
    st.lists(st.integers(1, 5), max_size=4),
    thresholds,
)
def test_what_a_small_group_answered_changes_no_mean(groups, other, threshold):
    """Whatever fewer than the threshold say, everything shown stays the same."""

    def shown(answers):
        means = [
            mean(Sample(len(group), len(group), sum(group)), threshold, limits=LIMITS)
            for group in [*groups, answers]
        ]
        return means, pool(means, limits=LIMITS)

    assert shown(other) == shown([]) == shown([6 - value for value in other])


@given(st.integers(5, 60), st.integers(1, 5))
def test_a_mean_never_says_that_everybody_answered_the_lowest_or_the_highest(size, value):
    unanimous = mean(Sample(size, size, size * value), 5, limits=LIMITS)
    if value in (1, 5):
        one_differs = mean(Sample(size, size, size * value + (1 if value == 1 else -1)), 5, limits=LIMITS)
        assert unanimous == one_differs
    else:
        assert unanimous == Mean(span(size, 5), value)


def test_pool_weighs_groups_by_what_is_shown_of_their_size():
    first, second = Mean(Span(10, 14), 4.0), Mean(Span(20, 24), 3.0)
    assert pool([first, None, second]) == Mean(Span(30, 38), round((12 * 4 + 22 * 3) / 34, 1))
    assert pool([None]) is None


@pytest.mark.parametrize(
    ("part", "whole", "percent"),
    [
        (Span(10, 14), Span(20, 24), 55),
        (Span(20, 24), Span(20, 24), 100),
        (Span(25, 29), Span(20, 24), 100),
        (Span(0, 4), Span(20, 24), None),
        (Span(10, 14), Span(0, 4), None),
    ],
)
def test_share_is_told_in_fives_from_what_is_shown(part, whole, percent):
    assert share(part, whole) == percent


def test_adding_an_unbounded_span_leaves_the_sum_unbounded():
    assert add([Span(5, 9), Span(0, None), Span(10, 14)]) == Span(15, None)
