from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from domain.errors import DomainError
from domain.forms import refuse
from domain.requests import SignedInRequest, require
from feedback import actions
from feedback.exchange import COURSE, offer, sides, suggestions, take_up, withdraw
from feedback.forms import FeedbackForm, TopicForm, WordsForm
from feedback.models import Feedback, TopicOffer
from matching.models import Mentorship


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def give(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    mentorship = get_object_or_404(Mentorship.objects.visible_to(request.user).with_members(), uuid=uuid)
    require(request, "feedback.give", mentorship)
    member = mentorship.membership_of(request.user)
    form = FeedbackForm(request.POST or None, others=mentorship.others(request.user))
    if form.is_valid():
        try:
            actions.give(mentorship=mentorship, author=member, **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Thank you. Your feedback is on its way."))
            return redirect("feedback:give", uuid=uuid)
    at = timezone.now()
    written = Feedback.objects.visible_to(request.user, at).filter(mentorship=mentorship)
    shown = Feedback.objects.shown(at).filter(pk=OuterRef("pk"))
    seen = list(
        written.annotate(is_shown=Exists(shown)).select_related(
            "author__enrolment__person", "recipient__enrolment__person"
        )
    )
    context = {
        "form": form,
        "mentorship": mentorship,
        "others": mentorship.names_of_others(request.user),
        "given": [one for one in seen if one.author_id == member.pk],
        "received": [one for one in seen if one.recipient_id == member.pk],
    }
    return render(request, "feedback/give.html", context)


@require_safe
def keep(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """What was written to the reader, as a plain text file that is theirs."""
    mentorship = get_object_or_404(Mentorship.objects.visible_to(request.user).with_members(), uuid=uuid)
    written = Feedback.objects.visible_to(request.user).filter(
        mentorship=mentorship, recipient__enrolment__person=request.user
    )
    context = {
        "mentorship": mentorship,
        "received": written.select_related("author__enrolment__person").order_by("written_at", "pk"),
    }
    text = render_to_string("feedback/keep.txt", context, request)
    name = _("feedback")
    return HttpResponse(
        text,
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.txt"'},
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """One's own words, until they are shown."""
    own = Feedback.objects.filter(author__enrolment__person=request.user).visible_to(request.user)
    written = get_object_or_404(
        own.select_related("mentorship", "author", "recipient__enrolment__person"), uuid=uuid
    )
    form = WordsForm(request.POST or None, initial={"helped": written.helped, "to_try": written.to_try})
    if form.is_valid():
        try:
            actions.edit(feedback=written, author=written.author, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("Your words are changed."))
            return redirect("feedback:give", uuid=written.mentorship.uuid)
    context = {
        "form": form,
        "mentorship": Mentorship.objects.with_members().get(pk=written.mentorship_id),
        "name": written.recipient.person.first_name,
    }
    return render(request, "feedback/edit.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def exchange(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    mentorships = Mentorship.objects.visible_to(request.user).with_members()
    mentorship = get_object_or_404(mentorships.prefetch_related(COURSE), uuid=uuid)
    may_offer = request.user.has_perm("feedback.exchange", mentorship)
    if request.method == "POST" and not may_offer:
        raise PermissionDenied
    form = TopicForm(request.POST or None)
    if form.is_valid():
        try:
            offer(mentorship=mentorship, member=mentorship.membership_of(request.user), **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Your topic is on offer. The other side is told."))
            return redirect("feedback:exchange", uuid=uuid)
    context = {
        "form": form,
        "mentorship": mentorship,
        "others": mentorship.names_of_others(request.user),
        "sides": sides(mentorship, request.user),
        "suggestions": suggestions(request.user, mentorship.topic_offers.all()) if may_offer else [],
        "may_offer": may_offer,
    }
    return render(request, "feedback/exchange.html", context)


@require_POST
def topic(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """Take a topic up, or withdraw one's own."""
    found = get_object_or_404(
        TopicOffer.objects.visible_to(request.user).select_related("mentorship", "member"), uuid=uuid
    )
    require(request, "feedback.exchange", found)
    member = found.mentorship.members.get(enrolment__person=request.user)
    try:
        if request.POST.get("answer") == "withdraw":
            withdraw(topic=found, member=member)
            messages.success(request, _("Your topic is withdrawn."))
        else:
            take_up(topic=found, member=member)
            messages.success(request, _("Good. It is a fine subject for your next meeting."))
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("feedback:exchange", uuid=found.mentorship.uuid)
