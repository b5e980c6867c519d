"""Every address the product has, read from its resolver, with an example of each.

A pattern that takes something and has no example here fails the walk, so that a new page is not forgotten.
"""

import re
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.urls import URLPattern, get_resolver
from django.urls.resolvers import URLResolver

from tests.security.company import Company

# What an address takes, by the names under which the company keeps it, in the order of the address.
EXAMPLES: dict[str, tuple[str, ...]] = {
    "meetings/plan/<uuid:uuid>/": ("pair",),
    "meetings/plan/<uuid:uuid>/all/": ("pair",),
    "meetings/calendar/<str:token>.ics": ("calendar token",),
    "meetings/share/<uuid:uuid>/": ("pair",),
    "meetings/unplanned/<uuid:uuid>/": ("pair",),
    "meetings/did-you-meet/<str:token>/": ("mail token",),
    "meetings/resources/<uuid:uuid>/": ("resource",),
    "meetings/resources/<uuid:uuid>/remove/": ("resource",),
    "meetings/steps/<uuid:uuid>/": ("step",),
    "meetings/<uuid:uuid>/": ("past meeting",),
    "meetings/<uuid:uuid>/move/": ("coming meeting",),
    "meetings/<uuid:uuid>/cancel/": ("coming meeting",),
    "meetings/<uuid:uuid>/answer/": ("past meeting",),
    "meetings/<uuid:uuid>/moved/": ("past meeting",),
    "meetings/<uuid:uuid>/log/": ("past meeting",),
    "meetings/<uuid:uuid>/log/save/": ("past meeting",),
    "agreements/<uuid:uuid>/": ("pair",),
    "agreements/<uuid:uuid>/adapt/": ("pair",),
    "agreements/<uuid:uuid>/print/": ("pair",),
    "agreements/<uuid:uuid>/sign/": ("pair",),
    "goals/new/<uuid:uuid>/": ("pair",),
    "goals/<uuid:uuid>/": ("goal",),
    "goals/<uuid:uuid>/check-in/": ("goal",),
    "goals/<uuid:uuid>/describe/": ("bare goal",),
    "goals/<uuid:uuid>/change/": ("bare goal",),
    "goals/changes/<uuid:uuid>/": ("goal change",),
    "goals/<uuid:uuid>/attain/": ("goal",),
    "goals/<uuid:uuid>/drop/": ("goal",),
    "goals/<uuid:uuid>/reopen/": ("closed goal",),
    "pulses/<uuid:uuid>/": ("pulse",),
    "feedback/<uuid:uuid>/": ("pair",),
    "feedback/<uuid:uuid>/keep/": ("pair",),
    "feedback/<uuid:uuid>/exchange/": ("pair",),
    "feedback/words/<uuid:uuid>/": ("feedback",),
    "feedback/topics/<uuid:uuid>/": ("topic offer",),
    "concerns/raise/<uuid:uuid>/": ("pair",),
    "concerns/<uuid:uuid>/": ("concern",),
    "concerns/<uuid:uuid>/take/": ("concern",),
    "concerns/<uuid:uuid>/hand-over/": ("concern",),
    "concerns/<uuid:uuid>/pause/": ("concern",),
    "concerns/<uuid:uuid>/settle/": ("concern",),
    "endings/<uuid:uuid>/": ("pair",),
    "endings/<uuid:uuid>/complete/": ("pair",),
    "endings/<uuid:uuid>/certificate/": ("completed",),
    "endings/<uuid:uuid>/next/": ("ended",),
    "endings/<uuid:uuid>/rematch/": ("ended",),
    "endings/looking-back/<uuid:uuid>/": ("look back",),
    "mentorships/<uuid:uuid>/": ("pair",),
    "mentorships/<uuid:uuid>/offer/": ("offered",),
    "mentorships/<uuid:uuid>/pause/": ("pair",),
    "mentorships/<uuid:uuid>/resume/": ("paused",),
    "mentorships/<uuid:uuid>/end/": ("pair",),
    "stalled/<uuid:uuid>/nudge/": ("pair",),
    "refused/<int:pk>/again/": ("refused",),
    "directory/<uuid:cohort>/suggestions/": ("with suggestions",),
    "directory/<uuid:cohort>/": ("directory",),
    "directory/<uuid:cohort>/<uuid:enrolment>/": ("directory", "in directory"),
    "directory/requests/<uuid:uuid>/": ("request",),
    "programmes/join/<str:token>/": ("link token",),
    "programmes/<uuid:cohort>/": ("enrolling",),
    "programmes/<uuid:cohort>/enrol/": ("enrolling",),
    "programmes/<uuid:cohort>/enrol/<slug:step>/": ("enrolling", "=people"),
    "programmes/invitations/<uuid:invitation>/decline/": ("invitation",),
    "programmes/enrolments/<uuid:enrolment>/withdraw/": ("enrolment",),
    "programmes/enrolments/<uuid:enrolment>/briefing/": ("enrolment",),
    "programmes/enrolments/<uuid:enrolment>/discard/": ("draft",),
    "programmes/enrolments/<uuid:enrolment>/briefing/<int:number>/": ("enrolment", "=1"),
    "programmes/time/<uuid:uuid>/": ("time request",),
    "profile/people/<int:pk>/": ("mentor",),
    "notices/unsubscribe/<str:token>/": ("unsubscribe token",),
    "notices/<uuid:uuid>/": ("notice",),
    "insights/<uuid:uuid>/": ("programme",),
    "insights/<uuid:uuid>/figures.<slug:kind>": ("programme", "=xlsx"),
    "account/^confirm-email/(?P<key>[-:\\w]+)/$": ("=made-up",),
    "account/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": ("=1", "=made-up"),
    "admin/erasures/<int:pk>/": ("person",),
    "admin/erasures/<int:pk>/decline/": ("person",),
    "admin/erasures/<int:pk>/first/inactive/": ("person",),
    "admin/erasures/<int:pk>/first/end/": ("person",),
    "admin/programmes/cohort/rounds/<int:pk>/": ("round",),
    "admin/programmes/cohort/links/<int:pk>/revoke/": ("link",),
    "admin/programmes/cohort/<path:object_id>/invite/": ("enrolling",),
    "admin/programmes/cohort/<path:object_id>/open-enrolment/": ("enrolling",),
    "admin/programmes/cohort/<path:object_id>/begin-matching/": ("enrolling",),
    "admin/programmes/cohort/<path:object_id>/start/": ("matching",),
    "admin/programmes/cohort/<path:object_id>/close/": ("running",),
    "admin/matching/matchrun/cohort/<int:cohort_id>/run/": ("matching",),
    "admin/matching/matchrun/cohort/<int:cohort_id>/again/": ("matching",),
    "admin/matching/matchrun/cohort/<int:cohort_id>/what-if/": ("matching",),
    "admin/matching/matchrun/cohort/<int:cohort_id>/before/": ("matching",),
    "admin/matching/matchrun/<int:run_id>/groups/confirm/": ("group run",),
    "admin/matching/matchrun/<int:run_id>/groups/<int:group_id>/confirm/": ("group run", "group"),
    "admin/matching/matchrun/<int:run_id>/people/<int:enrolment_id>/": ("group run", "seat"),
    "admin/matching/matchrun/<int:run_id>/people/<int:enrolment_id>/<int:group_id>/": (
        "group run",
        "seat",
        "group",
    ),
    "admin/matching/matchrun/<int:run_id>/decisions/<int:decision_id>/undo/": ("group run", "decision"),
    "admin/^(?P<app_label>...)/$": ("=participants",),
    "admin/(?P<url>.*)$": ("=nothing-here",),
}

