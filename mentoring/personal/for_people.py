"""One's own data: what there is, to read and to take along, and the wish to be erased."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from domain.requests import SignedInRequest
from mentoring.personal import copying, requests
from mentoring.personal.labels import label_of, title_of, told
from participants.models import ErasureRequest, Person

Response = TypeVar("Response", bound=HttpResponseBase)


@dataclass(frozen=True)
class Shown:
    anchor: str
    title: str
    rows: list[list[tuple[str, str]]]


def shown(person: Person) -> Iterator[Shown]:
    """The tables in which there is something, in words."""
    for section in copying.sections(person):
        model = section.model
        rows = [
            [
                (capfirst(label_of(model, lookup)), text)
                for lookup in row
                if (text := told(model, lookup, row[lookup]))
            ]
            for row in section.rows
        ]
        if rows:
            yield Shown(section.label.replace(".", "-").lower(), title_of(model), rows)


def unkept(response: Response) -> Response:
    """No browser and no proxy keeps it."""
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def own_data(request: SignedInRequest) -> HttpResponse:
    asked = ErasureRequest.objects.filter(person=request.user).first()
    context = {"asked": asked, "answer_by": requests.answer_by(asked.asked_at) if asked else None}
    return render(request, "account/data.html", context)


@require_safe
def read(request: SignedInRequest) -> HttpResponse:
    return unkept(render(request, "account/data_read.html", {"sections": list(shown(request.user))}))


@require_safe
def as_data(request: SignedInRequest) -> HttpResponse:
    response = HttpResponse(
        copying.as_json(request.user, timezone.now()),
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="mentoring-data.json"'},
    )
    return unkept(response)


@require_safe
def as_archive(request: SignedInRequest) -> FileResponse:
    archive = copying.as_archive(request.user, timezone.now())
    return unkept(FileResponse(archive, as_attachment=True, filename="mentoring-data.zip"))


@require_http_methods(["GET", "HEAD", "POST"])
def ask_to_be_erased(request: SignedInRequest) -> HttpResponse:
    if request.method == "POST":
        requests.ask(person=request.user)
        messages.success(request, _("Your wish is on its way to HR."))
        return redirect("own_data")
    context = {
        "title": _("Ask to be erased?"),
        "text": _(
            "HR reads that you ask, and answers within a month. Nothing changes before that: you take part as"
            " before, and can take it back here."
        ),
        "consequences": [
            _("What you wrote, your profile, your messages and your way to sign in would go for good."),
            _("A mentorship you are in would end first. The others are told that it ended, not why."),
            _("What others wrote stays theirs; instead of your name they see “Former participant”."),
            _("Take your copy first: afterwards there is none."),
        ],
        "confirm_label": _("Ask HR"),
        "cancel_url": "../",
    }
    return render(request, "confirm.html", context)


@require_POST
def take_back(request: SignedInRequest) -> HttpResponse:
    if requests.take_back(person=request.user):
        messages.success(request, _("You have taken it back. Nothing was erased."))
    return redirect("own_data")


urlpatterns = [
    path("", own_data, name="own_data"),
    path("read/", read, name="read_own_data"),
    path("data.json", as_data, name="own_data_json"),
    path("data.zip", as_archive, name="own_data_zip"),
    path("erase/", ask_to_be_erased, name="ask_to_be_erased"),
    path("erase/take-back/", take_back, name="take_back_erasure"),
]
