from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin, TranslationStackedInline
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.decorators import action

from domain.admin import AsksPermission
from domain.errors import DomainError
from programmes import actions
from programmes.admin.forms import PresetForm
from programmes.models import (
    BriefingPage,
    Eligibility,
    GroundRule,
    Objective,
    Programme,
    ProgrammeRole,
)
from programmes.presets import preset, presets


class ProgrammeRoleInline(AsksPermission, TabularInline):
    model = ProgrammeRole
    extra = 0
    tab = True
    autocomplete_fields = ["person"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProgrammeRole]:
        return super().get_queryset(request).select_related("person")


class EligibilityInline(AsksPermission, StackedInline):
    model = Eligibility
    extra = 0
    max_num = 2
    tab = True


class ObjectiveInline(AsksPermission, StackedInline, TranslationStackedInline):
    model = Objective
    extra = 0
    tab = True


class GroundRuleInline(AsksPermission, StackedInline, TranslationStackedInline):
    model = GroundRule
    extra = 0
    tab = True


class BriefingPageInline(AsksPermission, StackedInline, TranslationStackedInline):
    model = BriefingPage
    extra = 0
    tab = True


@admin.register(Programme)
class ProgrammeAdmin(AsksPermission, ModelAdmin, TranslationAdmin):
    inlines = [
        EligibilityInline,
        ObjectiveInline,
        GroundRuleInline,
        BriefingPageInline,
        ProgrammeRoleInline,
    ]
    list_display = ["name", "form", "cohort_count"]
    list_filter = ["form"]
    search_fields = ["name_en", "name_de"]
    fieldsets = [
        (None, {"fields": ["name", "form", "summary"]}),
        (_("How people come together"), {"fields": ["asks_line_manager", "uses_offers", "offer_days"]}),
        (_("What is shown, and how long it is kept"), {"fields": ["smallest_group", "retention_months"]}),
    ]
    actions_list = ["from_preset"]
    actions_detail = ["new_cohort"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Programme]:
        mine = Programme.objects.managed_by(request.user)
        return (
            super()
            .get_queryset(request)
            .filter(pk__in=mine.values("pk"))
            .annotate(cohort_count=Count("cohorts"))
        )

    @admin.display(description=_("cohorts"), ordering="cohort_count")
    def cohort_count(self, programme: Programme) -> int:
        return programme.cohort_count  # type: ignore[attr-defined]

    def has_from_preset_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("programmes.create_programme")

    @action(description=_("New programme from a preset"), url_path="from-preset", permissions=["from_preset"])
    def from_preset(self, request: HttpRequest) -> HttpResponse:
        form = PresetForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                programme = actions.create_from_preset(by=request.user, **form.cleaned_data)
            except DomainError as error:
                form.add_error(error.field, error.message)
            else:
                messages.success(
                    request, _t("The programme is there, in both languages. Everything can be changed.")
                )
                messages.info(request, preset(programme.form).eligibility_hint)
                return redirect("admin:programmes_programme_change", programme.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("New programme from a preset"),
            "opts": self.opts,
            "presets": presets(),
            "form": form,
            "button": _("Create the programme"),
            "back_url": reverse("admin:programmes_programme_changelist"),
        }
        return render(request, "admin/programmes/presets.html", context)

    @action(description=_("New cohort"), url_path="new-cohort")
    def new_cohort(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect(reverse("admin:programmes_cohort_add", query={"programme": object_id}))
