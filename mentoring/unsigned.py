"""The agreement is signed before the second meeting. Agreements and meetings do not know each other; this
floor knows both."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet, Subquery

import agreements.reminders
from matching.models import Mentorship
from meetings.models import Meeting
from notices.outbox import post_all

BEFORE_SECOND = timedelta(days=3)


def post_due(at: datetime) -> int:
    """Remind those who have not signed yet while the second meeting comes near, once."""
    earlier = Meeting.objects.uncancelled().filter(
        mentorship=OuterRef("mentorship"), starts_at__lt=OuterRef("starts_at")
    )
    second = (
        Meeting.objects.starting_between(at, at + BEFORE_SECOND)
        .filter(Exists(earlier), mentorship=OuterRef("mentorship"))
        .order_by("starts_at")
    )
    members = (
        agreements.reminders.unsigned(at, authors=True)
        .filter(mentorship__state=Mentorship.State.CONFIRMED)
        .annotate(second_meeting_at=Subquery(second.values("starts_at")[:1]))
        .exclude(second_meeting_at=None)
    )
    return post_all(agreements.reminders.messages(agreements.reminders.nudge, members), at=at)


def met_twice() -> QuerySet[Mentorship]:
    """Those whose members met twice before all of them had signed."""
    held = Meeting.objects.held().filter(mentorship=OuterRef("pk")).order_by()
    is_there_a_second = Exists(held[1:2])  # and no more are looked at
    return Mentorship.objects.filter(is_there_a_second, state=Mentorship.State.CONFIRMED)
