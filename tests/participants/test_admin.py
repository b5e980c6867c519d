"""People, grades and the rest of the organisation in the admin site."""

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from participants.models import Grade, Person
from tests import factories

pytestmark = pytest.mark.django_db
LISTS = ["person", "grade", "unit", "site", "profession", "topic", "delegation"]


def changelist(model):
    return reverse(f"admin:participants_{model}_changelist")


@pytest.fixture
def hr(client):
    someone = factories.hr_admin()
    client.force_login(someone)
    return someone


def form_of(client, person):
    form = client.get(reverse("admin:participants_person_change", args=[person.pk])).context["adminform"].form
    data = {name: form[name].value() for name in form.fields}
    data = {name: value for name, value in data.items() if value not in (None, False)}
    return data | {"languages-TOTAL_FORMS": "0", "languages-INITIAL_FORMS": "0"}


@pytest.mark.parametrize("model", LISTS)
def test_only_hr_opens_the_lists_of_the_organisation(client, model):
    coordinator, stranger = factories.person(), factories.person()
    factories.programme_role(factories.programme(), coordinator, "coordinator")
    answers = []
    for someone in (factories.hr_admin(), coordinator, stranger):
        client.force_login(someone)
        answers.append(client.get(changelist(model)).status_code)
    assert answers == [200, 403, 302]


@pytest.mark.parametrize("people", [1, 3])
def test_the_list_of_people_costs_the_same_with_one_and_with_three(
    client, hr, people, django_assert_num_queries
):
    for _ in range(people):
        factories.person(manager=hr, unit=factories.unit(), grade=factories.grade(3))
    client.get(changelist("person"))
    with django_assert_num_queries(7):
        client.get(changelist("person"))


def test_a_person_is_shown_without_a_password(client, hr):
    person = factories.person()
    person.set_password("quite-secret-words")
    person.save()
    page = client.get(reverse("admin:participants_person_change", args=[person.pk])).content.decode()
    assert person.email in page
    assert person.password not in page
    assert "pbkdf2" not in page


def test_a_person_made_here_signs_in_by_mail_only(client, hr):
    data = {
        "name": "Aylin Demir",
        "email": "Aylin@Example.org",
        "language": "de",
        "time_zone": "Europe/Berlin",
    }
    data |= {"is_active": "on", "languages-TOTAL_FORMS": "0", "languages-INITIAL_FORMS": "0"}
    answer = client.post(reverse("admin:participants_person_add"), data)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    person = Person.objects.get(email="aylin@example.org")
    assert (person.given_name, person.has_usable_password(), person.external_id) == ("Aylin", False, None)


def test_a_manager_that_would_close_a_circle_is_an_error_beside_the_field(client, hr):
    top = factories.person()
    middle = factories.person(manager=top)
    low = factories.person(manager=middle)
    data = form_of(client, top)
    page = client.post(reverse("admin:participants_person_change", args=[top.pk]), data | {"manager": low.pk})
    assert list(page.context["adminform"].form.errors) == ["manager"]
    answer = client.post(
        reverse("admin:participants_person_change", args=[low.pk]), form_of(client, low) | {"manager": top.pk}
    )
    assert answer.status_code == 302
    low.refresh_from_db()
    assert low.line == [top.pk]


ORDER = reverse("admin:participants_grade_put_in_order")


def shown(answer):
    return [str(grade) for grade in answer.context["ordered"]], [str(g) for g in answer.context["left_out"]]


def test_grades_are_put_in_order_with_buttons_alone(client, hr):
    ids = [Grade.objects.create(name=name).pk for name in ("Assistant", "Contractor", "Head")]
    assistant, contractor, head = ids
    assert shown(client.get(ORDER)) == (["Assistant", "Contractor", "Head"], [])
    answer = client.post(ORDER, {"order": ids, "move": f"up:{head}"})
    assert shown(answer) == (["Assistant", "Head", "Contractor"], [])
    answer = client.post(ORDER, {"order": [assistant, head, contractor], "move": f"out:{contractor}"})
    assert shown(answer) == (["Assistant", "Head"], ["Contractor"])
    answer = client.post(ORDER, {"order": [assistant, head], "move": f"down:{assistant}"})
    assert shown(answer) == (["Head", "Assistant"], ["Contractor"])
    assert shown(client.post(ORDER, {"order": [head, assistant], "move": f"in:{contractor}"})) == (
        ["Head", "Assistant", "Contractor"],
        [],
    )
    assert Grade.objects.exclude(rank=None).count() == 0  # nothing is kept before it is saved
    assert client.post(ORDER, {"order": [head, assistant, assistant, "x", 0]}).status_code == 302
    assert dict(Grade.objects.values_list("name", "rank")) == {"Assistant": 1, "Head": 2, "Contractor": None}
    assert LogEntry.objects.filter(user=hr).count() == 2
    assert shown(client.get(ORDER)) == (["Head", "Assistant"], ["Contractor"])


