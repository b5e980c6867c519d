"""Enrolling, step by step. Everything told is a row from the first step on, so that it can be left and gone
on with on another device."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from domain.errors import DomainError
from domain.forms import NUMBER, refuse
from domain.requests import SignedInRequest
from participants.models import Person
from programmes import actions, steps
from programmes.candidates import candidates, may_look, named
from programmes.forms import FORMS, StepForm, with_quick_choice
from programmes.models import Cohort, Enrolment
from programmes.summary import missing, summary

require_form = require_http_methods(["GET", "HEAD", "POST"])
State = Enrolment.State


def fetch(request: SignedInRequest, cohort: str) -> tuple[Cohort, Enrolment | None]:
    """The cohort and the person's own enrolment in it. Raises DomainError where nothing can be filled in."""
    visible = Cohort.objects.visible_to(request.user).select_related("programme")
    found = get_object_or_404(visible, uuid=cohort)
    mine = found.enrolments.filter(person=request.user)
    enrolment = mine.select_related("cohort__programme", "person__manager").first()
    if enrolment is None or enrolment.state in (State.DRAFT, State.WITHDRAWN, State.DECLINED):
        actions.refuse(found, request.user, at=timezone.now())
        if enrolment and not enrolment.is_draft:
            enrolment = None  # withdrawn: the first step brings it back
    elif not enrolment.is_editable:
        raise DomainError(
            _("You are enrolled, and matching has started: what you told can no longer change.")
        )
    return found, enrolment


@require_safe
def enrol(request: SignedInRequest, cohort: str) -> HttpResponse:
    """Leads to where they go on."""
    try:
        found, enrolment = fetch(request, cohort)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("programmes:detail", cohort=cohort)
    name = steps.goes_on_with(enrolment) if enrolment is None or enrolment.is_draft else steps.NAMES[0]
    return redirect("programmes:enrol-step", found.uuid, name)


@require_form
def enrol_step(request: SignedInRequest, cohort: str, step: str) -> HttpResponse:
    if step not in steps.NAMES:
        raise Http404
    try:
        found, enrolment = fetch(request, cohort)
    except DomainError as error:
        if step == steps.NAMES[-1] and is_sent(request, cohort):
            return redirect("programmes:detail", cohort=cohort)  # the second of two clicks
        messages.error(request, error.message)
        return redirect("programmes:detail", cohort=cohort)
    if enrolment is None and step != steps.NAMES[0]:
        return redirect("programmes:enrol-step", found.uuid, steps.NAMES[0])
    if enrolment and step == steps.NAMES[-1]:
        return send(request, found, enrolment)
    act = request.POST.get("act", "")
    data: Any = request.POST if request.method == "POST" else None
    if act.startswith("quick:"):
        data = with_quick_choice(request.POST, act.removeprefix("quick:"))
    form = FORMS[step](data, cohort=found, person=request.user, enrolment=enrolment)
    if enrolment is None and "role" in request.GET:  # an open link names it
        form.initial["role"] = request.GET["role"]
    if request.method == "POST":
        # The buttons inside the form send it along, too: htmx hands `hx-vals` down to them.
        if "autosave" in request.POST and not act:
            return autosave(request, form, step)
        if step == "people" and act and kept(form, step):
            return name_people(request, form, act)
        if act.startswith("quick:"):
            kept(form, step)
        elif kept(form, step):
            return redirect_after(form.begun, step, back=act == "back")
    return page(request, form, step)


def is_sent(request: SignedInRequest, cohort: str) -> bool:
    return Enrolment.objects.sent().filter(person=request.user, cohort__uuid=cohort).exists()


def kept(form: StepForm, step: str) -> bool:
    """Store what was told, if it can be; else the form says beside which field it cannot."""
    if not form.is_valid():
        return False
    reached = form.enrolment.step if form.enrolment else ""
    try:
        with transaction.atomic():
            form.save(then=steps.furthest(reached, steps.after(step)))
    except DomainError as error:
        refuse(form, error)
        return False
    return True


def redirect_after(enrolment: Enrolment, step: str, *, back: bool) -> HttpResponse:
    following = (back and steps.before(step)) or steps.after(step)
    if not enrolment.is_draft and following == steps.NAMES[-1]:
        return redirect("programmes:detail", cohort=enrolment.cohort.uuid)
    return redirect("programmes:enrol-step", enrolment.cohort.uuid, following)


def autosave(request: SignedInRequest, form: StepForm, step: str) -> HttpResponse:
    """Between two steps: what is whole is kept, what is not yet whole waits without complaint."""
    saved = form.enrolment is not None and form.enrolment.is_draft and form.is_valid()
    if saved:
        try:
            with transaction.atomic():
                form.save(then=form.begun.step or step)
        except DomainError:
            saved = False
    answer = render(request, "programmes/_saved.html", {"saved": saved, "at": timezone.now()})
    answer["X-Saved"] = "yes" if saved else "no"
    return answer


