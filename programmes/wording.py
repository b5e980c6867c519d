"""The own words of programmes, as the outbox asks for them."""

from typing import Any

from notices import wording
from programmes.models import Programme, Wording


@wording.source
def load(kinds: set[str]) -> wording.Find:
    """In one query all words for these kinds; there are few."""
    stored = {(one.programme_id, one.kind): one for one in Wording.objects.filter(kind__in=kinds)}

    def find(kind: str, context: dict[str, Any], language: str) -> tuple[str, str]:
        programme = programme_of(context) if stored else None
        own = stored.get((programme, kind)) if programme else None
        return own.words(language) if own else ("", "")

    return find


def programme_of(context: dict[str, Any]) -> int | None:
    """The pk of the programme that something in the context is, or belongs to."""
    for value in context.values():
        found = value
        for step in ("meeting", "mentorship", "enrolment", "cohort", "programme"):
            found = getattr(found, step, found)
        if isinstance(found, Programme):
            return found.pk
    return None
