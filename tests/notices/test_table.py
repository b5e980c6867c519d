import pytest
from django.template.loader import get_template

from notices import table
from notices.kinds import KINDS, Group


@pytest.fixture(autouse=True)
def two_kinds():
    """None of our own here: it is the product's that count."""


def test_document_is_the_table_of_the_code():
    assert table.DOCUMENT.read_text() == table.document(), "run manage.py write_reminders"


def test_each_kind_states_all_facts_and_has_its_words():
    for name, kind in KINDS.items():
        assert all([kind.title, kind.whom, kind.when, kind.at_most, kind.stops]), name
        get_template(f"notices/{name}.txt")


def test_table_has_each_kind_once():
    rows = [line for line in table.lines() if "(`" in line]
    assert sorted(row.split("(`")[1].split("`)")[0] for row in rows) == sorted(KINDS)
    assert {kind.group for kind in KINDS.values()} == set(Group)


def test_reminders_of_the_product_are_all_there():
    """What the product promised to remind of; meeting in an hour is off until somebody wants it."""
    assert set(KINDS) >= {
        "invitation-reminder",
        "enrolment-unfinished",
        "briefing-open",
        "agreement-reminder",
        "first-meeting-to-plan",
        "meeting-reminder",
        "meeting-soon",
        "meeting-to-confirm",
        "log-missing",
        "next-meeting-to-plan",
        "check-in-due",
        "pulse-open",
        "mentorship-silent",
        "mentorship-end-offered",
        "stalled-weekly",
    }
    assert [name for name, kind in KINDS.items() if not kind.by_email] == ["meeting-soon", "insights-monthly"]
