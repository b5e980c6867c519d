"""What every list and form of the admin site has in common."""

from typing import TYPE_CHECKING, Any

from django.contrib.admin.options import BaseModelAdmin
from django.db.models import Model
from django.http import HttpRequest


class AsksPermission(BaseModelAdmin):
    """Asks the permission table about the row at hand; Django's own answers know only the model.

    For inlines the row is the one they belong to.
    """

    opts: Any

    if TYPE_CHECKING:

        def get_queryset(self, request: HttpRequest) -> Any:
            """Of the model's own class, which the stubs cannot name."""

    def _may(self, request: HttpRequest, verb: str, obj: Model | None = None) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.{verb}_{self.opts.model_name}", obj)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request, "view", obj)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request, "add", obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request, "delete", obj)
