from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from agreements.models import Agreement, Signature, Version
from domain import dates
from matching.admin import MentorshipAdmin
from matching.models import Mentorship
from matching.models.mentorship import MentorshipQuerySet

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

admin.site.unregister(Mentorship)


class SignedFilter(SimpleListFilter):
    title = _("agreement")
    parameter_name = "agreement"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("signed", say("signed")), ("unsigned", say("not signed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Mentorship]) -> QuerySet[Mentorship]:
        match self.value():
            case "signed":
                return queryset.filter(pk__in=Agreement.objects.signed().values("mentorship"))
            case "unsigned":
                signed = Agreement.objects.signed().values("mentorship")
                return queryset.filter(state__in=Mentorship.LIVE).exclude(pk__in=signed)
        return queryset


class Signing(TypedDict):
    version: int | None
    signatures: int | None
    signed_at: datetime | None


@admin.register(Mentorship)
class SignedMentorshipAdmin(MentorshipAdmin):
    """Says whether the agreement is signed, and since when. What it says is not here."""

    list_display = [*MentorshipAdmin.list_display, "is_signed"]
    list_filter: Any = [*MentorshipAdmin.list_filter, SignedFilter]
    readonly_fields = [*MentorshipAdmin.readonly_fields, "is_signed"]
    fields = [*MentorshipAdmin.fields, "is_signed"]

    def get_queryset(self, request: HttpRequest) -> MentorshipQuerySet:
        newest = Version.objects.filter(agreement__mentorship=OuterRef("pk")).order_by("-number")
        signatures = Signature.objects.filter(version=OuterRef("version")).order_by()
        count = signatures.values("version").annotate(count=Count("pk")).values("count")
        return (
            super()
            .get_queryset(request)
            .annotate(
                version=Subquery(newest.values("pk")[:1]),
                signatures=Subquery(count),
                signed_at=Subquery(signatures.order_by("-signed_at").values("signed_at")[:1]),
            )
        )

    @admin.display(description=_("agreement"))
    def is_signed(self, mentorship: "WithAnnotations[Mentorship, Signing]") -> str:
        given, wanted = mentorship.signatures or 0, len(mentorship.members.all())
        if mentorship.signed_at and given == wanted:
            return say("signed since %(day)s") % {"day": dates.full_day(mentorship.signed_at)}
        return say("not signed, %(given)d of %(wanted)d signatures") % {"given": given, "wanted": wanted}
