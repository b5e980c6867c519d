"""One's own data: that every table is declared, and that a copy holds what is theirs and nothing else."""

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedback.models import Feedback, TopicOffer
from matching.models import Member
from meetings.models import Meeting, MeetingLog, PrivateNote
from mentoring.personal import copying
from mentoring.personal.declared import HELD
from mentoring.personal.held import Blank, model_of
from mentoring.personal.labels import label_of
from participants.models import ErasureRequest, Person
from programmes.models import Enrolment
from tests import factories
from tests.mentoring.personal_story import EMAIL, MARK, NAME, OTHERS, write_everything

pytestmark = pytest.mark.django_db
AT = datetime(2026, 10, 6, 12, 0, tzinfo=UTC)
COLUMNS = {model._meta.label: [f.name for f in model._meta.concrete_fields] for model in apps.get_models()}
PAGES = ["own_data", "read_own_data", "own_data_json", "own_data_zip", "ask_to_be_erased"]


@pytest.fixture(autouse=True)
def media_and_language(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with translation.override("en"):
        yield


@pytest.fixture
def aylin():
    return factories.person(NAME, email=EMAIL)


@pytest.fixture
def martin():
    return factories.person("Martin Vogel")


@pytest.fixture
def mentorship(aylin, martin):
    made = factories.mentorship(aylin, martin)
    write_everything(made, aylin, martin, factories.hr_admin(name="Hanna Roth"))
    return made


# --- The table of tables ---


def test_every_table_says_what_it_holds_of_a_person():
    assert set(HELD) == set(COLUMNS)


def first_steps(*lookups):
    return {lookup.split("__")[0] for lookup in lookups}


def test_every_column_is_in_the_copy_or_left_out_on_purpose():
    for label, held in HELD.items():
        computed = set(held.annotated(Person())) if held.annotated else set()
        assert (first_steps(*held.copy) - computed) | set(held.left) == set(COLUMNS[label]), label


def test_every_column_that_leads_to_a_person_says_whose_rows_they_are():
    for label, held in HELD.items():
        leading = {
            field.name
            for field in model_of(label)._meta.get_fields()
            if not field.auto_created and field.related_model in (Person, Enrolment, Member)
        }
        assert leading <= first_steps(*held.mine, *held.found, *held.about), label


def test_what_is_copied_is_also_what_erasing_looks_at():
    """Whatever is theirs has a fate that reaches it: a copy of rows that nothing would erase is a mistake."""
    for label, held in HELD.items():
        if isinstance(held.fate, Blank):
            assert set(held.fate.words) <= set(COLUMNS[label]), label
            assert held.mine or held.found, label


def test_every_column_of_a_copy_has_its_german_name():
    with translation.override("de"):
        german = {(label, c): label_of(model_of(label), c) for label, held in HELD.items() for c in held.copy}
    with translation.override("en"):
        english = {(label, c): label_of(model_of(label), c) for label, c in german}
    alike = {english[key] for key in german if german[key] == english[key]}
    assert alike <= {"name", "text", "version", "E-Mail", "Link", "link"}


# --- The copy ---


def data_of(person):
    return json.loads(copying.as_json(person, AT))["data"]


def texts_of(person):
    return copying.as_json(person, AT)


def test_copy_holds_everything_they_wrote_and_nothing_others_wrote_in_confidence(mentorship, aylin):
    data = data_of(aylin)
    marked = {label for label, rows in data.items() if MARK in json.dumps(rows)}
    assert marked == {
        "concerns.Concern",
        "concerns.ConcernMessage",
        "endings.Farewell",
        "feedback.Feedback",
        "feedback.TopicOffer",
        "goals.CheckIn",
        "goals.Goal",
        "goals.GoalChange",
        "goals.GoalLevel",
        "matching.Request",
        "meetings.Meeting",
        "meetings.MeetingLog",
        "meetings.NextStep",
        "meetings.PrivateNote",
        "meetings.Resource",
        "notices.Notice",
        "participants.ImportRow",
        "participants.Profile",
        "programmes.BriefingStep",
        "programmes.Enrolment",
        "usersessions.UserSession",
    }
    # Of the other's words only what both see of their meetings, and feedback once it is shown.
    assert {label for label, rows in data.items() if OTHERS in json.dumps(rows)} == {
        "feedback.Feedback",
        "meetings.Meeting",
    }


def test_feedback_is_in_the_copy_once_it_is_shown(mentorship, aylin):
    assert OTHERS in json.dumps(data_of(aylin)["feedback.Feedback"])
    Feedback.objects.filter(author__enrolment__person=aylin).delete()
    Feedback.objects.update(written_at=datetime.now(UTC))
    assert data_of(aylin)["feedback.Feedback"] == []


def test_copy_of_the_other_has_no_word_of_mine_that_is_private(mentorship, martin):
    data = data_of(martin)
    for label in ("meetings.PrivateNote", "meetings.MeetingLog", "concerns.Concern", "goals.CheckIn"):
        assert MARK not in json.dumps(data[label])
    assert [row["person__name"] for row in data["programmes.Avoidance"]] == [NAME]


def test_copy_of_a_stranger_holds_nothing_of_either(mentorship):
    text = texts_of(factories.person("Eve Stranger"))
    assert not any(word in text for word in (MARK, OTHERS, NAME, EMAIL, "Martin"))


@pytest.mark.parametrize("role", ["hr", "coordinator", "confidant"])
def test_copy_of_staff_holds_nothing_of_those_they_look_after(mentorship, role):
    someone = Person.objects.get(name="Hanna Roth")
    if role != "hr":
        someone = factories.person()
        factories.programme_role(mentorship.cohort.programme, someone, role)
    assert MARK not in json.dumps({k: v for k, v in data_of(someone).items() if k != "notices.Notice"})


def owners(label, row):
    """Everybody to whom a look-up of the table leads from this row."""
    held = HELD[label]
    found = model_of(label)._base_manager.filter(pk=row).values_list(*held.mine)
    return {pk for people in found for pk in people}


def test_each_row_of_a_copy_leads_to_its_person(mentorship, aylin, martin):
    for someone in (aylin, martin, factories.person()):
        for label, held in HELD.items():
            if held.copy and held.mine and not held.rows:
                for pk in held.copied(model_of(label), someone).values_list("pk", flat=True):
                    assert someone.pk in owners(label, pk), label


PEOPLE = st.integers(0, 3)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    pairs=st.lists(st.tuples(PEOPLE, PEOPLE).filter(lambda pair: pair[0] != pair[1]), min_size=1, max_size=4),
    asked=PEOPLE,
)
def test_whoever_was_with_whomever_a_copy_has_the_words_of_its_person_alone(pairs, asked):
    """Each writes their own word everywhere; of another's a copy has what it says itself it shares."""
    with transaction.atomic():
        people = [factories.person(f"Person {letter}") for letter in "ABCD"]
        for number, (one, other) in enumerate(pairs):
            made = factories.mentorship(people[one], people[other])
            for member in made.members.all():
                word = f"word-of-{people.index(member.person)}-"
                start = AT + timedelta(days=number)
                meeting = Meeting.objects.create(
                    mentorship=made, starts_at=start, ends_at=start + timedelta(hours=1)
                )
                MeetingLog.objects.create(meeting=meeting, member=member, topics=word)
                PrivateNote.objects.create(meeting=meeting, member=member, text=word)
                TopicOffer.objects.create(mentorship=made, member=member, title=word)
                Enrolment.objects.filter(pk=member.enrolment_id).update(hopes=word)
        text = copying.as_json(people[asked], AT)
        assert {found for found in range(4) if f"word-of-{found}-" in text} <= {asked}
        assert (f"word-of-{asked}-" in text) == any(asked in pair for pair in pairs)
        transaction.set_rollback(True)


