"""An HR file on its way: uploaded, its columns checked, previewed, taken."""

import csv
import io
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from domain.errors import DomainError
from domain.jobs import ATTEMPTS, PATIENCE, work_on
from mentoring.celery import app
from mentoring.embedded import BASE_DIR
from participants import imports
from participants.importing.mapping import ColumnChoice
from participants.importing.table import opened
from participants.models import ColumnMapping, Grade, PeopleImport, Person
from tests import factories

TABLE = """Employee ID,Name,Work Email,Grade,Location,Manager ID
1,Noël Top,noel@example.org,SCS,London,
2,Mina Middle,mina@example.org,G6,Leeds,1
3,Jo Junior,jo@example.org,HEO,Leeds,2
4,No Address,,HEO,Leeds,2
5,"=HYPERLINK(""x"")",nobody@example.org,HEO,Leeds,99
"""
NEW = reverse("admin:participants_peopleimport_add")


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def hr(client, db):
    someone = factories.hr_admin()
    client.force_login(someone)
    return someone


def page(one, name="change"):
    return reverse(f"admin:participants_peopleimport_{name}", args=[one.pk])


def uploaded(text=TABLE, **options):
    """A file that was opened; as bytes it may be anything."""
    content = text if isinstance(text, bytes) else text.encode()
    one = imports.upload(file=ContentFile(content, name="people.csv"), **options)
    imports.work(one)
    one.refresh_from_db()
    return one


def previewed(text=TABLE, by=None, **options):
    one = uploaded(text, by=by, **options)
    choice = ColumnChoice(one.choice["columns"], one.choice["dates"])
    imports.choose(people_import=one, choice=choice, language="en", time_zone="UTC", is_full=one.is_full)
    imports.work(one)
    one.refresh_from_db()
    assert (one.state, one.error) == ("previewed", "")
    return one


def taken(text=TABLE, **options):
    one = previewed(text)
    imports.confirm(people_import=one, **options)
    imports.work(one)
    one.refresh_from_db()
    return one


def files(media):
    return [path.name for path in media.rglob("*") if path.is_file()]


# --- In the admin site ---


def test_a_file_goes_from_upload_to_people(client, hr, media, django_capture_on_commit_callbacks):
    answer = client.post(NEW, {"file": SimpleUploadedFile("people.csv", TABLE.encode()), "is_full": "on"})
    one = PeopleImport.objects.get()
    assert (answer.url, one.state) == (page(one), "opening")
    assert client.get(page(one, "columns")).url == page(one)
    assert b"The file is being opened" in client.get(page(one)).content
    imports.work(one)
    answer = client.get(page(one))
    assert answer.url == page(one, "columns")
    shown = client.get(answer.url)
    form = shown.context["form"]
    assert [field.value() for field, _samples in form.column_fields()] == [
        "external_id",
        "name",
        "email",
        "grade",
        "site",
        "manager",
    ]
    assert form.column_fields()[4][1] == ["London", "Leeds"]
    data = {name: form[name].value() for name in form.fields if form[name].value() is not False}
    assert client.post(answer.url, data | {"column-2": ""}).context["form"].non_field_errors() == [
        "Choose the column that holds the e-mail address: people are known by it."
    ]
    assert client.post(answer.url, data | {"time_zone": "Europe/Berlin"}).url == page(one)
    assert PeopleImport.objects.get().state == "reading"
    assert client.get(page(one, "progress")).context["job"] == one
    imports.work(one)
    assert client.get(page(one, "progress")).headers["HX-Refresh"] == "true"
    shown = client.get(page(one))
    assert {fate["value"]: fate["count"] for fate in shown.context["fates"]} == {
        "new": 3,
        "changed": 0,
        "refused": 2,
        "leaving": 0,
        "returning": 0,
    }
    assert Person.objects.count() == 1
    assert client.post(page(one, "take")).url == page(one)
    imports.work(one)
    jo = Person.objects.get(email="jo@example.org")
    assert (len(jo.line), jo.site.name, jo.time_zone) == (2, "Leeds", "Europe/Berlin")
    one.refresh_from_db()
    assert (one.state, one.figures["new"], one.figures["refused"]) == ("done", 3, 2)
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id, entry.get_change_message()) == (
        hr,
        str(one.pk),
        "Taken: 3 new, 0 changed, 2 rows not taken.",
    )
    client.post(page(one, "take"))
    one.refresh_from_db()
    assert one.state == "done"


