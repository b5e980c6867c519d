from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from insights import charts, export, pages, words
from insights.meanings import MEANINGS
from insights.queries import PARTS
from insights.scope import Scope, scopes
from programmes.models import Cohort, Role


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("insights.read"):
        raise PermissionDenied
    cards = pages.overview(scopes(request.user), timezone.now())
    columns = [card.column for card in cards if card.cohorts]
    context = {
        "cards": cards,
        "columns": columns if len(columns) > 1 else [],
        "rows": pages.side_by_side(columns),
        "meanings": MEANINGS,
    }
    return render(request, "insights/overview.html", context)


@require_GET
def programme(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The view is in the address, so that it can be kept and sent on: `cohort`, `role`, `period` (the year in
    which cohorts began) and `group` ("unit:Finance")."""
    page, asked = asked_page(request, uuid)
    context = {
        "page": page,
        "rows": pages.side_by_side(page.columns),
        "view_text": words.view_text(page.view),
        "pulse_grid": charts.PULSE_GRID,
        "at": timezone.now(),
        "query": request.GET.urlencode(),
        "is_too_small": asked.group and not page.view.group,
    }
    return render(request, "insights/programme.html", context)


@require_GET
def download(request: HttpRequest, uuid: UUID, kind: str) -> HttpResponse:
    """What the page of the same address shows, as CSV or Excel."""
    if kind not in export.KINDS:
        raise Http404
    write, content_type = export.KINDS[kind]
    page, _asked = asked_page(request, uuid)
    at = timezone.now()
    response = HttpResponse(write(page, at), content_type=content_type)
    name = f"{slugify(page.programme.name) or 'insights'}-{timezone.localdate(at)}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def asked_page(request: HttpRequest, uuid: UUID) -> tuple[pages.Page, pages.View]:
    scope = next((one for one in scopes(request.user) if one.programme.uuid == uuid), None)
    if scope is None:
        raise Http404
    view = chosen_view(scope, request.GET)
    return pages.page(scope, timezone.now(), view), view


def chosen_view(scope: Scope, asked: QueryDict) -> pages.View:
    role, year = asked.get("role", ""), asked.get("period", "")
    part, _colon, name = asked.get("group", "").partition(":")
    return pages.View(
        cohort=chosen_cohort(scope.programme.pk, asked.get("cohort", "")),
        role=role if role in Role.values else "",
        year=int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None,
        group=(part, name) if part in PARTS and name else None,
    )


def chosen_cohort(programme: int, uuid: str) -> Cohort | None:
    if not uuid:
        return None
    try:
        UUID(uuid)
    except ValueError:
        raise Http404 from None
    shown = Cohort.objects.filter(programme=programme).exclude(state=Cohort.State.DRAFT)
    return get_object_or_404(shown, uuid=uuid)