@pytest.mark.parametrize("mentorships", [1, 3])
def test_copy_asks_once_per_table(aylin, martin, mentorships, django_assert_num_queries):
    for _ in range(mentorships):
        factories.mentorship(aylin, martin)
    with django_assert_num_queries(sum(bool(held.copy) for held in HELD.values())):
        list(copying.sections(aylin))


def test_archive_holds_the_data_and_the_files_they_shared(mentorship, aylin):
    with copying.as_archive(aylin, AT) as archive, zipfile.ZipFile(archive) as packed:
        names = packed.namelist()
        assert json.loads(packed.read("data.json"))["person"] == EMAIL
        [file] = [name for name in names if name.startswith("files/")]
        assert packed.read(file) == MARK.encode()
    assert len(names) == 2


def test_archive_does_without_a_file_that_is_lost(mentorship, aylin):
    shared = model_of("meetings.Resource").objects.get(title=MARK)
    shared.file.storage.delete(shared.file.name)
    with copying.as_archive(aylin, AT) as archive, zipfile.ZipFile(archive) as packed:
        assert packed.namelist() == ["data.json"]


# --- The pages ---


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_for_who_is_signed_in_alone(client, aylin, name):
    assert client.get(reverse(name)).status_code == 302
    client.force_login(aylin)
    answer = client.get(reverse(name))
    answer.close()
    assert answer.status_code == 200


