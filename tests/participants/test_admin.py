"""People, grades and the rest of the organisation in the admin site."""

import pytest
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
    with django_assert_num_queries(10):
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


def test_grades_are_put_in_order_on_one_page(client, hr):
    for name in ("Head", "Assistant", "Contractor"):
        Grade.objects.create(name=name)
    page = reverse("admin:participants_grade_put_in_order")
    assert client.get(page).context["form"].initial == {"names": "Assistant\nContractor\nHead"}
    client.post(page, {"names": "Assistant\n\nhead\n"})
    assert dict(Grade.objects.values_list("name", "rank")) == {"Assistant": 1, "Head": 2, "Contractor": None}
    for wrong in ("Assistant\nassistant", "Wizard"):
        assert list(client.post(page, {"names": wrong}).context["form"].errors) == ["names"]


def test_grades_are_ordered_by_hr_alone(client):
    grade = Grade.objects.create(name="Head")
    client.force_login(factories.person())
    client.post(reverse("admin:participants_grade_put_in_order"), {"names": "Head"})
    grade.refresh_from_db()
    assert grade.rank is None
