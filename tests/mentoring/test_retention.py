"""What is forgotten when a cohort's time is over, hunted for in every column of the database."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.apps import apps
from django.db import connection

from agreements.models import Agreement, Clause, Version
from concerns.models import Concern, ConcernMessage
from endings.models import Farewell
from feedback.models import Feedback, TopicOffer
from goals.models import CheckIn, Goal, GoalChange, GoalLevel
from matching.models import MatchRun, Mentorship
from meetings.models import Confirmation, Meeting, MeetingLog, NextStep, PrivateNote, Resource
from mentoring import retention
from notices.models import Notice
from programmes.models import BriefingPage, BriefingStep, Cohort, Enrolment
from tests import factories

pytestmark = pytest.mark.django_db
MARK = "zebra-secret"
AT = datetime(2029, 2, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def mentorship():
    cohort = factories.cohort(Cohort.State.CLOSED)  # ends on 31 January 2027, kept for 24 months
    made = factories.mentorship(state="completed", in_cohort=cohort, topic=MARK, staff_reason=MARK)
    one, two = made.members.all()
    starts = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
    meeting = Meeting.objects.create(
        mentorship=made, starts_at=starts, ends_at=starts + timedelta(hours=1), agenda=MARK, place=MARK
    )
    Confirmation.objects.create(meeting=meeting, member=one, answer="yes")
    MeetingLog.objects.create(meeting=meeting, member=one, topics=MARK, challenges=MARK)
    NextStep.objects.create(meeting=meeting, member=one, text=MARK)
    PrivateNote.objects.create(meeting=meeting, member=one, text=MARK)
    Resource.objects.create(mentorship=made, member=one, title=MARK, link=f"https://example.org/{MARK}")
    version = Version.objects.create(
        agreement=Agreement.objects.create(mentorship=made), number=1, created_by=one
    )
    Clause.objects.create(version=version, kind="taboo", text=MARK, position=1)
    goal = Goal.objects.create(mentorship=made, title=MARK, baseline=-1)
    GoalLevel.objects.create(goal=goal, level=0, description=MARK)
    CheckIn.objects.create(
        goal=goal, member=one, due_on=date(2026, 11, 1), level=1, comment=MARK, obstacle=MARK
    )
    GoalChange.objects.create(goal=goal, proposed_by=one, before={"title": MARK}, after={"title": MARK})
    Feedback.objects.create(mentorship=made, author=one, recipient=two, helped=MARK, to_try=MARK)
    TopicOffer.objects.create(mentorship=made, member=one, title=MARK)
    Farewell.objects.create(member=one, thanks=MARK)
    concern = Concern.objects.create(
        programme=cohort.programme,
        mentorship=made,
        raised_by=one.person,
        topic="other",
        text=MARK,
        contact=MARK,
    )
    ConcernMessage.objects.create(concern=concern, author=one.person, text=MARK)
    MatchRun.objects.create(cohort=cohort, state="finished", outcome={"x": MARK}, inputs=MARK.encode())
    page = BriefingPage.objects.create(programme=cohort.programme, role="mentor", title="T", text="x")
    BriefingStep.objects.create(enrolment=one.enrolment, page=page, thoughts=MARK, done_at=starts)
    Enrolment.objects.filter(pk=one.enrolment_id).update(hopes=MARK)
    Notice.objects.create(
        recipient=two.person, kind="goal-changed", key="1", language="en", subject=MARK, text=MARK,
        created_at=datetime(2027, 1, 31, 20, 0, tzinfo=UTC),
    )  # fmt: skip
    return made


def columns_with(mark: str) -> list[str]:
    """Every column of every table in which the mark can be read, as text or as bytes; encrypted ones through
    their model."""
    found = []
    with connection.cursor() as cursor:
        for model in apps.get_models():
            for field in model._meta.concrete_fields:
                cursor.execute(
                    f'SELECT count(*) FROM "{model._meta.db_table}"'
                    f' WHERE position(%s in "{field.column}"::text) > 0'
                    f' OR position(%s in "{field.column}"::text) > 0',
                    [mark, mark.encode().hex()],
                )
                if cursor.fetchone()[0]:
                    found.append(f"{model._meta.label}.{field.name}")
    found += [f"Concern {c.pk}" for c in Concern.objects.all() if mark in (c.text, c.contact)]
    return found + [f"ConcernMessage {m.pk}" for m in ConcernMessage.objects.all() if m.text == mark]


def test_nothing_said_is_left_when_the_time_is_over_and_the_figures_stay(mentorship):
    before = columns_with(MARK)
    assert len(before) > 20
    assert retention.forget_due(AT) == 1
    assert columns_with(MARK) == []
    mentorship.cohort.refresh_from_db()
    assert mentorship.cohort.state == "archived"
    assert Meeting.objects.held().filter(mentorship=mentorship).count() == 1
    assert CheckIn.objects.get().level == 1
    assert Concern.objects.count() == 1
    assert retention.forget_due(AT) == 0


@pytest.mark.parametrize(
    ("at", "archived"),
    [
        (datetime(2029, 1, 31, 12, 0, tzinfo=UTC), 0),
        (datetime(2029, 1, 31, 22, 59, tzinfo=UTC), 0),  # 23:59 in Berlin, the last day
        (datetime(2029, 1, 31, 23, 1, tzinfo=UTC), 1),
        (datetime(2030, 5, 1, 0, 0, tzinfo=UTC), 1),  # more than a year without a worker
    ],
)
def test_time_is_over_after_the_last_day_where_the_cohort_is(mentorship, at, archived):
    assert retention.forget_due(at) == archived
    assert (columns_with(MARK) == []) == bool(archived)


def test_running_cohort_is_never_forgotten(mentorship):
    Cohort.objects.update(state=Cohort.State.RUNNING)
    assert retention.forget_due(AT) == 0


def test_months_end_where_the_month_does(mentorship):
    cohort = mentorship.cohort
    cohort.programme.retention_months = 1
    assert retention.kept_until(cohort) == date(2027, 2, 28)
    cohort.programme.retention_months = 13
    assert retention.kept_until(cohort) == date(2028, 2, 29)


def test_old_notices_go_and_later_ones_stay():
    someone = factories.person()
    for key, days in (("old", 731), ("new", 700)):
        Notice.objects.create(
            recipient=someone, kind="look-back", key=key, language="en", subject="s", text="t",
            created_at=AT - timedelta(days=days),
        )  # fmt: skip
    retention.forget_notices(AT)
    assert list(Notice.objects.values_list("key", flat=True)) == ["new"]
    assert Mentorship.objects.count() == 0
