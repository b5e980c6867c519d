"""What the benchmarks stand on: a company that is whole, and SQL that tells what the models tell."""

from collections import Counter

import pytest
from django.db import connection

from benchmarks.aggregates import GOALS, STANDING, statements
from benchmarks.population.company import build
from benchmarks.population.meetings import meet
from matching.models import Mentorship
from meetings.models import Meeting
from participants.models import Person
from programmes.models import Cohort, Enrolment

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(tmp_path):
    made = build(tmp_path, people=1000, mentorships=100)
    meet(made, 150)
    meet(made, 250)
    return made


def rows_of(company, start, **view):
    cohorts = [cohort.pk for cohort in Cohort.objects.filter(programme=company.programme)]
    found = statements(cohorts, [company.programme.pk], company.at, **view)
    [(text, parameters)] = [one for one in found if one[0].startswith(start[:40])]
    with connection.cursor() as cursor:
        cursor.execute(text, parameters)
        return cursor.fetchall()


def added(rows, what, place):
    """The numbers of one table, by what stands in `place`."""
    found = Counter()
    for row in rows:
        if row[0] == what:
            found[row[place]] += row[4]
    return found


def test_sql_tells_the_same_as_the_models(company):
    own = Meeting.objects.filter(mentorship__cohort__programme=company.programme)
    status = Counter(one.status(company.at).value for one in own.prefetch_related("confirmations"))
    rows = rows_of(company, STANDING)
    told = added(rows, "meetings", 2)
    cancelled = [told.pop(kind, 0) for kind in ("by_mentor", "by_mentee", "cancelled")]
    assert Counter(told) + Counter(cancelled=sum(cancelled)) == status
    assert added(rows, "lateness", 2).total() == status["cancelled"]
    assert added(rows, "months", 2).total() == status["held"]
    bound = Mentorship.objects.filter(cohort__programme=company.programme)
    assert added(rows, "health", 2) == Counter(bound.values_list("state", flat=True))
    people = Enrolment.objects.sent().filter(cohort__programme=company.programme)
    steps = added([row for row in rows if row[3] != "0"], "course", 2)
    assert steps == Counter(people.values_list("role", flat=True))
    met = {one.mentorship_id for one in own.held()}
    assert added(rows, "waits", 0)["waits"] == len(met)
    assert added(rows_of(company, GOALS), "states", 0)["states"] == 2 * bound.count()
    units = [one.person.unit_id for one in people.select_related("person")[:5]]
    for view, which in [
        ({"role": "mentor"}, people.filter(role="mentor")),
        ({"units": units}, people.filter(person__unit__in=units)),
    ]:
        rows = [row for row in rows_of(company, STANDING, **view) if row[3] != "0"]
        assert added(rows, "course", 0)["course"] == which.count() > 0


def test_company_is_whole(company):
    assert company.meetings == Meeting.objects.count() == 400
    assert Mentorship.objects.count() == 100
    assert not Mentorship.objects.exclude(members__role="mentor").exists()
    assert Person.objects.exclude(line=[]).exists()
    assert Meeting.objects.held().exists() and Meeting.objects.upcoming(company.at).exists()
    assert not Meeting.objects.filter(ends_at__gt=company.at, confirmations__isnull=False).exists()
