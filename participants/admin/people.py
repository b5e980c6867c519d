from datetime import datetime

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from domain.admin import AsksPermission
from participants.admin.words import FindsWords
from participants.models import Delegation, Person, PersonLanguage
from participants.models.person import SEARCHED


class LanguageInline(AsksPermission, TabularInline):
    model = PersonLanguage
    extra = 0


class PersonForm(forms.ModelForm):
    def clean_email(self) -> str:
        email = self.cleaned_data["email"].lower()
        if Person.objects.filter(email=email).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Somebody has this address already."))
        return email

    def clean_external_id(self) -> str | None:
        return self.cleaned_data["external_id"] or None

    def clean_manager(self) -> Person | None:
        manager = self.cleaned_data["manager"]
        if manager and self.instance.pk in (manager.pk, *manager.line):
            raise forms.ValidationError(
                _("%(manager)s reports to %(person)s: the line would run in a circle."),
                params={"manager": manager, "person": self.instance},
            )
        return manager


@admin.register(Person)
class PersonAdmin(FindsWords, ModelAdmin):
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

    def save_model(self, request: HttpRequest, obj: Person, form: forms.Form, change: bool) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)


@admin.register(Delegation)
class DelegationAdmin(FindsWords, ModelAdmin):
    """Who arranges whose meetings. People name their delegates themselves, in their profile."""

    while_empty = _("Who arranges whose meetings. People name their delegates themselves, in their profile.")
    list_display = ["person", "delegate", "since"]
    list_select_related = ["person", "delegate"]
    search_fields = ["person__name", "delegate__name"]
    autocomplete_fields = ["person", "delegate"]

    @admin.display(description=_("since"), ordering="created_at")
    def since(self, delegation: Delegation) -> datetime:
        return delegation.created_at