def test_first_guess_of_the_order_comes_from_the_reporting_lines(client, hr):
    board, zonal, lead, analyst, clerk = (
        Grade.objects.create(name=name) for name in ("Board", "Zonal head", "Lead", "Analyst", "Clerk")
    )
    top = factories.person(grade=board)
    for _ in range(2):
        head = factories.person(grade=zonal, manager=top)
        leads = [factories.person(grade=lead, manager=head) for _ in range(2)]
        # One line is the other way round, and one goes around a level.
        factories.person(grade=zonal, manager=leads[0])
        factories.person(grade=clerk, manager=leads[1])
        factories.person(grade=analyst, manager=head)
    factories.person(grade=analyst, manager=factories.person(grade=clerk, is_active=False))
    answer = client.get(ORDER)
    assert shown(answer) == (["Board", "Zonal head", "Lead", "Analyst", "Clerk"], [])
    assert "first guess" in answer.content.decode()
    client.post(ORDER, {"order": [clerk.pk, board.pk]})
    answer = client.get(ORDER)
    assert shown(answer)[0] == ["Clerk", "Board"]
    assert "first guess" not in answer.content.decode()


@pytest.mark.parametrize("grades", [1, 3])
def test_the_order_of_grades_costs_the_same_with_one_and_with_three(
    client, hr, grades, django_assert_num_queries
):
    for rank in range(grades):
        factories.person(grade=factories.grade(rank))
    client.get(ORDER)
    with django_assert_num_queries(5):
        client.get(ORDER)


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("noel", {"Noël Groß"}),
        ("GROSS n", {"Noël Groß"}),
        ("n.gross@ex", {"Noël Groß"}),
        ("Q-77", {"Noël Groß"}),
        ("head legal", {"Noël Groß"}),
        ("legal' | !x:*", set()),
        ("&&&", {"Noël Groß", "Ali Baba", "Helene"}),
    ],
)
def test_people_are_found_by_the_beginnings_of_words(client, term, found):
    client.force_login(factories.hr_admin(name="Helene", email="helene@example.org"))
    factories.person("Noël Groß", email="n.gross@example.org", external_id="Q-77", job_title="Head of Legal")
    factories.person("Ali Baba", email="ali@example.org")
    answer = client.get(changelist("person"), {"q": term})
    assert {person.name for person in answer.context["cl"].result_list} == found


def test_lists_of_many_people_answer_from_indexes(hr):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL mentoring.bulk = 'on'")
        cursor.execute(
            "INSERT INTO participants_person (email, name, given_name, job_title, external_id, password,"
            " line, language, time_zone, is_active, is_hr_admin, created_at)"
            " SELECT 'p' || n || '@example.org', 'Person ' || n, 'P', 'Job ' || n % 50, 'N' || n, '!',"
            " '{}', 'en', 'UTC', n % 500 > 0, FALSE, now()"
            " FROM generate_series(1, 20000) n"
        )
        cursor.execute("INSERT INTO participants_grade (name) SELECT 'G' || n FROM generate_series(1, 40) n")
        cursor.execute(
            "UPDATE participants_person SET grade_id = (SELECT min(id) FROM participants_grade) + id % 40"
        )
        for index in ("person_line", "person_words"):
            cursor.execute("SELECT gin_clean_pending_list(%s)", [index])
        cursor.execute("ANALYZE participants_person")
    people = Person.objects.order_by("name", "pk")
    asked = [
        people[:100],
        people.called("person 1234")[:100],
        people.called("N777")[:20],
        people.filter(grade=Grade.objects.first())[:100],
        people.filter(is_active=False)[:100],
        people.filter(is_hr_admin=True)[:100],
        people.reports_of(hr)[:100],
        people.filter(email="p5@example.org"),
    ]
    for query in asked:
        plan = query.explain()
        assert "Seq Scan on participants_person" not in plan, plan


@pytest.mark.parametrize("people", [3, 300])
def test_lists_of_the_organisation_cost_the_same_for_few_and_for_many(client, hr, people):
    for number in range(people):
        factories.site(f"Site {number}")
        factories.person(manager=hr, unit=factories.unit(f"Unit {number}"), grade=factories.grade(number))
    counts = {}
    for model in LISTS:
        client.get(changelist(model))
        with CaptureQueriesContext(connection) as found:
            client.get(changelist(model))
        counts[model] = len(found)
    expected = dict.fromkeys(LISTS, 6) | {"person": 7, "topic": 7, "grade": 7}
    assert counts == expected


def test_grades_are_ordered_by_hr_alone(client):
    grade = Grade.objects.create(name="Head")
    client.force_login(factories.person())
    client.post(ORDER, {"order": [grade.pk]})
    grade.refresh_from_db()
    assert grade.rank is None
