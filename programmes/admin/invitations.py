from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from domain.admin import AsksPermission
from programmes.admin.scope import CohortFilter
from programmes.models import Cohort, Invitation


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
