from typing import Any

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

admin.site.unregister(Mentorship)


class SignedFilter(SimpleListFilter):
    title = _("agreement")
    parameter_name = "agreement"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, object]]:
        return [("signed", _("signed")), ("unsigned", _("not signed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Mentorship]) -> QuerySet[Mentorship]:
        match self.value():
            case "signed":
                return queryset.filter(pk__in=Agreement.objects.signed().values("mentorship"))
            case "unsigned":
                return queryset.live().exclude(pk__in=Agreement.objects.signed().values("mentorship"))
        return queryset


@admin.register(Mentorship)
class SignedMentorshipAdmin(MentorshipAdmin):
    """Says whether the agreement is signed, and since when. What it says is not here."""

    list_display = [*MentorshipAdmin.list_display, "is_signed"]
    list_filter: Any = [*MentorshipAdmin.list_filter, SignedFilter]
    readonly_fields = [*MentorshipAdmin.readonly_fields, "is_signed"]
    fields = [*MentorshipAdmin.fields, "is_signed"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mentorship]:
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
    def is_signed(self, mentorship: Mentorship) -> str:
        given, wanted = mentorship.signatures or 0, len(mentorship.members.all())
        if mentorship.version and given == wanted:
            return say("signed since %(day)s") % {"day": dates.full_day(mentorship.signed_at)}
        return say("not signed, %(given)d of %(wanted)d signatures") % {"given": given, "wanted": wanted}
