"""Rows of forms: a number of them that nobody types is refused before one is built, in every set there is."""

import pytest
from django.contrib import admin
from django.forms import BaseFormSet, BaseInlineFormSet, BaseModelFormSet
from django.forms.formsets import TOTAL_FORM_COUNT
from django.test import RequestFactory
from django.urls import get_resolver, reverse

from domain.admin import StaffAdmin
from domain.forms import BoundedFormSet
from meetings.forms import DateFormSet
from participants.forms import AboutRows
from tests import factories

pytestmark = pytest.mark.django_db

ENDLESS = "9999999999"
INLINES = [
    (model, inline)
    for model, found in admin.site._registry.items()
    if isinstance(found, StaffAdmin)
    for inline in found.inlines
]


def every_kind(kind=BaseFormSet):
    for one in kind.__subclasses__():
        yield one
        yield from every_kind(one)


def test_every_set_of_forms_of_the_product_is_bounded():
    """Classes that a factory makes are known by their bases; Django's and the theme's own are only those."""
    assert get_resolver().url_patterns  # imports every page
    own = {
        "django.forms.formsets",
        "django.forms.models",
        "django.contrib.contenttypes.forms",
        "unfold.forms",
    }
    bases = {BaseModelFormSet, BaseInlineFormSet}
    unbounded = {
        f"{found.__module__}.{found.__qualname__}"
        for found in every_kind()
        if not issubclass(found, BoundedFormSet)
        and found not in bases
        and not (found.__module__ in own and found.__qualname__.startswith(("Base", "Pagination")))
    }
    assert unbounded == set()


def refused(formset):
    assert formset.is_valid() is False
    assert len(formset.forms) == 0
    return [str(error) for error in formset.non_form_errors()]


@pytest.mark.parametrize("total", ["201", ENDLESS])
@pytest.mark.parametrize(("model", "inline"), INLINES, ids=lambda part: part.__name__)
def test_endless_rows_of_an_inline_are_refused_and_none_is_built(model, inline, total):
    request = RequestFactory().get("/")
    request.user = factories.hr_admin()
    obj = factories.programme() if model.__name__ == "Programme" else request.user
    found = inline(model, admin.site)
    formset = found.get_formset(request, obj)
    prefix = formset.get_default_prefix()
    sent = {f"{prefix}-TOTAL_FORMS": total, f"{prefix}-INITIAL_FORMS": total}
    assert refused(formset(data=sent, instance=obj, prefix=prefix)) == ["Please submit at most 200 forms."]


@pytest.mark.parametrize("total", [ENDLESS, "9" * 5000, "abc", "-1", ""])
def test_endless_rows_on_a_page_of_the_admin_site_are_refused_with_a_sentence(total, client):
    hr = factories.hr_admin(name="Hanna")
    client.force_login(hr)
    address = reverse("admin:participants_person_change", args=[hr.pk])
    fields = {"name": "Hanna", "email": hr.email, "language": "en", "time_zone": "Europe/Berlin"}
    fields |= {"is_active": "on", "is_hr_admin": "on"}
    answer = client.post(address, {**fields, "languages-TOTAL_FORMS": total, "languages-INITIAL_FORMS": "0"})
    assert answer.status_code in (200, 302)
    assert (answer.status_code == 200) == (total != "-1")


@pytest.mark.parametrize("total", ["61", ENDLESS])
def test_endless_dates_of_a_rhythm_are_refused(total):
    sent = {"form-TOTAL_FORMS": total, "form-INITIAL_FORMS": total}
    formset = DateFormSet(sent, form_kwargs={"zone": factories.person().zone})
    assert refused(formset) == ["Please submit at most 60 forms."]


@pytest.mark.parametrize("name", ["expertise", "interests", "languages"])
def test_endless_rows_of_a_profile_are_refused(name, client):
    person = factories.person()
    prefixes = {"expertise": "can", "interests": "want", "languages": "speak"}
    sent = {
        f"{prefix}-{count}": ENDLESS if prefixes[name] == prefix and count == TOTAL_FORM_COUNT else "0"
        for prefix in prefixes.values()
        for count in (TOTAL_FORM_COUNT, "INITIAL_FORMS")
    }
    assert refused(getattr(AboutRows(person, sent), name)) == ["Please submit at most 20 forms."]
    client.force_login(person)
    page = client.post(reverse("participants:profile"), sent)
    assert "Please submit at most 20 forms." in page.content.decode()
