"""An HR file that still names somebody who was erased."""

import pytest
from django.core.files.base import ContentFile
from django.utils import translation

from mentoring.personal.erasing import erase
from mentoring.personal.requests import let_return
from participants.models import ImportRow, PeopleImport, Person
from tests import factories
from tests.participants.test_importing import HEADER, TABLE, load

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media_and_language(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    with translation.override("en"):
        yield


@pytest.fixture
def hr():
    return factories.hr_admin()


@pytest.fixture
def mina(hr):
    """In the middle: she reports to Noël, and Jo reports to her."""
    load(TABLE.encode())
    mina = Person.objects.get(name="Mina Middle")
    Person.objects.filter(pk=mina.pk).update(is_active=False)
    erase(person=Person.objects.get(pk=mina.pk), by=hr)
    return mina


def test_row_is_not_taken_and_says_why(mina):
    found = load(TABLE.encode(), is_full=True, reactivate=True, deactivate=True)
    assert [remark.line for remark in found.rejected] == [3]
    assert "was erased on" in found.rejected[0].text
    assert (found.figures.new, found.figures.changed, found.figures.returning) == (0, 0, 0)
    former = Person.objects.get(pk=mina.pk)
    assert (former.name, former.is_active) == ("Former participant", False)
    assert not Person.objects.filter(name="Mina Middle").exists()


def test_reports_answer_to_whom_the_erased_person_answers_to_in_the_file(mina):
    load(TABLE.replace("Jo Junior", "Jo Younger").encode())
    jo = Person.objects.get(name="Jo Younger")
    assert jo.manager.name == "Noël Top"


@pytest.mark.parametrize("manager", ["B1", "b1", "mina@example.org", "Mina Middle"])
def test_manager_who_was_erased_is_passed_over_however_the_file_names_them(mina, manager):
    found = load(TABLE.replace("Ministry,IT,B1", f"Ministry,IT,{manager}").encode())
    assert len(found.rejected) == 1
    assert Person.objects.get(name="Jo Junior").manager.name == "Noël Top"


def test_somebody_else_of_the_same_name_is_still_a_manager(mina):
    table = TABLE + "D1,Mina Middle,mina2@example.org,SCS1,Director,Ministry,IT,A1,IT\n"
    load(table.replace("Ministry,IT,B1", "Ministry,IT,Mina Middle").encode())
    assert Person.objects.get(name="Jo Junior").manager.email == "mina2@example.org"


def test_new_address_with_the_old_number_is_not_taken_either(mina):
    found = load(TABLE.replace("Mina@example.org", "mina.new@example.org").encode())
    assert "was erased on" in found.rejected[0].text


def test_circle_among_erased_people_ends_at_nobody(mina, hr):
    noel = Person.objects.get(name="Noël Top")
    Person.objects.filter(pk=noel.pk).update(is_active=False)
    erase(person=Person.objects.get(pk=noel.pk), by=hr)
    found = load(TABLE.replace("Office,XX", "Office,B1").encode())
    assert len(found.rejected) == 2
    assert Person.objects.get(name="Jo Junior").manager is None


def test_whoever_may_return_comes_in_as_somebody_new(mina, hr):
    assert let_return(by=hr, email="MINA@example.org", number="B1")
    assert not let_return(by=hr, email="MINA@example.org", number="B1")
    found = load(TABLE.encode())
    assert found.figures.new == 1
    assert Person.objects.get(email="mina@example.org").pk != mina.pk


def test_file_that_waits_when_somebody_is_erased_is_thrown_away(hr, tmp_path):
    jo = factories.person("Jo Junior", email="jo@example.org", is_active=False)
    waiting = PeopleImport(
        file_name="people.csv", state="previewed", columns=[{"name": "x", "samples": ["Jo"]}]
    )
    waiting.file.save("x.csv", ContentFile(HEADER.encode()))
    ImportRow.objects.create(people_import=waiting, fate="changed", who="jo@example.org", name="Jo Junior")
    path = waiting.file.path
    erase(person=jo, by=hr)
    waiting.refresh_from_db()
    assert (waiting.state, bool(waiting.file), waiting.columns[0]["samples"]) == ("cancelled", False, [])
    assert not waiting.file.storage.exists(path)
    assert ImportRow.objects.count() == 0
