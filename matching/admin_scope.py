from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from domain.requests import signed_in
from programmes.models import Programme


class StaffAdmin(ModelAdmin):
    """Rows of the programmes the person runs; each permission is asked about the row at hand."""

    programme_path: str

    def get_queryset(self, request: HttpRequest) -> Any:
        """Of the model's own class, which the stubs cannot name."""
        mine = Programme.objects.managed_by(signed_in(request))
        return super().get_queryset(request).filter(**{f"{self.programme_path}__in": mine})

    def _may(self, request: HttpRequest, verb: str, obj: Model | None) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.{verb}_{self.opts.model_name}", obj)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request, "view", obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request, "delete", obj)
