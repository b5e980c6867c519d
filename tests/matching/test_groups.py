from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.groups import Group, Sizes, faults, form_groups, why_left, worth_of
from matching.people import People, week
from matching.rules import Rules
from matching.scoring import Weights
from tests.matching.sides import side

LOOSE = Rules(grade_gap=None, other_unit=False, common_hours=1, language_level=2)


def small(seed: int, mentors: int, mentees: int, most: int = 1) -> tuple[People, People]:
    """People who have enough in common for there to be something to choose."""
    rng = np.random.default_rng(seed)
    one, two = side(rng, mentors, 0, most), side(rng, mentees, 1000, most)

    def eased(people: People) -> People:
        common = week(range(9, 9 + int(rng.integers(1, 4))))
        return people.but(
            hours=people.hours | np.where(rng.random(len(people))[:, None] < 0.8, common, np.uint64(0)),
            expertise=people.expertise[:, :2],
            practice=people.practice[:, :2],
            interest=people.interest[:, :2],
        )

    return eased(one), eased(two)


def best_by_trying(case):
    """The best worth over every set of groups, each group judged by `faults` alone."""
    possible = []
    for theme in range(case.mentors.expertise.shape[1]):
        for one in combinations(range(len(case.mentors)), case.sizes.mentors):
            for size in range(case.sizes.least, case.sizes.most + 1):
                for two in combinations(range(len(case.mentees)), size):
                    group = Group(one, two, theme)
                    if not faults(case, group):
                        possible.append(case.group(theme, one, two))

    def go(start, room, met, chosen):
        yield chosen
        for at in range(start, len(possible)):
            group = possible[at]
            pairs = {(m, n) for m in group.mentors for n in group.mentees}
            if (
                all(room[0][m] for m in group.mentors)
                and all(room[1][n] for n in group.mentees)
                and not pairs & met
            ):
                left = [list(r) for r in room]
                for m in group.mentors:
                    left[0][m] -= 1
                for n in group.mentees:
                    left[1][n] -= 1
                yield from go(at + 1, left, met | pairs, [*chosen, group])

    room = [case.mentors.capacity.tolist(), case.mentees.capacity.tolist()]
    return max(worth_of(case, chosen) for chosen in go(0, room, frozenset(), []))


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 10**6),
    mentors=st.integers(0, 4),
    mentees=st.integers(0, 5),
    pairs=st.booleans(),
    most=st.integers(1, 2),
)
def test_small_instances_are_as_good_as_brute_force(seed, mentors, mentees, pairs, most):
    one, two = small(seed, mentors, mentees, most)
    sizes = Sizes(2, 2, 3) if pairs else Sizes(1, 1, 2)
    found = form_groups(one, two, LOOSE, Weights(), sizes)
    assert found.proven and found.worth == found.bound
    assert found.worth == worth_of(found.case, found.groups) == best_by_trying(found.case)


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 10**6), mentors=st.integers(0, 8), mentees=st.integers(0, 12), strict=st.booleans()
)
def test_no_hard_rule_is_ever_broken_and_everybody_is_somewhere(seed, mentors, mentees, strict):
    one, two = small(seed, mentors, mentees, 2)
    rules = Rules(grade_gap=1, common_hours=2) if strict else LOOSE
    rng = np.random.default_rng(seed)
    apart = [(int(rng.integers(0, 8)), int(1000 + rng.integers(0, 12))), (0, 1), (1000, 1001)]
    found = form_groups(one, two, rules, Weights(), Sizes(2, 2, 4), apart=apart, effort=1)
    for group in found.groups:
        assert faults(found.case, group) == []
        keys = {int(one.key[m]) for m in group.mentors} | {int(two.key[n]) for n in group.mentees}
        assert not any({a, b} <= keys for a, b in apart)
    for people, rows in ((one, "mentors"), (two, "mentees")):
        placed = np.bincount([r for g in found.groups for r in getattr(g, rows)], minlength=len(people))
        assert (placed <= people.capacity).all()
        left = why_left(found.case, found.groups, side=rows)
        assert {entry.row for entry in left} == set(np.flatnonzero((placed == 0) & (people.capacity > 0)))
    assert found.worth <= found.bound


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10**6), mentors=st.integers(0, 6), mentees=st.integers(0, 9))
def test_the_order_of_the_people_is_no_matter(seed, mentors, mentees):
    one, two = small(seed, mentors, mentees)
    rng = np.random.default_rng(seed)
    orders = rng.permutation(mentors), rng.permutation(mentees)

    def named(a, b):
        found = form_groups(a, b, LOOSE, Weights(), Sizes(2, 2, 3), effort=2)
        return {
            (g.theme, frozenset(a.key[list(g.mentors)].tolist()), frozenset(b.key[list(g.mentees)].tolist()))
            for g in found.groups
        }

    assert named(one, two) == named(one.take(orders[0]), two.take(orders[1]))


