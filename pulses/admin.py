from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import ForeignKey
from django.forms import ModelChoiceField, ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from modeltranslation.admin import TranslationAdmin

from domain.requests import signed_in
from matching.admin_scope import OfProgrammes
from programmes.models import Programme
from pulses.models import OwnQuestion


class OwnQuestionForm(ModelForm):
    def clean(self) -> dict[str, Any]:
        """An answered question keeps its words: answers to two different ones would be added up."""
        if self.instance.pk and self.instance.is_answered and {"text_en", "text_de"} & set(self.changed_data):
            raise ValidationError(
                _("People have answered this question. Delete it and write a new one in its place.")
            )
        super().clean()
        return self.cleaned_data


@admin.register(OwnQuestion)
class OwnQuestionAdmin(OfProgrammes, TranslationAdmin):
    while_empty = gettext_lazy(
        "A question of your own, asked in the pulses of one programme beside those that everybody gets."
    )
    form = OwnQuestionForm
    programme_path = "programme"
    list_display = ["text", "programme", "position"]
    list_select_related = ["programme"]

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField | None:
        if db_field.name == "programme":
            kwargs["queryset"] = Programme.objects.managed_by(signed_in(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
