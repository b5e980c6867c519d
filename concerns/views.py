from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from concerns import actions
from concerns.forms import ConcernForm, HandOverForm, MessageForm
from concerns.models import Concern, Reader
from concerns.queries import arranges_for, confidants_for
from concerns.waiting import URGENCY
from domain.errors import DomainError
from domain.requests import SignedInRequest, require
from matching.models import Mentorship
from participants.models import Person


@never_cache
@require_safe
def inbox(request: SignedInRequest) -> HttpResponse:
    concerns = Concern.objects.visible_to(request.user).with_care()
    mine: list[Concern] = []
    others: list[Concern] = []
    for concern in concerns.select_related("raised_by", "confidant", "programme"):
        concern.is_waiting = concern.waits_for(request.user)
        (mine if concern.raised_by_id == request.user.pk else others).append(concern)
    is_confidant = request.user.has_perm("concerns.care")
    if not is_confidant and not mine:
        raise Http404
    return render(
        request,
        "concerns/inbox.html",
        {
            "is_confidant": is_confidant,
            "mine": mine,
            "open": sorted(
                (one for one in others if one.state != Concern.State.SETTLED), key=first_to_answer
            ),
            "settled": [one for one in others if one.state == Concern.State.SETTLED],
        },
    )


def first_to_answer(concern: Concern) -> tuple[bool, int, datetime]:
    """What waits for an answer comes first, then the most urgent, then what has waited longest."""
    return (
        not concern.is_waiting,
        URGENCY[Concern.Urgency(concern.urgency)],
        concern.waits_since or concern.raised_at,
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def raise_concern(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    mentorship = get_object_or_404(Mentorship.objects.known_to(request.user).with_members(), uuid=uuid)
    require(request, "concerns.raise", mentorship)
    form = ConcernForm(request.POST or None)
    if form.is_valid():
        try:
            concern = actions.raise_concern(mentorship=mentorship, by=request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("It has arrived. The answer will appear on this page."))
            return redirect("concerns:detail", uuid=concern.uuid)
    confidants = confidants_for(mentorship)
    arranged = arranges_for(mentorship, confidants)
    context = {
        "form": form,
        "mentorship": mentorship,
        "others": mentorship.names_of_others(request.user),
        "is_member": mentorship.member_for(request.user) is not None,
        "confidants": [(one, get_text_list(arranged.get(one.pk, []), _("and"))) for one in confidants],
        "external_contact": mentorship.cohort.programme.external_contact,
        "raised": Concern.objects.filter(raised_by=request.user, mentorship=mentorship).with_care(),
    }
    return render(request, "concerns/raise.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    concern = load(request, uuid)
    form = MessageForm(request.POST or None)
    if request.method == "POST":
        require(request, "concerns.write", concern)
        if form.is_valid():
            try:
                actions.reply(concern=concern, by=request.user, **form.cleaned_data)
            except DomainError as error:
                form.add_error(None, error.message)
            else:
                messages.success(request, _("Your message is sent."))
                return redirect("concerns:detail", uuid=uuid)
    return render(request, "concerns/detail.html", {"form": form, **told_of(concern, request.user)})


def told_of(concern: Concern, person: Person) -> dict[str, Any]:
    """What its page shows to its author, or to one of its readers."""
    reading = list(
        Reader.objects.reading().filter(concern=concern).select_related("person", "handed_over_by")
    )
    readers = [reader.person for reader in reading]
    raised_it = concern.raised_by_id == person.pk
    is_settled = concern.state == Concern.State.SETTLED
    is_erased = concern.raised_by.erased_at is not None
    concern.is_cared_for = concern.confidant in readers
    is_cared_for = concern.shown_state == Concern.State.IN_CARE
    may_hand_over = raised_it or not (is_settled or is_erased)
    return {
        "concern": concern,
        "exchange": concern.messages.select_related("author"),
        "raised_it": raised_it,
        "reading": reading,
        "is_cared_for": is_cared_for,
        "is_settled": is_settled,
        "is_erased": is_erased,
        "may_hand_over": may_hand_over and bool(actions.successors(concern, readers)),
        "external_contact": concern.programme.external_contact if raised_it and not readers else "",
        "may_pause": may_pause(concern, person),
        "is_paused": concern.mentorship is not None and concern.mentorship.state == Mentorship.State.PAUSED,
        "may_take": not (raised_it or is_settled or is_erased or is_cared_for),
        "may_write": bool(readers) if raised_it else not (is_settled or is_erased),
    }


def may_pause(concern: Concern, person: Person) -> bool:
    """Also where the other side has paused already: then this pause outlasts theirs."""
    return (
        concern.state != Concern.State.SETTLED
        and person.pk in (concern.raised_by_id, concern.confidant_id)
        and concern.mentorship is not None
        and concern.mentorship.is_live
        and concern.mentorship.members.filter(
            enrolment__person=concern.raised_by_id, rests_since=None
        ).exists()
    )


@require_POST
def take(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    concern = load(request, uuid)
    require(request, "concerns.care", concern)
    try:
        actions.take(concern=concern, by=request.user)
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("concerns:detail", uuid=uuid)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    concern = load(request, uuid)
    require(request, "concerns.write", concern)
    back = reverse("concerns:detail", args=[uuid])
    people = actions.successors(concern, concern.readers_now())
    if not people:
        messages.info(request, _("At the moment there is no other confidant who could."))
        return redirect(back)
    form = HandOverForm(request.POST or None, people=people)
    if form.is_valid():
        to = form.cleaned_data["to"]
        try:
            actions.hand_over(concern=concern, by=request.user, to=to)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("%(name)s can read it now.") % {"name": to.name})
            return redirect(back)
    is_own = concern.raised_by_id == request.user.pk
    context = {
        "title": _("Let another confidant read this?"),
        "text": _("You choose who may read it besides those who do already.")
        if is_own
        else _("Do it only if %(name)s wants that.") % {"name": concern.raised_by.first_name},
        "consequences": [
            _("They read everything that was written here, and get a mail that says nothing of it."),
            _("Nobody else is told.")
            if is_own
            else _("%(name)s is told by name who reads it from now on.")
            % {"name": concern.raised_by.first_name},
            _("It cannot be taken back."),
        ],
        "form": form,
        "confirm_label": _("Let them read it"),
        "cancel_url": back,
    }
    return render(request, "confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def pause(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    concern = load(request, uuid)
    require(request, "concerns.write", concern)
    back = reverse("concerns:detail", args=[uuid])
    if request.method == "POST":
        try:
            actions.pause(concern=concern, by=request.user)
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, _("The mentorship is paused."))
        return redirect(back)
    is_own = concern.raised_by_id == request.user.pk
    name = concern.raised_by.first_name
    context = {
        "title": _("Let the mentorship rest for now?"),
        "text": _("It may help to have some quiet while this is being sorted out.")
        if is_own
        else _("Do it only if %(name)s wants that.") % {"name": name},
        "consequences": [
            _("The others are told that the mentorship is paused, and no more: not why, and not by whom."),
            _("No meetings are expected and nobody is reminded of anything meanwhile."),
            _("Goals, notes and agreement stay as they are."),
            _("It goes on when you say so, and not before.")
            if is_own
            else _("It goes on when %(name)s says so, and not before.") % {"name": name},
        ],
        "confirm_label": _("Pause the mentorship"),
        "cancel_url": back,
    }
    return render(request, "confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def settle(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    concern = load(request, uuid)
    require(request, "concerns.write", concern)
    if request.method == "POST":
        actions.settle(concern=concern, by=request.user)
        messages.success(request, _("It is settled."))
        return redirect("concerns:detail", uuid=uuid)
    context = {
        "title": _("Is this settled?"),
        "text": _("What was written stays readable for the same people as before."),
        "consequences": settling_means(concern, request.user),
        "confirm_label": _("Yes, it is settled"),
        "cancel_url": reverse("concerns:detail", args=[uuid]),
    }
    return render(request, "confirm.html", context)


def settling_means(concern: Concern, person: Person) -> list[str]:
    if concern.raised_by_id == person.pk:
        return [_("Nobody is told."), _("You can open it again at any time, by writing here.")]
    if concern.raised_by.erased_at:
        return []
    name = {"name": concern.raised_by.first_name}
    return [
        _("%(name)s is told that you marked it as settled, and nobody else is.") % name,
        _("Only %(name)s can open it again, by writing here.") % name,
    ]


def load(request: SignedInRequest, uuid: UUID) -> Concern:
    concerns = Concern.objects.visible_to(request.user)
    return get_object_or_404(
        concerns.select_related("raised_by", "confidant", "programme", "mentorship__cohort"), uuid=uuid
    )