def test_rows_not_taken_come_back_with_the_reason_and_can_be_read_again(client, hr):
    one = taken()
    answer = client.get(page(one, "not_taken"))
    text = answer.content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == [*TABLE.splitlines()[0].split(","), "Why it was not taken"]
    assert [row[-1] for row in rows[1:]] == [
        "There is no e-mail address.",
        "The manager “99” is neither in the table, or could not be taken, nor known here.",
    ]
    assert rows[2][1] == '\'=HYPERLINK("x")'
    again = opened(uploaded(answer.content).file.path)
    assert [cells[1] for _line, cells in again.rows()] == ["No Address", '=HYPERLINK("x")']


def test_changes_are_shown_as_old_and_new(client, hr):
    taken()
    one = previewed(TABLE.replace("Jo Junior,jo@example.org,HEO,Leeds,2", "Jo Senior,jo@example.org,SEO,,1"))
    rows = client.get(page(one) + "?fate=changed").context["page"].object_list
    assert [row.changes for row in rows] == [
        {
            "name": ["Jo Junior", "Jo Senior"],
            "grade": ["HEO", "SEO"],
            "site": ["Leeds", ""],
            "manager": ["mina@example.org", "noel@example.org"],
        }
    ]
    assert client.get(page(one)).status_code == 200


@pytest.mark.parametrize("rows", [1, 3, 120])
def test_preview_costs_the_same_for_few_people_and_for_many(client, hr, rows, django_assert_num_queries):
    lines = [f"N{n},Person {n},p{n}@example.org,G,S," for n in range(rows)]
    one = previewed("\n".join([TABLE.splitlines()[0], *lines, "X,,,,,"]))
    client.get(page(one))
    with django_assert_num_queries(6):
        client.get(page(one))


@pytest.mark.parametrize("content", [b"\x89PNG" + bytes(10 * 2**20), b"", b"%PDF-1.7\n"])
def test_an_upload_that_is_no_table_is_an_error_beside_the_field(client, hr, media, content):
    answer = client.post(NEW, {"file": SimpleUploadedFile("people.csv", content)})
    assert list(answer.context["form"].errors) == ["file"]
    assert (PeopleImport.objects.count(), files(media)) == (0, [])


def test_only_hr_gets_anywhere_near_a_file(client, db):
    one = previewed()
    coordinator, stranger = factories.person(), factories.person()
    factories.programme_role(factories.programme(), coordinator, "coordinator")
    for someone, expected in ((coordinator, {403, 404}), (stranger, {302})):
        client.force_login(someone)
        answers = {client.get(page(one, name)).status_code for name in ("change", "columns", "not_taken")}
        answers |= {client.post(page(one, name)).status_code for name in ("take", "again", "cancel")}
        answers.add(client.get(NEW).status_code)
        assert answers <= expected
    one.refresh_from_db()
    assert (one.state, Person.objects.count()) == ("previewed", 2)


# --- The columns ---


def test_what_was_said_about_columns_is_remembered_whatever_their_order(db):
    one = uploaded("Foo,Bar,Baz\nAylin,aylin@example.org,x\n")
    assert one.choice["columns"] == {}
    choice = ColumnChoice({"Foo": "name", "Bar": "email"}, "mdy")
    imports.choose(people_import=one, choice=choice, language="en", time_zone="UTC", is_full=False)
    again = uploaded("baz,Bar,Foo\nx,aylin@example.org,Aylin\n".replace("baz", "Baz"))
    assert again.choice == {"columns": {"Bar": "email", "Foo": "name"}, "dates": "mdy"}
    assert ColumnMapping.objects.count() == 1


@pytest.mark.parametrize(
    "columns", [{"Foo": "email"}, {"Foo": "name"}, {"Foo": "email", "Bar": "email"}, {"Foo": "shoe size"}]
)
def test_columns_that_make_no_person_are_refused(db, columns):
    one = uploaded("Foo,Bar\nAylin,aylin@example.org\n")
    with pytest.raises(DomainError):
        imports.choose(
            people_import=one, choice=ColumnChoice(columns), language="en", time_zone="UTC", is_full=False
        )
    one.refresh_from_db()
    assert one.state == "uploaded"


# --- Taking ---


def test_what_changed_since_the_preview_is_told_and_nothing_is_taken(db):
    taken()
    one = previewed(TABLE.replace("Jo Junior", "Jo Senior"))
    Person.objects.filter(email="mina@example.org").update(name="Somebody Else")
    imports.confirm(people_import=one)
    imports.work(one)
    one.refresh_from_db()
    assert (one.state, one.differs) == ("previewed", 1)
    assert list(one.rows.filter(is_news=True).values_list("who", "changes")) == [
        ("mina@example.org", {"name": ["Somebody Else", "Mina Middle"]})
    ]
    assert Person.objects.get(email="jo@example.org").name == "Jo Junior"
    imports.confirm(people_import=one)
    imports.work(one)
    assert set(
        Person.objects.filter(email__in=["jo@example.org", "mina@example.org"]).values_list("name")
    ) == {
        ("Jo Senior",),
        ("Mina Middle",),
    }


