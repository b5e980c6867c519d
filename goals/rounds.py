"""For which day a member reports now: one the cohort asks about, one another member began, or today."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from goals.models import CheckIn, Goal
from goals.reminders import is_asked_about, to_remind_of
from matching.models import Member, Mentorship

JOINED_FOR = timedelta(days=14)
"""How long a check-in nobody asked for waits for the others'."""


def begun(
    goal: Goal, mentorship: Mentorship, member: Member, at: datetime, made: Iterable[CheckIn]
) -> date | None:
    """The day that waits for this member's report, among the check-ins `made` on the goal.

    What the cohort asks goes first; then the latest day of the last two weeks on which another member
    reported of their own accord, unless this one has said something since.
    """
    if goal.state != Goal.State.OPEN or not mentorship.is_live:
        return None
    zone = member.person.zone
    own = {one.due_on for one in made if one.member_id == member.pk}
    asked = to_remind_of(mentorship.cohort, at, zone)
    if asked and is_asked_about(goal, asked, zone) and asked not in own:
        return asked
    since = (
        max(at.astimezone(zone).date() - JOINED_FOR, *own) if own else at.astimezone(zone).date() - JOINED_FOR
    )
    return max(
        (one.due_on for one in made if one.member_id != member.pk and one.due_on > since), default=None
    )


def to_report(
    goal: Goal, mentorship: Mentorship, member: Member, at: datetime, made: Iterable[CheckIn]
) -> date | None:
    """The day that waits, or today for whoever reports of their own accord; None where today is said."""
    made = list(made)
    if day := begun(goal, mentorship, member, at, made):
        return day
    if goal.state != Goal.State.OPEN or not mentorship.is_live:
        return None
    today = at.astimezone(member.person.zone).date()
    said = any(one.member_id == member.pk and one.due_on >= today for one in made)
    return today if is_asked_about(goal, today, member.person.zone) and not said else None
