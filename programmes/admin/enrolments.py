from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from domain.admin import StaffAdmin
from domain.errors import DomainError
from domain.requests import require, signed_in
from programmes import actions
from programmes.admin.scope import CohortFilter, EnrolmentFilter
from programmes.models import Cohort, Enrolment, TimeRequest


@admin.register(Enrolment)
class EnrolmentAdmin(StaffAdmin):
    """Who takes part in which role. Their week, whom they wish for, whom they avoid and what they thought of
    their briefing is not here; neither is what was not sent yet."""

    while_empty = _("Who enrols stands here. Open the enrolment of a cohort, and invite people.")
    list_display = ["person", "role", "cohort", "state", "line_manager", "enrolled_on", "briefed"]
    list_filter = [EnrolmentFilter, "state", "role", ("cohort", CohortFilter)]
    list_per_page = 50
    show_full_result_count = False
    list_select_related = ["person", "cohort__programme"]
    search_fields = ["person__name", "person__email"]
    fields = [
        "person",
        "cohort",
        "role",
        "state",
        "line_manager",
        "capacity",
        "meets_remotely",
        "meets_on_site",
        "hopes",
        "enrolled_on",
        "decided_on",
        "briefed_at",
        "briefing_waived",
    ]
    readonly_fields: ClassVar[Any] = list(fields)
    actions = ["accept", "decline", "withdraw", "waive_briefing"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Enrolment]:
        mine = Cohort.objects.managed_by(signed_in(request))
        return super().get_queryset(request).filter(cohort__in=mine).sent().with_standing()

    @admin.display(description=_("line manager"), empty_value="–")
    def line_manager(self, enrolment: Enrolment) -> str | None:
        """What the line manager said of the time, where the programme asks them."""
        if not enrolment.cohort.programme.asks_line_manager:
            return None
        if enrolment.asked_answer is None:
            return _t("nobody to ask")
        return str(TimeRequest.Answer(enrolment.asked_answer).label)

    @admin.display(description=_("enrolled on"), ordering="applied_at")
    def enrolled_on(self, enrolment: Enrolment) -> datetime:
        return enrolment.applied_at

    @admin.display(description=_("decided on"))
    def decided_on(self, enrolment: Enrolment) -> datetime | None:
        return enrolment.decided_at

    @admin.display(description=_("prepared"), boolean=True)
    def briefed(self, enrolment: Enrolment) -> bool:
        return enrolment.is_briefed

    def _each(self, request: HttpRequest, enrolments: QuerySet[Enrolment], verb: Any) -> int:
        done = 0
        for enrolment in enrolments.select_related("cohort__programme", "person"):
            require(request, "programmes.run_programme", enrolment)
            try:
                done += verb(enrolment=enrolment, by=signed_in(request))
            except DomainError as error:
                messages.error(request, f"{enrolment.person}: {error.message}")
        return done

    @admin.action(description=_("Accept: each is told"), permissions=["change"])
    def accept(self, request: HttpRequest, enrolments: QuerySet[Enrolment]) -> HttpResponse | None:
        """Asks for a reason first where a line manager who is to be asked has not said yes."""
        reason = request.POST.get("reason", "").strip()
        waiting = enrolments.filter(
            state=Enrolment.State.APPLIED, cohort__programme__asks_line_manager=True
        ).exclude(time_requests__answer="yes")
        if not reason and waiting.exists():
            return self._ask_for_reason(request, waiting)
        done = self._each(request, enrolments, partial(actions.accept, reason=reason))
        messages.success(request, ngettext("%d person is accepted.", "%d people are accepted.", done) % done)
        return None

    def _ask_for_reason(self, request: HttpRequest, waiting: QuerySet[Enrolment]) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Accept without the line manager's yes?"),
            "waiting": waiting.select_related("person"),
            "chosen": request.POST.getlist("_selected_action"),
            "everything": request.POST.get("select_across", "0"),
            "asked_again": "reason" in request.POST,
        }
        return render(request, "admin/programmes/accept_with_reason.html", context)

    @admin.action(description=_("Decline: each is told"), permissions=["change"])
    def decline(self, request: HttpRequest, enrolments: QuerySet[Enrolment]) -> None:
        done = self._each(request, enrolments, actions.decline)
        messages.success(request, ngettext("%d person is declined.", "%d people are declined.", done) % done)

    @admin.action(description=_("Withdraw on their behalf"), permissions=["change"])
    def withdraw(self, request: HttpRequest, enrolments: QuerySet[Enrolment]) -> None:
        done = self._each(request, enrolments, actions.withdraw)
        messages.success(
            request, ngettext("%d person is withdrawn.", "%d people are withdrawn.", done) % done
        )

    @admin.action(description=_("Waive the briefing"), permissions=["change"])
    def waive_briefing(self, request: HttpRequest, enrolments: QuerySet[Enrolment]) -> None:
        done = self._each(request, enrolments, actions.waive_briefing)
        messages.success(
            request,
            ngettext(
                "%d person may meet without the briefing.", "%d people may meet without the briefing.", done
            )
            % done,
        )
