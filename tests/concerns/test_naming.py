"""Who can be named confidant, in the forms and in the database; and who sets what keeps people safe."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.urls import reverse

from concerns.models import Concern, Reader
from domain.errors import DomainError
from participants.actions import describe
from participants.models import Delegation, Person
from programmes.models import Programme, ProgrammeRole
from pulses.actions import open_wave
from tests import factories
from tests.concerns.test_concerns import AT, confidant_of, scene

pytestmark = pytest.mark.django_db


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def sent(programme, roles=(), **fields):
    """The form of a programme as a browser sends it, with these roles as (row, person, role)."""
    data = {
        "name_en": programme.name,
        "form": programme.form,
        "offer_days": 7,
        "smallest_group": programme.smallest_group,
        "retention_months": 24,
    }
    for prefix in ("objectives", "ground_rules", "briefing_pages"):
        data |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    data |= {"roles-TOTAL_FORMS": len(roles), "roles-INITIAL_FORMS": sum(bool(row) for row, *_ in roles)}
    for number, (row, person, role) in enumerate(roles):
        data |= {
            f"roles-{number}-id": row.pk if row else "",
            f"roles-{number}-programme": programme.pk,
            f"roles-{number}-person": person.pk,
            f"roles-{number}-role": role,
        }
    return data | fields


def change(programme):
    return reverse("admin:programmes_programme_change", args=[programme.pk])


@pytest.mark.parametrize("who", ["hr admin", "coordinator", "both at once", "delegate", "stranger"])
def test_the_form_names_as_confidant_only_who_could_listen(who):
    mentorship, _aylin, martin, _nadia = scene()
    programme = mentorship.cohort.programme
    ProgrammeRole.objects.all().delete()
    named, rows = factories.person("Named"), []
    if who == "hr admin":
        Person.objects.filter(pk=named.pk).update(is_hr_admin=True)
    if who == "coordinator":
        rows = [(factories.programme_role(programme, named, "coordinator"), named, "coordinator")]
    if who == "both at once":
        rows = [(None, named, "coordinator")]
    if who == "delegate":
        Delegation.objects.create(person=martin, delegate=named)
    answer = signed_in(factories.hr_admin()).post(
        change(programme), sent(programme, [*rows, (None, named, "confidant")])
    )
    assert answer.status_code == (302 if who == "stranger" else 200)
    assert programme.roles.filter(role="confidant").exists() is (who == "stranger")


def test_coordinators_name_no_confidants():
    mentorship, *_ = scene()
    programme = mentorship.cohort.programme
    coordinator = factories.person()
    row = factories.programme_role(programme, coordinator, "coordinator")
    roles = [(row, coordinator, "coordinator"), (None, factories.person(), "confidant")]
    signed_in(coordinator).post(change(programme), sent(programme, roles))
    assert programme.roles.filter(role="confidant").count() == 1


def test_the_database_refuses_who_coordinates_and_listens():
    mentorship, _aylin, _martin, nadia = scene()
    with pytest.raises(IntegrityError, match="confidant_coordinates_nothing"), transaction.atomic():
        factories.programme_role(mentorship.cohort.programme, nadia, "coordinator")
    factories.programme_role(mentorship.cohort.programme, nadia, "sponsor")


def test_a_confidant_is_not_made_hr_admin_by_the_way():
    _mentorship, _aylin, _martin, nadia = scene()
    data = {
        "name": nadia.name,
        "email": nadia.email,
        "language": "en",
        "time_zone": "UTC",
        "is_active": "on",
        "is_hr_admin": "on",
        "languages-TOTAL_FORMS": 0,
        "languages-INITIAL_FORMS": 0,
    }
    url = reverse("admin:participants_person_change", args=[nadia.pk])
    hr = signed_in(factories.hr_admin())
    assert "no HR admin can be one" in hr.post(url, data).content.decode()
    nadia.programme_roles.all().delete()
    assert hr.post(url, data).status_code == 302


def test_nobody_names_a_confidant_of_their_programmes_as_delegate():
    mentorship, _aylin, martin, nadia = scene()
    other = confidant_of(factories.mentorship(), "Confidant elsewhere")
    with pytest.raises(DomainError, match="is a confidant of a programme in which"):
        describe(person=martin, delegates=[nadia])
    with pytest.raises(ValidationError, match="is a confidant"):
        Delegation(person=martin, delegate=nadia).full_clean()
    client = signed_in(factories.hr_admin())
    url = reverse("admin:participants_delegation_add")
    assert client.post(url, {"person": martin.pk, "delegate": nadia.pk}).status_code == 200
    assert Delegation.objects.count() == 0
    describe(person=martin, delegates=[other])
    # What is there already is kept, and can be ended.
    factories.programme_role(mentorship.cohort.programme, other, "confidant")
    describe(person=martin, delegates=[other])
    describe(person=martin, delegates=[])


# --- What is HR's alone ----------------------------------------------------------------


def test_hr_sets_the_threshold_until_the_first_round_has_opened_and_coordinators_see_it():
    mentorship, *_ = scene()
    programme = mentorship.cohort.programme
    coordinator, hr = factories.person(), factories.hr_admin()
    row = factories.programme_role(programme, coordinator, "coordinator")
    nadia = programme.roles.get(role="confidant")
    rows = [(row, coordinator, "coordinator"), (nadia, nadia.person, "confidant")]

    def save(person, **fields):
        assert signed_in(person).post(change(programme), sent(programme, rows, **fields)).status_code == 302
        programme.refresh_from_db()
        return programme.smallest_group, programme.external_contact_en

    assert save(coordinator, smallest_group=9, external_contact_en="Call me") == (5, None)
    assert save(hr, smallest_group=9, external_contact_en="Ombuds office") == (9, "Ombuds office")
    page = signed_in(coordinator).get(change(programme)).content.decode()
    assert "Ombuds office" in page and 'name="smallest_group"' not in page
    open_wave(cohort=mentorship.cohort, kind="start", at=AT)
    assert save(hr, smallest_group=5, external_contact_en="Hotline") == (9, "Hotline")
    assert 'name="smallest_group"' not in signed_in(hr).get(change(programme)).content.decode()


@pytest.mark.parametrize("threshold", [5, 12])
def test_the_database_keeps_the_threshold_once_the_first_round_has_opened(threshold):
    cohort = factories.cohort("running", programme=factories.programme(smallest_group=8))
    other = factories.programme()
    open_wave(cohort=cohort, kind="start", at=AT)
    with pytest.raises(IntegrityError, match="threshold of answers is fixed"), transaction.atomic():
        Programme.objects.filter(pk=cohort.programme_id).update(smallest_group=threshold)
    Programme.objects.filter(pk=cohort.programme_id).update(smallest_group=8, retention_months=3)
    Programme.objects.filter(pk=other.pk).update(smallest_group=threshold)


# --- Concerns from before --------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_concerns_from_before_get_the_readers_who_could_read_them():
    mentorship, aylin, martin, _nadia = scene()
    below = confidant_of(mentorship, "Below", manager=factories.person(manager=martin))
    above = confidant_of(mentorship, "Above")
    aylin.manager = factories.person(manager=above)
    aylin.save()
    arranges = confidant_of(mentorship, "Arranges")
    Delegation.objects.create(person=martin, delegate=arranges)
    confidant_of(mentorship, "Left", is_active=False)
    confidant_of(mentorship, "HR", is_hr_admin=True)
    factories.programme_role(factories.programme(), factories.person("Elsewhere"), "confidant")
    executor = MigrationExecutor(connection)
    latest = executor.loader.graph.leaf_nodes()
    executor.migrate([("concerns", "0002_readers")])
    common = {
        "programme": mentorship.cohort.programme,
        "mentorship": mentorship,
        "raised_by": aylin,
        "topic": "time",
        "text": "…",
        "raised_at": AT,
    }
    states = {state: Concern.objects.create(**common, state=state).pk for state in Concern.State.values}
    MigrationExecutor(connection).migrate(latest)
    assert set(Reader.objects.values_list("concern", "person__name", "since")) == {
        (pk, "Nadia Okafor", AT) for pk in states.values()
    }
    assert dict(Concern.objects.values_list("state", "waits_since")) == {
        "open": AT,
        "in_care": None,
        "settled": None,
    }
    assert below != above
