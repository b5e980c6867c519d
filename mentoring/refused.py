"""People whom no mail reaches: seen by HR, and by coordinators for those in their programmes."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from domain.requests import SignedInRequest, require
from notices import hours
from notices.kinds import Pace
from notices.models import Notice, RefusedAddress
from participants.models import Person
from programmes.models import Cohort

AGAIN = timedelta(days=14)


def unreachable(by: Person) -> QuerySet[Person]:
    """Annotated with `refused_at` and the mail server's `words`, the latest first."""
    address = RefusedAddress.objects.filter(email=Lower(OuterRef("email")))
    found = Person.objects.filter(is_active=True).annotate(
        refused_at=Subquery(address.values("refused_at")[:1]), words=Subquery(address.values("words")[:1])
    )
    if not by.is_hr_admin:
        mine = Cohort.objects.managed_by(by)
        theirs = Person.objects.filter(Q(enrolments__cohort__in=mine) | Q(invitations__cohort__in=mine))
        found = found.filter(pk__in=theirs.values("pk"))
    return found.exclude(refused_at=None).order_by(F("refused_at").desc(), "pk")


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


@require_GET
def overview(request: SignedInRequest) -> HttpResponse:
    require(request, "mentoring.enter_admin")
    return render(request, "refused.html", {"people": unreachable(request.user)[:200]})


@require_POST
def again(request: SignedInRequest, pk: int) -> HttpResponse:
    require(request, "mentoring.enter_admin")
    try_again(get_object_or_404(unreachable(request.user), pk=pk), timezone.now())
    messages.success(request, _("The address is tried again. What is unread goes with the next mail."))
    return redirect("refused")
