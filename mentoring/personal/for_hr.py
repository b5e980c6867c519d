"""The pages on which HR erases somebody, and sees who asked for it. In the admin site's look."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from domain.errors import DomainError
from domain.requests import SignedInRequest, require
from mentoring.personal import requests
from mentoring.personal.effects import goes, stays
from mentoring.personal.erasing import erase
from mentoring.personal.hindrances import end_kindly, hindrances, set_inactive
from participants.models import ErasureRequest, Person

ACT = "participants.erase_person"
SHOWN = 50


class ConfirmForm(forms.Form):
    """Asks for the name, so that nobody erases somebody by a slip of the hand."""

    name = forms.CharField(
        max_length=200,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        self.fields["name"].label = _("Type “%(name)s” to confirm") % {"name": person.name}

    def clean_name(self) -> str:
        typed = self.cleaned_data["name"]
        if typed.split() != self.person.name.split():
            raise forms.ValidationError(_("That is not the name. Nothing was erased."))
        return typed


class DeclineForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why not, or not yet"),
        max_length=1000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "They read it as it stands here. Say what the law or the contract asks you to keep, and that they"
            " can complain to the data protection authority."
        ),
    )


class ReturnForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"), required=False, widget=UnfoldAdminTextInputWidget
    )
    number = forms.CharField(
        label=gettext_lazy("Number in the HR system"),
        max_length=100,
        required=False,
        widget=UnfoldAdminTextInputWidget,
    )

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if not self.errors and not (told.get("email") or told.get("number")):
            raise forms.ValidationError(_("Give the address, the number, or both."))
        return told


def page(request: SignedInRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    base = {**admin.site.each_context(request), "opts": Person._meta}
    return render(request, f"admin/participants/{template}", {**base, **context})


@require_safe
def overview(request: SignedInRequest) -> HttpResponse:
    require(request, ACT)
    return page(request, "erasures.html", overview_context())


def overview_context() -> dict[str, Any]:
    asked = ErasureRequest.objects.select_related("person")
    people = ContentType.objects.get_for_model(Person)
    done = LogEntry.objects.filter(content_type=people, action_flag=DELETION).select_related("user")
    return {
        "title": _("Erasing people"),
        "waiting": [(one, requests.answer_by(one.asked_at)) for one in asked],
        "done": done.order_by("-action_time", "-pk")[:SHOWN],
        "form": ReturnForm(),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def erase_person(request: SignedInRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(Person, pk=pk)
    require(request, ACT, person)
    if person.erased_at:
        messages.info(request, _("This person was erased already."))
        return redirect("erasures")
    form = ConfirmForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        try:
            erase(person=person, by=request.user)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(
                request,
                _("Erased. If they asked for it, tell them yourself: the product knows no address any more."),
            )
            return redirect("erasures")
    request_of = ErasureRequest.objects.filter(person=person).first()
    context = {
        "title": _("Erase %(name)s") % {"name": person.name},
        "person": person,
        "asked": request_of,
        "answer_by": requests.answer_by(request_of.asked_at) if request_of else None,
        "hindrances": hindrances(person, request.user),
        "goes": goes(person),
        "stays": stays(person),
        "form": form,
    }
    return page(request, "erase.html", context)


@require_POST
def step(request: SignedInRequest, pk: int, step: str) -> HttpResponse:
    """What has to happen first: "inactive" or "end"."""
    person = get_object_or_404(Person, pk=pk, erased_at=None)
    require(request, ACT, person)
    try:
        if step == "inactive":
            set_inactive(person=person, by=request.user)
            messages.success(request, _("They can no longer sign in."))
        else:
            ended = end_kindly(person=person)
            text = ngettext(
                "%(count)d mentorship has ended. The others are told kindly.",
                "%(count)d mentorships have ended. The others are told kindly.",
                ended,
            )
            messages.success(request, text % {"count": ended})
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("erase_person", person.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def decline(request: SignedInRequest, pk: int) -> HttpResponse:
    """Answer a request without erasing, with the reason."""
    asked = get_object_or_404(ErasureRequest.objects.select_related("person"), person=pk)
    require(request, ACT, asked.person)
    form = DeclineForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        requests.decline(asked=asked, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, _("Your answer is on its way to them."))
        return redirect("erasures")
    title = _("Answer %(name)s without erasing") % {"name": asked.person.name}
    return page(request, "erasure_decline.html", {"title": title, "asked": asked, "form": form})


@require_POST
def let_return(request: SignedInRequest) -> HttpResponse:
    """Somebody is back: the next HR file may take them in."""
    require(request, ACT)
    form = ReturnForm(request.POST)
    if form.is_valid():
        if requests.let_return(by=request.user, **form.cleaned_data):
            messages.success(request, _("The next HR file takes them in, as somebody new."))
            return redirect("erasures")
        form.add_error(None, _("Nobody with this address or number was erased."))
    return page(request, "erasures.html", {**overview_context(), "form": form})


def within_admin(view: Any) -> Any:
    return admin.site.admin_view(view)


urlpatterns = [
    path("", within_admin(overview), name="erasures"),
    path("return/", within_admin(let_return), name="let_return"),
    path("<int:pk>/", within_admin(erase_person), name="erase_person"),
    path("<int:pk>/decline/", within_admin(decline), name="decline_erasure"),
    path("<int:pk>/first/inactive/", within_admin(step), {"step": "inactive"}, name="erase_after_inactive"),
    path("<int:pk>/first/end/", within_admin(step), {"step": "end"}, name="erase_after_end"),
]
