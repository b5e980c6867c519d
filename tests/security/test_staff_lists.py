"""The lists of the admin site answer what they offer, and nothing else: no field and no relation of a model
can be asked through them, and nothing that cannot be read breaks them."""

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import Http404, HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from domain.admin import StaffAdmin, StaffInline
from matching.models import Mentorship
from mentoring.permissions import ADMIN_MODELS, staff
from participants.models import Grade, Person
from programmes.models import Avoidance, Enrolment, Programme
from tests import factories
from tests.mentoring.personal_story import write_everything

pytestmark = pytest.mark.django_db

REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label_lower)
# What each list offers in its address, besides the search, the order and the page.
OFFERED = {
    "matching.block": {"programme__id__exact"},
    "matching.matchingpolicy": set(),
    "matching.matchrun": set(),
    "matching.mentorship": {"state__exact", "cohort__id__exact", "agreement", "id__in"},
    "participants.delegation": set(),
    "participants.grade": set(),
    "participants.peopleimport": set(),
    "participants.person": {
        "is_active__exact",
        "is_hr_admin__exact",
        "grade__id__exact",
        "unit__id__exact",
        "site__id__exact",
        "profession__id__exact",
    },
    "participants.profession": set(),
    "participants.site": set(),
    "participants.topic": {"is_active__exact"},
    "participants.unit": set(),
    "programmes.cohort": {"shown", "state__exact", "programme__id__exact"},
    "programmes.enrolment": {"shown", "state__exact", "role__exact", "cohort__id__exact"},
    "programmes.invitation": {"shown", "role__exact", "cohort__id__exact"},
    "programmes.programme": {"form__exact"},
    "programmes.wording": set(),
    "pulses.ownquestion": set(),
}
LOOKUPS = ["", "__exact", "__isnull", "__in", "__gt", "__startswith", "__0", "__id__exact"]
VALUES = {"__isnull": "False", "__startswith": "a", "__in": "1,2"}
MALFORMED = {
    "surrogate": b"\xed\xa0\x80".decode("utf-8", "replace"),
    "empty": "",
    "word": "abc",
    "huge": "9" * 40,
    "endless": "9" * 5000,
    "just too large": str(2**63),
    "negative": "-1",
    "list": "1,2,x",
    "list of huge": f"1,{'9' * 30}",
    "Arabic digits": "٣",
    "superscript": "²",
    "bad date": "2026-02-31",
    "signs": "'\"%s%",
    "words": "a " * 2000,
}


def everything(model):
    """Each field, and each relation from elsewhere, as a query spells it."""
    return sorted(
        {
            field.name if field.concrete else field.field.related_query_name()
            for field in model._meta.get_fields(include_hidden=True)
            if not field.name.endswith("+")
        }
        | {"pk", "password", "no_such_field"}
    )


def related(model, name):
    """The model a name leads to, if it leads anywhere."""
    try:
        return model._meta.get_field(name).related_model
    except Exception:
        return None


def asked(model, *, nested: bool) -> Iterator[tuple[str, str]]:
    for name in everything(model):
        for lookup in LOOKUPS:
            yield name + lookup, VALUES.get(lookup, "1")
        further = related(model, name) if nested else None
        for second in everything(further) if further else ():
            yield f"{name}__{second}__isnull", "False"


@pytest.fixture
def world(settings, tmp_path):
    """Everything there can be, of two programmes; each has a coordinator."""
    settings.MEDIA_ROOT = tmp_path
    hr = factories.hr_admin(name="Hanna Roth")
    made = factories.mentorship(factories.person("Aylin"), factories.person("Martin Vogel"))
    write_everything(made, *made.people(), hr)
    other = factories.mentorship()
    mine, theirs = factories.person("Carla"), factories.person("Stranger")
    factories.programme_role(made.cohort.programme, mine, "coordinator")
    factories.programme_role(other.cohort.programme, theirs, "coordinator")
    return {"hr": hr, "coordinator": mine, "stranger": theirs}


def listed(model, person, query=None):
    """The rows a list answers with, or 404. The way the page takes, without drawing it."""
    request = RequestFactory().get("/", query or {})
    request.user, request._messages = person, CookieStorage(None)
    request._messages.request = request
    rows = []

    def view(request):
        found = admin.site._registry[model].get_changelist_instance(request)
        rows.extend(row.pk for row in found.result_list)
        return HttpResponse()

    try:
        admin.site.admin_view(view)(request)
    except Http404:
        return 404
    return rows


def test_every_list_and_inline_is_built_on_the_base_that_answers_only_what_it_offers():
    assert {model._meta.label_lower for model in REGISTERED} == set(OFFERED)
    for model in REGISTERED:
        found = admin.site._registry[model]
        assert isinstance(found, StaffAdmin)
        assert all(issubclass(inline, StaffInline) for inline in found.inlines)
        assert found.date_hierarchy is None
        assert not found.list_editable


WALKED = [
    (model, role)
    for model in REGISTERED
    for role in ("hr", "coordinator")
    if role == "hr" or ADMIN_MODELS[model._meta.label_lower]["view"] is staff
]


