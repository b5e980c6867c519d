from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from domain.errors import DomainError
from meetings import actions, mail_link
from meetings.forms import AnswerForm
from meetings.mail_link import DeadLink, Question
from meetings.models import Confirmation
from meetings.rows import when

View = Callable[..., HttpResponse]


def kept_to_itself(view: View) -> View:
    """No cache keeps the page, no search engine lists it, and no other page learns its address."""

    @wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> HttpResponse:
        response = view(*args, **kwargs)
        response["Cache-Control"] = "private, no-store"
        response["X-Robots-Tag"] = "noindex"
        response["Referrer-Policy"] = "no-referrer"
        return response

    return wrapped


# There is no session that a foreign page could misuse: the secret is in the address itself, and the form
# carries a proof that it was shown.
@csrf_exempt
@login_not_required
@kept_to_itself
@require_http_methods(["GET", "HEAD", "POST"])
def by_mail(request: HttpRequest, token: str) -> HttpResponse:
    """One confirming tap on what the mail asked. Looking changes nothing, however often."""
    try:
        question = mail_link.read(token, timezone.now())
        refuse_somebody_else(request, question)
        with (
            translation.override(question.member.person.language),
            timezone.override(question.member.person.zone),
        ):
            if request.method == "POST":
                return answered(request, token, question)
            return page(request, token, question)
    except DeadLink as dead:
        context = {"title": dead.title, "text": dead.message}
        return render(request, "meetings/by_mail_dead.html", context, status=dead.status)


def answered(request: HttpRequest, token: str, question: Question) -> HttpResponse:
    form = AnswerForm(request.POST)
    proof = request.POST.get("shown", "")
    if not form.is_valid() or not constant_time_compare(proof, mail_link.proof_of_form(token)):
        return page(request, token, question, status=400)
    try:
        actions.answer(
            meeting=question.meeting, member=question.member, answer=form.cleaned_data["answer"], once=True
        )
    except DomainError as error:
        raise DeadLink(_("This is no longer possible"), error.message) from error
    return redirect("meetings:by_mail", token)


def page(request: HttpRequest, token: str, question: Question, status: int = 200) -> HttpResponse:
    meeting, person = question.meeting, question.member.person
    context = {
        "token": token,
        "shown": mail_link.proof_of_form(token),
        "others": meeting.mentorship.names_of_others(person),
        "meeting": meeting,
        "when": when(meeting),
        "answer": question.answer,
        "choices": Confirmation.Answer.choices,
        "next": next_for(question) if question.answer else [],
    }
    return render(request, "meetings/by_mail.html", context, status=status)


def next_for(question: Question) -> list[tuple[str, str]]:
    """What helps after each answer, as (label, address); all of it behind the sign-in."""
    meeting = question.meeting
    plan = (_("Plan the next meeting"), reverse("meetings:plan", args=[meeting.mentorship.uuid]))
    match question.answer and question.answer.answer:
        case Confirmation.Answer.YES:
            return [(_("Write the log"), reverse("meetings:log", args=[meeting.uuid])), plan]
        case Confirmation.Answer.MOVED:
            return [(_("Say when you meet instead"), reverse("meetings:moved", args=[meeting.uuid]))]
    return [plan]


def refuse_somebody_else(request: HttpRequest, question: Question) -> None:
    if request.user.is_authenticated and request.user != question.member.person:
        raise DeadLink(
            _("This link was sent to somebody else"),
            _("You are signed in as %(name)s. Answer from a mail of your own, or on your home page.")
            % {"name": request.user.name},
            status=403,
        )
