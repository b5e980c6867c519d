"""A person is erased: their names and what they wrote, hunted for in every column of the database."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from agreements.models import Clause, Signature
from concerns.models import Concern
from domain.errors import DomainError
from goals.models import CheckIn, Goal, GoalChange
from matching.models import MatchRun, Member, Request
from meetings.models import (
    Meeting,
    MeetingLog,
    Resource,
)
from mentoring.attention import attention
from mentoring.personal.erasing import erase
from mentoring.personal.hindrances import end_kindly, hindrances, set_inactive
from notices.models import Notice
from notices.outbox import post
from participants.models import (
    Erased,
    ErasureRequest,
    PeopleImport,
    Person,
)
from programmes.models import (
    Enrolment,
)
from tests import factories
from tests.mentoring.personal_story import (
    EMAIL,
    GIVEN,
    MARK,
    NAME,
    NUMBER,
    OTHERS,
    THEN,
    log,
    notice,
    write_everything,
)
from tests.mentoring.test_retention import columns_with

pytestmark = pytest.mark.django_db
AT = datetime(2027, 3, 2, 12, 0, tzinfo=UTC)
GRACE = timedelta(days=1)


@pytest.fixture(autouse=True)
def media_and_language(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with translation.override("en"):
        yield


@pytest.fixture
def hr():
    return factories.hr_admin(name="Hanna Roth")


@pytest.fixture
def aylin(hr):
    boss = factories.person(name="Bodo Boss")
    made = factories.person(
        NAME,
        given_name=GIVEN,
        email=EMAIL,
        external_id=NUMBER,
        job_title=MARK,
        manager=boss,
        is_active=False,
        unit=factories.unit(),
        site=factories.site(),
        grade=factories.grade(2),
    )
    factories.person(name="Rita Report", manager=made)
    return made


@pytest.fixture
def mentorship(aylin, hr):
    """Completed, in a cohort that still runs; both members wrote into everything there is."""
    martin = factories.person("Martin Vogel")
    made = factories.mentorship(aylin, martin, state="completed", topic="Digital work", staff_reason=MARK)
    write_everything(made, aylin, martin, hr)
    return made


def traces_left():
    return {
        column for word in (MARK, NAME, GIVEN, "K\\u00e4ya", EMAIL, NUMBER) for column in columns_with(word)
    }


def test_nothing_of_the_person_is_left_and_what_others_wrote_is(
    mentorship, aylin, hr, django_capture_on_commit_callbacks
):
    assert len(traces_left()) > 40
    words_of_others = columns_with(OTHERS)
    kept = list(Resource.objects.values_list("file", "member__enrolment__person"))
    with django_capture_on_commit_callbacks(execute=True):
        assert erase(person=aylin, by=hr, at=AT)
    # “Aylina” is somebody else.
    assert traces_left() == {"notices.Notice.text"}
    assert columns_with(GIVEN) == columns_with("Aylina and Martin")
    assert columns_with(OTHERS) == words_of_others
    storage = Resource._meta.get_field("file").storage
    assert [storage.exists(name) for name, whose in kept] == [whose != aylin.pk for name, whose in kept]


def test_figures_and_what_was_signed_stay(mentorship, aylin, hr):
    erase(person=aylin, by=hr, at=AT)
    assert Meeting.objects.held().filter(mentorship=mentorship).count() == 2
    assert CheckIn.objects.count() == 2
    assert Member.objects.filter(mentorship=mentorship).count() == 2
    assert Clause.objects.get().text == "Signed by both"
    assert Signature.objects.count() == 2
    assert Goal.objects.get(owner=None).title == "Shared"
    assert [change.after["title"] for change in GoalChange.objects.filter(goal__owner=None)] == ["Shared"]
    concern = Concern.objects.get()
    assert (concern.state, concern.text, concern.waits_since is None) == ("open", "", False)
    assert Enrolment.objects.get(person=aylin).state == "accepted"


def test_the_row_that_stays_is_called_former_participant_in_the_readers_language(mentorship, aylin, hr):
    erase(person=aylin, by=hr, at=AT)
    assert Person.objects.get(pk=aylin.pk).name == "Former participant"
    with translation.override("de"):
        assert str(Person.objects.get(pk=aylin.pk)) == "Ehemaliges Mitglied"


def test_reports_answer_to_whom_the_person_answered_to(aylin, hr):
    erase(person=aylin, by=hr, at=AT)
    report, boss = Person.objects.get(name="Rita Report"), Person.objects.get(name="Bodo Boss")
    assert report.manager == boss
    assert report.line == [boss.pk]


def test_twice_is_once_and_leaves_one_line_without_a_name(mentorship, aylin, hr):
    assert erase(person=aylin, by=hr, at=AT)
    assert not erase(person=aylin, by=hr, at=AT + timedelta(days=1))
    entry = LogEntry.objects.get(object_id=str(aylin.pk), action_flag=3)
    assert (entry.user, entry.object_repr, entry.action_time) == (hr, "Former participant", AT)


def test_all_of_it_or_nothing(mentorship, aylin, hr, monkeypatch):
    before = traces_left()
    monkeypatch.setattr("mentoring.personal.erasing.note", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        erase(person=aylin, by=hr, at=AT)
    assert traces_left() == before
    assert Erased.objects.count() == 0


def test_sessions_are_over_everywhere(aylin, hr):
    Person.objects.filter(pk=aylin.pk).update(is_active=True)
    other = Client()
    other.force_login(hr)
    Client().force_login(aylin)
    asked = SessionStore()
    asked["account_login_code"] = {"email": EMAIL}
    asked.create()
    Session.objects.create(session_key="x", session_data="unreadable", expire_date=timezone.now() + GRACE)
    Person.objects.filter(pk=aylin.pk).update(is_active=False)
    erase(person=Person.objects.get(pk=aylin.pk), by=hr, at=AT)
    [left] = Session.objects.all()  # what was signed with another key went, too
    assert left.get_decoded()["_auth_user_id"] == str(hr.pk)


def test_mail_on_its_way_that_tells_of_the_end_goes_without_the_name(hr):
    martin = factories.person("Martin Vogel", language="de")
    aylin = factories.person(NAME, given_name=GIVEN, email=EMAIL)
    factories.mentorship(aylin, martin)
    set_inactive(person=aylin, by=hr, at=AT)
    assert end_kindly(person=aylin, at=AT) == 1
    ErasureRequest.objects.create(person=aylin)
    post("topic-offered", to=martin, key="k", context={"name": GIVEN, "topic": {"title": "x"}}, at=AT)
    erase(person=Person.objects.get(pk=aylin.pk), by=hr, at=AT)
    texts = [f"{n.subject} {n.text}" for n in Notice.objects.filter(recipient=martin)]
    assert len(texts) == 2
    assert not any(GIVEN in text for text in texts)
    assert sum("Ehemaliges Mitglied" in text for text in texts) == 1


def test_of_somebody_who_asked_nobody_is_told_that_they_left_the_company(hr):
    aylin, martin = factories.person(NAME), factories.person("Martin Vogel")
    made = factories.mentorship(aylin, martin)
    ErasureRequest.objects.create(person=aylin)
    end_kindly(person=aylin, at=AT)
    made.refresh_from_db()
    assert made.state == "ended"
    assert "works here" not in Notice.objects.get(recipient=martin).text


def test_namesake_keeps_their_messages_and_their_history(mentorship, aylin, hr):
    namesake = factories.person(NAME)
    stranger = factories.person()
    notice(stranger, "of the namesake", text=f"{NAME} has left")
    log(hr, namesake, NAME, "[]")
    erase(person=aylin, by=hr, at=AT)
    assert Notice.objects.filter(key="of the namesake").exists()
    assert LogEntry.objects.filter(object_id=str(namesake.pk), object_repr=NAME).exists()


def test_when_nobody_of_a_mentorship_is_left_what_was_theirs_together_goes_too(mentorship, aylin, hr):
    martin = Person.objects.get(name="Martin Vogel")
    erase(person=aylin, by=hr, at=AT)
    Person.objects.filter(pk=martin.pk).update(is_active=False)
    erase(person=Person.objects.get(pk=martin.pk), by=hr, at=AT)
    assert (Clause.objects.count(), Goal.objects.filter(title="Shared").count()) == (0, 0)
    assert Meeting.objects.held().count() == 2
    assert columns_with("Digital work") == []


# --- What stands in the way ---


def test_somebody_active_is_not_erased(aylin, hr):
    Person.objects.filter(pk=aylin.pk).update(is_active=True)
    with pytest.raises(DomainError, match="still active"):
        erase(person=aylin, by=hr, at=AT)
    assert Person.objects.get(pk=aylin.pk).name == NAME


@pytest.mark.parametrize("state", ["offered", "confirmed", "active", "paused"])
def test_somebody_in_a_mentorship_is_not_erased_before_it_ended(aylin, hr, state):
    factories.mentorship(aylin, state=state)
    with pytest.raises(DomainError, match="in a mentorship"):
        erase(person=aylin, by=hr, at=AT)
    assert end_kindly(person=aylin, at=AT) == 1
    assert end_kindly(person=aylin, at=AT) == 0
    assert erase(person=aylin, by=hr, at=AT)


def test_nobody_erases_themselves(hr):
    factories.hr_admin()
    with pytest.raises(DomainError, match="Nobody erases themselves"):
        erase(person=hr, by=hr, at=AT)
    with pytest.raises(DomainError, match="Nobody erases themselves"):
        set_inactive(person=hr, by=hr, at=AT)


def test_the_last_hr_admin_stays(hr):
    Person.objects.filter(pk=hr.pk).update(is_active=False)
    former = Person.objects.get(pk=hr.pk)
    assert "last HR admin" in hindrances(former, factories.person())[0].text
    factories.hr_admin()
    assert hindrances(former, factories.person()) == []


def test_not_while_an_hr_file_is_taken(aylin, hr):
    PeopleImport.objects.create(file_name="x.csv", state="taking")
    with pytest.raises(DomainError, match="HR file"):
        erase(person=aylin, by=hr, at=AT)


@pytest.mark.parametrize("state", ["queued", "running"])
def test_not_while_a_matching_with_them_is_under_way(aylin, hr, state):
    cohort = factories.enrolment(factories.cohort(), aylin).cohort
    run = MatchRun.objects.create(cohort=cohort, state=state)
    MatchRun.objects.create(cohort=factories.cohort(), state=state)
    with pytest.raises(DomainError, match="matching with them"):
        erase(person=aylin, by=hr, at=AT)
    run.delete()
    assert erase(person=aylin, by=hr, at=AT)


def test_open_request_is_closed_and_whoever_asked_is_told_without_the_name(aylin, hr):
    cohort = factories.cohort(programme=factories.programme(form="informal"))
    asker = factories.enrolment(cohort, factories.person("Bea Asks"), "mentee")
    asked = factories.enrolment(cohort, aylin, "mentor")
    request = Request.objects.create(asker=asker, asked=asked, message="Hello", asked_at=AT)
    erase(person=aylin, by=hr, at=AT)
    request.refresh_from_db()
    assert request.state == "closed"
    told = Notice.objects.get(recipient=asker.person)
    assert told.subject == "Your request to Former participant"


@pytest.mark.parametrize("role", ["coordinator", "confidant", "sponsor"])
def test_only_hr_admins_erase(aylin, role):
    someone = factories.person()
    factories.programme_role(factories.programme(), someone, role)
    with pytest.raises(DomainError, match="Only HR admins"):
        erase(person=aylin, by=someone, at=AT)


# --- Afterwards ---


def test_whoever_was_erased_cannot_be_filled_anew(aylin, hr):
    erase(person=aylin, by=hr, at=AT)
    for change in ({"is_active": True}, {"name": NAME}, {"external_id": "1"}, {"job_title": "x"}):
        with pytest.raises(IntegrityError, match="person_erased_stays_erased"), transaction.atomic():
            Person.objects.filter(pk=aylin.pk).update(**change)


def test_what_is_remembered_leads_to_nobody(aylin, hr):
    erase(person=aylin, by=hr, at=AT)
    assert Erased.objects.count() == 2
    assert Erased.objects.of(email=EMAIL.upper()).count() == 1
    assert Erased.objects.of(email="x@example.org", number=NUMBER).count() == 1
    assert Erased.objects.of(email="x@example.org", number="").count() == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM participants_erased")
        assert [len(row) for row in cursor.fetchall()] == [2, 2]


def test_a_new_key_still_knows_whom_an_old_one_marked(aylin, hr, settings):
    erase(person=aylin, by=hr, at=AT)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"
    assert Erased.objects.of(email=EMAIL).count() == 1


def test_undecided_enrolments_are_withdrawn(aylin, hr):
    made = [
        factories.enrolment(factories.enrolling(), aylin, state=state)
        for state in ("draft", "applied", "waitlisted", "declined")
    ]
    erase(person=aylin, by=hr, at=AT)
    assert [Enrolment.objects.get(pk=one.pk).state for one in made] == [
        "withdrawn",
        "withdrawn",
        "withdrawn",
        "declined",
    ]
    assert columns_with(NAME) == []


# --- The pages ---


def test_page_says_what_goes_and_asks_for_the_name(client, mentorship, aylin, hr):
    client.force_login(hr)
    url = reverse("erase_person", args=[aylin.pk])
    page = client.get(url).content.decode()
    assert "12 things they wrote" in page
    assert "1 link or file they shared" in page
    assert "which of 2 meetings were held" in page
    assert MARK not in page
    assert client.post(url, {"name": "Aylin"}).status_code == 200
    assert Person.objects.get(pk=aylin.pk).name == NAME
    assert client.post(url, {"name": f"  {NAME} "}).url == reverse("erasures")
    assert Person.objects.get(pk=aylin.pk).erased_at
    assert client.get(url).url == reverse("erasures")
    assert "Hanna Roth" in client.get(reverse("erasures")).content.decode()


def test_page_tells_hr_nothing_of_what_was_confided(client, aylin, hr):
    client.force_login(hr)
    programme = factories.programme()
    url = reverse("erase_person", args=[aylin.pk])
    before = client.get(url).content.decode()
    Concern.objects.create(programme=programme, raised_by=aylin, topic="other", text=MARK)

    def said(page):
        return re.sub(r'"csrfmiddlewaretoken" value="\w+"|csrf[^,]+', "", page)

    assert said(client.get(url).content.decode()) == said(before)


def test_steps_lead_to_the_erasure_one_after_the_other(client, hr):
    aylin = factories.person(NAME)
    made = factories.mentorship(aylin)
    client.force_login(hr)
    url = reverse("erase_person", args=[aylin.pk])
    page = client.get(url).content.decode()
    assert reverse("erase_after_inactive", args=[aylin.pk]) in page
    assert reverse("erase_after_end", args=[aylin.pk]) not in page
    assert "Type “" not in page
    client.post(reverse("erase_after_inactive", args=[aylin.pk]))
    assert reverse("erase_after_end", args=[aylin.pk]) in client.get(url).content.decode()
    client.post(reverse("erase_after_end", args=[aylin.pk]))
    made.refresh_from_db()
    assert made.state == "ended"
    assert "Type “" in client.get(url).content.decode()


@pytest.mark.parametrize(
    "name", [f"erase_{one}" for one in ("person", "after_inactive", "after_end")] + ["decline_erasure"]
)
def test_pages_of_a_person_are_for_hr_admins_alone(client, aylin, name):
    ErasureRequest.objects.create(person=aylin)
    coordinator = factories.person()
    factories.programme_role(factories.programme(), coordinator, "coordinator")
    answers = []
    for someone in (coordinator, factories.person()):
        client.force_login(someone)
        answers.append(client.post(reverse(name, args=[aylin.pk]), {"name": NAME, "reason": "x"}).status_code)
    assert answers == [403, 302]
    client.logout()
    assert client.post(reverse(name, args=[aylin.pk])).status_code == 302
    assert Person.objects.get(pk=aylin.pk).name == NAME
    assert ErasureRequest.objects.exists()


@pytest.mark.parametrize("name", ["erasures", "let_return"])
def test_overview_is_for_hr_admins_alone(client, name):
    coordinator = factories.person()
    factories.programme_role(factories.programme(), coordinator, "coordinator")
    client.force_login(coordinator)
    answer = client.get(reverse(name)) if name == "erasures" else client.post(reverse(name), {"number": "1"})
    assert answer.status_code == 403


@pytest.mark.parametrize("people", [1, 3])
def test_overview_costs_the_same_however_many_wait(client, hr, people, django_assert_num_queries):
    for _ in range(people):
        ErasureRequest.objects.create(person=factories.person())
        gone = factories.person(is_active=False)
        erase(person=gone, by=hr)
    client.force_login(hr)
    client.get(reverse("erasures"))
    with django_assert_num_queries(6):
        client.get(reverse("erasures"))


@pytest.mark.parametrize("meetings", [1, 3])
def test_page_of_a_person_costs_the_same_however_much_there_is(
    client, aylin, hr, meetings, django_assert_num_queries
):
    made = factories.mentorship(aylin, state="completed")
    for _ in range(meetings):
        meeting = Meeting.objects.create(mentorship=made, starts_at=THEN, ends_at=THEN + timedelta(hours=1))
        MeetingLog.objects.create(meeting=meeting, member=made.members.first(), topics="x")
        notice(aylin, f"k{_}")
    client.force_login(hr)
    client.get(reverse("erase_person", args=[aylin.pk]))
    with django_assert_num_queries(26):
        client.get(reverse("erase_person", args=[aylin.pk]))


def test_hr_sees_on_the_start_page_who_waits(client, aylin, hr):
    ErasureRequest.objects.create(person=aylin, asked_at=AT)
    [item] = [item for item in attention(hr, AT) if "erased" in item.title]
    assert (item.title, item.url) == ("1 person asks to be erased", reverse("erasures"))
    assert "1 April" in item.text
    coordinator = factories.person()
    factories.programme_role(factories.programme(), coordinator, "coordinator")
    assert [item for item in attention(coordinator, AT) if "erased" in item.title] == []


def test_hr_answers_without_erasing_and_the_person_reads_why(client, hr):
    aylin = factories.person(NAME)
    ErasureRequest.objects.create(person=aylin)
    client.force_login(hr)
    url = reverse("decline_erasure", args=[aylin.pk])
    assert client.post(url, {"reason": " "}).status_code == 200
    assert client.post(url, {"reason": "Your contract."}).url == reverse("erasures")
    assert client.post(url, {"reason": "Your contract."}).status_code == 404
    assert "Your contract." in Notice.objects.get(recipient=aylin, kind="erasure-declined").text
    assert not ErasureRequest.objects.exists()


def test_whoever_was_erased_is_in_no_list_and_cannot_be_chosen(client, aylin, hr):
    erase(person=aylin, by=hr, at=AT)
    client.force_login(hr)
    assert "Former" not in client.get(reverse("admin:participants_person_changelist")).content.decode()
    assert client.get(reverse("admin:participants_person_change", args=[aylin.pk])).status_code == 302


def test_adding_somebody_who_was_erased_by_hand_asks_to_let_them_return_first(client, aylin, hr):
    erase(person=aylin, by=hr, at=AT)
    client.force_login(hr)
    form = {"name": NAME, "email": EMAIL, "language": "en", "time_zone": "UTC", "is_active": "on"}
    form |= {"languages-TOTAL_FORMS": "0", "languages-INITIAL_FORMS": "0"}
    url = reverse("admin:participants_person_add")
    assert "was erased" in client.post(url, form).content.decode()
    assert client.post(reverse("let_return"), {"email": "other@example.org"}).status_code == 200
    client.post(reverse("let_return"), {"email": EMAIL})
    assert client.post(url, form).status_code == 302
    assert Person.objects.get(email=EMAIL).pk != aylin.pk


def test_the_last_hr_admin_keeps_the_right_in_the_form_too(client, hr):
    client.force_login(hr)
    form = {"name": hr.name, "email": hr.email, "language": "en", "time_zone": "UTC", "is_active": "on"}
    form |= {"languages-TOTAL_FORMS": "0", "languages-INITIAL_FORMS": "0"}
    url = reverse("admin:participants_person_change", args=[hr.pk])
    assert "last HR admin" in client.post(url, form).content.decode()
    factories.hr_admin()
    assert client.post(url, form).status_code == 302
