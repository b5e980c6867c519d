"""What can be said of one table: whose its rows are, what of them is in a copy, what becomes of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model, Q, QuerySet
from django.utils.translation import get_language
from modeltranslation.translator import translator

from participants.models import Person


@dataclass(frozen=True)
class Delete:
    """The rows go."""


@dataclass(frozen=True)
class Blank:
    """The rows stay for the figures, without the words in them."""

    words: Mapping[str, Any]


@dataclass(frozen=True)
class Keep:
    """The rows stay, and lead to the row of a former participant alone."""

    why: str


@dataclass(frozen=True)
class Apart:
    """`erasing` has a step of its own for it."""

    how: str


Fate = Delete | Blank | Keep | Apart
Rows = Callable[[Person], Q]


@dataclass(frozen=True)
class Held:
    """`mine` are the look-ups that lead to whose rows they are; `found` those by which erasing finds its
    rows, where these are others. `about` names the columns that lead to people whose rows they are not.
    `copy` are the columns (or look-ups) of the copy, `left` the columns that are not in it. `rows` says whose
    rows are in the copy where look-ups cannot, and `annotated` adds columns to them."""

    fate: Fate
    mine: tuple[str, ...] = ()
    copy: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    rows: Rows | None = None
    annotated: Callable[[Person], dict[str, Any]] | None = field(default=None, repr=False)

    def copied(self, model: type[Model], person: Person) -> QuerySet[Any]:
        of_them = self.rows(person) if self.rows else any_of(self.mine, person)
        rows = model._base_manager.filter(pk__in=model._base_manager.filter(of_them).values("pk"))
        if self.annotated:
            rows = rows.annotate(**self.annotated(person))
        return rows.order_by("pk").values(*self.copy, *self.translated(model).values())

    def translated(self, model: type[Model]) -> dict[str, str]:
        """For the look-ups to what HR wrote in both languages, those to the language that is spoken."""
        language = get_language() or settings.LANGUAGE_CODE
        return {
            lookup: f"{lookup}_{language}"
            for lookup in self.copy
            if (column := field_of(model, lookup)) is not None and is_translated(column)
        }

    def erased(self, model: type[Model], person: Person) -> QuerySet[Any]:
        of_them = any_of(self.found or self.mine, person)
        return model._base_manager.filter(pk__in=model._base_manager.filter(of_them).values("pk"))


def any_of(lookups: tuple[str, ...], person: Person) -> Q:
    found = Q()
    for lookup in lookups:
        found |= Q(**{lookup: person.pk})
    return found


def model_of(label: str) -> type[Model]:
    return apps.get_model(label)


def is_translated(column: "Field[Any, Any]") -> bool:
    if column.model not in translator.get_registered_models():
        return False
    return column.name in translator.get_options_for_model(column.model).get_field_names()


def field_of(model: type[Model], lookup: str) -> "Field[Any, Any] | None":
    """The last column of a look-up; None for what is computed."""
    field: Any = None
    for name in lookup.split("__"):
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:
            return None
        model = field.related_model or model
    return field
