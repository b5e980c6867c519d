"""The tiny pulse after every second meeting. Pulses and meetings do not know each other; this floor knows
both."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta

import pulses.actions
from matching.models import Mentorship
from meetings.models import Meeting
from programmes.models import Cohort

ASKED_WITHIN = timedelta(days=21)
"""How long after a meeting it is worth asking: it may be confirmed late, or no worker may have run."""


def ask_due(at: datetime) -> None:
    """Ask the members of each mentorship whose second, fourth, sixth… meeting was held of late."""
    running = Mentorship.objects.filter(
        cohort__state=Cohort.State.RUNNING, state__in=(Mentorship.State.CONFIRMED, Mentorship.State.ACTIVE)
    )
    of_late = Meeting.objects.held().filter(ends_at__gt=at - ASKED_WITHIN, ends_at__lte=at)
    mentorships = running.filter(pk__in=of_late.values("mentorship"))
    held = (
        Meeting.objects.held().filter(mentorship__in=mentorships, ends_at__lte=at).order_by("starts_at", "pk")
    )
    so_far: Counter[int] = Counter()
    due: dict[tuple[int, int], list[int]] = defaultdict(list)
    for cohort, mentorship, ended in held.values_list("mentorship__cohort", "mentorship", "ends_at"):
        so_far[mentorship] += 1
        if so_far[mentorship] % 2 == 0 and ended > at - ASKED_WITHIN:
            due[cohort, so_far[mentorship] // 2].append(mentorship)
    cohorts = Cohort.objects.in_bulk({cohort for cohort, _number in due})
    for (cohort, number), found in due.items():
        pulses.actions.ask_after_meeting(cohort=cohorts[cohort], number=number, mentorships=found, at=at)
