"""People whom no mail reaches: seen by HR, and by coordinators for those in their programmes."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from domain.requests import SignedInRequest, require
from notices import hours
from notices.kinds import Pace
from notices.models import Notice, RefusedAddress
from participants.models import Person
from programmes.models import Cohort, Enrolment, Invitation

AGAIN = timedelta(days=14)


def unreachable(by: Person) -> QuerySet[Person]:
    """Annotated with `refused_at` and the mail server's `words`, the latest first."""
    address = RefusedAddress.objects.filter(email=Lower(OuterRef("email")))
    refused = RefusedAddress.objects.values("email")  # few, and found by the index on addresses
    found = Person.objects.filter(is_active=True, email__in=refused).annotate(
        refused_at=Subquery(address.values("refused_at")[:1]), words=Subquery(address.values("words")[:1])
    )
    if not by.is_hr_admin:
        mine = Cohort.objects.managed_by(by)
        enrolled, invited = (
            Exists(rows.filter(person=OuterRef("pk"), cohort__in=mine))
            for rows in (Enrolment.objects, Invitation.objects)
        )
        found = found.filter(enrolled | invited)
    return found.order_by(F("refused_at").desc(), "pk")


@transaction.atomic
def try_again(person: Person, at: datetime) -> None:
    """Believe the address anew. What is unread goes with the next digest, calendars by themselves."""
    RefusedAddress.objects.filter(email=person.email.lower()).delete()
    unread = Notice.objects.filter(
        recipient=person, read_at=None, created_at__gt=at - AGAIN, by_email=True, digest=None
    ).exclude(failed_at=None)
    unread.filter(calendar="").update(
        failed_at=None, attempts=0, pace=Pace.DIGEST, due_at=hours.next_morning(at, person.zone)
    )
    unread.exclude(calendar="").update(failed_at=None, attempts=0, due_at=at)


@require_safe
def overview(request: SignedInRequest) -> HttpResponse:
    require(request, "mentoring.enter_admin")
    return render(request, "refused.html", {"people": unreachable(request.user)[:200]})


@require_POST
def again(request: SignedInRequest, pk: int) -> HttpResponse:
    require(request, "mentoring.enter_admin")
    try_again(get_object_or_404(unreachable(request.user), pk=pk), timezone.now())
    messages.success(request, _("The address is tried again. What is unread goes with the next mail."))
    return redirect("refused")
