"""Figures as files: the same texts as the page, harmless to a spreadsheet."""

import csv
import html
import io
import re

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from insights import meanings
from tests import factories
from tests.insights import company
from tests.insights.story import programme_with_a_past

pytestmark = pytest.mark.django_db


@pytest.fixture
def now(monkeypatch, no_coin):
    monkeypatch.setattr(timezone, "now", lambda: company.AT)


def file_of(client, programme, kind, **view):
    return client.get(reverse("insights:download", args=[programme.uuid, kind]), view)


def csv_rows(response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_files_say_what_the_page_says_and_nothing_more(client, now):
    programme = programme_with_a_past()
    client.force_login(factories.hr_admin())
    hamburg = {"site": str(factories.site("Hamburg").pk), "period": "2026-Q3"}
    for view in ({}, {"role": "mentee"}, {"cohort": str(programme.cohorts.first().uuid)}, hamburg):
        page = client.get(reverse("insights:programme", args=[programme.uuid]), view)
        text = html.unescape(re.sub(r"<[^>]+>", "", page.content.decode()))
        text = re.sub(r"\s+", " ", text)
        rows = csv_rows(file_of(client, programme, "csv", **view))
        assert len(rows) > 60
        for _about, figure, value in rows[2:]:
            assert value in text or value == "under one", (figure, value)
        book = openpyxl.load_workbook(io.BytesIO(file_of(client, programme, "xlsx", **view).content))
        assert [[cell or "" for cell in row] for row in book.active.iter_rows(values_only=True)] == rows


def test_file_of_a_small_programme_has_no_number(client, now):
    cohort = factories.cohort()
    for _pair in range(2):
        company.goal(company.mentorship(cohort, held=2), [1])
    company.count()
    client.force_login(company.sponsor(cohort.programme))
    rows = csv_rows(file_of(client, cohort.programme, "csv"))[2:]
    assert ["What became of the meetings", "Planned to date for each mentorship", "2"] in rows
    for _about, figure, value in [row for row in rows if "Planned to date for" not in row[1]]:
        assert value == "Not shown", figure


@pytest.mark.parametrize("start", ["=", "@", "\t", "\x0b="])
def test_what_looks_like_a_formula_is_text_in_both_files(client, now, start):
    name = f"{start}HYPERLINK(1)"
    programme = factories.programme(name_en=name, name_de=name)
    factories.cohort(programme=programme)
    client.force_login(company.sponsor(programme))
    assert csv_rows(file_of(client, programme, "csv"))[0][0] == "'" + name.replace("\x0b", "")
    book = openpyxl.load_workbook(io.BytesIO(file_of(client, programme, "xlsx").content))
    assert (book.active["A1"].value[0], book.active["A1"].data_type) == ("'", "s")


def test_stranger_gets_no_file(client):
    programme = factories.cohort().programme
    client.force_login(factories.person())
    assert [file_of(client, programme, kind).status_code for kind in ("csv", "xlsx")] == [404, 404]


@pytest.mark.parametrize("rows", [1, 3])
def test_file_takes_the_same_queries_for_one_cohort_and_three(client, now, django_assert_num_queries, rows):
    programme = factories.programme()
    for _number in range(rows):
        company.mentorship(factories.cohort(programme=programme), held=1)
    company.count()
    client.force_login(factories.hr_admin())
    with django_assert_num_queries(29):
        file_of(client, programme, "csv")


def test_document_says_what_the_code_says():
    assert meanings.DOCUMENT.read_text() == meanings.document(), "run manage.py write_figures"


def test_every_meaning_is_said_on_a_page(client, now):
    programme = programme_with_a_past()
    factories.programme()
    client.force_login(factories.hr_admin())
    text = html.unescape(client.get(reverse("insights:programme", args=[programme.uuid])).content.decode())
    for key, one in meanings.MEANINGS.items():
        assert str(one.meaning) in text, key
        assert str(one.how) in text, key