def test_taking_the_same_file_twice_changes_nothing(db):
    taken()
    before = list(Person.objects.order_by("pk").values())
    again = taken()
    assert {name: again.figures[name] for name in ("new", "changed", "unchanged")} == {
        "new": 0,
        "changed": 0,
        "unchanged": 3,
    }
    assert list(Person.objects.order_by("pk").values()) == before


def test_a_cancelled_file_takes_nobody_and_is_gone(db, media):
    one = previewed()
    imports.confirm(people_import=one)
    worker_knows = PeopleImport.objects.get(pk=one.pk)
    imports.cancel(people_import=one)
    work_on(worker_knows, imports.take)
    one.refresh_from_db()
    assert (one.state, Person.objects.count(), files(media)) == ("cancelled", 0, [])


def test_files_are_deleted_after_use(db, media):
    good = "\n".join(TABLE.splitlines()[:4])
    at = timezone.now()
    bad_rows, forgotten = taken(), uploaded(good)
    assert (bad_rows.rows.count(), len(files(media))) == (2, 2)
    assert imports.forget_old(at + imports.KEPT - timedelta(hours=1)) == 0
    assert imports.forget_old(at + imports.KEPT + timedelta(hours=1)) == 2
    assert imports.forget_old(at + imports.KEPT + timedelta(hours=2)) == 0
    forgotten.refresh_from_db()
    assert (forgotten.state, files(media)) == ("cancelled", [])
    assert [column["samples"] for column in forgotten.columns] == [[]] * 6


# --- Workers ---


def test_a_job_is_done_by_one_worker_and_given_up_after_several_that_vanished(db):
    one = previewed()
    imports.confirm(people_import=one)
    assert not one.is_held
    with one.held() as mine:
        assert (mine, one.is_held) == (True, True)
    PeopleImport.objects.update(attempts=ATTEMPTS)
    imports.work(one)
    one.refresh_from_db()
    assert (one.state, Person.objects.count()) == ("failed", 0)
    assert "given up" in one.error


def test_a_lost_job_is_handed_over_again(db, django_capture_on_commit_callbacks):
    one = previewed()
    imports.confirm(people_import=one)
    at = timezone.now()
    assert PeopleImport.hand_over_the_lost(at=at) == 0
    assert PeopleImport.hand_over_the_lost(at=at + 2 * PATIENCE) == 1
    assert PeopleImport.hand_over_the_lost(at=at + 2 * PATIENCE) == 0
    app.control.purge()


WORK = """
import os, signal, sys
import django; django.setup()
from django.db import connection
from participants import imports
from participants.models import PeopleImport
at = int(sys.argv[2])
def report(job, done, of=100):
    if done >= at:
        print("here", flush=True)
        signal.pause()
PeopleImport.report = report
imports.work(PeopleImport.objects.get(pk=int(sys.argv[1])))
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("at", [45, 75, 80, 90, 95])
def test_a_worker_killed_at_any_moment_leaves_the_old_people_and_the_next_takes_the_new(media, at):
    taken()
    before = list(Person.objects.order_by("pk").values())
    moved = TABLE.replace("HEO,Leeds,2\n4", "SEO,York,1\n6,New,new@example.org,SEO,York,3\n4")
    one = previewed(moved)
    imports.confirm(people_import=one)
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    worker = subprocess.Popen(
        [sys.executable, "-c", WORK, str(one.pk), str(at)],
        cwd=BASE_DIR,
        env={**os.environ, "DATABASE_URL": database.geturl(), "MEDIA_ROOT": str(media)},
        stdout=subprocess.PIPE,
    )
    assert worker.stdout.readline() == b"here\n"
    assert one.is_held
    imports.work(one)  # a second worker leaves it alone
    worker.send_signal(signal.SIGKILL)
    worker.communicate()
    limit = time.monotonic() + 10
    while one.is_held and time.monotonic() < limit:
        time.sleep(0.02)
    assert list(Person.objects.order_by("pk").values()) == before
    assert (Grade.objects.filter(name="SEO").exists(), one.is_held) == (False, False)
    imports.work(one)
    one.refresh_from_db()
    new, jo, top = (Person.objects.get(email=f"{who}@example.org") for who in ("new", "jo", "noel"))
    assert (one.state, new.line, jo.line, jo.grade.name) == ("done", [top.pk, jo.pk], [top.pk], "SEO")
