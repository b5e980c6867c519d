from typing import Any

from django.http import HttpRequest

from domain.admin import StaffAdmin
from domain.requests import signed_in
from programmes.models import Programme


class OfProgrammes(StaffAdmin):
    """Rows of the programmes the person runs."""

    programme_path: str

    def get_queryset(self, request: HttpRequest) -> Any:
        """Of the model's own class, which the stubs cannot name."""
        mine = Programme.objects.managed_by(signed_in(request))
        return super().get_queryset(request).filter(**{f"{self.programme_path}__in": mine})
