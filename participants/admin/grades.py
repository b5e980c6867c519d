from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from domain.admin import StaffAdmin
from domain.errors import DomainError
from domain.requests import signed_in, whole_number
from participants.grades import order_grades, suggested_order
from participants.models import Grade, Person


@admin.register(Grade)
class GradeAdmin(StaffAdmin):
    """The order of the grades says who is junior to whom; nobody is matched before it is set."""

    while_empty = _(
        "The levels of seniority, lowest to highest. An HR file brings them along; then put them in order."
    )
    list_display = ["name", "rank", "people_count"]
    search_fields = ["name"]
    fields = ["name"]
    actions_list = ["put_in_order"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Grade]:
        people = Person.objects.filter(grade=OuterRef("pk")).order_by().values("grade")
        counted = Coalesce(Subquery(people.annotate(count=Count("pk")).values("count")), 0)
        return super().get_queryset(request).annotate(people_count=counted)

    @admin.display(description=_("people"))
    def people_count(self, grade: Grade) -> int:
        return grade.people_count  # type: ignore[attr-defined]

    @action(description=_("Put in order"), url_path="order")
    def put_in_order(self, request: HttpRequest) -> HttpResponse:
        """The most senior first. Rows are dragged, or moved by buttons that work without a script as well:
        each sends the whole page as it stands, and it comes back with the row moved and nothing saved."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        grades = {grade.pk: grade for grade in self.get_queryset(request)}
        ordered, left_out = order_on_page(request.POST, grades)
        if request.method == "POST" and "move" not in request.POST:
            try:
                order_grades([grade.name for grade in reversed(ordered)])
            except DomainError as error:
                messages.error(request, error.message)
            else:
                LogEntry.objects.log_actions(
                    signed_in(request).pk,
                    ordered,
                    CHANGE,
                    change_message=str(_("The grades were put in order.")),
                )
                messages.success(request, _("The grades are in order."))
                return redirect("admin:participants_grade_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Put the grades in order"),
            "opts": self.opts,
            "ordered": ordered,
            "left_out": left_out,
            "is_a_guess": bool(grades) and all(grade.rank is None for grade in grades.values()),
            "moved": request.POST.get("move", "").partition(":")[2],
        }
        return render(request, "admin/participants/grades.html", context)


def order_on_page(sent: QueryDict, grades: dict[int, Grade]) -> tuple[list[Grade], list[Grade]]:
    """The grades in order, and those without a place, as the page stands after the move it asks for.

    `sent` holds `order`, the ids from the most senior down, and `move`: up, down, in or out and an id.
    """
    if "order" in sent or "move" in sent:
        ids = dict.fromkeys(whole_number(text) for text in sent.getlist("order"))
        ordered = [grades[pk] for pk in ids if pk is not None and pk in grades]
    else:
        ranked = [grade for grade in grades.values() if grade.rank is not None]
        # Until there is an order, every grade has a place in the suggestion.
        ordered = sorted(ranked, key=rank_of, reverse=True)
        ordered = ordered or [grades[grade.pk] for grade in suggested_order() if grade.pk in grades]
    way, _sign, pk = sent.get("move", "").partition(":")
    moved = grades.get(whole_number(pk) or 0)
    if moved in ordered:
        at = ordered.index(moved)
        ordered.remove(moved)
        if way in ("up", "down"):
            ordered.insert(max(0, at + (-1 if way == "up" else 1)), moved)
        elif way != "out":
            ordered.insert(at, moved)
    elif moved is not None and way == "in":
        ordered.append(moved)
    return ordered, sorted((grade for grade in grades.values() if grade not in ordered), key=str)


def rank_of(grade: Grade) -> Any:
    return grade.rank
