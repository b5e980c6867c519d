"""Who asks for an address: everybody whose answer something else decides, and of all others a few by turns.

Over all addresses everybody comes to every kind of page, and at each there is a stranger.
"""

from collections.abc import Iterable

from tests.security.expected import TABLE
from tests.security.roles import (
    ANONYMOUS,
    COORDINATOR,
    DELEGATE,
    FORMER,
    HR,
    MENTOR,
    NOBODY,
    OURS,
    ROLES,
    STAFF,
    STRANGER,
)

# What everybody sees another page of.
OF_EACH = {"", "meetings/", "goals/", "notices/", "programmes/"}
# Who is nearest to being let in where they are not, at pages and behind the door of the admin site.
NEAR = frozenset({ANONYMOUS, STRANGER, FORMER, DELEGATE, COORDINATOR, HR})
NEAR_STAFF = STAFF | {ANONYMOUS, STRANGER}
FEW = 4


def look(route: str, number: int) -> list[str]:
    """For the route that comes as the `number`-th."""
    may, may_act = TABLE.get(route, (NOBODY, NOBODY))
    if route in OF_EACH:
        return list(ROLES)
    if route.startswith("admin/") and may >= OURS:
        both = may_act & OURS or OURS
        may_too = (may - OURS) | {*by_turns(both, number, 1)}
    elif len(may) > FEW:
        few = may & {ANONYMOUS, STRANGER, MENTOR}
        may_too = few | {*by_turns(may - few, number, 1)}
    else:
        may_too = may
    return in_order({*may_too, *refused(route, may, number)})


def act_though_refused(route: str, number: int) -> list[str]:
    may_look, may = TABLE.get(route, (NOBODY, NOBODY))
    if may:
        return in_order(refused(route, may, number))
    return in_order({ANONYMOUS, STRANGER, *by_turns(may_look, 0, 1), *by_turns(ROLES, number, 1)})


def refused(route: str, may: frozenset[str], number: int) -> set[str]:
    is_admin = route.startswith("admin/")
    near = (NEAR_STAFF if is_admin else NEAR) - may
    others = {*ROLES} - near - may
    return {*near, *by_turns(others, number, 1)}


def by_turns(roles: Iterable[str], number: int, most: int) -> list[str]:
    line = in_order(roles)
    return [line[(number * most + place) % len(line)] for place in range(min(most, len(line)))]


def in_order(roles: Iterable[str]) -> list[str]:
    return sorted({*roles}, key=ROLES.index)
