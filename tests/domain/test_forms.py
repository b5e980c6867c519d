import pytest
from crispy_forms.templatetags.crispy_forms_filters import as_crispy_field
from django import forms
from django.template import Context, Template
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

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


MARKUP = "<img src=x onerror=alert(1)>"


@pytest.mark.parametrize(
    ("help_text", "shown"),
    [
        (MARKUP, "&lt;img src=x onerror=alert(1)&gt;"),
        (gettext_lazy(MARKUP), "&lt;img src=x onerror=alert(1)&gt;"),
        (format_html("<b>{}</b>", MARKUP), "<b>&lt;img src=x onerror=alert(1)&gt;</b>"),
        ("", ""),
    ],
)
def test_help_text_is_text_in_every_look_unless_it_is_made_as_markup(help_text, shown):
    form = DayForm({})
    form.fields["day"].help_text = help_text
    theme = Template('{% include "unfold/helpers/help_text.html" with help_text=field.help_text only %}')
    for html in (
        form.as_div(),
        as_crispy_field(form["day"]),
        theme.render(Context({"field": form["day"]})),
    ):
        assert ("onerror" in html, "<img" in html) == (bool(shown), False)
        assert shown in html
