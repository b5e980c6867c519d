from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import RelatedOnlyFieldListFilter, SimpleListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from domain.errors import DomainError
from domain.forms import refuse
from domain.requests import require, signed_in, whole_number
from matching.actions import end_by_staff
from matching.admin_runs import MatchRunAdmin
from matching.admin_scope import OfProgrammes
from matching.forms import BlockForm, EndForm, GroupPolicyForm, MatchingPolicyForm
from matching.models import Block, MatchingPolicy, MatchRun, Mentorship
from matching.models.mentorship import MentorshipQuerySet
from matching.policies import policy_for
from programmes.admin.scope import CohortFilter
from programmes.models import Programme, Role

admin.site.register(MatchRun, MatchRunAdmin)


@admin.register(MatchingPolicy)
class MatchingPolicyAdmin(OfProgrammes):
    """One per programme, made with the defaults of its form when it is first looked at."""

    while_empty = _("Every programme has its matching rules; they come with it.")
    form = MatchingPolicyForm
    programme_path = "programme"
    list_display = ["programme", "aim", "grade_gap", "other_unit", "common_hours"]
    list_select_related = ["programme"]
    fieldsets = [
        (_("What “best” means"), {"fields": ["aim"]}),
        (_("What people see before"), {"fields": ["suggestions"]}),
        (_("Never together"), {"fields": ["line_reach", "reports_of_reports", "earlier"]}),
        (_("Different enough"), {"fields": ["grade_gap", "other_unit", "other_profession"]}),
        (_("Able to meet"), {"fields": ["language_level", "common_way", "same_site", "common_hours"]}),
        (
            _("What counts how much"),
            {
                "description": _(
                    "From 0 (plays no part) to 10. Only how they compare to each other matters."
                ),
                "fields": [
                    "weight_topics",
                    "weight_perspective",
                    "weight_wishes",
                    "weight_hours",
                    "weight_waited",
                    "weight_language",
                    "weight_experience",
                ],
            },
        ),
    ]

    def get_form(
        self, request: HttpRequest, obj: MatchingPolicy | None = None, change: bool = False, **kwargs: Any
    ) -> type:
        form = GroupPolicyForm if self._is_of_groups(obj) else MatchingPolicyForm
        return super().get_form(request, obj, change, **{**kwargs, "form": form})

    def get_fieldsets(self, request: HttpRequest, obj: MatchingPolicy | None = None) -> Any:
        """Groups have sizes and themes, and one meaning of best."""
        fieldsets = list(super().get_fieldsets(request, obj))
        if not self._is_of_groups(obj):
            return fieldsets
        fields = ["group_mentors", "group_least", "group_most", "themes"]
        return [(_("Groups"), {"fields": fields}), *fieldsets[1:]]

    def _is_of_groups(self, obj: MatchingPolicy | None) -> bool:
        return obj is not None and obj.programme.form == Programme.Form.GROUP

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[Any]:
        of = path(
            "of/<int:programme_id>/",
            self.admin_site.admin_view(self.of_programme),
            name="matching_matchingpolicy_of",
        )
        return [of, *super().get_urls()]

    def of_programme(self, request: HttpRequest, programme_id: int) -> HttpResponse:
        programme = get_object_or_404(Programme.objects.managed_by(signed_in(request)), pk=programme_id)
        return redirect("admin:matching_matchingpolicy_change", policy_for(programme).pk)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        for programme in Programme.objects.managed_by(signed_in(request)).filter(matching_policy=None):
            policy_for(programme)
        return super().changelist_view(request, extra_context)


@admin.register(Block)
class BlockAdmin(OfProgrammes):
    """Who are never matched with each other, on a coordinator's word."""

    while_empty = _("Two people who should never be matched with each other, on your word.")
    form = BlockForm
    programme_path = "programme"
    list_display = ["first", "second", "programme", "created_by"]
    list_select_related = ["first", "second", "programme", "created_by"]
    list_filter = [("programme", RelatedOnlyFieldListFilter)]
    search_fields = ["first__name", "second__name"]

    def get_form(self, request: HttpRequest, obj: Block | None = None, **kwargs: Any) -> type:
        form = super().get_form(request, obj, **kwargs)
        form.staff = signed_in(request)
        return form

    def save_model(self, request: HttpRequest, obj: Block, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = signed_in(request)
        super().save_model(request, obj, form, change)


class ChosenFilter(SimpleListFilter):
    """The mentorships that a link of the start page counts out."""

    title = _("chosen")
    parameter_name = "id__in"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(self.value() or "", _("those of the link"))] if self.value() else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Mentorship]) -> QuerySet[Mentorship]:
        chosen = (self.value() or "").split(",")
        if not all(whole_number(number) is not None for number in chosen):
            raise IncorrectLookupParameters
        return queryset.filter(pk__in=chosen)


@admin.register(Mentorship)
class MentorshipAdmin(OfProgrammes):
    """Who is together, since when, and how it stands. What they say to each other is not here."""

    while_empty = _("Once you have confirmed proposals, the mentorships stand here.")
    programme_path = "cohort__programme"
    list_display = ["__str__", "cohort", "state", "topic", "confirmed_at"]
    list_filter = ["state", ("cohort", CohortFilter), ChosenFilter]
    search_fields = ["members__enrolment__person__name"]
    fields = [
        "people",
        "cohort",
        "state",
        "topic",
        "offered_at",
        "confirmed_at",
        "activated_at",
        "paused_at",
        "closed_at",
        "staff_reason",
    ]
    readonly_fields = ["people"]
    actions_detail = ["end_mentorship"]

    def get_queryset(self, request: HttpRequest) -> MentorshipQuerySet:
        return super().get_queryset(request).with_members()

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        """Ending it, while it lives and for those who decide on it."""
        found = self.get_queryset(request).live().filter(pk=whole_number(object_id) or 0).first()
        may_end = found is not None and request.user.has_perm("matching.decide", found)
        return super().get_actions_detail(request, object_id) if may_end else []

    @action(description=_("End it"), url_path="end")
    def end_mentorship(self, request: HttpRequest, object_id: str) -> HttpResponse:
        mentorship = get_object_or_404(self.get_queryset(request), pk=whole_number(str(object_id)))
        require(request, "matching.decide", mentorship)
        back = reverse("admin:matching_mentorship_change", args=[mentorship.pk])
        form = EndForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                end_by_staff(mentorship=mentorship, by=signed_in(request), **form.cleaned_data)
            except DomainError as error:
                refuse(form, error)
            else:
                messages.success(request, _("It has ended, and its members are told."))
                return redirect(back)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("End this mentorship?"),
            "text": str(mentorship),
            "consequences": [
                _("Its members are told that it has ended, not why."),
                _("They keep their places and can be matched with somebody else, not with each other."),
                _("It cannot be taken up again."),
            ],
            "form": form,
            "button": _("End it"),
            "back_url": back,
            "blocked": not mentorship.is_live,
        }
        return render(request, "admin/programmes/form.html", context)

    @admin.display(description=_("members"))
    def people(self, mentorship: Mentorship) -> str:
        members = sorted(mentorship.members.all(), key=lambda member: member.role == Role.MENTEE)
        return ", ".join(f"{member.person} ({member.get_role_display()})" for member in members)
