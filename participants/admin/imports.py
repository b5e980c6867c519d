from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget, UnfoldBooleanSwitchWidget

from domain.admin import StaffAdmin
from domain.errors import DomainError
from domain.requests import require, signed_in, whole_number
from participants import imports
from participants.importing.mapping import FIELDS, ColumnChoice
from participants.models import ImportRow, PeopleImport
from participants.time_zones import time_zone_names

PER_PAGE = 50
State = PeopleImport.State


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV or Excel (.xlsx) as your HR system exports it, up to 60 MB."),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
        error_messages={"empty": gettext_lazy("The file is empty.")},
    )
    is_full = forms.BooleanField(
        label=gettext_lazy("This file lists everybody"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=gettext_lazy(
            "Then you are shown who is not in it. Nobody is deactivated unless you say so afterwards."
        ),
    )


class ChoiceForm(forms.Form):
    """One choice per column, `column-0` and so on, then what is for people who are new."""

    def __init__(self, *args: Any, people_import: PeopleImport, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people_import = people_import
        fields = [("", _("– leave out –")), *FIELDS.items()]
        chosen = people_import.choice.get("columns", {})
        for index, column in enumerate(people_import.columns):
            self.fields[f"column-{index}"] = forms.ChoiceField(
                label=column["name"],
                choices=fields,
                required=False,
                initial=chosen.get(column["name"], ""),
                widget=UnfoldAdminSelectWidget,
            )
        self.fields["dates"] = forms.ChoiceField(
            label=_("Dates with slashes"),
            choices=[("dmy", _("day first: 31/12/2026")), ("mdy", _("month first: 12/31/2026"))],
            initial=people_import.choice.get("dates", "dmy"),
            widget=UnfoldAdminSelectWidget,
        )
        self.fields["language"] = forms.ChoiceField(
            label=_("Language of people who are new"),
            choices=[("en", _("English")), ("de", _("German"))],
            initial=people_import.language,
            widget=UnfoldAdminSelectWidget,
            help_text=_("Where the file does not say. They can change it."),
        )
        self.fields["time_zone"] = forms.ChoiceField(
            label=_("Time zone of people and sites that are new"),
            choices=[(name, name.replace("_", " ")) for name in sorted(time_zone_names())],
            initial=people_import.time_zone,
            widget=UnfoldAdminSelectWidget,
        )
        self.fields["is_full"] = forms.BooleanField(
            label=_("This file lists everybody"),
            required=False,
            initial=people_import.is_full,
            widget=UnfoldBooleanSwitchWidget,
        )

    def column_fields(self) -> list[tuple[Any, list[str]]]:
        return [
            (self[f"column-{index}"], column["samples"])
            for index, column in enumerate(self.people_import.columns)
        ]

    def other_fields(self) -> list[Any]:
        return [self[name] for name in ("dates", "language", "time_zone", "is_full")]

    def choice(self) -> ColumnChoice:
        columns = {
            column["name"]: field
            for index, column in enumerate(self.people_import.columns)
            if (field := self.cleaned_data[f"column-{index}"])
        }
        return ColumnChoice(columns, self.cleaned_data["dates"])


@admin.register(PeopleImport)
class PeopleImportAdmin(StaffAdmin):
    """Uploading, checking the columns, looking at what would happen, and taking it: one page per step."""

    while_empty = gettext_lazy("Each file you upload stands here, with what became of it.")
    list_display = ["file_name", "state", "requested_by", "requested_at", "finished_at"]
    list_select_related = ["requested_by"]
    list_before_template = "admin/participants/import_intro.html"

    def get_urls(self) -> list[Any]:
        def to(route: str, view: Any, name: str) -> Any:
            return path(route, self.admin_site.admin_view(view), name=f"participants_peopleimport_{name}")

        return [
            to("<int:pk>/columns/", self.columns, "columns"),
            to("<int:pk>/progress/", self.progress, "progress"),
            to("<int:pk>/take/", require_POST(self.take), "take"),
            to("<int:pk>/again/", require_POST(self.again), "again"),
            to("<int:pk>/cancel/", require_POST(self.cancel), "cancel"),
            to("<int:pk>/not-taken.csv", self.not_taken, "not_taken"),
            *super().get_urls(),
        ]

    def _one(self, request: HttpRequest, pk: int | str) -> PeopleImport:
        found = get_object_or_404(
            PeopleImport.objects.visible_to(signed_in(request)), pk=whole_number(str(pk))
        )
        require(request, "participants.import_people", found)
        return found

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        base = {**self.admin_site.each_context(request), "opts": self.opts}
        return render(request, f"admin/participants/{template}", {**base, **context})

    def _here(self, people_import: PeopleImport) -> HttpResponse:
        return redirect("admin:participants_peopleimport_change", people_import.pk)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request) or not request.user.has_perm("participants.import_people"):
            raise PermissionDenied
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                made = imports.upload(
                    file=form.cleaned_data["file"],
                    is_full=form.cleaned_data["is_full"],
                    by=signed_in(request),
                )
            except DomainError as error:
                form.add_error("file", error.message)
            else:
                return self._here(made)
        return self._page(request, "import_upload.html", {"title": _("Upload an HR file"), "form": form})

    def columns(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Which column is what, with a few values of each beside it."""
        one = self._one(request, pk)
        to_choose = (State.UPLOADED, State.PREVIEWED, State.FAILED)
        if one.state not in to_choose or not one.file or not one.is_opened:
            return self._here(one)
        form = ChoiceForm(request.POST or None, people_import=one)
        if request.method == "POST" and form.is_valid():
            told = form.cleaned_data
            try:
                imports.choose(
                    people_import=one,
                    choice=form.choice(),
                    language=told["language"],
                    time_zone=told["time_zone"],
                    is_full=told["is_full"],
                )
            except DomainError as error:
                form.add_error(None, error.message)
            else:
                return self._here(one)
        return self._page(
            request, "import_columns.html", {"title": _("Check the columns"), "one": one, "form": form}
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        one = self._one(request, object_id)
        if one.state == State.UPLOADED:
            return redirect("admin:participants_peopleimport_columns", one.pk)
        fates = self._fates(one)
        shown = request.GET.get("fate") or next((fate["value"] for fate in fates if fate["count"]), "")
        rows = one.rows.filter(fate=shown)
        # The figures are counted already: no list is counted again for its pages.
        paginator = Paginator(rows, PER_PAGE)
        paginator.__dict__["count"] = next((f["count"] for f in fates if f["value"] == shown), 0)
        context = {
            "title": one.file_name,
            "one": one,
            "figures": one.figures,
            "made": made_with_them(one.figures.get("made", {})),
            "fates": fates,
            "shown": shown,
            "page": paginator.get_page(request.GET.get("page")),
            "work_title": WORK_TITLES.get(State(one.state)),
            "progress_url": reverse("admin:participants_peopleimport_progress", args=[one.pk]),
            "may_take": one.state == State.PREVIEWED,
            "grades_url": reverse("admin:participants_grade_put_in_order"),
        }
        return self._page(request, "import.html", context)

    def _fates(self, one: PeopleImport) -> list[dict[str, Any]]:
        """The lists there are, and how long each is. Once taken, only the rows that were not are kept."""
        kept = ImportRow.Fate if one.state == State.PREVIEWED else [ImportRow.Fate.REFUSED]
        gone = not one.file
        return [
            {
                "value": fate.value,
                "label": ImportRow.Fate(fate).label,
                "count": 0 if gone else one.figures.get(fate.value, 0),
            }
            for fate in kept
        ]

    def progress(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The part of the page that asks for itself again and again; once it is over, the page itself."""
        one = self._one(request, pk)
        if not one.is_working:
            return HttpResponse(headers={"HX-Refresh": "true"})
        context = {"job": one, "title": WORK_TITLES[State(one.state)], "url": request.path}
        return render(request, "admin/job_progress.html", context)

    def take(self, request: HttpRequest, pk: int) -> HttpResponse:
        one = self._one(request, pk)
        try:
            imports.confirm(
                people_import=one,
                deactivate="deactivate" in request.POST,
                reactivate="reactivate" in request.POST,
                by=signed_in(request),
            )
        except DomainError as error:
            messages.error(request, error.message)
        return self._here(one)

    def again(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Read a file once more after something went wrong."""
        one = self._one(request, pk)
        try:
            imports.again(people_import=one)
        except DomainError as error:
            messages.error(request, error.message)
        return self._here(one)

    def cancel(self, request: HttpRequest, pk: int) -> HttpResponse:
        one = self._one(request, pk)
        try:
            imports.cancel(people_import=one)
        except DomainError as error:
            messages.error(request, error.message)
        return self._here(one)

    def not_taken(self, request: HttpRequest, pk: int) -> HttpResponse:
        one = self._one(request, pk)
        if not one.file or one.is_working:
            messages.info(request, _("The file has been deleted meanwhile. Please upload it again."))
            return self._here(one)
        answer = HttpResponse(content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="not-taken-{one.pk}.csv"'
        imports.write_refused(one, answer)
        return answer


WORK_TITLES = {
    State.OPENING: gettext_lazy("The file is being opened"),
    State.READING: gettext_lazy("The file is being read"),
    State.TAKING: gettext_lazy("The people are being taken"),
}


def made_with_them(counts: dict[str, int]) -> str:
    """“3 grades and 1 site”, without what there is none of."""
    words = {
        "grade": lambda n: ngettext("%(n)d grade", "%(n)d grades", n),
        "unit": lambda n: ngettext("%(n)d unit", "%(n)d units", n),
        "site": lambda n: ngettext("%(n)d site", "%(n)d sites", n),
        "profession": lambda n: ngettext("%(n)d profession", "%(n)d professions", n),
    }
    return get_text_list(
        [word(counts[kind]) % {"n": counts[kind]} for kind, word in words.items() if counts.get(kind)],
        _("and"),
    )
