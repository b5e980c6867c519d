from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import action

from domain.admin import StaffInline
from domain.requests import whole_number
from participants.admin.words import FindsWords
from participants.models import Delegation, Erased, Person, PersonLanguage
from participants.models.person import SEARCHED


class LanguageInline(StaffInline, TabularInline):
    model = PersonLanguage
    extra = 0


def refuse_erased(*, email: str = "", number: str | None = "") -> None:
    if Erased.objects.of(email=email, number=number).exists():
        raise forms.ValidationError(
            _("Somebody with this address or number was erased. If they are back, let them return first.")
        )


class PersonForm(forms.ModelForm):
    def clean_email(self) -> str:
        email = self.cleaned_data["email"].lower()
        if Person.objects.filter(email=email).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Somebody has this address already."))
        refuse_erased(email=email if "email" in self.changed_data else "")
        return email

    def clean_external_id(self) -> str | None:
        number = self.cleaned_data["external_id"] or None
        refuse_erased(number=number if "external_id" in self.changed_data else "")
        return number

    def clean_manager(self) -> Person | None:
        manager = self.cleaned_data["manager"]
        if manager and self.instance.pk in (manager.pk, *manager.line):
            raise forms.ValidationError(
                _("%(manager)s reports to %(person)s: the line would run in a circle."),
                params={"manager": manager, "person": self.instance},
            )
        return manager

    def clean_is_hr_admin(self) -> bool:
        """HR admins read no concerns: making one of a confidant would silence them."""
        is_hr_admin = self.cleaned_data["is_hr_admin"]
        listens = self.instance.pk and self.instance.programme_roles.filter(role="confidant").exists()
        if is_hr_admin and listens and "is_hr_admin" in self.changed_data:
            raise forms.ValidationError(
                _("This person is a confidant, and no HR admin can be one. Name another confidant first.")
            )
        return is_hr_admin

    def clean(self) -> dict[str, Any] | None:
        """Somebody has to remain who can run the product."""
        told = super().clean()
        was = self.instance.pk and Person.objects.active().filter(is_hr_admin=True)
        stays = self.cleaned_data.get("is_active") and self.cleaned_data.get("is_hr_admin")
        if was and not stays and list(was.values_list("pk", flat=True)[:2]) == [self.instance.pk]:
            raise forms.ValidationError(
                _("This is the last HR admin. Make somebody else one first, or nobody could run the product.")
            )
        return told


@admin.register(Person)
class PersonAdmin(FindsWords):
    """People sign in with a code sent to their address: no password is set or shown here."""

    while_empty = _("Upload an HR file, and everybody in it stands here.")
    form = PersonForm
    inlines = [LanguageInline]
    list_display = ["name", "email", "job_title", "grade", "unit", "manager", "is_active"]
    list_select_related = ["grade", "unit", "manager"]
    list_filter = [
        "is_active",
        "is_hr_admin",
        "grade",
        ("unit", AutocompleteSelectFilter),
        ("site", AutocompleteSelectFilter),
        ("profession", AutocompleteSelectFilter),
    ]
    search_fields = SEARCHED
    search_help_text = _("Beginnings of names, addresses, numbers and job titles, in any order.")
    sortable_by = ["name", "email"]
    autocomplete_fields = ["grade", "unit", "site", "profession", "manager"]
    actions_list = ["erasures"]
    actions_detail = ["erase"]
    fieldsets = [
        (None, {"fields": ["name", "given_name", "email", "is_active"]}),
        (
            _("In the company"),
            {
                "fields": [
                    "external_id",
                    "job_title",
                    "grade",
                    "unit",
                    "site",
                    "profession",
                    "manager",
                    "joined_on",
                ],
                "description": _(
                    "The manager decides with whom nobody here is ever matched: the people above and below."
                ),
            },
        ),
        (_("How we speak to them"), {"fields": ["language", "time_zone"]}),
        (_("What they may do"), {"fields": ["is_hr_admin"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Person]:
        """Whoever was erased is nobody any more: there is nothing to look at, and nobody to choose."""
        return super().get_queryset(request).filter(erased_at=None)

    @action(description=_("Erasing people"), url_path="erasures")
    def erasures(self, request: HttpRequest) -> HttpResponse:
        return redirect("erasures")

    @action(description=_("Erase for good"), url_path="erase")
    def erase(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect("erase_person", whole_number(object_id) or 0)

    def save_model(self, request: HttpRequest, obj: Person, form: forms.Form, change: bool) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)


@admin.register(Delegation)
class DelegationAdmin(FindsWords):
    """Who arranges whose meetings. People name their delegates themselves, in their profile."""

    while_empty = _("Who arranges whose meetings. People name their delegates themselves, in their profile.")
    list_display = ["person", "delegate", "since"]
    list_select_related = ["person", "delegate"]
    search_fields = ["person__name", "delegate__name"]
    autocomplete_fields = ["person", "delegate"]

    @admin.display(description=_("since"), ordering="created_at")
    def since(self, delegation: Delegation) -> datetime:
        return delegation.created_at
