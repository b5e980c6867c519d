"""What every list and form of the admin site has in common."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.apps import apps
from django.contrib.admin import ShowFacets
from django.contrib.admin.options import BaseModelAdmin, IncorrectLookupParameters
from django.contrib.admin.views.main import SEARCH_VAR
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import SuspiciousOperation
from django.db.models import Model
from django.http import Http404, HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin
from unfold.forms import PaginationInlineFormSet
from unfold.views import ChangeList

from domain.forms import BoundedFormSet
from domain.requests import whole_number

MOST_ROWS = 200
"""Rows an inline takes at once. A request holds no more than a thousand fields anyway."""


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

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        """Rows are named by their primary key alone."""
        if to_field != self.opts.pk.name:
            raise Http404
        return True


class SearchForm(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[SEARCH_VAR] = forms.CharField(required=False, strip=False, max_length=200)


class DeclaredList(ChangeList):
    """Answers the filters and orders that the list offers. Django's own answers any field of the model and of
    every relation to it, so that `?concerns_raised__isnull=False` would tell who raised a concern."""

    search_form_class = SearchForm

    def get_filters(self, request: HttpRequest) -> Any:
        found = super().get_filters(request)
        if found[2]:  # what no filter of the list took
            raise Http404
        return found

    def get_ordering_field(self, field_name: Any) -> Any:
        return super().get_ordering_field(field_name) if field_name in self.sortable_by else None


class StaffAdmin(AsksPermission, ModelAdmin):
    """The base of every model in the admin site. Asked for what it does not offer, or in a way that cannot be
    read, it answers 404; a page that adds a row takes from its address only the fields in `prefilled`."""

    show_facets = ShowFacets.NEVER
    prefilled: tuple[str, ...] = ()

    def view_on_site(self, obj: Model) -> str | None:
        return obj.get_absolute_url() if hasattr(obj, "get_absolute_url") else None

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return DeclaredList

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        try:
            return super().get_changelist_instance(request)
        except (IncorrectLookupParameters, SuspiciousOperation) as error:
            raise Http404 from error

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial = super().get_changeform_initial_data(request)
        return {name: value for name, value in initial.items() if name in self.prefilled}

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Names what was chosen, and counts what goes with it as far as the reader may look at such rows. The
        rest may be what people wrote to each other: Django would list it row by row."""
        _nested, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        chosen = [f"{capfirst(self.opts.verbose_name)}: {obj}" for obj in objs]
        shown = {
            model._meta.verbose_name_plural
            for model in apps.get_models()
            if request.user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}")
        }
        counts = {name: count for name, count in counts.items() if name in shown}
        if protected:
            protected = [_("Something still belongs to it. It can be deleted once nothing does.")]
        return chosen, counts, perms_needed, protected


class BoundedInlineFormSet(BoundedFormSet, PaginationInlineFormSet):
    pass


class StaffInline(AsksPermission):
    """Rows edited on the page of what they belong to."""

    formset: Any = BoundedInlineFormSet
    max_num: Any = MOST_ROWS

    def get_formset(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> Any:
        return super().get_formset(request, obj, **{"absolute_max": MOST_ROWS, **kwargs})  # type: ignore[misc]
