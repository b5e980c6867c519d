from typing import Any

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin, TranslationStackedInline
from unfold.admin import StackedInline, TabularInline
from unfold.decorators import action

from domain.admin import StaffAdmin, StaffInline
from domain.errors import DomainError
from domain.forms import refuse
from domain.requests import require, signed_in, whole_number
from programmes import actions
from programmes.admin.path import path_of
from programmes.admin.preview import preview as shown_to_people
from programmes.admin.programme_forms import BothLanguages, ObjectiveForm, PresetForm, RolesFormSet, RulesForm
from programmes.models import BriefingPage, GroundRule, Objective, Programme, ProgrammeRole
from programmes.presets import preset, presets

THE_THEMES_OWN = [gettext_noop("General")]
"""Its name for the first tab, which it does not bring in German."""
SAFEGUARDS = ["external_contact_en", "external_contact_de"]


class ProgrammeRoleInline(StaffInline, TabularInline):
    model = ProgrammeRole
    formset = RolesFormSet
    extra = 0
    tab = True
    autocomplete_fields = ["person"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProgrammeRole]:
        return super().get_queryset(request).select_related("person")


class ObjectiveInline(BothLanguages, StaffInline, StackedInline, TranslationStackedInline):
    model = Objective
    form = ObjectiveForm
    extra = 0
    tab = True
    fields = [
        ("statement_en", "statement_de"),
        "measure",
        "dimension",
        ("question_en", "question_de"),
        ("baseline", "target", "due_on", "position"),
    ]


class GroundRuleInline(BothLanguages, StaffInline, StackedInline, TranslationStackedInline):
    model = GroundRule
    extra = 0
    tab = True
    fields = [("kind", "is_mandatory", "position"), ("text_en", "text_de")]


class BriefingPageInline(BothLanguages, StaffInline, StackedInline, TranslationStackedInline):
    model = BriefingPage
    extra = 0
    tab = True
    fields = [
        ("role", "position"),
        ("title_en", "title_de"),
        ("text_en", "text_de"),
        ("question_en", "question_de"),
    ]


@admin.register(Programme)
class ProgrammeAdmin(BothLanguages, StaffAdmin, TranslationAdmin):
    while_empty = _(
        "A programme says who mentors whom, for what and by which rules. It begins with a template."
    )
    inlines = [ObjectiveInline, GroundRuleInline, BriefingPageInline, ProgrammeRoleInline]
    list_display = ["name", "form", "cohort_count"]
    list_filter = ["form"]
    search_fields = ["name_en", "name_de"]
    compressed_fields = False
    warn_unsaved_form = True
    change_form_outer_before_template = "admin/programmes/path.html"
    fieldsets = [
        (None, {"fields": [("name_en", "name_de"), ("summary_en", "summary_de"), "form"]}),
        (_("How people come together"), {"fields": ["asks_line_manager", ("uses_offers", "offer_days")]}),
        (_("What is shown, and how long it is kept"), {"fields": [("smallest_group", "retention_months")]}),
        (
            _("Somebody to talk to"),
            {
                "fields": [("external_contact_en", "external_contact_de")],
                "description": _("Only HR admins change this. Confidants are named under the roles."),
            },
        ),
    ]
    actions_list = ["from_preset"]
    actions_detail = ["who", "new_cohort", "preview"]

    class Media:
        css = {"all": ["css/admin-programmes.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Programme]:
        mine = Programme.objects.managed_by(signed_in(request))
        return (
            super()
            .get_queryset(request)
            .filter(pk__in=mine.values("pk"))
            .annotate(cohort_count=Count("cohorts"))
        )

    @admin.display(description=_("cohorts"), ordering="cohort_count")
    def cohort_count(self, programme: Programme) -> int:
        return programme.cohort_count  # type: ignore[attr-defined]

    def get_readonly_fields(self, request: HttpRequest, obj: Programme | None = None) -> list[str]:
        """Coordinators run a programme; what keeps its people safe is HR's, and the threshold of answers is
        nobody's once the first round has opened."""
        if not request.user.has_perm("programmes.set_safeguards", obj):
            return [*SAFEGUARDS, "smallest_group"]
        return ["smallest_group"] if obj and obj.has_asked else []

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        if obj:
            context["path"] = path_of(obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """A programme begins with a preset; an empty form would leave people alone with everything."""
        return redirect("admin:programmes_programme_from_preset")

    def has_from_preset_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("programmes.create_programme")

    @action(description=_("New programme from a preset"), url_path="from-preset", permissions=["from_preset"])
    def from_preset(self, request: HttpRequest) -> HttpResponse:
        form = PresetForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                programme = actions.create_from_preset(by=signed_in(request), **form.cleaned_data)
            except DomainError as error:
                refuse(form, error)
            else:
                messages.success(
                    request, gettext("The programme is there, in both languages. Everything can be changed.")
                )
                return redirect("admin:programmes_programme_change", programme.pk)
        return self._page(
            request,
            "presets",
            title=_("New programme from a preset"),
            presets=presets(),
            form=form,
            button=_("Create the programme"),
            back_url=reverse("admin:programmes_programme_changelist"),
        )

    @action(description=_("Who may take part"), url_path="who")
    def who(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The rules of both roles, with the number of people they admit as they are edited."""
        programme = self._programme(request, object_id)
        form = RulesForm(request.POST or None, programme=programme)
        valid = request.method == "POST" and form.is_valid()
        if valid and "save" in request.POST:
            if form.has_changed:
                form.save()
                actions.record(
                    programme, signed_in(request), gettext_noop("Who may take part was changed."), None
                )
            messages.success(request, gettext("Saved. From now on these rules decide who can enrol."))
            return redirect("admin:programmes_programme_change", programme.pk)
        return self._page(
            request,
            "who",
            title=_("Who may take part"),
            programme=programme,
            rules=form,
            hint=preset(programme.form).eligibility_hint,
            counts=form.counts() if valid or request.method != "POST" else None,
            back_url=reverse("admin:programmes_programme_change", args=[programme.pk]),
        )

    @action(description=_("New cohort"), url_path="new-cohort")
    def new_cohort(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect(reverse("admin:programmes_cohort_add", query={"programme": object_id}))

    @action(description=_("As participants see it"), url_path="preview")
    def preview(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return shown_to_people(request, self._programme(request, object_id))

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Who changed what and when, in the programme and all of its cohorts."""
        programme = self._programme(request, object_id)
        page = Paginator(actions.history_of(programme), 50).get_page(request.GET.get("page"))
        return self._page(
            request,
            "history",
            title=_("What was changed"),
            programme=programme,
            page=page,
            back_url=reverse("admin:programmes_programme_change", args=[programme.pk]),
        )

    def _programme(self, request: HttpRequest, object_id: str) -> Programme:
        programme = get_object_or_404(
            Programme.objects.managed_by(signed_in(request)), pk=whole_number(object_id)
        )
        require(request, "programmes.run_programme", programme)
        return programme

    def _page(self, request: HttpRequest, name: str, **context: Any) -> HttpResponse:
        frame = {**self.admin_site.each_context(request), "opts": self.opts}
        return render(request, f"admin/programmes/{name}.html", {**frame, **context})
