"""Another address, or the end of being active: whoever writes it, nothing of before opens anything."""

import re
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import mail
from accounts.models import AccountMail
from domain.errors import DomainError
from participants import imports
from participants.addresses import change_address
from participants.models import Erased, Person
from tests import factories

pytestmark = pytest.mark.django_db
NEW = "aylin.demir@example.com"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def aylin():
    return factories.person("Aylin Kaya", email="aylin@example.com")


@pytest.fixture
def hr():
    return factories.hr_admin(name="Hanna Roth")


def by_verb(person):
    assert change_address(person=person, to=f" {NEW.upper()} ")


def by_the_admin_site(person):
    client = Client()
    client.force_login(factories.hr_admin(name="Hanna Roth"))
    address = reverse("admin:participants_person_change", args=[person.pk])
    form = client.get(address).context["adminform"].form
    values = {name: form[name].value() or "" for name in form.fields}
    response = client.post(
        address,
        {**values, "email": NEW, "is_active": "on", "languages-TOTAL_FORMS": 0, "languages-INITIAL_FORMS": 0},
    )
    assert response.status_code == 302


def by_the_shell(person):
    person.email = NEW
    person.save()


def by_a_statement(person):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE participants_person SET email = %s WHERE id = %s", [NEW, person.pk])


def by_an_hr_file(person):
    Person.objects.filter(pk=person.pk).update(external_id="1")
    load(f"1,{person.name},{NEW}\n")


def load(rows):
    content = ContentFile(f"Personalnummer,Name,E-Mail\n{rows}".encode(), name="people.csv")
    people_import = imports.keep(file=content)
    imports.open_file(people_import)
    imports.take_at_once(people_import)


def by_leaving(person):
    Person.objects.filter(pk=person.pk).update(is_active=False)


def by_leaving_and_coming_back(person):
    by_leaving(person)
    Person.objects.filter(pk=person.pk).update(is_active=True)


def there_and_back(person):
    old = person.email
    by_verb(person)
    change_address(person=person, to=old)


WAYS = [
    by_verb,
    by_the_admin_site,
    by_the_shell,
    by_a_statement,
    by_an_hr_file,
    by_leaving,
    by_leaving_and_coming_back,
    there_and_back,
]


@pytest.mark.parametrize("changed", WAYS)
def test_sessions_codes_and_links_of_before_open_nothing(changed, aylin, letters):
    signed_in, coded, strange = Client(), Client(), Client()
    signed_in.force_login(aylin)
    strange.force_login(factories.person())
    coded.post(reverse("account_request_login_code"), {"email": aylin.email})
    Client().post(reverse("account_reset_password"), {"email": aylin.email})
    mail.send_due()
    text = "\n".join(letter.get_body(["plain"]).get_content() for letter in letters)
    code, link = re.search(r"[A-Z]{4}-[A-Z]{4}", text).group(), re.search(r"http\S+/key/\S+", text).group()
    changed(Person.objects.get(pk=aylin.pk))
    assert signed_in.get("/").status_code == 302
    assert coded.post(reverse("account_confirm_login_code"), {"code": code}).status_code == 200
    assert "_auth_user_id" not in coded.session
    assert "no longer works" in Client().get(urlsplit(link).path, follow=True).content.decode()
    assert strange.get("/").status_code == 200


def test_a_row_read_before_brings_no_session_back(aylin):
    old = Person.objects.get(pk=aylin.pk)
    client = Client()
    client.force_login(aylin)
    change_address(person=aylin, to=NEW)
    Person.objects.filter(pk=aylin.pk).update(email=old.email)
    old.job_title = "Analyst"
    old.save()
    assert Person.objects.get(pk=aylin.pk).sign_in_version == 2
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("changed", WAYS[:5])
def test_old_and_new_address_are_told(changed, aylin, letters):
    changed(Person.objects.get(pk=aylin.pk))
    mail.send_due()
    told = {letter["To"]: letter.get_body(["plain"]).get_content() for letter in letters}
    assert set(told) == {"aylin@example.com", NEW}
    assert "no longer signs you in" in told["aylin@example.com"]
    assert "From now on you sign in with this" in told[NEW]
    assert NEW not in told["aylin@example.com"]
    assert {letter["Subject"] for letter in letters} == {"Your e-mail for Mentoring was changed"}


def test_who_is_told_in_german_reads_german(letters):
    change_address(person=factories.person(language="de"), to=NEW)
    mail.send_due()
    subjects = {letter["Subject"].strip() for letter in letters}
    assert subjects == {"Ihre E-Mail-Adresse für Mentoring wurde geändert"}


@pytest.mark.parametrize("changed", [by_leaving, lambda person: person.save()])
def test_nobody_is_told_where_no_address_changed(changed, aylin):
    changed(aylin)
    assert AccountMail.objects.count() == 0


def test_change_address_twice_changes_once(aylin):
    assert [change_address(person=aylin, to=NEW) for _ in range(2)] == [True, False]
    assert AccountMail.objects.count() == 2


def test_change_address_refuses_what_is_nobodys_to_give(aylin, hr):
    Erased.objects.remember(email="gone@example.com", number=None, on=hr.created_at.date())
    for address in (hr.email, "no address", "gone@example.com", ""):
        with pytest.raises(DomainError):
            change_address(person=aylin, to=address)
    assert Person.objects.get(pk=aylin.pk).email == "aylin@example.com"
    assert AccountMail.objects.count() == 0


def test_two_who_swap_addresses_in_one_file_stay_who_they_are(aylin, letters):
    """Neither reads what the other was told, and both mailboxes are told of both changes."""
    martin = factories.person("Martin Vogel", email="martin@example.com", external_id="2")
    Person.objects.filter(pk=aylin.pk).update(external_id="1")
    clients = {person: Client() for person in (aylin, martin)}
    for person, client in clients.items():
        client.force_login(person)
    load(f"1,{aylin.name},martin@example.com\n2,{martin.name},aylin@example.com\n")
    assert dict(Person.objects.values_list("pk", "email")) == {
        aylin.pk: "martin@example.com",
        martin.pk: "aylin@example.com",
    }
    assert [client.get("/").status_code for client in clients.values()] == [302, 302]
    mail.send_due()
    told = sorted((letter["To"], letter.get_body(["plain"]).get_content()[:12]) for letter in letters)
    assert told == [
        ("aylin@example.com", "Hello Aylin,"),
        ("aylin@example.com", "Hello Martin"),
        ("martin@example.com", "Hello Aylin,"),
        ("martin@example.com", "Hello Martin"),
    ]
    letters.clear()
    cache.clear()
    client = Client()
    client.post(reverse("account_request_login_code"), {"email": "aylin@example.com"})
    mail.send_due()
    code = re.search(r"[A-Z]{4}-[A-Z]{4}", letters[0].get_body(["plain"]).get_content()).group()
    client.post(reverse("account_confirm_login_code"), {"code": code})
    assert client.session["_auth_user_id"] == str(martin.pk)
