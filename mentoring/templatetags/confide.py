"""The quiet way to a confidant, from every page of a mentorship."""

from typing import Any

from django import template
from django.urls import reverse

from matching.models import Mentorship

register = template.Library()


@register.inclusion_tag("components/_confide.html", takes_context=True)
def confide(context: dict[str, Any]) -> dict[str, str]:
    """Asks nothing of the database: a page about a mentorship has it at hand, with its members. Whoever
    is none of them, such as a delegate, sees no such way; a page that names the confidant needs no second."""
    request, mentorship = context.get("request"), mentorship_at_hand(context)
    if not request or not mentorship or "confidant" in context or "confidants" in context:
        return {}
    return (
        {"url": reverse("concerns:raise", args=[mentorship.uuid])}
        if mentorship.member_for(request.user)
        else {}
    )


def mentorship_at_hand(context: dict[str, Any]) -> Mentorship | None:
    for name in ("mentorship", "meeting", "goal", "agreement"):
        found = context.get(name)
        if found is None or isinstance(found, str):
            continue
        if not isinstance(found, Mentorship):
            found = found._state.fields_cache.get("mentorship") if hasattr(found, "_state") else None
        if found and "members" in getattr(found, "_prefetched_objects_cache", {}):
            return found
    return None