@pytest.mark.parametrize(("model", "role"), WALKED, ids=lambda part: getattr(part, "__name__", part))
def test_no_field_or_relation_that_is_not_offered_is_answered(model, role, world):
    person, offered = world[role], OFFERED[model._meta.label_lower]
    empty = {f"{name.removesuffix('__exact').removesuffix('__id')}__isnull" for name in offered}
    answered = {
        name
        for name, value in asked(model, nested=role == "hr")
        if name not in offered | empty and listed(model, person, {name: value}) != 404
    }
    assert answered == set()


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label_lower)
def test_what_is_offered_is_answered(model, world):
    usual = listed(model, world["hr"])
    assert usual != 404
    for name in OFFERED[model._meta.label_lower]:
        values = {"agreement": "signed", "shown": "all", "is_active__exact": "1", "is_hr_admin__exact": "1"}
        assert listed(model, world["hr"], {name: values.get(name, "1")}) != 404


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label_lower)
def test_malformed_values_are_not_found_or_ignored(model, world):
    for name in ["e", "all", "_facets", "_popup"]:
        assert listed(model, world["hr"], {name: "x"}) == listed(model, world["hr"])
    for name in sorted({*OFFERED[model._meta.label_lower], "q", "o", "p", "_to_field"}):
        for value in MALFORMED.values():
            listed(model, world["hr"], {name: value})
        listed(model, world["hr"], {name: ["1", "x"]})


def test_list_of_people_is_ordered_by_the_columns_it_offers_alone():
    hr = factories.hr_admin(name="Hanna")
    zoe = factories.person("Zoe", grade=factories.grade(1))
    ben = factories.person("Ben", grade=factories.grade(2))
    columns = admin.site._registry[Person].list_display
    by_name, by_grade = columns.index("name"), columns.index("grade")
    assert listed(Person, hr, {"o": f"-{by_name}"}) == [zoe.pk, hr.pk, ben.pk]
    assert listed(Person, hr, {"o": by_grade}) == listed(Person, hr, {"o": f"-{by_grade}"})


NAMED = [
    ("participants_person", "concerns_raised__isnull=False"),
    ("participants_person", "password__startswith=p"),
    ("programmes_enrolment", "avoidances__isnull=False"),
    ("programmes_enrolment", "requests_made=1"),
    ("programmes_enrolment", "weekly_hours__0=33"),
    ("programmes_enrolment", "person__avoided_by=1"),
    ("matching_mentorship", "concerns__isnull=False"),
    ("programmes_programme", "concerns__state__exact=open"),
]


@pytest.mark.parametrize(("page", "query"), NAMED)
def test_page_answers_404_whether_or_not_there_is_something_to_tell(page, query, world, client):
    client.force_login(world["hr"])
    address = f"{reverse(f'admin:{page}_changelist')}?{query}"
    before = client.get(address).status_code
    Avoidance.objects.all().delete()
    assert (before, client.get(address).status_code) == (404, 404)


def test_links_of_the_product_reach_what_they_count(client):
    made, other = factories.mentorship(), factories.mentorship()
    client.force_login(factories.hr_admin())
    here = reverse("admin:matching_mentorship_changelist")

    def rows(query):
        return {row.pk for row in client.get(f"{here}?{query}").context["cl"].result_list}

    assert rows(f"id__in={made.pk}") == {made.pk}
    assert rows(f"id__in={made.pk},{other.pk}") == {made.pk, other.pk}
    assert rows(f"state__exact=active&cohort__id__exact={other.cohort_id}") == {other.pk}
    assert client.get(f"{here}?id__in={made.pk},x").status_code == 404


# --- Addresses of rows, and what is sent to lists ---


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label_lower)
def test_a_row_named_by_no_number_is_not_found(model, client):
    client.force_login(factories.hr_admin())
    name = f"{model._meta.app_label}_{model._meta.model_name}"
    of_rows = {
        pattern.name
        for pattern in admin.site._registry[model].urls
        if "object_id" in pattern.pattern.converters and pattern.name
    }
    assert {f"{name}_change", f"{name}_delete", f"{name}_history"} <= of_rows
    for page in of_rows:
        for value in ["abc", "٣", "-1", "9" * 40]:
            address = reverse(f"admin:{page}", args=["PLACE"]).replace("PLACE", value)
            assert client.get(address).status_code == 404, address
        assert client.post(address).status_code == 404, address


@pytest.mark.parametrize("chosen", ["abc", "", "9" * 40, "٣"])
@pytest.mark.parametrize("action", ["accept", "delete_selected", "no_such_action"])
def test_an_action_on_rows_named_by_no_number_is_not_found(action, chosen, client, world):
    client.force_login(world["hr"])
    sent = {"action": action, "_selected_action": chosen}
    assert client.post(reverse("admin:programmes_enrolment_changelist"), sent).status_code == 404


# --- The rest of the admin site's addresses ---


