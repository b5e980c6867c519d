"""What is forgotten when a cohort's time is over, and what stays: figures about groups.

A cohort is archived `retention_months` after its last day. What people wrote in it, to each other, to the
confidant or to the solver, is deleted; that meetings were planned, held or missed, levels reached, and
answers that lead back to nobody stay, because reports need them.
"""

import logging
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import partial

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from agreements.models import Agreement
from concerns.models import Concern, ConcernMessage
from endings.models import Farewell
from feedback.models import Feedback, TopicOffer
from goals.models import CheckIn, Goal, GoalChange, GoalLevel
from matching.models import GroupDecision, MatchRun, Mentorship, Request
from meetings.models import Meeting, MeetingLog, NextStep, PrivateNote, Resource
from notices.models import Notice
from programmes.models import Avoidance, BriefingStep, Cohort, Enrolment, Wish

NOTICES_KEPT = timedelta(days=2 * 365)
logger = logging.getLogger(__name__)


def due(at: datetime) -> Iterator[Cohort]:
    """Closed cohorts whose time is over in their own time zone."""
    for cohort in Cohort.objects.filter(state=Cohort.State.CLOSED).select_related("programme"):
        if cohort.today(at) > kept_until(cohort):
            yield cohort


def kept_until(cohort: Cohort) -> date:
    months = cohort.ends_on.month - 1 + cohort.programme.retention_months
    year, month = cohort.ends_on.year + months // 12, months % 12 + 1
    for day in (cohort.ends_on.day, 30, 29, 28):
        try:
            return date(year, month, day)
        except ValueError:
            continue
    raise ValueError(cohort.ends_on)


def forget_due(at: datetime | None = None) -> int:
    """Archive what is due, each cohort as a whole; one that fails holds up no other."""
    at = at or timezone.now()
    archived = 0
    for cohort in due(at):
        try:
            archived += forget(cohort)
        except Exception:
            logger.exception("cohort %s could not be archived", cohort.pk)
    return archived


@transaction.atomic
def forget(cohort: Cohort) -> bool:
    """Twice is once."""
    if not cohort.move_to(Cohort.State.ARCHIVED):
        return False
    mentorships = Mentorship.objects.filter(cohort=cohort)
    files = [
        resource.file for resource in Resource.objects.filter(mentorship__in=mentorships).exclude(file="")
    ]
    for rows in deleted(cohort, mentorships):
        rows.delete()
    for rows, blank in blanked(cohort, mentorships):
        rows.update(**blank)
    for file in files:
        transaction.on_commit(partial(file.delete, save=False), robust=True)
    return True


def deleted(cohort: Cohort, mentorships: QuerySet[Mentorship]) -> list[QuerySet]:
    """Rows that are nothing but what somebody said or wished."""
    enrolments = Enrolment.objects.filter(cohort=cohort)
    return [
        *said_in(mentorships),
        *(model.objects.filter(enrolment__in=enrolments) for model in (Wish, Avoidance, BriefingStep)),
        Request.objects.filter(asker__in=enrolments),
        MatchRun.objects.filter(cohort=cohort),
        GroupDecision.objects.filter(cohort=cohort),
        # What was told while it lasted quotes goals and names people.
        Notice.objects.filter(
            recipient__in=enrolments.values("person"),
            created_at__lt=datetime.combine(cohort.ends_on, time.max, cohort.zone),
        ),
    ]


def said_in(mentorships: QuerySet[Mentorship]) -> list[QuerySet]:
    """Rows that are nothing but what the members said to each other, to themselves or to the confidant."""
    meetings = Meeting.objects.filter(mentorship__in=mentorships)
    goals = Goal.objects.filter(mentorship__in=mentorships)
    return [
        *(model.objects.filter(meeting__in=meetings) for model in (MeetingLog, NextStep, PrivateNote)),
        *(
            model.objects.filter(mentorship__in=mentorships)
            for model in (Resource, Agreement, Feedback, TopicOffer)
        ),
        *(model.objects.filter(goal__in=goals) for model in (GoalChange, GoalLevel)),
        Farewell.objects.filter(member__mentorship__in=mentorships),
        ConcernMessage.objects.filter(concern__mentorship__in=mentorships),
    ]


def blanked(cohort: Cohort, mentorships: QuerySet[Mentorship]) -> list[tuple[QuerySet, dict[str, object]]]:
    """Rows that reports count, without the words in them."""
    return [
        *words_in(mentorships),
        (Enrolment.objects.filter(cohort=cohort), {"hopes": "", "weekly_hours": []}),
    ]


def words_in(mentorships: QuerySet[Mentorship]) -> list[tuple[QuerySet, dict[str, object]]]:
    return [
        (Meeting.objects.filter(mentorship__in=mentorships), {"agenda": "", "place": "", "link": ""}),
        (Goal.objects.filter(mentorship__in=mentorships), {"title": "–"}),
        (CheckIn.objects.filter(goal__mentorship__in=mentorships), {"comment": "", "obstacle": ""}),
        (Concern.objects.filter(mentorship__in=mentorships), {"text": "", "contact": None}),
        (mentorships, {"topic": "", "staff_reason": ""}),
    ]


def forget_notices(at: datetime | None = None) -> int:
    """What was told to somebody so long ago is of no use to them, and names people."""
    at = at or timezone.now()
    old = Notice.objects.filter(created_at__lt=at - NOTICES_KEPT)
    return old.delete()[0]
