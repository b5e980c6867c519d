from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from domain.admin import StaffAdmin
from domain.requests import require, signed_in
from programmes import actions
from programmes.admin.scope import CohortFilter, InvitationFilter
from programmes.models import Cohort, Invitation


@admin.register(Invitation)
class InvitationAdmin(StaffAdmin):
    """Who was asked, and what came of it. New ones are sent from the page of a cohort."""

    while_empty = _("Whom you invite stands here. Invitations are sent from the page of a cohort.")
    list_display = ["person", "role", "cohort", "stands", "created_at", "told_at"]
    list_filter = [InvitationFilter, "role", ("cohort", CohortFilter)]
    list_select_related = ["person", "cohort__programme"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["person__name", "person__email"]
    fields = ["person", "role", "cohort", "created_at", "told_at", "declined_at"]
    actions = ["take_off_list"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Invitation]:
        mine = Cohort.objects.managed_by(signed_in(request))
        return super().get_queryset(request).filter(cohort__in=mine).with_state()

    @admin.display(description=_("state"))
    def stands(self, invitation: Invitation) -> str:
        return str(Invitation.State(invitation.state).label)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was asked stays asked: deleting it would let somebody who said no be asked again."""
        return False

    @admin.action(description=_("Take off the list, while nobody was told"), permissions=["view"])
    def take_off_list(self, request: HttpRequest, invitations: QuerySet[Invitation]) -> None:
        for invitation in invitations.select_related("cohort__programme"):
            require(request, "programmes.run_programme", invitation)
        chosen = Invitation.objects.filter(pk__in=[invitation.pk for invitation in invitations])
        whole = chosen.count()
        done = actions.take_off_list(invitations=chosen, by=signed_in(request))
        if done:
            text = ngettext("%d person is off the list.", "%d people are off the list.", done)
            messages.success(request, text % done)
        if done < whole:
            text = gettext("%d were told already, so their invitation stands. They can say no themselves.")
            messages.warning(request, text % (whole - done))
