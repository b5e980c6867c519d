from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agreements import actions
from agreements.forms import AdaptForm, VersionForm
from agreements.models import Agreement, Clause, Version
from domain.errors import DomainError
from matching.models import Member, Mentorship
from programmes.models import GroundRule


@require_GET
def detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    agreement, mentorship, member = load(request, uuid)
    versions = list(agreement.versions.select_related("created_by__enrolment__person"))
    wanted = VersionForm(request.GET)
    number = wanted.cleaned_data["version"] if wanted.is_valid() else versions[0].number
    version = next((v for v in versions if v.number == number), versions[0])
    signatures = {s.member_id: s.signed_at for s in version.signatures.all()}
    going = mentorship.state in (Mentorship.State.CONFIRMED, Mentorship.State.ACTIVE)
    context = {
        "mentorship": mentorship,
        "others": mentorship.names_of_others(request.user),
        "version": version,
        "versions": versions,
        "is_current": version == versions[0],
        "groups": grouped(version),
        "signatures": [(m, signatures.get(m.pk)) for m in mentorship.members.all()],
        "signed_by_all": len(signatures) == len(mentorship.members.all()),
        "may_change": going and version == versions[0],
        "may_sign": going and version == versions[0] and member.pk not in signatures,
    }
    return render(request, "agreements/detail.html", context)


@require_http_methods(["GET", "POST"])
def adapt(request: HttpRequest, uuid: UUID) -> HttpResponse:
    agreement, mentorship, member = load(request, uuid)
    require(request, "agreements.adapt", agreement)
    form = AdaptForm(request.POST or None, version=version_before_them(request, agreement))
    problem = ""
    if form.is_valid():
        try:
            version = actions.adapt(
                agreement=agreement,
                member=member,
                clauses=form.edits(),
                version_number=form.version.number,
            )
        except actions.OutdatedVersion as error:
            form = AdaptForm(version=agreement.current_version(), edits=form.changes())
            problem = error.message
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, said_after_adapting(version, form.version))
            return redirect("agreements:detail", uuid=uuid)
    context = {
        "form": form,
        "problem": problem,
        "mentorship": mentorship,
        "others": mentorship.names_of_others(request.user),
    }
    return render(request, "agreements/adapt.html", context, status=409 if problem else 200)


@require_POST
def sign(request: HttpRequest, uuid: UUID) -> HttpResponse:
    agreement, mentorship, member = load(request, uuid)
    require(request, "agreements.sign", agreement)
    form = VersionForm(request.POST)
    try:
        actions.sign(
            agreement=agreement,
            member=member,
            version_number=form.cleaned_data["version"] if form.is_valid() else 0,
        )
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, said_after_signing(agreement, mentorship))
    return redirect("agreements:detail", uuid=uuid)


def load(request: HttpRequest, uuid: UUID) -> tuple[Agreement, Mentorship, Member]:
    """The agreement of a mentorship of the person's. Its first reader need not wait for the sweep."""
    mentorship = get_object_or_404(Mentorship.objects.visible_to(request.user).with_members(), uuid=uuid)
    if mentorship.is_live:
        agreement = actions.agreement_for(mentorship)
    else:
        agreement = get_object_or_404(Agreement.objects.visible_to(request.user), mentorship=mentorship)
    return agreement, mentorship, mentorship.member_for(request.user)


def require(request: HttpRequest, permission: str, agreement: Agreement) -> None:
    if not request.user.has_perm(permission, agreement):
        raise PermissionDenied


def version_before_them(request: HttpRequest, agreement: Agreement) -> Version:
    form = VersionForm(request.POST)
    number = form.cleaned_data["version"] if form.is_valid() else None
    return agreement.versions.filter(number=number).first() or agreement.current_version()


def grouped(version: Version) -> list[tuple[str, list[Clause]]]:
    clauses = list(version.clauses.all())
    groups = [(label, [c for c in clauses if c.kind == kind]) for kind, label in GroundRule.Kind.choices]
    return [(label, members) for label, members in groups if members]


def said_after_adapting(version: Version, before: Version) -> str:
    if version == before:
        return _("Nothing was changed, so nothing was saved.")
    return _("Version %(number)s is saved. It counts once all of you have signed.") % {
        "number": version.number
    }


def said_after_signing(agreement: Agreement, mentorship: Mentorship) -> str:
    if actions.is_signed(agreement.current_version(), mentorship):
        return _("All of you have signed. Now plan your next meeting.")
    return _("You have signed. The mentorship begins once everybody has.")
