"""Every kind of notice there is, with the facts of docs/reminders.md, by the heading it stands under on the
page on which people choose. One that is not named here cannot be posted."""

from notices.kinds import care, growth, meetings, mentorship, programme
from notices.kinds.kind import Group, Kind, Pace

__all__ = ["DIGEST", "KINDS", "Group", "Kind", "Pace"]

DIGEST = "digest"
"""The mail that lists what waits. It is no kind: nobody posts it, and nobody chooses it by itself."""

KINDS: dict[str, Kind] = {
    **programme.KINDS,
    **mentorship.KINDS,
    **meetings.KINDS,
    **growth.KINDS,
    **care.KINDS,
}
