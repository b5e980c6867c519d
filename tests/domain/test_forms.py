import pytest
from django import forms

from domain.errors import DomainError
from domain.forms import field_of, refuse


class DayForm(forms.Form):
    day = forms.DateField(required=False)


def bound():
    form = DayForm({})
    assert form.is_valid()
    return form


def test_field_of_is_the_field_and_of_no_other_kind():
    form = bound()
    assert field_of(form, "day", forms.DateField) is form.fields["day"]
    with pytest.raises(TypeError):
        field_of(form, "day", forms.ChoiceField)


def test_refusal_stands_beside_its_field():
    form = bound()
    refuse(form, DomainError("Too late.", field="day"))
    assert form.errors == {"day": ["Too late."]}


@pytest.mark.parametrize("field", [None, "place"])
def test_refusal_without_a_field_in_the_form_stands_above_it(field):
    form = bound()
    refuse(form, DomainError("Too late.", field=field))
    assert form.errors == {"__all__": ["Too late."]}
