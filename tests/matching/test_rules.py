"""Each rule blocks exactly whom it should, and its value and switch do what they say."""

import numpy as np
import pytest

from matching.people import People, Ragged, week
from matching.rules import (
    ALL,
    BY_NAME,
    NEVER,
    NEVER_SENTENCE,
    Rules,
    blocked,
    blocked_pairs,
    broken,
    matchable_with_nobody,
    sentence,
    values,
)
from tests.matching.sides import sides

OFF = Rules(
    line_reach=0,
    reports_of_reports=False,
    grade_gap=None,
    other_unit=False,
    language_level=0,
    common_way=False,
    same_site=False,
    common_hours=0,
    earlier="off",
)


def names(mentors: People, mentees: People, rules: Rules, **more) -> list[str]:
    """The rules that the first two break."""
    return [rule.name for rule in broken(int(blocked(mentors, mentees, rules, **more)[0, 0]))]


def one(key: int = 1, **columns) -> People:
    return People(key=[key], **{name: [value] for name, value in columns.items()})


def but(**rules) -> Rules:
    return Rules(**{name: getattr(OFF, name) for name in OFF.__slots__} | rules)


def test_with_every_rule_off_strangers_are_possible():
    assert names(one(1), one(2), OFF) == []


def test_nobody_mentors_themselves():
    assert names(one(1), one(1), OFF) == ["same_person"]


@pytest.mark.parametrize(
    ("reach", "reports", "expected"),
    [
        (None, True, ["line", "reports"]),
        (2, True, ["line", "reports"]),
        (1, True, ["reports"]),
        (1, False, []),
        (0, True, ["reports"]),
    ],
)
def test_the_boss_of_the_boss(reach, reports, expected):
    mentor = one(1, line=[9, 2, 5])
    assert names(mentor, one(2), but(line_reach=reach, reports_of_reports=reports)) == expected


@pytest.mark.parametrize("line", [[2, 8, 5], [2, 7, 8, 5], [9, 8, 2]])
def test_reports_are_those_of_direct_reports_and_nobody_further_down_or_up(line):
    assert names(one(1, line=line), one(2), but(reports_of_reports=True)) == []


@pytest.mark.parametrize(("reach", "expected"), [(3, ["line"]), (2, [])])
@pytest.mark.parametrize("upside_down", [False, True])
def test_the_line_reaches_so_many_levels_and_no_further(reach, expected, upside_down):
    report, boss = one(1, line=[9, 2, 8, 5]), one(2)
    assert names(*((boss, report) if upside_down else (report, boss)), but(line_reach=reach)) == expected


def test_the_line_reaches_in_the_other_direction():
    assert names(one(2), one(1, line=[9, 2, 5]), but(line_reach=None)) == ["line"]
    assert names(one(2), one(1, line=[9, 2, 5]), but(line_reach=1)) == []


def test_the_head_of_the_company_is_in_every_line_and_that_is_said_before():
    mentors = People(key=[1, 2], line=[[9], [9, 8]])
    mentees = People(key=[9, 7])
    mentors_without, mentees_without = matchable_with_nobody(mentors, mentees, but(line_reach=None))
    assert (mentors_without.tolist(), mentees_without.tolist()) == ([], [0])
    mentors_without, mentees_without = matchable_with_nobody(mentors, mentees, but(line_reach=1))
    assert (mentors_without.tolist(), mentees_without.tolist()) == ([], [])


@pytest.mark.parametrize(
    ("direction", "mentor", "mentee", "possible"),
    [
        (1, 1, 3, True),
        (1, 2, 3, False),
        (1, 3, 1, False),
        (-1, 3, 1, True),
        (-1, 1, 3, False),
        (0, 1, 3, True),
        (0, 3, 1, True),
        (0, 2, 3, False),
    ],
)
def test_grades_apart_in_the_direction_of_the_form(direction, mentor, mentee, possible):
    found = names(one(1, grade=mentor), one(2, grade=mentee), but(grade_gap=2, direction=direction))
    assert found == ([] if possible else ["grade"])