def everybody(count, start, **columns):
    free = np.tile(week(range(9, 17)), (count, 1))
    return People(key=start + np.arange(count), hours=free, languages=np.full((count, 1), 6), **columns)


def mentors_of(count, themes=1, **columns):
    return everybody(count, 0, expertise=np.full((count, themes), 4), **columns)


def mentees_of(count, themes=1, **columns):
    return everybody(count, 1000, interest=np.full((count, themes), 3), **columns)


def test_everybody_alike_makes_even_groups():
    found = form_groups(mentors_of(4), mentees_of(8), LOOSE, Weights(), Sizes(2, 3, 6))
    assert sorted(len(g.mentees) for g in found.groups) == [4, 4]
    assert found.proven and found.worth.placed == 12


@pytest.mark.parametrize(("mentors", "mentees"), [(0, 0), (0, 5), (5, 0), (1, 5), (2, 2)])
def test_too_few_people_make_no_group_and_are_told_why(mentors, mentees):
    found = form_groups(mentors_of(mentors), mentees_of(mentees), LOOSE, Weights(), Sizes(2, 3, 5))
    assert found.groups == [] and found.worth == found.bound
    causes = [w.cause for side in ("mentors", "mentees") for w in why_left(found.case, [], side=side)]
    assert causes == ["theme"] * (mentors + mentees)


def test_avoiding_within_a_side_keeps_two_mentees_apart():
    mentees = mentees_of(4, avoids=[[1001], [], [], []])
    found = form_groups(mentors_of(2), mentees, LOOSE, Weights(), Sizes(2, 3, 5))
    assert len(found.groups) == 1
    assert not {0, 1} <= set(found.groups[0].mentees)
    assert [w.cause for w in why_left(found.case, found.groups, side="mentees")] == ["best"]


def test_a_manager_and_a_report_never_sit_in_one_group_even_both_as_mentees():
    mentees = mentees_of(3, line=[[], [1000], []])
    found = form_groups(mentors_of(2), mentees, LOOSE, Weights(), Sizes(2, 3, 5))
    assert found.groups == []
    assert {w.cause for w in why_left(found.case, [], side="mentees")} == {"together"}


def test_hours_have_to_be_common_to_all_and_not_only_to_each_two():
    hours = np.stack([week([1, 2]), week([2, 3]), week([1, 3])])
    rules = Rules(grade_gap=None, other_unit=False, common_hours=1)
    mentors = mentors_of(1).but(hours=week([1, 2, 3])[None, :])
    found = form_groups(mentors, mentees_of(3).but(hours=hours), rules, Weights(), Sizes(1, 3, 3))
    assert found.groups == []
    found = form_groups(mentors, mentees_of(3).but(hours=hours), rules, Weights(), Sizes(1, 2, 3))
    assert [len(g.mentees) for g in found.groups] == [2]


