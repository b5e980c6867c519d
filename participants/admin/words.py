from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from domain.admin import StaffAdmin
from participants.models.words import with_words


class FindsWords(StaffAdmin):
    """A list whose search finds the beginnings of words out of an index, and that counts no more rows than it
    has to. `search_fields` are the columns of one index over `Words`."""

    search_fields: Any
    show_full_result_count = False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return with_words(queryset, tuple(self.search_fields), search_term), False
