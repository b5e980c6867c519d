from typing import TypeVar

from django.forms import BaseForm, BaseFormSet, BoundField, Field
from django.forms.formsets import TOTAL_FORM_COUNT
from django.forms.renderers import DjangoTemplates
from django.utils.html import conditional_escape

from domain.errors import DomainError

F = TypeVar("F", bound=Field)


def field_of(form: BaseForm, name: str, kind: type[F]) -> F:
    """`form.fields[name]`, which the caller knows to be of that kind. Raises TypeError where it is not."""
    found = form.fields[name]
    if not isinstance(found, kind):
        raise TypeError(f"{name} is no {kind.__name__}")
    return found


class BoundedFormSet(BaseFormSet):
    """Builds no form at all where more are sent than its `absolute_max`; Django would build that many, and
    then refuse them."""

    absolute_max: int

    def total_form_count(self) -> int:
        if self.is_bound and (self.management_form.cleaned_data[TOTAL_FORM_COUNT] or 0) > self.absolute_max:
            return 0
        return super().total_form_count()


def refuse(form: BaseForm, error: DomainError) -> None:
    """Say why an act was refused: beside the field it belongs to, or above the form where that has none."""
    form.add_error(error.field if error.field in form.fields else None, error.message)


class EscapingBoundField(BoundField):
    """Help texts are text: both looks write them into the page as they are, and some quote what people typed.

    Those that are made with `format_html` stay.
    """

    def __init__(self, form: BaseForm, field: Field, name: str) -> None:
        super().__init__(form, field, name)
        self.help_text = conditional_escape(self.help_text)


class Renderer(DjangoTemplates):
    """Of every form, ours and the libraries' (FORM_RENDERER)."""

    bound_field_class = EscapingBoundField