def test_one_way_to_meet_for_all_and_on_site_means_one_site():
    mentees = mentees_of(3, remote=[False] * 3, onsite=[True] * 3, site=[0, 0, 1])
    mentors = mentors_of(1, remote=[True], onsite=[True], site=[0])
    found = form_groups(mentors, mentees, LOOSE, Weights(), Sizes(1, 2, 3))
    assert [g.mentees for g in found.groups] == [(0, 1)]


def test_only_the_themes_of_the_programme_count():
    found = form_groups(mentors_of(2, 3), mentees_of(3, 3), LOOSE, Weights(), Sizes(2, 3, 5), themes=[1])
    assert [g.theme for g in found.groups] == [1]


def test_a_large_cohort_is_polished_part_by_part_and_keeps_all_rules():
    rng = np.random.default_rng(7)
    one, two = (
        people.but(
            hours=rng.integers(0, 2**40, (len(people), 3), dtype=np.uint64) | week(range(9, 12)),
            avoids=None,
            line=None,
            earlier=None,
        )
        for people in (side(rng, 40, 0), side(rng, 120, 1000))
    )
    found = form_groups(one, two, LOOSE, Weights(), Sizes(2, 3, 5), effort=4)
    assert all(faults(found.case, group) == [] for group in found.groups)
    assert found.worth <= found.bound
    assert found.worth.placed >= 0.8 * found.bound.placed


def test_sizes_that_are_none_are_refused():
    with pytest.raises(ValueError, match="at least one mentor"):
        Sizes(0, 1, 2)
    with pytest.raises(ValueError, match="from `least` to `most`"):
        Sizes(1, 4, 3)


# --- Kept together ---


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 10**6),
    mentors=st.integers(1, 4),
    mentees=st.integers(1, 5),
    most=st.integers(1, 2),
    pairs=st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=2),
)
def test_who_are_kept_together_are_in_the_same_groups_and_as_well_as_can_be(
    seed, mentors, mentees, most, pairs
):
    one, two = small(seed, mentors, mentees, most)
    keys = [*one.key.tolist(), *two.key.tolist()]
    together = [(keys[a], keys[b]) for a, b in pairs if a != b and max(a, b) < len(keys)]
    sizes = Sizes(2, 1, 3)
    found = form_groups(one, two, LOOSE, Weights(), sizes, together=together)
    assert all(faults(found.case, group) == [] for group in found.groups)
    has_room = {*one.key[one.capacity > 0].tolist(), *two.key[two.capacity > 0].tolist()}
    for group in found.groups:
        here = {*one.key[list(group.mentors)].tolist(), *two.key[list(group.mentees)].tolist()}
        for a, b in together:
            assert (a in here) == (b in here) or not {a, b} <= has_room
    assert found.worth == best_by_trying(found.case) and found.proven


def test_a_large_cohort_keeps_people_together_through_the_polishing():
    rng = np.random.default_rng(7)
    one, two = (
        people.but(
            hours=rng.integers(0, 2**40, (len(people), 3), dtype=np.uint64) | week(range(9, 12)),
            avoids=None,
            line=None,
            earlier=None,
        )
        for people in (side(rng, 40, 0), side(rng, 120, 1000))
    )
    free = form_groups(one, two, LOOSE, Weights(), Sizes(2, 3, 5), effort=4)
    firsts = [int(two.key[group.mentees[0]]) for group in free.groups]
    together = list(zip(firsts[::2], firsts[1::2], strict=False))
    found = form_groups(one, two, LOOSE, Weights(), Sizes(2, 3, 5), together=together, effort=4)
    assert all(faults(found.case, group) == [] for group in found.groups)
    keys = [set(two.key[list(group.mentees)].tolist()) for group in found.groups]
    assert any(set(pair) <= here for pair in together for here in keys)
    assert not any(len(set(pair) & here) == 1 for pair in together for here in keys)
    assert found.worth.placed >= 0.7 * found.bound.placed