@pytest.mark.parametrize("column", ["unit", "profession"])
def test_another_unit_and_profession(column):
    rules = but(**{f"other_{column}": True})
    assert names(one(1, **{column: 4}), one(2, **{column: 4}), rules) == [column]
    assert names(one(1, **{column: 0}), one(2, **{column: 0}), rules) == [column]
    assert names(one(1, **{column: 4}), one(2, **{column: 5}), rules) == []
    assert names(one(1), one(2), rules) == []  # not known
    assert names(one(1, **{column: 4}), one(2, **{column: 4}), OFF) == []


def test_one_language_must_be_good_enough_on_both_sides():
    rules = but(language_level=4)
    assert names(one(1, languages=[6, 3]), one(2, languages=[3, 6]), rules) == ["language"]
    assert names(one(1, languages=[6, 4]), one(2, languages=[3, 4]), rules) == []
    assert names(one(1), one(2), rules) == ["language"]


@pytest.mark.parametrize(
    ("mentor", "mentee", "sites", "expected"),
    [
        ((True, False), (True, False), (1, 2), []),
        ((True, False), (False, True), (1, 1), ["way"]),
        ((False, True), (True, True), (1, 1), []),
        ((False, True), (True, True), (1, 2), ["site"]),
        ((False, True), (False, True), (-1, -1), ["site"]),
        ((False, False), (True, True), (1, 1), ["way"]),
        ((True, True), (True, True), (1, 2), []),
        ((True, True), (False, True), (1, 2), ["site"]),
        ((False, True), (False, True), (1, -1), ["site"]),
    ],
)
def test_a_way_to_meet(mentor, mentee, sites, expected):
    people = [
        one(key, remote=way[0], onsite=way[1], site=site)
        for key, way, site in zip([1, 2], [mentor, mentee], sites, strict=True)
    ]
    assert names(*people, but(common_way=True, same_site=True)) == expected


def test_common_hours_count_over_the_whole_week():
    mentor, mentee = one(1, hours=week([0, 1, 70, 167])), one(2, hours=week([1, 69, 70, 167]))
    assert names(mentor, mentee, but(common_hours=3)) == []
    assert names(mentor, mentee, but(common_hours=4)) == ["hours"]


def test_hours_wrap_around_the_week():
    assert week([168]).tolist() == week([0]).tolist()
    assert week([-1]).tolist() == week([167]).tolist()


def test_capacity_on_either_side():
    assert names(one(1, capacity=0), one(2), OFF) == ["capacity"]
    assert names(one(1), one(2, capacity=0), OFF) == ["capacity"]


def test_who_would_rather_not_is_kept_apart_whoever_said_so_and_nobody_is_told():
    assert names(one(1, avoids=[2]), one(2), OFF) == ["avoid"]
    assert names(one(1), one(2, avoids=[1]), OFF) == ["avoid"]
    assert BY_NAME["avoid"].audience == "nobody"


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("earlier", "off", []),
        ("earlier", "here", ["earlier"]),
        ("earlier", "anywhere", ["earlier"]),
        ("elsewhere", "here", []),
        ("elsewhere", "anywhere", ["earlier"]),
    ],
)
def test_not_together_before(column, value, expected):
    assert names(one(1, **{column: [2]}), one(2), but(earlier=value)) == expected
    assert names(one(1), one(2, **{column: [1]}), but(earlier=value)) == expected


@pytest.mark.parametrize("earlier", ["off", "here", "anywhere"])
def test_who_are_together_now_or_parted_are_not_matched_again_whatever_the_rule(earlier):
    assert names(one(1, together=[2]), one(2), but(earlier=earlier)) == ["earlier"]
    assert names(one(1), one(2, together=[1]), but(earlier=earlier)) == ["earlier"]


def test_each_rule_judges_its_own_pair_and_no_other():
    """Two of each: what stands between the first mentor and the second mentee is theirs alone."""
    mentors = People(key=[1, 2], avoids=[[12], []], line=[[], [11]])
    mentees = People(key=[11, 12])
    found = blocked(mentors, mentees, but(line_reach=None), forbidden=[(1, 1)])
    bits = {name: BY_NAME[name].bit for name in ("avoid", "line", "blocked")}
    assert found.tolist() == [[0, bits["avoid"]], [bits["line"], bits["blocked"]]]


