"""Filters that offer a coordinator only what is theirs, and lists that open with the useful filter on."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from domain.requests import signed_in
from programmes.models import Cohort, Enrolment, Invitation

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class CohortFilter(admin.RelatedFieldListFilter):
    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: Any
    ) -> list[tuple[str, "StrOrPromise"]]:
        cohorts = Cohort.objects.managed_by(signed_in(request)).select_related("programme")
        return [(str(cohort.pk), str(cohort)) for cohort in cohorts]


class OpensWith(admin.SimpleListFilter):
    """A filter that is on when the list opens; “everything” is one of its choices."""

    title = _("shown")
    parameter_name = "shown"
    usual: tuple[str, Any]
    offers: tuple[tuple[str, Any], ...] = ()

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*self.offers, ("all", _("everything"))]

    def value(self) -> str:
        return super().value() or self.usual[0]

    def choices(self, changelist: Any) -> Any:
        """Without Django's own “All”, which would be a second name for the choice the list opens with."""
        for value, title in [self.usual, *self.lookup_choices]:
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": title,
            }

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows if self.value() == "all" else self.shown(rows, self.value())

    def shown(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        raise NotImplementedError


class LiveFilter(OpensWith):
    """Cohorts that are being prepared or under way."""

    usual = ("live", _("prepared and under way"))

    def shown(self, rows: QuerySet[Cohort], value: str) -> QuerySet[Cohort]:
        return rows.exclude(state__in=[Cohort.State.CLOSED, Cohort.State.ARCHIVED])


class InvitationFilter(OpensWith):
    """Invitations by what came of them; at first those of cohorts that can still be joined."""

    usual = ("open", _("of cohorts that can still be joined"))
    offers = tuple(Invitation.State.choices)

    def shown(self, rows: QuerySet[Invitation], value: str) -> QuerySet[Invitation]:
        if value == "open":
            return rows.filter(cohort__state__in=[Cohort.State.DRAFT, Cohort.State.ENROLLING])
        return rows.filter(Q(state=value))


class EnrolmentFilter(OpensWith):
    """Enrolments of cohorts under way, without those that ended before it began."""

    usual = ("current", _("in cohorts under way"))

    def shown(self, rows: QuerySet[Enrolment], value: str) -> QuerySet[Enrolment]:
        over = [Cohort.State.CLOSED, Cohort.State.ARCHIVED]
        return rows.exclude(cohort__state__in=over).exclude(state=Enrolment.State.WITHDRAWN)
