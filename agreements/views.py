from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements import actions, marks
from agreements.forms import AdaptForm, ComparisonForm, VersionForm
from agreements.models import Agreement, Version
from domain.errors import DomainError
from domain.requests import SignedInRequest, require
from matching.models import Member, Mentorship


@require_safe
def detail(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """The newest version against the programme's text; `version` and `against` in the query choose others."""
    agreement, mentorship, member = load(request, uuid)
    versions = list(
        agreement.versions.select_related("created_by__enrolment__person").prefetch_related(
            "signatures__member__enrolment__person"
        )
    )
    by_number = {version.number: version for version in versions}
    asked = ComparisonForm(request.GET)
    version = by_number.get(asked.number("version"), versions[0])
    against = by_number.get(asked.number("against"))
    if against is None or against.number >= version.number:
        against = None
        clauses = marks.against_programme(version)
    else:
        clauses = marks.against_version(version, against)
    signed = {signature.member_id: signature.signed_at for signature in version.signatures.all()}
    going = mentorship.state in (Mentorship.State.CONFIRMED, Mentorship.State.ACTIVE)
    may_sign = going and version == versions[0] and member.pk not in signed
    context = {
        "mentorship": mentorship,
        "others": mentorship.names_of_others(request.user),
        "version": version,
        "versions": versions,
        "against": against,
        "is_current": version == versions[0],
        "groups": marks.grouped(clauses),
        "is_changed": any(marked.change for marked in clauses),
        "signatures": [(m, signed.get(m.pk)) for m in mentorship.members.all()],
        "signed_by_all": len(signed) == len(mentorship.members.all()),
        "may_change": going and version == versions[0],
        "may_sign": may_sign,
        "last_signed": last_signed(versions, member) if may_sign else None,
    }
    return render(request, "agreements/detail.html", context)


@require_safe
def paper(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """One version to print: what holds, and who signed it."""
    agreement, mentorship, _member = load(request, uuid)
    number = ComparisonForm(request.GET).number("version")
    version = agreement.versions.filter(number=number).first() or agreement.current_version()
    signed = {signature.member_id: signature.signed_at for signature in version.signatures.all()}
    context = {
        "mentorship": mentorship,
        "version": version,
        "groups": marks.grouped(marks.plain(version)),
        "signatures": [(m, signed.get(m.pk)) for m in mentorship.members.all()],
    }
    return render(request, "agreements/paper.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def adapt(request: SignedInRequest, uuid: UUID) -> HttpResponse:
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
def sign(request: SignedInRequest, uuid: UUID) -> HttpResponse:
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


def load(request: SignedInRequest, uuid: UUID) -> tuple[Agreement, Mentorship, Member]:
    """The agreement of a mentorship of the person's. Its first reader need not wait for the sweep."""
    mentorship = get_object_or_404(Mentorship.objects.visible_to(request.user).with_members(), uuid=uuid)
    if mentorship.is_live:
        agreement = actions.agreement_for(mentorship)
    else:
        agreement = get_object_or_404(Agreement.objects.visible_to(request.user), mentorship=mentorship)
    return agreement, mentorship, mentorship.membership_of(request.user)


def version_before_them(request: SignedInRequest, agreement: Agreement) -> Version:
    form = VersionForm(request.POST)
    number = form.cleaned_data["version"] if form.is_valid() else 0
    return agreement.versions.filter(number=number).first() or agreement.current_version()


def last_signed(versions: list[Version], member: Member) -> Version | None:
    """The newest version the member has signed, to show what was changed since."""
    return next((v for v in versions if member.pk in {s.member_id for s in v.signatures.all()}), None)


def said_after_adapting(version: Version, before: Version) -> str:
    if version == before:
        return _("Nothing was changed, so nothing was saved.")
    return _("Version %(number)s is saved. It counts once all of you have signed.") % {
        "number": version.number
    }


def said_after_signing(agreement: Agreement, mentorship: Mentorship) -> str:
    if actions.is_signed(agreement.current_version(), mentorship):
        return _("All of you have signed.")
    return _("You have signed. It counts once everybody has.")
