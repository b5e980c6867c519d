"""The admin site itself: what reaches any of its pages, and the addresses that belong to no model."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.core.exceptions import PermissionDenied
from django.db.models import Field
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver
from unfold.contrib.filters.admin.mixins import AutocompleteMixin
from unfold.sites import UnfoldAdminSite

from domain.admin import StaffAdmin
from domain.requests import whole_number

WITHOUT = {"view_on_site"}
"""Django's redirect to the page of any row of any table by its number: it tells which rows there are."""


class Site(UnfoldAdminSite):
    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """What other packages bring along has no line in the permission table, and is not here."""
        if admin_class and issubclass(admin_class, StaffAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [url for url in super().get_urls() if getattr(url, "name", None) not in WITHOUT]

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        """Whatever names a row by something that is no number is not found."""

        def readable(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            rows = [str(kwargs["object_id"])] if kwargs.get("object_id") is not None else []
            rows += request.POST.getlist(ACTION_CHECKBOX_NAME)
            if any(whole_number(row) is None for row in rows):
                raise Http404
            return view(request, *args, **kwargs)

        return super().admin_view(update_wrapper(readable, view), cacheable)

    def autocomplete_view(self, request: HttpRequest) -> Any:
        return Autocomplete.as_view(admin_site=self)(request)

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The theme's search among the names of pages, which is never longer than one page."""
        if request.GET.get("page", "1") != "1":
            raise Http404
        return super().search(request, extra_context)

    def completes(self, request: HttpRequest, source: Field) -> bool:
        """Whether a form or filter of the site offers to find what goes into this field."""
        for admin in self._registry.values():
            for form in (admin, *admin.get_inline_instances(request)):
                if form.model is source.model and source.name in form.get_autocomplete_fields(request):
                    return True
            for entry in admin.get_list_filter(request):
                if admin.model is source.model and isinstance(entry, tuple) and entry[0] == source.name:
                    return issubclass(entry[1], AutocompleteMixin)
        return False


class Autocomplete(AutocompleteJsonView):
    admin_site: Site

    def process_request(self, request: HttpRequest) -> Any:
        found = super().process_request(request)
        if not self.admin_site.completes(request, found[2]):
            raise PermissionDenied
        return found
