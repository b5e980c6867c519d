from typing import TypeVar

from django.forms import BaseForm, Field

from domain.errors import DomainError

F = TypeVar("F", bound=Field)


def field_of(form: BaseForm, name: str, kind: type[F]) -> F:
    """`form.fields[name]`, which the caller knows to be of that kind. Raises TypeError where it is not."""
    found = form.fields[name]
    if not isinstance(found, kind):
        raise TypeError(f"{name} is no {kind.__name__}")
    return found


def refuse(form: BaseForm, error: DomainError) -> None:
    """Say why an act was refused: beside the field it belongs to, or above the form where that has none."""
    form.add_error(error.field if error.field in form.fields else None, error.message)
