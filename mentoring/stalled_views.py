from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from domain.errors import DomainError
from domain.requests import SignedInRequest, require
from matching.models import Mentorship
from mentoring import stalled


@require_safe
def overview(request: SignedInRequest) -> HttpResponse:
    require(request, "mentoring.enter_admin")
    return render(request, "stalled.html", {"found": stalled.of_staff(request.user, timezone.now())})


@require_POST
def nudge(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    mentorship = get_object_or_404(Mentorship.objects.managed_by(request.user), uuid=uuid)
    require(request, "mentoring.nudge", mentorship)
    try:
        stalled.nudge(mentorship=mentorship, by=request.user)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("A friendly word is on its way to them."))
    return redirect("stalled")
