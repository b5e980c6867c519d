import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from agreements.actions import ClauseEdit, adapt, agreement_for
from agreements.marks import against_programme, against_version, difference, plain
from programmes.models import Role
from tests import factories

TEXTS = st.text(alphabet="ab .,\nä", max_size=40)


@given(old=TEXTS, new=TEXTS)
def test_difference_holds_both_texts_whole(old, new):
    pieces = difference(old, new)
    assert "".join(p.text for p in pieces if p.kind != "ins") == old
    assert "".join(p.text for p in pieces if p.kind != "del") == new
    assert {p.kind for p in pieces} <= ({"same"} if old == new else {"same", "ins", "del"})


def test_difference_goes_word_by_word():
    assert [(p.kind, p.text) for p in difference("Nothing private.", "Nothing about health.")] == [
        ("same", "Nothing "),
        ("del", "private"),
        ("ins", "about health"),
        ("same", "."),
    ]


def test_neighbouring_changes_read_as_one():
    assert [(p.kind, p.text) for p in difference("in one's own team.", "in our teams.")] == [
        ("same", "in "),
        ("del", "one's own team"),
        ("ins", "our teams"),
        ("same", "."),
    ]


@pytest.fixture
def agreement(db):
    mentorship = factories.mentorship(mentee=factories.person(language="de"), state="confirmed")
    agreement = agreement_for(mentorship)
    mentor, mentee = factories.member(mentorship, Role.MENTOR), factories.member(mentorship, Role.MENTEE)
    adapt(
        agreement=agreement,
        member=mentee,
        clauses=[
            ClauseEdit(position=1, text="Nichts über Privates."),
            ClauseEdit(position=2, text="Für immer."),
            ClauseEdit(kind="logistics", text="Coffee first."),
        ],
    )
    adapt(
        agreement=agreement,
        member=mentor,
        clauses=[ClauseEdit(position=3, text="Coffee first.", struck=True)],
    )
    return agreement


def seen(marked) -> list[tuple]:
    return [(m.change, m.language, [(p.kind, p.text) for p in m.pieces if p.kind != "same"]) for m in marked]


def test_own_words_are_compared_with_the_programme_in_the_language_they_are_in(agreement):
    with translation.override("en"):
        assert seen(against_programme(agreement.current_version())) == [
            ("reworded", "de", [("ins", " über")]),
            ("added to", "", [("ins", "\nFür immer.")]),
            ("struck", "de", [("del", "Coffee first.")]),
        ]


def test_versions_are_compared_with_each_other(agreement):
    first, second, third = agreement.versions.order_by("number")
    with translation.override("en"):
        assert [change for change, _language, _pieces in seen(against_version(third, second))] == [
            "",
            "",
            "struck",
        ]
        assert [change for change, _language, _pieces in seen(against_version(second, first))] == [
            "reworded",
            "added to",
            "added",
        ]


def test_the_page_to_print_leaves_out_what_was_struck(agreement):
    with translation.override("en"):
        assert [[p.text for p in m.pieces] for m in plain(agreement.current_version())] == [
            ["Nichts über Privates."],
            ["It stays between us.\nFür immer."],
        ]
