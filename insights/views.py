from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from insights import charts, pages
from insights.scope import scopes
from programmes.models import Cohort, Role


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("insights.read"):
        raise PermissionDenied
    cards = pages.overview(scopes(request.user), timezone.now())
    return render(request, "insights/overview.html", {"cards": cards})


@require_GET
def programme(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The view is in the address: `cohort` and `role`, so that it can be kept and sent on."""
    scope = next((one for one in scopes(request.user) if one.programme.uuid == uuid), None)
    if scope is None:
        raise Http404
    cohort = chosen_cohort(scope.programme.pk, request.GET.get("cohort", ""))
    role = request.GET.get("role", "")
    page = pages.page(scope, timezone.now(), cohort, role if role in Role.values else "")
    context = {"page": page, "roles": Role, "pulse_grid": charts.PULSE_GRID, "times": charts.TIMES.values()}
    return render(request, "insights/programme.html", context)


def chosen_cohort(programme: int, uuid: str) -> Cohort | None:
    if not uuid:
        return None
    try:
        UUID(uuid)
    except ValueError:
        raise Http404 from None
    shown = Cohort.objects.filter(programme=programme).exclude(state=Cohort.State.DRAFT)
    return get_object_or_404(shown, uuid=uuid)