def page(request: SignedInRequest, form: StepForm, step: str, **context: Any) -> HttpResponse:
    number = steps.NAMES.index(step)
    enrolment = form.enrolment
    if enrolment and step == "people":
        context |= {
            "wishes": [
                wish.person for wish in enrolment.wishes.select_related("person__unit", "person__profile")
            ],
            "avoidances": [
                found.person
                for found in enrolment.avoidances.visible_to(request.user).select_related(
                    "person__unit", "person__profile"
                )
            ],
        }
    return render(
        request,
        f"programmes/enrol/{step}.html",
        {
            "form": form,
            "cohort": form.cohort,
            "programme": form.cohort.programme,
            "enrolment": enrolment,
            "is_draft": enrolment is None or enrolment.is_draft,
            "saves": enrolment is not None and enrolment.is_draft,
            "step": steps.STEPS[number],
            "steps": steps.STEPS,
            "number": number + 1,
            "previous": steps.before(step),
            **context,
        },
    )


# --- The people somebody would like, or rather not ----------------------------------------


def name_people(request: SignedInRequest, form: StepForm, act: str) -> HttpResponse:
    """Looking for names, adding, taking away and ranking: each a button, so that it works without a script.

    A name looked for is answered on the page and never part of an address, where logs would keep it.
    """
    enrolment = form.begun
    allowed = candidates(form.cohort, enrolment.role, request.user)
    text = request.POST.get("q", "")
    if not may_look(request.user):
        return page(request, form, "people", q=text, too_often=True)
    if act == "search":
        return page(request, form, "people", q=text, searched=True, found=named(allowed, text))
    verb, _colon, number = act.partition(":")
    try:
        change_people(enrolment, verb, int(number) if NUMBER.fullmatch(number) else 0, allowed)
    except DomainError as error:
        return page(request, form, "people", problem=error.message)
    return redirect("programmes:enrol-step", form.cohort.uuid, "people")


def change_people(enrolment: Enrolment, verb: str, pk: int, allowed: Any) -> None:
    wished = [wish.person for wish in enrolment.wishes.select_related("person")]
    avoided = [found.person for found in enrolment.avoidances.select_related("person")]
    if verb in ("like", "avoid"):
        person = allowed.filter(pk=pk).first()
        if person is None:
            raise DomainError(_("This person cannot take part in the other role. Look for somebody else."))
        if verb == "like":
            actions.wish_for(enrolment=enrolment, people=[*wished, person])
        else:
            actions.avoid(enrolment=enrolment, people=[*avoided, person])
    elif verb == "unlike":
        actions.wish_for(enrolment=enrolment, people=[person for person in wished if person.pk != pk])
    elif verb == "unavoid":
        actions.avoid(enrolment=enrolment, people=[person for person in avoided if person.pk != pk])
    elif verb == "up":
        actions.wish_for(enrolment=enrolment, people=moved_up(wished, pk))


def moved_up(people: list[Person], pk: int) -> list[Person]:
    place = next((place for place, person in enumerate(people) if person.pk == pk), 0)
    if place:
        people[place - 1 : place + 1] = [people[place], people[place - 1]]
    return people


# --- Sending -----------------------------------------------------------------------------


def send(request: SignedInRequest, cohort: Cohort, enrolment: Enrolment) -> HttpResponse:
    if not enrolment.is_draft:
        return redirect("programmes:detail", cohort=cohort.uuid)
    gaps = missing(enrolment)
    if request.method == "POST" and not gaps:
        try:
            actions.submit(enrolment=enrolment)
        except DomainError as error:
            messages.error(request, error.message)
            if error.field:
                return redirect("programmes:enrol-step", cohort.uuid, steps.NAMES[0])
        else:
            enrolment.refresh_from_db(fields=["state"])
            messages.success(request, thanks(enrolment))
        return redirect("programmes:detail", cohort=cohort.uuid)
    actions.keep(enrolment=enrolment, step=steps.NAMES[-1])
    return render(
        request,
        "programmes/enrol/send.html",
        {
            "cohort": cohort,
            "programme": cohort.programme,
            "enrolment": enrolment,
            "is_draft": True,
            "missing": gaps,
            "summary": summary(enrolment),
            "asks_manager": cohort.programme.asks_line_manager,
            "manager": request.user.manager,
            "step": steps.STEPS[-1],
            "steps": steps.STEPS,
            "number": len(steps.STEPS),
            "previous": steps.before(steps.NAMES[-1]),
        },
    )


def thanks(enrolment: Enrolment) -> str:
    if enrolment.state == State.ACCEPTED:
        return _("Thank you. You take part.")
    if enrolment.state == State.WAITLISTED:
        return _("Thank you. All places are taken for now; you are on the waiting list.")
    if actions.asked_manager(enrolment):
        return _(
            "Thank you. Your line manager was asked for the time; we write to you once there is an answer."
        )
    return _("Thank you. Your enrolment has arrived; the coordinator decides on it.")
