"""What is shown of one group, by itself and beside another."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.disclosure import AtLeast, Count, Mean, Sample, Veil, mean, pool

LIMITS = (1.2, 4.8)
SECRET = b"only for tests"
numbers = st.integers(0, 400)
thresholds = st.integers(5, 12)
views = st.text(min_size=1, max_size=8)


def veil(view: str = "all", threshold: int = 5, held_back: int | None = None) -> Veil:
    made = Veil(view, threshold, SECRET)
    if held_back is None:
        return made
    return next(
        one
        for one in (Veil(f"{view} {number}", threshold, SECRET) for number in range(1 << 20))
        if one.held_back("people") == held_back
    )


def test_threshold_under_the_smallest_is_refused():
    with pytest.raises(ValueError, match="under 5"):
        veil(threshold=4)


@pytest.mark.parametrize(
    ("number", "held_back", "shown"),
    [
        (0, 0, 0),
        (4, 0, 0),
        (5, 0, 5),
        (5, 1, 0),
        (9, 4, 5),
        (9, 5, 0),
        (10, 1, 5),
        (14, 0, 10),
        (237, 3, 230),
    ],
)
def test_count_holds_back_a_few_and_is_rounded_down(number, held_back, shown):
    assert veil(held_back=held_back).count("people", number) == AtLeast(shown)


@given(views, numbers, thresholds)
def test_count_is_true_and_never_of_a_small_group(view, number, threshold):
    shown = veil(view, threshold).count("people", number)
    assert shown.number <= number
    assert shown.number % threshold == 0
    if number < threshold:
        assert not shown.is_shown


@given(st.integers(0, 60), st.integers(0, 80), thresholds)
def test_whatever_is_shown_there_may_be_any_number_more(shown, more, threshold):
    """The heart of the guarantee: no count has an upper bound, not even for who knows the rule. So a part may
    always be all of the whole, and what is left of the whole nobody."""
    shown = shown // threshold * threshold
    number = shown + more
    possible = {
        0 if (left := number - held_back) < threshold else left // threshold * threshold
        for held_back in range(number + 1)
    }
    assert shown in possible


@given(views, numbers, numbers, thresholds)
def test_counts_of_one_group_keep_their_order(view, first, second, threshold):
    of = veil(view, threshold)
    less, more = sorted([first, second])
    assert of.count("people", less).number <= of.count("people", more).number


def test_of_a_part_what_is_held_back_of_all_and_now_and_then_more():
    views = [Veil(f"view {number}", 5, SECRET) for number in range(4000)]
    more = Counter(one.held_back("people", "took") - one.held_back("people") for one in views)
    assert min(more) == 0
    # Three quarters and three sixteenths; five standard deviations around them.
    assert abs(more[0] - 3000) < 137
    assert abs(more[1] - 750) < 124
    assert max(more) > 2


def test_the_coin_is_fair_and_thrown_once_for_each_group_of_each_view():
    throws = Counter(Veil(f"view {number}", 5, SECRET).held_back("people") for number in range(8000))
    # Half, a quarter, an eighth; five standard deviations around them.
    assert abs(throws[0] - 4000) < 224
    assert abs(throws[1] - 2000) < 194
    assert abs(throws[2] - 1000) < 148
    assert max(throws) > 8
    first = Veil("a", 5, SECRET)
    assert [first.held_back("people") for _again in range(3)] == [first.held_back("people")] * 3
    others = [Veil("b", 5, SECRET), Veil("a", 5, b"another")]
    groups = [str(number) for number in range(50)]
    for other in others:
        assert [first.held_back(one) for one in groups] != [other.held_back(one) for one in groups]


def test_of_events_as_many_are_held_back_as_those_held_back_have_on_average():
    """Forty meetings of ten mentorships, two of them held back: 32 are left."""
    assert veil(held_back=2).count("people", Count(40, 10)) == AtLeast(30)
    assert veil(held_back=0).count("people", Count(40, 4)) == AtLeast(0)


@given(
    st.lists(st.lists(st.integers(1, 5), max_size=12), min_size=2, max_size=4),
    st.lists(st.integers(1, 5), max_size=4),
    thresholds,
)
def test_what_a_small_group_answered_changes_no_mean(groups, other, threshold):
    """Whatever fewer than the threshold say, everything shown stays the same."""

    def shown(answers):
        means = [
            mean(
                Sample(len(group), len(group), sum(group)),
                veil(str(place), threshold).count("people", len(group)),
                limits=LIMITS,
            )
            for place, group in enumerate([*groups, answers])
        ]
        return means, pool(means, limits=LIMITS)

    assert shown(other) == shown([]) == shown([6 - value for value in other])


@given(st.integers(5, 60), st.integers(1, 5))
def test_a_mean_never_says_that_everybody_answered_the_lowest_or_the_highest(size, value):
    unanimous = mean(Sample(size, size, size * value), AtLeast(5), limits=LIMITS)
    if value in (1, 5):
        one_differs = mean(
            Sample(size, size, size * value + (1 if value == 1 else -1)), AtLeast(5), limits=LIMITS
        )
        assert unanimous == one_differs
    else:
        assert unanimous == Mean(AtLeast(5), value)


def test_pool_weighs_groups_by_what_is_shown_of_their_size():
    first, second = Mean(AtLeast(10), 4.0), Mean(AtLeast(20), 3.0)
    assert pool([first, None, second]) == Mean(AtLeast(30), 3.3)
    assert pool([None]) is None


@pytest.mark.parametrize(
    ("part", "whole", "percent"),
    [(10, 20, 55), (20, 20, 100), (25, 20, 100), (0, 20, None), (10, 0, None), (0, 0, None)],
)
def test_share_is_told_in_fives_from_what_is_shown(part, whole, percent):
    assert veil().share(AtLeast(part), AtLeast(whole)) == percent
