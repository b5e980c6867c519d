from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from domain.errors import DomainError
from domain.requests import SignedInRequest, require
from matching import actions, reasons
from matching.models import Member, Mentorship
from matching.notify import breakdown_of, what_both_bring

WHAT_NEXT = gettext_lazy(
    "The next page asks what you would like now: to be matched again, or to leave. Both are one tap."
)
GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


def _mentorship(request: SignedInRequest, uuid: UUID, permission: str) -> Mentorship:
    visible = (
        Mentorship.objects.visible_to(request.user)
        .with_members()
        .select_related("proposal", "request", "proposed_group__theme")
    )
    mentorship = get_object_or_404(visible, uuid=uuid)
    require(request, permission, mentorship)
    return mentorship


@GET_OR_POST
def offer(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    try:
        mentorship = _mentorship(request, uuid, "matching.answer_offer")
    except Http404:
        asked = Member.ever_asked.filter(Member.ONLY_ASKED, mentorship__uuid=uuid)
        if not asked.filter(enrolment__person=request.user).exists():
            raise
        messages.info(request, _("This group has gone on without you. You stay enrolled."))
        return redirect("home")
    if request.method == "POST":
        return _answer(request, mentorship, accept=request.POST.get("answer") == "accept")
    if "decline" in request.GET:
        return render(request, "confirm.html", _before_declining(mentorship, request))
    member = mentorship.membership_of(request.user)
    topics = reasons.topics_in([breakdown_of(mentorship)])
    in_group = mentorship.cohort.is_of_groups
    context = {
        "mentorship": mentorship,
        "member": member,
        "others": [
            (
                profile,
                f"{m.get_role_display()} · {profile.detail}".strip(" ·") if in_group else profile.detail,
            )
            for m in mentorship.others(request.user)
            for profile in [reasons.shared_profile(m.person)]
        ],
        "names": mentorship.names_of_others(request.user),
        "reasons": what_both_bring(mentorship, member, topics),
        "is_open": mentorship.state == Mentorship.State.OFFERED,
        "is_smaller": in_group
        and Member.ever_asked.filter(Member.ONLY_ASKED, mentorship=mentorship).exists(),
    }
    return render(request, "matching/offer.html", context)


def _before_declining(mentorship: Mentorship, request: SignedInRequest) -> dict[str, Any]:
    names = mentorship.names_of_others(request.user)
    if mentorship.cohort.is_of_groups:
        return {
            "title": _("Decline the group on “%(topic)s”?") % {"topic": mentorship.topic},
            "text": _("You need no reason. You stay enrolled and can join another group."),
            "consequences": [
                _("The others are told that somebody cannot be part of it, not why."),
                _("If the group stays large enough, they go on without you; if not, it does not come about."),
            ],
            "confirm_label": _("Decline"),
            "cancel_url": reverse("matching:offer", args=[mentorship.uuid]),
        }
    return {
        "title": _("Decline the mentorship with %(names)s?") % {"names": names},
        "text": _("You need no reason. You stay enrolled and can be matched with somebody else."),
        "consequences": [_("%(names)s is told that it will not come about, not why.") % {"names": names}],
        "confirm_label": _("Decline"),
        "cancel_url": reverse("matching:offer", args=[mentorship.uuid]),
    }


def _answer(request: SignedInRequest, mentorship: Mentorship, *, accept: bool) -> HttpResponse:
    names = mentorship.names_of_others(request.user)
    try:
        answered = actions.answer_offer(mentorship=mentorship, person=request.user, accept=accept)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("home")
    if not accept:
        messages.success(request, _("You declined. You stay enrolled and can be matched with somebody else."))
        return redirect("home")
    if answered.is_live and answered.cohort.is_of_groups:
        messages.success(request, _("All have answered: your group begins."))
        return redirect("mentorship", uuid=mentorship.uuid)
    if answered.cohort.is_of_groups:
        messages.success(request, _("You accepted. You will hear from us when everybody has answered."))
        return redirect("matching:offer", uuid=mentorship.uuid)
    if answered.is_live:
        messages.success(request, _("You and %(names)s are together now.") % {"names": names})
        return redirect("mentorship", uuid=mentorship.uuid)
    messages.success(
        request, _("You accepted. You will hear from us when %(names)s has answered.") % {"names": names}
    )
    return redirect("matching:offer", uuid=mentorship.uuid)


@GET_OR_POST
def pause(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    mentorship = _mentorship(request, uuid, "matching.pause_or_end")
    names, others = mentorship.names_of_others(request.user), len(mentorship.others(request.user))
    words = {
        "title": _("Pause your mentorship with %(names)s?") % {"names": names},
        "consequences": [
            _("No meetings are expected while it is paused, and those in the calendar are called off."),
            _("Goals, notes and the agreement stay as they are."),
            ngettext(
                "%(names)s is told that it is paused, not why.",
                "%(names)s are told that it is paused, not why.",
                others,
            )
            % {"names": names},
            _("It goes on when you say so, and not before."),
        ],
        "confirm_label": _("Pause"),
        "done": _("Your mentorship is paused. It goes on when you say so."),
    }
    if mentorship.cohort.is_of_groups:
        words |= {
            "title": _("Pause your group on “%(topic)s”?") % {"topic": mentorship.topic},
            "done": _("Your group is paused. It goes on when you say so."),
        }
    if mentorship.state == Mentorship.State.PAUSED:
        words |= {
            "title": _("Do you need the pause, too?"),
            "consequences": [
                _("It then goes on only when you say so as well."),
                _("Nobody is told that you said this."),
            ],
            "confirm_label": _("I need it, too"),
            "done": _("The pause lasts until you say so as well."),
        }
    return _ask(request, mentorship, actions.pause, words)


@GET_OR_POST
def resume(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    mentorship = _mentorship(request, uuid, "matching.pause_or_end")
    names, others = mentorship.names_of_others(request.user), len(mentorship.others(request.user))
    words = {
        "title": _("Go on with %(names)s?") % {"names": names},
        "text": ngettext(
            "Everything is where you left it. %(names)s is told that you can go on.",
            "Everything is where you left it. %(names)s are told that you can go on.",
            others,
        )
        % {"names": names},
        "confirm_label": _("Go on"),
        "done": _("Your mentorship goes on."),
        "not_yet": _("It goes on when everybody who needed the pause says so. You will hear of it."),
    }
    if mentorship.cohort.is_of_groups:
        words |= {
            "title": _("Go on with your group on “%(topic)s”?") % {"topic": mentorship.topic},
            "done": _("Your group goes on."),
        }
    return _ask(request, mentorship, actions.resume, words)


@GET_OR_POST
def end(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    mentorship = _mentorship(request, uuid, "matching.pause_or_end")
    names, others = mentorship.names_of_others(request.user), len(mentorship.others(request.user))
    words = {
        "title": _("End your mentorship with %(names)s?") % {"names": names},
        "text": _("You need no reason, and nobody will ask you for one."),
        "consequences": [
            ngettext(
                "%(names)s is told that it has ended, not why.",
                "%(names)s are told that it has ended, not why.",
                others,
            )
            % {"names": names},
            _("What you wrote together stays readable for all of you."),
            _("This mentorship cannot be taken up again."),
            WHAT_NEXT,
        ],
        "confirm_label": _("End the mentorship"),
        "danger": True,
        "done": _("Your mentorship has ended. Thank you for what you put into it."),
    }
    if actions.goes_on_without(mentorship, request.user):
        words |= {
            "title": _("Leave your group with %(names)s?") % {"names": names},
            "consequences": [
                _("The others are told that somebody has left, not why. The group goes on."),
                _("You no longer see what is written there."),
                WHAT_NEXT,
            ],
            "confirm_label": _("Leave the group"),
            "done": _("You have left the group. Thank you for what you put into it."),
        }
    return _ask(request, mentorship, actions.end, words, then="endings:next")


def _ask(
    request: SignedInRequest,
    mentorship: Mentorship,
    act: Callable[..., Any],
    words: dict[str, Any],
    then: str = "mentorship",
) -> HttpResponse:
    """Two taps: the question, and the act."""
    url = reverse("mentorship", args=[mentorship.uuid])
    if request.method == "POST":
        try:
            changed = act(mentorship=mentorship, person=request.user)
        except DomainError as error:
            messages.error(request, error.message)
            return redirect(url)
        if "not_yet" in words and changed.state == Mentorship.State.PAUSED:
            messages.info(request, words["not_yet"])
        else:
            messages.success(request, words["done"])
        return redirect(then, uuid=mentorship.uuid)
    return render(request, "confirm.html", {**words, "cancel_url": url, "mentorship": mentorship})
