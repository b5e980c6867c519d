import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from notices import wording


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Hello {name", "broken"),
        ("Hello name}", "broken"),
        ("Hello {}", "broken"),
        ("Hello {0}", "broken"),
        ("Hello {name!r}", "broken"),
        ("Hello {name:>10}", "broken"),
        ("Hello {name.__class__}", "broken"),
        ("Hello {name[0]}", "broken"),
        ("Hello { name }", "broken"),
        ("Hello {salary}", "unknown"),
        ("On {day}", "unknown"),
    ],
)
def test_check_refuses_what_could_not_be_sent(words, code):
    with pytest.raises(ValidationError) as refused:
        wording.check("agreement-to-sign", words)
    assert refused.value.code == code


def test_check_names_what_is_known():
    with pytest.raises(ValidationError) as refused:
        wording.check("agreement-to-sign", "Hello {Name}")
    assert refused.value.messages == ["{Name} is not known here. You can use {name}, {others}, {programme}."]


def test_check_needs_what_makes_the_notice_useful():
    wording.check_needs("meeting-reminder", "{day}", "At {time}.")
    with pytest.raises(ValidationError):
        wording.check_needs("meeting-reminder", "{day}", "Soon.")


@given(st.text(), st.text())
def test_fill_says_what_was_written_and_never_reads_what_it_filled_in(words, value):
    escaped = words.replace("{", "{{").replace("}", "}}")
    assert wording.names_in(escaped) == []
    assert wording.fill(escaped + "{name}", {"name": value}) == words + value


@given(st.text(alphabet="{}name!:.[]%s "))
def test_what_passes_the_check_can_be_filled_in(words):
    try:
        wording.check("agreement-to-sign", words)
    except ValidationError:
        return
    wording.fill(words, wording.examples("en"))


def test_rewordable_kinds_name_placeholders_there_are():
    for rewordable in wording.REWORDABLE.values():
        assert set(rewordable.names) <= set(wording.PLACEHOLDERS)
        assert set(rewordable.needs) <= set(rewordable.names)
