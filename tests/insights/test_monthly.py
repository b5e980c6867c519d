"""The monthly mail: for those who want it, once, in their own month, the same figures as the page."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from insights import monthly, tasks
from notices.models import Notice, NoticePreference
from tests import factories
from tests.insights import company

pytestmark = pytest.mark.django_db

FIRST = datetime.fromisoformat("2026-11-01T09:00:00+00:00")
DAY = timedelta(days=1)


def programme(pairs=1):
    cohort = factories.cohort()
    for _number in range(pairs):
        company.mentorship(cohort, held=2)
    company.count()
    return cohort.programme


def wants(person, **where):
    NoticePreference.objects.create(
        person=person, kind=monthly.KIND, **({"by_email": True, "in_inbox": False} | where)
    )
    return person


def posted():
    return list(Notice.objects.filter(kind=monthly.KIND).order_by("pk"))


def test_it_goes_to_nobody_who_did_not_ask_and_to_nobody_who_may_not_read():
    of = programme()
    company.sponsor(of)
    wants(company.sponsor(of), by_email=False)
    wants(factories.person())
    assert monthly.post_due(FIRST) == 0


def test_it_goes_once_a_month_also_after_a_missed_day_and_a_second_run():
    sponsor = wants(company.sponsor(programme()))
    assert monthly.post_due(FIRST - DAY) == 0
    assert monthly.post_due(FIRST + 2 * DAY) == 1
    assert monthly.post_due(FIRST + 2 * DAY) == 0
    assert monthly.post_due(FIRST + 6 * DAY) == 0
    assert monthly.post_due(FIRST + 30 * DAY) == 1
    assert [notice.recipient for notice in posted()] == [sponsor, sponsor]


def test_after_the_first_week_it_is_too_late():
    wants(company.sponsor(programme()))
    assert monthly.post_due(FIRST + 7 * DAY) == 0


def test_the_month_begins_where_they_live():
    of = programme()
    berlin, auckland = wants(company.sponsor(of)), wants(company.sponsor(of))
    for person, zone in ((berlin, "Europe/Berlin"), (auckland, "Pacific/Auckland")):
        person.time_zone = zone
        person.save()
    monthly.post_due(datetime.fromisoformat("2026-10-31T12:00:00+00:00"))
    assert [notice.recipient for notice in posted()] == [auckland]
    monthly.post_due(datetime.fromisoformat("2026-10-31T23:30:00+00:00"))
    assert [notice.recipient for notice in posted()] == [auckland, berlin]


def test_it_says_what_is_sure_and_hides_the_few_and_speaks_the_language_of_its_reader(monkeypatch, no_coin):
    of = programme(11)
    wants(company.sponsor(of))
    german = wants(company.sponsor(of))
    german.language = "de"
    german.save()
    monkeypatch.setattr(timezone, "now", lambda: FIRST)
    tasks.sweep()
    english, other = posted()
    assert "People accepted: 20+. Mentorships: 10+." in english.text
    assert "http://localhost:8000/insights/" in english.text
    assert "Aufgenommene Personen: 20+" in other.text
    assert "quiet" not in english.text
