from typing import Any

from django.contrib import admin
from django.db.models import ForeignKey, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest
from modeltranslation.admin import TabbedTranslationAdmin
from unfold.admin import ModelAdmin

from programmes.models import Programme
from pulses.models import OwnQuestion


@admin.register(OwnQuestion)
class OwnQuestionAdmin(ModelAdmin, TabbedTranslationAdmin):
    list_display = ["text", "programme", "position"]
    list_filter = ["programme"]
    list_select_related = ["programme"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[OwnQuestion]:
        managed = Programme.objects.managed_by(request.user)
        return super().get_queryset(request).filter(programme__in=managed)

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField:
        if db_field.name == "programme":
            kwargs["queryset"] = Programme.objects.managed_by(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