def test_no_address_leads_to_the_page_of_any_row_of_any_table(client, world):
    client.force_login(world["hr"])
    assert client.get("/admin/r/1/1/").status_code == 404


FOUND_BY_FORMS = [
    ("participants", "person", "manager"),
    ("participants", "person", "grade"),
    ("participants", "unit", "head"),
    ("programmes", "programmerole", "person"),
]
FOUND_NOWHERE = [
    ("programmes", "avoidance", "person"),
    ("concerns", "concern", "raised_by"),
    ("concerns", "concern", "mentorship"),
    ("matching", "member", "mentorship"),
    ("matching", "request", "asked"),
    ("participants", "person", "password"),
    ("no", "such", "model"),
]


@pytest.mark.parametrize("field", FOUND_BY_FORMS)
def test_completion_finds_what_a_form_offers(field, client, world):
    for role, status in [("hr", 200), ("coordinator", 403), ("stranger", 403)]:
        client.force_login(world[role])
        assert completed(client, field).status_code == status


@pytest.mark.parametrize("role", ["hr", "coordinator"])
@pytest.mark.parametrize("field", FOUND_NOWHERE)
def test_completion_of_what_no_form_offers_is_refused(field, role, client, world):
    client.force_login(world[role])
    assert completed(client, field).status_code == 403


@pytest.mark.parametrize("value", MALFORMED.values(), ids=MALFORMED)
def test_malformed_completion_and_search_break_nothing(value, client, world):
    client.force_login(world["hr"])
    field = FOUND_BY_FORMS[0]
    answers = [completed(client, field, term=value), completed(client, field, page=value)]
    answers += [client.get("/admin/search/", {"s": value}), client.get("/admin/search/?s=a", {"page": value})]
    assert {answer.status_code for answer in answers} <= {200, 403, 404}


def completed(client, field, **query):
    names = dict(zip(["app_label", "model_name", "field_name"], field, strict=True))
    return client.get(reverse("admin:autocomplete"), {**names, **query})


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label_lower)
def test_pages_that_add_a_row_take_no_field_from_their_address(model, client, world):
    client.force_login(world["hr"])
    names = [field.name for field in model._meta.get_fields() if field.concrete]
    plain = client.get(address := reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add"))
    assert plain.status_code in (200, 302, 403)
    for value in ["abc", "9" * 40, "٣", "1,x"]:
        answer = client.get(address, dict.fromkeys(names, value))
        assert answer.status_code == plain.status_code
        if answer.context and "adminform" in answer.context:
            found = answer.context["adminform"].form.initial
            assert {k: v for k, v in found.items() if v == value} == {}


def test_new_cohort_takes_its_programme_from_the_address_where_the_person_runs_it(client, world):
    client.force_login(world["coordinator"])
    mine, theirs = Programme.objects.order_by("pk")
    address = reverse("admin:programmes_cohort_add")

    def chosen(pk):
        return client.get(address, {"programme": pk}).context["adminform"].form.initial.get("programme")

    assert (chosen(mine.pk), chosen(theirs.pk), chosen("x"), chosen("²")) == (str(mine.pk), None, None, None)


# --- What hangs on a row that is to be deleted ---


def test_deleting_tells_nothing_of_what_people_wrote(client, world):
    """What hangs on a programme holds concerns, mentorships and whom people avoid."""
    client.force_login(world["hr"])
    programme = Enrolment.objects.filter(avoidances__isnull=False).first().cohort.programme
    with_them = client.get(reverse("admin:programmes_programme_delete", args=[programme.pk]))
    text = with_them.content.decode()
    assert with_them.status_code == 200
    assert [str(obj) for obj in with_them.context["protected"]] == [
        "Something still belongs to it. It can be deleted once nothing does."
    ]
    assert [
        word for word in ("Aylin", "Martin", "oncern", "void") if word in text.partition("<main")[2]
    ] == []


def test_deleting_counts_what_the_reader_may_look_at(client):
    client.force_login(factories.hr_admin())
    programme = factories.programme()
    page = client.get(reverse("admin:programmes_programme_delete", args=[programme.pk]))
    counts = {str(name): count for name, count in page.context["model_count"]}
    assert counts == {"programmes": 1, "ground rules": 2}


def test_deleting_a_grade_that_people_have_names_nobody(client):
    client.force_login(factories.hr_admin())
    factories.person("Zoe Zander", grade=factories.grade(1))
    page = client.get(reverse("admin:participants_grade_delete", args=[Grade.objects.get().pk]))
    assert (page.status_code, "Zoe" in page.content.decode()) == (200, False)


def test_history_of_a_mentorship_is_for_who_runs_its_programme(client, world):
    made = Mentorship.objects.order_by("pk").first()
    LogEntry.objects.update(change_message="")
    address = reverse("admin:matching_mentorship_history", args=[made.pk])
    statuses = {}
    for role in ("hr", "coordinator", "stranger"):
        client.force_login(world[role])
        statuses[role] = client.get(address, {"p": "abc"}).status_code
    assert statuses == {"hr": 200, "coordinator": 200, "stranger": 302}
