from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from modeltranslation.admin import TranslationAdmin, TranslationStackedInline
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.decorators import action

from domain.admin import AsksPermission
from domain.errors import DomainError
from programmes import actions
from programmes.admin_cohorts import CohortAdmin
from programmes.admin_forms import PresetForm
from programmes.models import (
    BriefingPage,
    Cohort,
    Eligibility,
    Enrolment,
    GroundRule,
    Invitation,
    Objective,
    Programme,
    ProgrammeRole,
)
from programmes.presets import preset, presets

admin.site.register(Cohort, CohortAdmin)


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


class CohortFilter(admin.RelatedFieldListFilter):
    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[int, str]]:
        cohorts = Cohort.objects.managed_by(request.user).select_related("programme")
        return [(cohort.pk, str(cohort)) for cohort in cohorts]


@admin.register(Enrolment)
class EnrolmentAdmin(AsksPermission, ModelAdmin):
    """Who takes part in which role. Their week, whom they wish for and whom they avoid is not here."""

    list_display = ["person", "role", "cohort", "state", "applied_at", "briefed"]
    list_filter = ["state", "role", ("cohort", CohortFilter)]
    list_select_related = ["person", "cohort__programme"]
    search_fields = ["person__name", "person__email"]
    fields = [
        "person",
        "cohort",
        "role",
        "state",
        "capacity",
        "meets_remotely",
        "meets_on_site",
        "hopes",
        "applied_at",
        "decided_at",
        "briefed_at",
        "briefing_waived",
    ]
    readonly_fields = [name for name in fields if name != "briefing_waived"]
    actions = ["accept", "decline", "withdraw"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Enrolment]:
        mine = Cohort.objects.managed_by(request.user)
        return super().get_queryset(request).filter(cohort__in=mine)

    @admin.display(description=_("prepared"), boolean=True)
    def briefed(self, enrolment: Enrolment) -> bool:
        return enrolment.is_briefed

    def _each(self, request: HttpRequest, enrolments: QuerySet[Enrolment], verb: Any) -> int:
        done = 0
        for enrolment in enrolments.select_related("cohort__programme", "person"):
            if not request.user.has_perm("programmes.run_programme", enrolment):
                raise PermissionDenied
            try:
                done += verb(enrolment=enrolment, by=request.user)
            except DomainError as error:
                messages.error(request, f"{enrolment.person}: {error.message}")
        return done

    @admin.action(description=_("Accept: each is told"), permissions=["change"])
    def accept(self, request: HttpRequest, enrolments: QuerySet[Enrolment]) -> None:
        done = self._each(request, enrolments, actions.accept)
        messages.success(request, ngettext("%d person is accepted.", "%d people are accepted.", done) % done)

    @admin.action(description=_("Decline: each is told"), permissions=["change"])
    def decline(self, request: HttpRequest, enrolments: QuerySet[Enrolment]) -> None:
        done = self._each(request, enrolments, actions.decline)
        messages.success(request, ngettext("%d person is declined.", "%d people are declined.", done) % done)

    @admin.action(description=_("Withdraw on their behalf"), permissions=["change"])
    def withdraw(self, request: HttpRequest, enrolments: QuerySet[Enrolment]) -> None:
        done = self._each(request, enrolments, actions.withdraw)
        messages.success(
            request, ngettext("%d person is withdrawn.", "%d people are withdrawn.", done) % done
        )


@admin.register(Invitation)
class InvitationAdmin(AsksPermission, ModelAdmin):
    """Who was asked, and who said no. New ones are sent from the page of a cohort."""

    list_display = ["person", "role", "cohort", "created_at", "declined_at"]
    list_filter = ["role", ("cohort", CohortFilter)]
    list_select_related = ["person", "cohort__programme"]
    search_fields = ["person__name", "person__email"]
    fields = ["person", "role", "cohort", "created_at", "declined_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Invitation]:
        mine = Cohort.objects.managed_by(request.user)
        return super().get_queryset(request).filter(cohort__in=mine)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
