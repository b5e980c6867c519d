from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin

from domain.admin import AsksPermission
from domain.errors import DomainError
from programmes import actions
from programmes.admin.scope import CohortFilter, EnrolmentFilter
from programmes.models import Cohort, Enrolment


@admin.register(Enrolment)
class EnrolmentAdmin(AsksPermission, ModelAdmin):
    """Who takes part in which role. Their week, whom they wish for and whom they avoid is not here."""

    list_display = ["person", "role", "cohort", "state", "applied_at", "briefed"]
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
        "capacity",
        "meets_remotely",
        "meets_on_site",
        "hopes",
        "applied_at",
        "decided_at",
        "briefed_at",
        "briefing_waived",
    ]
    readonly_fields = [name for name in fields if name != "briefing_waived"]
    actions = ["accept", "decline", "withdraw"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Enrolment]:
        mine = Cohort.objects.managed_by(request.user)
        return super().get_queryset(request).filter(cohort__in=mine)

    @admin.display(description=_("prepared"), boolean=True)
    def briefed(self, enrolment: Enrolment) -> bool:
        return enrolment.is_briefed

    def _each(self, request: HttpRequest, enrolments: QuerySet[Enrolment], verb: Any) -> int:
        done = 0
        for enrolment in enrolments.select_related("cohort__programme", "person"):
            if not request.user.has_perm("programmes.run_programme", enrolment):
                raise PermissionDenied
            try:
                done += verb(enrolment=enrolment, by=request.user)
            except DomainError as error:
                messages.error(request, f"{enrolment.person}: {error.message}")
        return done

    @admin.action(description=_("Accept: each is told"), permissions=["change"])
    def accept(self, request: HttpRequest, enrolments: QuerySet[Enrolment]) -> None:
        done = self._each(request, enrolments, actions.accept)
        messages.success(request, ngettext("%d person is accepted.", "%d people are accepted.", done) % done)

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
