"""What participants see and send."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from participants.models import Topic
from programmes.models import Avoidance, BriefingPage, Cohort, Enrolment, Role
from tests import factories

pytestmark = pytest.mark.django_db
State = Enrolment.State


def open_now(**fields):
    """Enrolment for a week from days_ago on."""
    today = timezone.now().date()
    return factories.enrolling(
        enrolment_opens_on=today - timedelta(days=1),
        enrolment_closes_on=today + timedelta(days=7),
        starts_on=today + timedelta(days=14),
        ends_on=today + timedelta(days=200),
        **fields,
    )


def form_set(prefix, *rows):
    data = {f"{prefix}-TOTAL_FORMS": str(len(rows)), f"{prefix}-INITIAL_FORMS": "0"}
    for number, row in enumerate(rows):
        data |= {f"{prefix}-{number}-{name}": str(value) for name, value in row.items()}
    return data


def filled(**fields):
    topic = Topic.objects.get_or_create(name_en="AI", defaults={"name_de": "KI"})[0]
    return {
        "role": "mentor",
        "capacity": "1",
        "meets_remotely": "on",
        "weekly_hours": ["9", "33"],
        "hopes": "To be heard.",
        "wishes": "",
        "avoidances": "",
        **form_set("can", {"subject": topic.pk, "level": 3, "years": 4}),
        **form_set("want", {"subject": topic.pk, "priority": 3}),
        **form_set("speak", {"subject": "de", "level": 4}),
        **fields,
    }


@pytest.fixture
def person(client):
    someone = factories.person("Aylin Demir")
    client.force_login(someone)
    return someone


def url(name, obj):
    return reverse(f"programmes:{name}", args=[obj.uuid])


def test_list_without_a_programme_teaches(client, person):
    page = client.get(reverse("programmes:list"))
    assert "No programme is open to you" in page.content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_list_costs_the_same_with_one_row_and_with_three(client, person, rows, django_assert_num_queries):
    for _ in range(rows):
        factories.invitation(open_now(), person, created_at=timezone.now())
        factories.enrolment(factories.cohort(), person)
        open_now()
    client.get(reverse("programmes:list"))
    with django_assert_num_queries(LIST_QUERIES):
        page = client.get(reverse("programmes:list"))
    assert [len(page.context[name]) for name in ("invitations", "enrolments", "cohorts")] == [rows] * 3


@pytest.mark.parametrize("rows", [1, 3])
def test_detail_costs_the_same_with_one_row_and_with_three(client, person, rows, django_assert_num_queries):
    cohort = open_now()
    for number in range(rows):
        cohort.programme.objectives.create(statement_en=f"Objective {number}", measure="goals", target=70)
        cohort.programme.ground_rules.create(text_en=f"Rule {number}", kind="conduct")
    client.get(url("detail", cohort))
    with django_assert_num_queries(DETAIL_QUERIES):
        client.get(url("detail", cohort))


@pytest.mark.parametrize("rows", [1, 3])
def test_enrolment_page_costs_the_same_with_one_row_and_with_three(
    client, person, rows, django_assert_num_queries
):
    cohort = open_now()
    for number in range(rows):
        Topic.objects.create(name_en=f"Topic {number}", name_de=f"Thema {number}")
    client.get(url("enrol", cohort))
    with django_assert_num_queries(ENROL_QUERIES):
        client.get(url("enrol", cohort))


LIST_QUERIES = 8
DETAIL_QUERIES = 12
ENROL_QUERIES = 13


def test_a_stranger_finds_no_cohort_that_is_not_open_to_them(client, person):
    running = factories.cohort()
    closed_to_them = open_now()
    closed_to_them.programme.eligibility.all().delete()
    draft = factories.cohort(Cohort.State.DRAFT)
    for cohort in (running, closed_to_them, draft):
        assert client.get(url("detail", cohort)).status_code == 404
        assert client.get(url("enrol", cohort)).status_code == 404
        assert client.post(url("enrol", cohort), filled()).status_code == 404
    assert Enrolment.objects.count() == 0


def test_a_stranger_reaches_neither_invitation_nor_enrolment_of_others(client, person):
    cohort = open_now()
    invitation = factories.invitation(cohort, factories.person())
    enrolment = factories.enrolment(cohort)
    for name, obj in [("decline", invitation), ("withdraw", enrolment), ("briefing", enrolment)]:
        assert client.get(url(name, obj)).status_code == 404
        assert client.post(url(name, obj)).status_code == 404
    invitation.refresh_from_db(), enrolment.refresh_from_db()
    assert (invitation.declined_at, enrolment.state, enrolment.briefed_at) == (None, State.ACCEPTED, None)


def test_hr_withdraws_nobody_from_the_participants_page(client):
    client.force_login(factories.hr_admin())
    assert client.post(url("withdraw", factories.enrolment(open_now()))).status_code == 404


def test_enrolling_stores_the_enrolment_and_the_profile(client, person):
    cohort, avoided = open_now(), factories.person()
    answer = client.post(url("enrol", cohort), filled(avoidances=avoided.email.upper()))
    assert answer.status_code == 302, answer.context["form"].errors
    enrolment = Enrolment.objects.get()
    assert (enrolment.role, enrolment.state, enrolment.weekly_hours) == ("mentor", State.ACCEPTED, [9, 33])
    assert (enrolment.meets_remotely, enrolment.meets_on_site) == (True, False)
    assert [(e.topic.name, e.level, e.years) for e in person.profile.expertise.all()] == [("AI", 3, 4)]
    assert [(i.topic.name, i.priority) for i in person.profile.interests.all()] == [("AI", 3)]
    assert list(person.languages.values_list("code", "level")) == [("de", 4)]
    assert list(Avoidance.objects.values_list("person", flat=True)) == [avoided.pk]


def test_enrolling_with_errors_keeps_what_was_typed_and_stores_nothing(client, person):
    topic = Topic.objects.create(name_en="Data")
    row = {"subject": topic.pk, "level": 3, "years": 4}
    data = filled(hopes="A frank word.", wishes="nobody@example.org", **form_set("can", row, row))
    del data["weekly_hours"]
    page = client.post(url("enrol", open_now()), data)
    form = page.context["form"]
    assert form.errors == {
        "weekly_hours": ["Tick at least one hour in which you could meet."],
        "wishes": [
            "We know nobody here with the address nobody@example.org. Please check how it is written."
        ],
    }
    assert form.rows.expertise.errors == [{}, {"subject": ["This stands here twice. Keep one of the two."]}]
    assert "A frank word." in page.content.decode()
    assert Enrolment.objects.count() == 0
    assert not hasattr(type(person).objects.get(pk=person.pk), "profile")


def test_enrolling_in_a_role_meant_for_others_is_an_error_beside_the_role(client, person):
    cohort = open_now()
    cohort.programme.eligibility.filter(role=Role.MENTEE).delete()
    page = client.post(url("enrol", cohort), filled(role="mentee"))
    assert list(page.context["form"].errors) == ["role"]
    assert Enrolment.objects.count() == 0


def test_enrolling_a_second_time_or_too_late_leads_back_with_a_sentence(client, person):
    cohort = open_now()
    client.post(url("enrol", cohort), filled())
    again = client.post(url("enrol", cohort), filled())
    days_ago = timezone.now().date() - timedelta(days=2)
    late = open_now()
    Cohort.objects.filter(pk=late.pk).update(enrolment_opens_on=days_ago, enrolment_closes_on=days_ago)
    too_late = client.post(url("enrol", late), filled())
    assert [answer.url for answer in (again, too_late)] == [url("detail", cohort), url("detail", late)]
    assert [str(message) for message in get_messages(too_late.wsgi_request)][1:] == [
        "You are enrolled in this cohort already.",
        "Enrolment in this cohort is over.",
    ]
    assert Enrolment.objects.count() == 1


def test_avoidances_are_shown_to_nobody_not_even_hr(client, person):
    cohort, avoided = open_now(), factories.person("Martin Vogel")
    client.post(url("enrol", cohort), filled(avoidances=avoided.email))
    for viewer in (person, avoided, factories.hr_admin()):
        client.force_login(viewer)
        assert avoided.email not in client.get(url("detail", cohort)).content.decode().replace(
            viewer.email, ""
        )
    assert [
        Avoidance.objects.visible_to(viewer).count() for viewer in (person, avoided, factories.hr_admin())
    ] == [1, 0, 0]


def test_declining_asks_first_and_then_answers(client, person):
    invitation = factories.invitation(open_now(), person)
    client.get(url("decline", invitation))
    invitation.refresh_from_db()
    assert invitation.declined_at is None
    assert client.post(url("decline", invitation)).url == reverse("programmes:list")
    invitation.refresh_from_db()
    assert invitation.declined_at is not None


def test_withdrawing_asks_first_and_then_withdraws(client, person):
    enrolment = factories.enrolment(open_now(), person)
    assert client.get(url("withdraw", enrolment)).status_code == 200
    client.post(url("withdraw", enrolment))
    enrolment.refresh_from_db()
    assert enrolment.state == State.WITHDRAWN


def test_briefing_shows_the_pages_of_the_role_in_order_and_is_done_at_its_end(client, person):
    enrolment = factories.enrolment(open_now(), person, Role.MENTOR)
    programme = enrolment.cohort.programme
    for role, title, position in [("mentor", "Second", 2), ("mentor", "First", 1), ("mentee", "Other", 0)]:
        BriefingPage.objects.create(
            programme=programme, role=role, title_en=title, text_en=".", position=position
        )
    page = client.get(url("briefing", enrolment))
    assert [page.title for page in page.context["pages"]] == ["First", "Second"]
    client.post(url("briefing", enrolment))
    enrolment.refresh_from_db()
    assert enrolment.is_briefed
