from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from programmes.models import Cohort


class CohortFilter(admin.RelatedFieldListFilter):
    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[int, str]]:
        cohorts = Cohort.objects.managed_by(request.user).select_related("programme")
        return [(cohort.pk, str(cohort)) for cohort in cohorts]