@pytest.mark.parametrize("name", ["read_own_data", "own_data_json", "own_data_zip"])
def test_no_browser_keeps_a_copy(client, aylin, name):
    client.force_login(aylin)
    answer = client.get(reverse(name))
    answer.close()
    assert answer["Cache-Control"] == "private, no-store"


def test_downloads_are_ones_own(client, mentorship, aylin, martin):
    client.force_login(aylin)
    mine = client.get(reverse("own_data_json"))
    assert mine["Content-Disposition"] == 'attachment; filename="mentoring-data.json"'
    assert mine.json()["person"] == EMAIL
    packed = client.get(reverse("own_data_zip"))
    with zipfile.ZipFile(io.BytesIO(packed.getvalue())) as archive:
        assert json.loads(archive.read("data.json"))["person"] == EMAIL
    packed.close()


def test_page_to_read_says_it_in_words(client, mentorship, aylin):
    client.force_login(aylin)
    page = client.get(reverse("read_own_data")).content.decode()
    assert MARK in page
    assert "Meeting logs" in page
    Person.objects.filter(pk=aylin.pk).update(language="de")
    german = client.get(reverse("read_own_data")).content.decode()
    assert "Gesprächsnotizen" in german
    assert "Treffen am" in german
    assert ("Wolke" in page, "Wolke" in german) == (False, True)


@pytest.mark.parametrize("mentorships", [1, 3])
def test_pages_cost_the_same_however_much_there_is(
    client, aylin, martin, mentorships, django_assert_num_queries
):
    for _ in range(mentorships):
        factories.mentorship(aylin, martin)
    client.force_login(aylin)
    with django_assert_num_queries(6):
        client.get(reverse("own_data"))
    with django_assert_num_queries(5 + sum(bool(held.copy) for held in HELD.values())):
        client.get(reverse("read_own_data"))


# --- Asking to be erased ---


def test_asking_tells_hr_once_and_changes_nothing_else(client, mentorship, aylin):
    hanna = Person.objects.get(name="Hanna Roth")
    ErasureRequest.objects.all().delete()
    client.force_login(aylin)
    for _ in range(2):
        assert client.post(reverse("ask_to_be_erased")).url == reverse("own_data")
    [told] = hanna.notices.filter(kind="erasure-asked")
    assert told.url == reverse("erase_person", args=[aylin.pk])
    assert NAME in told.subject
    assert ErasureRequest.objects.get().person == aylin
    assert Person.objects.get(pk=aylin.pk).is_active
    mentorship.refresh_from_db()
    assert mentorship.state == "active"
    assert "You asked on" in client.get(reverse("own_data")).content.decode()


def test_taking_it_back_is_one_tap(client, aylin):
    ErasureRequest.objects.create(person=aylin)
    client.force_login(aylin)
    for _ in range(2):
        assert client.post(reverse("take_back_erasure")).status_code == 302
    assert not ErasureRequest.objects.exists()


def test_nobody_takes_back_what_another_asked(client, aylin, martin):
    ErasureRequest.objects.create(person=aylin)
    client.force_login(martin)
    client.post(reverse("take_back_erasure"))
    assert ErasureRequest.objects.filter(person=aylin).exists()