# Looked at as well, because such a one has another page.
ALSO: list[tuple[str, str]] = [
    ("mentorships/<uuid:uuid>/", "paused"),
    ("mentorships/<uuid:uuid>/", "completed"),
    ("meetings/<uuid:uuid>/", "coming meeting"),
    ("meetings/<uuid:uuid>/", "meeting being written about"),
    ("meetings/<uuid:uuid>/log/", "meeting being written about"),
    ("feedback/<uuid:uuid>/exchange/", "paused"),
    ("endings/<uuid:uuid>/", "completed"),
    ("admin/matching/matchrun/<path:object_id>/change/", "group run"),
    ("admin/matching/mentorship/<path:object_id>/change/", "completed"),
]

# What an address under a model of the admin site takes, unless the table above says otherwise.
OF_MODELS: dict[str, str] = {
    "participants/grade": "grade",
    "participants/unit": "unit",
    "participants/site": "site",
    "participants/profession": "profession",
    "participants/topic": "topic",
    "participants/delegation": "delegation",
    "participants/person": "person",
    "participants/peopleimport": "import",
    "programmes/programme": "programme",
    "programmes/cohort": "running",
    "programmes/enrolment": "enrolment",
    "programmes/invitation": "invitation",
    "programmes/wording": "wording",
    "matching/matchrun": "run",
    "matching/matchingpolicy": "policy",
    "matching/block": "block",
    "matching/mentorship": "pair",
    "pulses/ownquestion": "own question",
}
NAMED = {
    "proposal_id": "proposal",
    "mentor_id": "a mentor",
    "mentee_id": "a mentee",
    "other_id": "run again",
    "programme_id": "programme",
}
TAKES = re.compile(r"<(?:(?P<converter>\w+):)?(?P<name>\w+)>")


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """Each pattern once, as the resolver calls it."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield re.sub(r"<app_label>[^)]+", "<app_label>...", route)  # the names of all apps
        else:
            yield from routes(pattern, route)


def address(route: str, company: Company, *others: str) -> str:
    """An address that fits the route, with `others` instead of its example. Raises LookupError where nobody
    said what it takes."""
    names = [found["name"] for found in TAKES.finditer(route)]
    model = "/".join(route.split("/")[1:3]) if route.startswith("admin/") else ""
    takes = others or EXAMPLES.get(route) or tuple(NAMED.get(name) or OF_MODELS[model] for name in names)
    if len(takes) != len(names):
        raise LookupError(route)
    values = iter([value_of(name, takes_, company) for name, takes_ in zip(names, takes, strict=True)])
    path = re.sub(r"\(\?P<\w+>[^()]*\)", lambda _: next(values), route)
    path = TAKES.sub(lambda _: next(values), path)
    return "/" + path.replace("^", "").rstrip("$")


def value_of(name: str, thing: str, company: Company) -> str:
    if thing.startswith("="):
        return thing[1:]
    found: Any = company.people.get(thing) or company.things[thing]
    if isinstance(found, str):
        return found
    by_uuid = name in ("uuid", "cohort", "enrolment", "invitation")
    return str(found.uuid if by_uuid else found.pk)


def models_in_admin() -> list[str]:
    return [model._meta.label_lower.replace(".", "/") for model in admin.site._registry]
