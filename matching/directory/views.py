from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from domain.errors import DomainError
from domain.requests import SignedInRequest, require
from matching import reasons, requests
from matching.directory import search
from matching.directory.forms import AskForm, SearchForm
from matching.models import Request
from matching.policies import policy_for
from participants.models import Person
from participants.presenting import detail
from programmes.models import Enrolment, Role

PER_PAGE = 12
REQUESTS_SHOWN = 8

require_form = require_http_methods(["GET", "HEAD", "POST"])


def _mine(request: SignedInRequest, cohort: UUID) -> Enrolment:
    """The reader's place in the directory; without one there is no directory."""
    found = get_object_or_404(
        Enrolment.objects.accepted().select_related("cohort__programme", "person"),
        cohort__uuid=cohort,
        person=request.user,
    )
    if not requests.open_to(found):
        raise Http404
    policy_for(found.cohort.programme)
    return found


@dataclass(frozen=True, slots=True)
class Card:
    """One person of the directory, as another reads of them."""

    name: str
    detail: str
    reasons: list[str]
    url: str
    note: str
    tone: str


@require_safe
def directory(request: SignedInRequest, cohort: UUID) -> HttpResponse:
    at, mine = timezone.now(), _mine(request, cohort)
    form = SearchForm(request.GET, mine=mine)
    wanted = form.wanted()
    context = {"mine": mine, "cohort": mine.cohort, "form": form, "is_filtered": wanted != search.EVERYBODY}
    try:
        found = search.search(mine, wanted)
    except DomainError as error:
        return render(request, "matching/directory.html", {**context, "problem": error.message})
    page = Paginator(found.ids, PER_PAGE).get_page(request.GET.get("page"))
    context |= {
        "page": page,
        "cards": cards(mine, found, page, at),
        "full": "" if found.has_room else requests.full_sentence(),
        "requests": rows(request.user, mine, at),
    }
    return render(request, "matching/directory.html", context)


def cards(mine: Enrolment, found: search.Found, page: Page, at: datetime) -> list[Card]:
    """A constant number of queries, however many are found and shown."""
    breakdowns = found.breakdowns(slice(page.start_index() - 1 if page.object_list else 0, page.end_index()))
    topics = reasons.topics_in(breakdowns)
    shown = list(page.object_list)
    people = Enrolment.objects.select_related("person__site", "person__profile").in_bulk(shown)
    asked, busy = search.between(mine, at), search.busy(shown, at)
    made = []
    for pk, breakdown in zip(shown, breakdowns, strict=True):
        other, note, tone = people[pk], "", ""
        url = reverse("directory:person", args=[mine.cohort.uuid, other.uuid])
        if pk in asked:
            standing = requests.standing(asked[pk], mine.person, at)
            note, tone = standing.word, standing.tone
            url = reverse("directory:request", args=[asked[pk].uuid])
        elif pk in busy:
            note = _("asked by several at the moment")
        made.append(
            Card(
                name=other.person.name,
                detail=detail(other.person),
                reasons=reasons.for_member(breakdown, mine.role, other.person, topics),
                url=url,
                note=note,
                tone=tone,
            )
        )
    return made


def rows(person: Person, mine: Enrolment, at: datetime) -> list[dict[str, object]]:
    """The person's requests in this cohort; what waits for them comes first."""
    found = list(Request.objects.filter(Q(asker=mine) | Q(asked=mine)).with_people()[:REQUESTS_SHOWN])
    standings = [(r, requests.standing(r, person, at)) for r in found]
    standings.sort(key=lambda pair: (pair[1].tone != "waiting", not pair[0].is_open(at)))
    return [
        {
            "title": r.other(person).person.name,
            "badge": standing.word,
            "tone": standing.tone,
            "url": reverse("directory:request", args=[r.uuid]),
        }
        for r, standing in standings
    ]


