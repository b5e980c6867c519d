"""Once a mentorship is over no sweep asks its members for what belongs to one that goes on."""

from datetime import datetime, time, timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

import matching.actions
from agreements.models import Agreement, Version
from goals.models import Goal
from meetings.models import Confirmation, Meeting
from mentoring.waiting import waiting_for
from notices.models import Notice
from tests import factories

pytestmark = pytest.mark.django_db
AFTERWARDS = {"pulse-open", "feedback-asked", "look-back"}
"""What may be asked of members of a completed mentorship."""


def in_its_middle():
    """A mentorship in which much is due: a check-in, meetings to confirm and to log, one that comes."""
    at = timezone.now()
    today = at.date()
    cohort = factories.cohort(
        enrolment_opens_on=today - timedelta(days=160),
        enrolment_closes_on=today - timedelta(days=110),
        starts_on=today - timedelta(days=100),
        ends_on=today + timedelta(days=99),
    )
    made = factories.mentorship(
        state="active", in_cohort=cohort, confirmed_at=at - timedelta(days=100), activated_at=at
    )
    one, _two = made.members.all()
    Goal.objects.create(mentorship=made, title="Listen", set_at=at - timedelta(days=95))
    Version.objects.create(agreement=Agreement.objects.create(mentorship=made), number=1, created_by=one)
    for days in (-60, -2, -1, 1):
        begins = datetime.combine(today + timedelta(days=days), time(9), at.tzinfo)
        meeting = Meeting.objects.create(
            mentorship=made, starts_at=begins, ends_at=begins + timedelta(hours=1)
        )
        if days < -1:
            Confirmation.objects.create(meeting=meeting, member=one, answer="yes")
    return made


def sweep():
    for name in settings.CELERY_BEAT_SCHEDULE:
        import_string(name)()


def asked_of(made):
    people = [member.person for member in made.members.all()]
    kinds = set(Notice.objects.filter(recipient__in=people).values_list("kind", flat=True))
    return kinds, {thing.title for one in people for thing in waiting_for(one, timezone.now())}


def test_going_one_is_reminded_of_much():
    made = in_its_middle()
    sweep()
    kinds, waiting = asked_of(made)
    assert kinds - AFTERWARDS
    assert len(waiting) > 1


@pytest.mark.parametrize("how", ["ended", "completed"])
def test_nothing_is_asked_of_members_of_what_is_over(how):
    made = in_its_middle()
    one, two = (member.person for member in made.members.all())
    if how == "ended":
        matching.actions.end(mentorship=made, person=one)
    else:
        matching.actions.complete(mentorship=made)
    Notice.objects.all().delete()
    for _twice in range(2):
        sweep()
    kinds, waiting = asked_of(made)
    # What is cleared from their calendars is told to them, and nothing else.
    assert kinds - {"meeting-cancelled", "meeting-calendar", "meeting-called-off"} <= (
        AFTERWARDS if how == "completed" else set()
    )
    assert not Meeting.objects.upcoming(timezone.now()).exists()
    assert {
        title for title in waiting if "question round" not in title and "has helped" not in title
    } == set()
    assert two not in [notice.recipient for notice in Notice.objects.filter(kind="mentorship-silent")]
