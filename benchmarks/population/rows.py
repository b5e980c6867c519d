"""Rows by COPY, as the models describe them."""

from collections.abc import Iterable
from datetime import date, datetime
from itertools import repeat
from typing import Any

import numpy as np
from django.core.management.color import no_style
from django.db import connection, models

from participants.importing.copying import copy


def where(condition: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The values as texts, and None where the condition does not hold."""
    return np.where(condition, values.astype(str), None)


def hexes(rng: np.random.Generator, count: int) -> np.ndarray:
    raw = rng.bytes(16 * count).hex()
    return np.array([raw[32 * number : 32 * number + 32] for number in range(count)])


def load(
    rng: np.random.Generator, at: datetime, model: type[models.Model], count: int, /, **given: Any
) -> None:
    """COPY so many rows. Each column given is a value for all, or one for each row; the others hold what the
    model says by default, keys and ids of their own, and `at` where it says now."""
    columns: dict[str, Iterable[Any]] = {}
    for one in model._meta.concrete_fields:
        if one.attname in given:
            values = given.pop(one.attname)
        elif isinstance(one, models.UUIDField) and not one.null:
            values = hexes(rng, count)
        elif isinstance(one, models.AutoField | models.BigAutoField):
            values = range(1, count + 1)
        else:
            values = one.get_default()
            if isinstance(values, list | dict):
                values = "{}"
            elif isinstance(values, datetime):
                values = at
        is_one = values is None or isinstance(values, str | int | bool | datetime | date)
        columns[one.column] = repeat(values) if is_one else values
    if given:
        raise TypeError(f"{model.__name__} has no {', '.join(given)}")
    rows = zip(range(count), *columns.values(), strict=False)
    copy(f"{model._meta.db_table} ({', '.join(columns)})", (row[1:] for row in rows))
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [model]):
            cursor.execute(statement)
