from uuid import UUID

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from domain.requests import SignedInRequest, require, whole_number
from insights import charts, export, pages
from insights.meanings import MEANINGS
from insights.scope import Scope, scopes
from insights.view import Period, View
from programmes.models import Cohort, Role


@require_safe
def overview(request: SignedInRequest) -> HttpResponse:
    require(request, "insights.read")
    cards = pages.overview(scopes(request.user), timezone.now())
    columns = [card.column for card in cards if card.cohorts]
    context = {
        "cards": cards,
        "columns": columns if len(columns) > 1 else [],
        "rows": pages.side_by_side(columns),
        "meanings": MEANINGS,
    }
    return render(request, "insights/overview.html", context)


@require_safe
def programme(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """The view is in the address, so that it can be kept and sent on: `cohort`, `period` (a year "2026" or a
    quarter "2026-Q3"), `role`, `unit`, `grade` and `site`."""
    page = asked_page(request, uuid)
    context = {
        "page": page,
        "rows": pages.side_by_side(page.columns),
        "pulse_grid": charts.PULSE_GRID,
        "at": timezone.now(),
        "query": request.GET.urlencode(),
    }
    return render(request, "insights/programme.html", context)


@require_safe
def download(request: SignedInRequest, uuid: UUID, kind: str) -> HttpResponse:
    """What the page of the same address shows, as CSV or Excel."""
    if kind not in export.KINDS:
        raise Http404
    write, content_type = export.KINDS[kind]
    page = asked_page(request, uuid)
    at = timezone.now()
    response = HttpResponse(write(page, at), content_type=content_type)
    name = f"{slugify(page.programme.name) or 'insights'}-{timezone.localdate(at)}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def asked_page(request: SignedInRequest, uuid: UUID) -> pages.Page:
    scope = next((one for one in scopes(request.user) if one.programme.uuid == uuid), None)
    if scope is None:
        raise Http404
    return pages.page(scope, timezone.now(), chosen_view(scope, request.GET))


def chosen_view(scope: Scope, asked: QueryDict) -> View:
    """What makes no sense is as if it were not asked."""

    def number(name: str) -> int | None:
        return whole_number(asked.get(name))

    role = asked.get("role", "")
    return View(
        cohort=chosen_cohort(scope.programme.pk, asked.get("cohort", "")),
        role=role if role in Role.values else "",
        period=Period.of(asked.get("period", "")),
        unit=number("unit"),
        grade=number("grade"),
        site=number("site"),
    )


def chosen_cohort(programme: int, uuid: str) -> Cohort | None:
    if not uuid:
        return None
    try:
        UUID(uuid)
    except ValueError:
        raise Http404 from None
    return get_object_or_404(pages.shown_cohorts([programme]), uuid=uuid)
