"""What a form sends as a foreign key and is no number gets a sentence, in every form of the admin site."""

import pytest
from django import forms
from django.contrib import admin
from django.test import RequestFactory
from django.urls import reverse

from matching.directory.forms import SearchForm
from matching.forms import GroupDecisionForm, GroupPolicyForm, PairForm
from programmes.admin.programme_forms import RulesForm
from tests import factories
from tests.matching import people

pytestmark = pytest.mark.django_db

NO_KEYS = ["abc", "-1", "9" * 40, str(2**63), "9" * 5000, "\0", "1\0", "٣", "²", "1,2", "1.5", "None"]
REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label_lower)


def keys_of(form):
    return [name for name, field in form.fields.items() if isinstance(field, forms.ModelChoiceField)]


def all_refused(make, names):
    """Each name gets an error of its own for each value."""
    for value in NO_KEYS:
        form = make(dict.fromkeys(names, [value] if isinstance(names, dict) else value))
        assert {name for name in names if name not in form.errors} == set(), value


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label_lower)
def test_forms_of_the_admin_site_refuse_what_is_no_key(model):
    request = RequestFactory().get("/")
    request.user = factories.hr_admin()
    found = admin.site._registry[model]
    if not (found.has_add_permission(request) or found.has_change_permission(request)):
        return  # looked at only
    kinds = [found.get_form(request)]
    if found.inlines:
        obj = factories.programme() if model.__name__ == "Programme" else request.user
        kinds += [formset.form for formset, _inline in found.get_formsets_with_inlines(request, obj)]
    for kind in kinds:
        names = keys_of(kind())
        all_refused(lambda data, kind=kind: kind(data), names)


def test_forms_of_matching_refuse_what_is_no_key():
    cohort = people.cohort()
    mentor = people.mentor(cohort)
    run = people.finished_run(cohort)
    all_refused(lambda data: PairForm(data, run=run), ["mentor", "mentee"])
    all_refused(
        lambda data: GroupDecisionForm({"what": "out", **data}, run=run, enrolment=mentor, group=None),
        ["other", "to", "instead_of"],
    )
    all_refused(lambda data: GroupPolicyForm({**data}), ["themes"])


def test_rules_of_who_may_take_part_refuse_what_is_no_key():
    programme = factories.programme()
    names = ["lowest_grade", "highest_grade", "units", "sites", "professions"]

    def form(data):
        return RulesForm(
            {f"mentor-{name}": value for name, value in data.items()}, programme=programme
        ).forms[0]

    all_refused(form, names)


def test_search_of_the_directory_refuses_what_is_no_key():
    assert SearchForm
    cohort = factories.cohort(programme=factories.programme(form="informal"))
    all_refused(lambda data: SearchForm(data, mine=factories.enrolment(cohort)), ["topic", "site"])


@pytest.mark.parametrize(
    "value", [value for value in NO_KEYS if "\0" not in value]
)  # refused before any page
def test_page_that_adds_a_block_says_so(value, client):
    client.force_login(factories.hr_admin())
    sent = {"programme": value, "first": value, "second": value, "reason": "x"}
    page = client.post(reverse("admin:matching_block_add"), sent)
    assert (page.status_code, set(page.context["adminform"].form.errors)) == (
        200,
        {"programme", "first", "second"},
    )