def test_who_has_nobody_is_found_over_all_parts_of_many_people():
    """More pairs than are looked at in one go; the last mentor, alone in the last part, fits nobody."""
    mentors = People(key=range(2001), unit=[0] * 2000 + [1])
    mentees = People(key=range(5000, 7000), unit=[1] * 2000)
    found = matchable_with_nobody(mentors, mentees, but(other_unit=True))
    assert [rows.tolist() for rows in found] == [[2000], []]


def test_people_whom_only_a_private_rule_leaves_nobody_are_not_said_to_have_nobody():
    mentors, mentees = People(key=[1], avoids=[[11]]), People(key=[11])
    assert [rows.tolist() for rows in matchable_with_nobody(mentors, mentees, OFF)] == [[], []]
    assert names(mentors, mentees, OFF) == ["avoid"]
    blocked_too = matchable_with_nobody(mentors, mentees, OFF, forbidden=[(0, 0)])
    assert [rows.tolist() for rows in blocked_too] == [[0], [0]]


def test_sentence_of_what_nobody_overrides_is_one_and_gives_way_to_a_rule_that_can_be():
    bits = {rule.name: rule.bit for rule in ALL}
    assert {sentence(bits[name]) for name in NEVER} == {NEVER_SENTENCE}
    assert sentence(bits["line"] | bits["avoid"]) == NEVER_SENTENCE
    others = [rule for rule in ALL if rule.name not in NEVER]
    assert [sentence(rule.bit | bits["avoid"] | bits["line"]) for rule in others] == [
        rule.sentence for rule in others
    ]


def test_a_coordinators_block_is_for_staff_only():
    assert names(one(1), one(2), OFF, forbidden=[(0, 0)]) == ["blocked"]
    assert BY_NAME["blocked"].audience == "staff"


def test_all_broken_rules_are_named_at_once():
    mentor, mentee = one(1, unit=1, avoids=[2], grade=3), one(2, unit=1, grade=3)
    assert names(mentor, mentee, but(other_unit=True, grade_gap=1), forbidden=[(0, 0)]) == [
        "grade",
        "unit",
        "avoid",
        "blocked",
    ]


def test_bits_are_distinct_and_every_placeholder_has_a_value():
    assert len({rule.bit for rule in ALL}) == len(ALL)
    for rule in ALL:
        assert "%(" not in rule.sentence % values(Rules())


def test_parts_lists_and_the_whole_agree():
    mentors, mentees = sides(3, 40, 30)
    rules, forbidden = Rules(earlier="anywhere"), [(1, 2), (30, 29)]
    whole = blocked(mentors, mentees, rules, forbidden=forbidden)
    rows, columns = [30, 3, 1], [29, 2, 5]
    part = blocked(mentors, mentees, rules, forbidden=forbidden, rows=rows, columns=columns)
    assert np.array_equal(part, whole[np.ix_(rows, columns)])
    pairs = np.argwhere(whole >= 0)
    assert np.array_equal(blocked_pairs(mentors, mentees, rules, pairs, forbidden=forbidden), whole.ravel())


def test_people_in_another_order_are_the_same_people():
    mentors, mentees = sides(4, 20, 20)
    order = np.random.default_rng(1).permutation(20)
    assert np.array_equal(
        blocked(mentors.take(order), mentees, Rules()), blocked(mentors, mentees, Rules())[order]
    )


@pytest.mark.parametrize(
    "columns",
    [
        {"key": [1, 1]},
        {"key": [1], "unit": [1, 2]},
        {"key": [1], "capacity": [-1]},
        {"key": [1], "languages": [[7]]},
        {"key": [1], "wishes": Ragged.of([[1], [2]])},
    ],
)
def test_columns_that_cannot_be_are_refused(columns):
    with pytest.raises(ValueError, match=r"\w+"):
        People(**columns)
