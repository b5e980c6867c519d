from typing import Any

from django.contrib import admin
from django.db.models import ForeignKey
from django.forms import ModelChoiceField
from django.http import HttpRequest
from modeltranslation.admin import TabbedTranslationAdmin

from matching.admin_scope import StaffAdmin
from programmes.models import Programme
from pulses.models import OwnQuestion


@admin.register(OwnQuestion)
class OwnQuestionAdmin(StaffAdmin, TabbedTranslationAdmin):
    programme_path = "programme"
    list_display = ["text", "programme", "position"]
    list_select_related = ["programme"]

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField:
        if db_field.name == "programme":
            kwargs["queryset"] = Programme.objects.managed_by(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
