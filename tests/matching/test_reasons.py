import pytest

from matching import reasons
from matching.rules import BY_NAME, NEVER, NEVER_SENTENCE, Rules
from tests import factories
from tests.matching import people

pytestmark = pytest.mark.django_db


def facts(**fields):
    return {"points": {}, "facts": {"topics": [], "others": [], "hours": 0, **fields}}


@pytest.mark.parametrize(
    ("score", "words"),
    [
        (1000, "Suits very well"),
        (600, "Suits very well"),
        (599, "Suits well"),
        (449, "Suits in part"),
        (299, "Has little in common"),
        (0, "Has little in common"),
    ],
)
def test_score_reads_as_words(score, words):
    assert reasons.band(score)[0] == words


def test_reasons_speak_of_two_people_to_staff_and_to_one_of_them_as_you():
    aylin, martin = factories.person("Aylin Acar"), factories.person("Martin Vogel")
    topic = people.topic("Data")
    breakdown = facts(
        topics=[{"topic": topic.pk, "level": 4, "years": 1, "priority": 2}], others=["unit", "site"], hours=1
    )
    topics = {topic.pk: topic}
    assert reasons.for_staff(breakdown, aylin, martin, topics) == [
        "Aylin on “Data”: could teach a class (1 year). Martin: wants to learn it.",
        "They come from different units and sites.",
        "Both have time in 1 hour of the week.",
    ]
    assert reasons.for_member(breakdown, "mentor", martin, topics) == [
        "You offer “Data”, and Martin wants to learn it.",
        "You come from different units and sites.",
        "You both have time in 1 hour of the week.",
    ]
    assert reasons.for_member(breakdown, "mentee", aylin, topics)[0] == (
        "You want to learn “Data”, and Aylin offers it."
    )


def test_reasons_say_when_no_topic_is_shared():
    aylin, martin = factories.person("Aylin"), factories.person("Martin")
    assert reasons.for_staff(facts(), aylin, martin, {}) == ["Martin asked for no topic that Aylin offers."]
    assert reasons.best_topic(facts(), {}) == ""


def test_that_somebody_was_left_without_is_told_to_staff_only():
    aylin, martin = factories.person("Aylin"), factories.person("Martin")
    waited = "One of them was left without in an earlier cohort."
    assert waited in reasons.for_staff(facts(waited=True), aylin, martin, {})
    assert reasons.for_member(facts(waited=True), "mentor", martin, {}) == []


def test_private_rule_is_never_named_and_shares_its_sentence_with_all_that_nobody_overrides():
    avoid, blocked, unit, line = (BY_NAME[name].bit for name in ("avoid", "blocked", "unit", "line"))
    assert {reasons.rule_sentence(BY_NAME[name].bit, Rules()) for name in NEVER} == {NEVER_SENTENCE}
    assert reasons.rule_sentence(avoid | line, Rules()) == NEVER_SENTENCE
    assert reasons.rule_sentence(avoid | unit, Rules()) == "Both work in the same unit."
    assert reasons.rule_sentence(line | unit, Rules()) == "Both work in the same unit."
    assert reasons.rule_sentence(blocked, Rules()) == "A coordinator ruled this mentorship out."


def test_bars_leave_out_wishes():
    points = dict.fromkeys(("topics", "wishes", "hours"), 50)
    assert [bar.label for bar in reasons.bars({"points": points})] == ["Topics", "Common hours"]


def test_why_nobody_names_the_three_rules_that_kept_most_away():
    rows = [
        {"rule": name, "removed": 9 - n, "alone": 0}
        for n, name in enumerate(("grade", "unit", "line", "hours"))
    ]
    entry = {"candidates": 9, "possible": 0, "reasons": rows}
    assert reasons.why_nobody(entry) == [
        "The rules leave nobody of 9 people.",
        "9 are not far enough apart in seniority.",
        "8 work in the same unit.",
        "7 are in the same reporting line.",
    ]


def test_why_nobody_names_who_has_those_the_rules_leave_and_what_one_rule_alone_removes():
    entry = {"candidates": 9, "possible": 5, "reasons": [], "rivals": {"people": 4, "named": [7, 8, 9]}}
    assert reasons.why_nobody(entry, {7: "Ada", 8: "Ben"}) == [
        "The rules leave 5 people, who are proposed to others: Ada, Ben and 2 more."
    ]
    entry = {"candidates": 2, "possible": 0, "reasons": [{"rule": "unit", "removed": 2, "alone": 1}]}
    assert reasons.why_nobody(entry)[1] == "2 work in the same unit. For 1 it is the only reason."


def test_why_nobody_does_not_tell_an_avoidance_from_a_place_taken():
    entry = {"candidates": 3, "possible": 1, "reasons": [{"rule": "unit", "removed": 2, "alone": 2}]}
    assert reasons.why_nobody(entry) == [
        "The rules leave 1 person, but not in the result that is best for all."
    ]


def test_why_nobody_knows_words_for_every_rule_that_may_be_told():
    told = {rule.name for rule in BY_NAME.values() if rule.audience != "nobody"} - {"same_person"}
    assert set(reasons.KEPT_AWAY) == told
