"""What every list and form of the admin site has in common."""

from typing import TYPE_CHECKING, Any

from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import Model
from django.http import HttpRequest

from domain.requests import whole_number


class ChosenRow(AutocompleteSelect):
    """Shows a form again whatever was sent for a row; Django's looks up what is no number, too."""

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        return super().optgroups(name, [one for one in value if whole_number(str(one)) is not None], attrs)


class AsksPermission(BaseModelAdmin):
    """Asks the permission table about the row at hand; Django's own answers know only the model.

    For inlines the row is the one they belong to.
    """

    opts: Any

    if TYPE_CHECKING:

        def get_queryset(self, request: HttpRequest) -> Any:
            """Of the model's own class, which the stubs cannot name."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request) and "widget" not in kwargs:
            kwargs["widget"] = ChosenRow(db_field, self.admin_site, using=kwargs.get("using"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

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
