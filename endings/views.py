from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from concerns.queries import confidants_for
from domain.errors import DomainError
from domain.requests import SignedInRequest, require
from endings import actions
from endings.certificate import certificate as make_certificate
from endings.course import steps
from endings.forms import FarewellForm, LookBackForm
from endings.models import Farewell, LookBack
from matching.models import Member, Mentorship
from notices.models import Notice

require_form = require_http_methods(["GET", "HEAD", "POST"])
State = Mentorship.State


def _mine(request: SignedInRequest, uuid: UUID) -> tuple[Mentorship, Member]:
    found = get_object_or_404(Mentorship.objects.visible_to(request.user).with_members(), uuid=uuid)
    require(request, "endings.take_leave", found)
    return found, found.membership_of(request.user)


@require_form
def close(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """Rounding a mentorship off: what is still to do, a thank-you, and the last step."""
    at = timezone.now()
    mentorship, member = _mine(request, uuid)
    if mentorship.state not in (State.ACTIVE, State.COMPLETED):
        return redirect("mentorship", uuid=uuid)
    said = Farewell.objects.filter(member=member).first()
    form = FarewellForm(request.POST if request.method == "POST" else None, initial=initial_of(said))
    if request.method == "POST" and form.is_valid():
        try:
            actions.say_farewell(member=member, at=at, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("Saved."))
            return redirect("endings:close", uuid=uuid)
    is_over = mentorship.state == State.COMPLETED
    context = {
        "mentorship": mentorship,
        "others": mentorship.names_of_others(request.user),
        "form": form,
        "steps": [] if is_over else steps(mentorship, member, at),
        "is_over": is_over,
        "has_met": actions.held(mentorship).exists(),
        "thanks": thanks_to(mentorship, member),
        "in_touch": in_touch(mentorship, member),
    }
    return render(request, "endings/close.html", context)


def initial_of(said: Farewell | None) -> dict[str, str]:
    if said is None:
        return {}
    answer = {True: "yes", False: "no", None: ""}[said.stays_in_touch]
    return {"thanks": said.thanks, "stays_in_touch": answer}


def thanks_to(mentorship: Mentorship, member: Member) -> list[Farewell]:
    found = Farewell.objects.filter(member__mentorship=mentorship).exclude(member=member).exclude(thanks="")
    return list(found.select_related("member__enrolment__person"))


def in_touch(mentorship: Mentorship, member: Member) -> list[Member]:
    """The others, once all members would like to stay in touch; nobody before."""
    willing = set(
        Farewell.objects.filter(member__mentorship=mentorship, stays_in_touch=True).values_list(
            "member", flat=True
        )
    )
    members = list(mentorship.members.all())
    if {m.pk for m in members} - willing:
        return []
    return [other for other in members if other.pk != member.pk]


@require_form
def complete(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    mentorship, member = _mine(request, uuid)
    back = reverse("endings:close", args=[uuid])
    if request.method == "POST":
        try:
            actions.complete(mentorship=mentorship, member=member)
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(
                request,
                _("Your group has reached its end. Thank you for the time you gave it.")
                if mentorship.cohort.is_of_groups
                else _("Your mentorship is completed. Thank you for the time you gave it."),
            )
        return redirect(back)
    names = {"names": mentorship.names_of_others(request.user)}
    return render(
        request,
        "confirm.html",
        {
            "title": _("Complete your group on “%(topic)s”?") % {"topic": mentorship.topic}
            if mentorship.cohort.is_of_groups
            else _("Complete your mentorship with %(names)s?") % names,
            "text": _("Its course is run, and that is a good thing to say together."),
            "consequences": [
                ngettext(
                    "%(names)s is told that it is completed, with thanks from the programme.",
                    "%(names)s are told that it is completed, with thanks from the programme.",
                    len(mentorship.others(request.user)),
                )
                % names,
                _("Coming meetings are taken out of your calendars, and reminders stop."),
                _("What you wrote together stays yours to read, and your certificate is ready."),
            ],
            "confirm_label": _("Complete it"),
            "cancel_url": back,
        },
    )


@never_cache
@require_safe
def certificate(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    _mentorship, member = _mine(request, uuid)
    try:
        content = make_certificate(member)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("mentorship", uuid=uuid)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = 'attachment; filename="certificate.pdf"'
    return response


@require_safe
def next_steps(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """After an early end: another mentorship, or leaving the cohort. Nobody asks why."""
    mentorship, member = _ended(request, uuid)
    enrolment = member.enrolment
    is_open = enrolment.cohort.state in actions.MATCHED
    names = [m.person.first_name for m in mentorship.members.all() if m.pk != member.pk]
    context = {
        "mentorship": mentorship,
        "enrolment": enrolment,
        "others": get_text_list(names, _("and")),
        "is_open": is_open,
        "confidants": confidants_for(mentorship),
        "may_leave": is_open and enrolment.state == enrolment.State.ACCEPTED,
        "has_certificate": member.left_at is None and actions.held(mentorship).exists(),
        "may_read": member.left_at is None,
        "has_asked": Notice.objects.filter(
            kind="rematch-asked", key__startswith=f"rematch-asked:{member.pk}:"
        ).exists(),
        "may_be_matched": is_open
        and enrolment.state == enrolment.State.ACCEPTED
        and not Member.objects.current().filter(enrolment=enrolment).exists(),
    }
    return render(request, "endings/next.html", context)


@require_POST
def rematch(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    _mentorship, member = _ended(request, uuid)
    try:
        actions.ask_rematch(member=member)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("endings:next", uuid=uuid)
    messages.success(request, _("You keep your place. The coordinator knows that you would like another."))
    return redirect("home")


def _ended(request: SignedInRequest, uuid: UUID) -> tuple[Mentorship, Member]:
    """For its members when it ended, and for whoever left a group that goes on."""
    member = get_object_or_404(
        Member.of_all_time.select_related("enrolment__cohort__programme", "enrolment__person", "mentorship"),
        mentorship__uuid=uuid,
        enrolment__person=request.user,
    )
    mentorship = Mentorship.objects.with_members().get(pk=member.mentorship_id)
    if not (member.left_at or mentorship.state == State.ENDED):
        raise PermissionDenied
    return mentorship, member


@require_form
def look_back(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    asked = get_object_or_404(
        LookBack.objects.visible_to(request.user).select_related("enrolment__cohort__programme"), uuid=uuid
    )
    form = LookBackForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        actions.look_back(asked=asked, answer=form.cleaned_data["answer"])
        messages.success(request, _("Thank you. Your answer stands apart from your name."))
        return redirect("home")
    return render(request, "endings/look_back.html", {"asked": asked, "form": form})
