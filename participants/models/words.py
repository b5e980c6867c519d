"""Finding rows by the beginnings of words, in any order, whatever the accents, out of an index."""

import re
import unicodedata
from typing import TypeVar

from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db import models

Rows = TypeVar("Rows", bound=models.QuerySet)


class Words(models.Func):
    """The words of some columns, as `participants_words` in the database folds them."""

    function = "participants_words"
    output_field = SearchVectorField()


def folded(text: str) -> list[str]:
    """Words without capitals, accents and punctuation, as the database folds them."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    return re.findall(r"\w+", re.sub("[\u0300-\u036f]", "", plain).replace("_", " ").lower())


def with_words(queryset: Rows, fields: tuple[str, ...], text: str) -> Rows:
    """Rows in which each word of `text` begins a word of `fields`; all of them where it has none."""
    words = folded(text)
    if not words:
        return queryset
    query = SearchQuery(" & ".join(f"{word}:*" for word in words), config="simple", search_type="raw")
    return queryset.alias(words=Words(*fields)).filter(words=query)
