"""Where a programme lets people see the few who would suit them best, and say whom they would like.

The same rules and score as the matching; a wish enters the score, and the matching decides.
"""

from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from domain.errors import DomainError
from domain.requests import SignedInRequest, require
from matching import reasons
from matching.directory import search
from matching.directory.forms import RankForm
from matching.directory.views import Card, detail
from participants.models import Person
from programmes import actions
from programmes.models import Cohort, Enrolment

SHOWN = 5


def open_to(person: Person) -> QuerySet[Enrolment]:
    """The person's enrolments in cohorts that show suggestions now."""
    return (
        Enrolment.objects.accepted()
        .filter(
            person=person,
            cohort__state__in=[Cohort.State.ENROLLING, Cohort.State.MATCHING],
            cohort__programme__matching_policy__suggestions=True,
        )
        .select_related("cohort__programme", "person")
    )


@require_http_methods(["GET", "HEAD", "POST"])
def suggestions(request: SignedInRequest, cohort: UUID) -> HttpResponse:
    mine = get_object_or_404(open_to(request.user), cohort__uuid=cohort)
    require(request, "programmes.take_part", mine)
    context = {"mine": mine, "cohort": mine.cohort}
    try:
        found = search.search(mine)
    except DomainError as error:
        return render(request, "matching/suggestions.html", {**context, "problem": error.message})
    people = Enrolment.objects.select_related("person__site", "person__profile").in_bulk(found.ids[:SHOWN])
    shown = [people[pk] for pk in found.ids[:SHOWN]]
    ranks = dict(mine.wishes.values_list("person", "rank"))
    form = RankForm(request.POST or None, shown=shown, ranks=ranks)
    if request.method == "POST" and form.is_valid():
        try:
            chosen = [other.person for other in form.ranked()]
            unchosen = [other.person for other in shown if other.person not in chosen]
            actions.rank_wishes(enrolment=mine, first=chosen, instead_of=unchosen)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("Saved. Only the matching reads your wishes."))
            return redirect("directory:suggestions", cohort)
    breakdowns = found.breakdowns(slice(0, SHOWN))
    topics = reasons.topics_in(breakdowns)
    cards = [
        (
            Card(
                name=other.person.name,
                detail=detail(other.person),
                reasons=reasons.for_member(breakdown, mine.role, other.person, topics),
                url="",
                note="",
                tone="",
            ),
            field,
        )
        for (other, field), breakdown in zip(form.cards(), breakdowns, strict=True)
    ]
    return render(request, "matching/suggestions.html", {**context, "form": form, "cards": cards})