@require_form
def person(request: SignedInRequest, cohort: UUID, enrolment: UUID) -> HttpResponse:
    at, mine = timezone.now(), _mine(request, cohort)
    other = get_object_or_404(
        search.candidates(mine, search.EVERYBODY).select_related("person__site", "person__profile"),
        uuid=enrolment,
    )
    if standing := search.between(mine, at).get(other.pk):
        return redirect("directory:request", standing.uuid)
    try:
        found = search.search(mine, only=other.pk)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("directory:list", cohort)
    if not found.ids:
        raise Http404
    form = AskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        require(request, "matching.ask", mine)
        try:
            made = requests.ask(asker=mine, asked=other, message=form.cleaned_data["message"], at=at)
        except DomainError as error:
            form.add_error("message", error.message)
        else:
            messages.success(
                request, _("Your request is on its way to %(name)s.") % {"name": other.person.first_name}
            )
            return redirect("directory:request", made.uuid)
    breakdowns = found.breakdowns(slice(0, 1))
    context = {
        "mine": mine,
        "other": other,
        "profile": reasons.shared_profile(other.person),
        "reasons": reasons.for_member(breakdowns[0], mine.role, other.person, reasons.topics_in(breakdowns)),
        "is_busy": bool(search.busy([other.pk], at)),
        "form": form,
    }
    return render(request, "matching/directory_person.html", context)


@require_form
def request(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    found = get_object_or_404(Request.objects.visible_to(request.user).with_people(), uuid=uuid)
    at = timezone.now()
    is_asker = found.asker.person_id == request.user.pk
    if request.method == "POST":
        return _act(request, found, "decline" if "decline" in request.GET else request.POST.get("answer", ""))
    other = found.other(request.user)
    name = {"name": other.person.first_name}
    if "decline" in request.GET and not is_asker and found.is_open(at):
        question: dict[str, Any] = {
            "title": _("Decline the request of %(name)s?") % name,
            "text": _("You need no reason."),
            "consequences": [
                _("%(name)s is told kindly that it will not come about, not why.") % name,
                _("%(name)s cannot ask you again in this cohort. You can still ask %(name)s.") % name,
            ],
            "confirm_label": _("Decline"),
            "cancel_url": request.path,
        }
        return render(request, "confirm.html", question)
    shows_profile = found.is_open(at) or found.state == Request.State.ACCEPTED
    my_role = found.asker.role if is_asker else found.asked.role
    context = {
        "item": found,
        "other": other,
        "is_asker": is_asker,
        "is_mentor": my_role == Role.MENTOR,
        "is_open": found.is_open(at),
        "standing": requests.standing(found, request.user, at),
        "profile": reasons.shared_profile(other.person) if shows_profile else None,
        "detail": detail(other.person),
        "reasons": reasons.for_member(
            found.breakdown, my_role, other.person, reasons.topics_in([found.breakdown])
        ),
        "directory": found.asked.cohort
        if all(requests.open_to(e) for e in (found.asker, found.asked) if e.person_id == request.user.pk)
        else None,
        "mentorship": found.mentorship if found.state == Request.State.ACCEPTED else None,
    }
    return render(request, "matching/request.html", context)


def _act(request: SignedInRequest, found: Request, answer: str) -> HttpResponse:
    """Accept or decline by who was asked, withdraw by who asked."""
    acts = {
        "accept": ("matching.answer_request", requests.accept),
        "decline": ("matching.answer_request", requests.decline),
        "withdraw": ("matching.withdraw_request", requests.withdraw),
    }
    here = redirect("directory:request", found.uuid)
    if answer not in acts:
        return here
    permission, act = acts[answer]
    require(request, permission, found)
    try:
        act(request=found)
    except DomainError as error:
        messages.error(request, error.message)
        return here
    name = {"name": found.other(request.user).person.first_name}
    if answer == "accept":
        messages.success(request, _("You and %(name)s are together now.") % name)
        found.refresh_from_db(fields=["mentorship"])
        return redirect("mentorship", uuid=found.mentorship.uuid) if found.mentorship else here
    words = {
        "decline": _("You declined. %(name)s is told kindly, without a reason.") % name,
        "withdraw": _("You withdrew your request. %(name)s need not answer.") % name,
    }
    messages.success(request, words[answer])
    return here
