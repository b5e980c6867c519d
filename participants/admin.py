from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextareaWidget

from domain.admin import AsksPermission
from domain.errors import DomainError
from participants.loading import order_grades
from participants.models import (
    Delegation,
    Grade,
    Person,
    PersonLanguage,
    Profession,
    Site,
    Topic,
    Unit,
)


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
class PersonAdmin(AsksPermission, ModelAdmin):
    """People sign in with a code sent to their address: no password is set or shown here."""

    form = PersonForm
    inlines = [LanguageInline]
    list_display = ["name", "email", "job_title", "grade", "unit", "manager", "is_active"]
    list_select_related = ["grade", "unit", "manager"]
    list_filter = ["is_active", "is_hr_admin", "grade", "site", "profession"]
    search_fields = ["name", "email", "external_id", "unit__name"]
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


class OrderForm(forms.Form):
    names = forms.CharField(
        label=_("Grades, the lowest first"),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 20}),
        help_text=_(
            "One per line. Move lines until the order is right, and delete those that have no place in it:"
            " nobody with such a grade is matched by grade."
        ),
    )

    def clean_names(self) -> list[str]:
        names = [line.strip() for line in self.cleaned_data["names"].splitlines() if line.strip()]
        if len({name.casefold() for name in names}) < len(names):
            raise forms.ValidationError(_("A grade stands here twice."))
        return names


@admin.register(Grade)
class GradeAdmin(AsksPermission, ModelAdmin):
    """The order of the grades says who is junior to whom; nobody is matched before it is set."""

    list_display = ["name", "rank", "people_count"]
    search_fields = ["name"]
    fields = ["name"]
    actions_list = ["put_in_order"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Grade]:
        return super().get_queryset(request).annotate(people_count=Count("people"))

    @admin.display(description=_("people"), ordering="people_count")
    def people_count(self, grade: Grade) -> int:
        return grade.people_count  # type: ignore[attr-defined]

    @action(description=_("Put in order"), url_path="order")
    def put_in_order(self, request: HttpRequest) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        grades = Grade.objects.order_by("rank", "name")
        initial = {"names": "\n".join(grade.name for grade in grades)}
        form = OrderForm(request.POST or None, initial=initial)
        if request.method == "POST" and form.is_valid():
            try:
                order_grades(form.cleaned_data["names"])
            except DomainError as error:
                form.add_error("names", error.message)
            else:
                messages.success(request, _("The grades are in order."))
                return redirect("admin:participants_grade_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Put the grades in order"),
            "opts": self.opts,
            "form": form,
            "button": _("Save the order"),
            "back_url": reverse("admin:participants_grade_changelist"),
        }
        return render(request, "admin/programmes/form.html", context)


@admin.register(Unit)
class UnitAdmin(AsksPermission, ModelAdmin):
    list_display = ["name", "parent", "head"]
    list_select_related = ["parent", "head"]
    search_fields = ["name"]
    autocomplete_fields = ["parent", "head"]


@admin.register(Site)
class SiteAdmin(AsksPermission, ModelAdmin):
    list_display = ["name", "time_zone"]
    search_fields = ["name"]


@admin.register(Profession)
class ProfessionAdmin(AsksPermission, ModelAdmin):
    list_display = ["name"]
    search_fields = ["name"]


@admin.register(Topic)
class TopicAdmin(AsksPermission, ModelAdmin, TranslationAdmin):
    list_display = ["name", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["name_en", "name_de"]


@admin.register(Delegation)
class DelegationAdmin(AsksPermission, ModelAdmin):
    """Who arranges whose meetings. People name their delegates themselves, in their profile."""

    list_display = ["person", "delegate", "created_at"]
    list_select_related = ["person", "delegate"]
    search_fields = ["person__name", "delegate__name"]
    autocomplete_fields = ["person", "delegate"]
