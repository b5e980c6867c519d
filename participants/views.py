from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from domain.requests import SignedInRequest
from participants.forms import ProfileForm
from participants.models import Person
from participants.presenting import presented


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: SignedInRequest) -> HttpResponse:
    # A copy: a form with errors must not change the name and zone of whoever is signed in while it is shown.
    form = ProfileForm(request.POST or None, instance=Person.objects.get(pk=request.user.pk))
    if request.method == "POST" and form.is_valid():
        person = form.save()
        with translation.override(person.language):
            messages.success(request, _("Your profile is saved."))
        return redirect("participants:profile")
    return render(request, "participants/profile.html", {"form": form})


@require_safe
def person(request: SignedInRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(
        Person.objects.visible_to(request.user)
        .select_related("unit", "site", "profession")
        .prefetch_related("languages"),
        pk=pk,
    )
    return render(request, "participants/person.html", {"found": found, "seen": presented(found)})
