import pytest

from domain.spreadsheets import FORMULA, guarded, unguarded


@pytest.mark.parametrize("start", FORMULA)
def test_what_begins_like_a_formula_is_guarded_and_read_again_as_it_was(start):
    cell = f"{start}HYPERLINK(1)"
    assert guarded(cell) == f"'{cell}"
    assert unguarded(guarded(cell)) == cell


@pytest.mark.parametrize("cell", ["35+", "", "'tis", "a=b", "Zoë", "two\nlines"])
def test_what_is_harmless_stays(cell):
    assert (guarded(cell), unguarded(cell)) == (cell, cell)


def test_control_characters_are_left_out_also_before_a_formula():
    assert guarded("\x0b=a\x00b\x1f") == "'=ab"
