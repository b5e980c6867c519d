"""The page of a cohort for those who run it: its dates, whom to invite, and its next step."""

from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Field, ForeignKey, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.forms import Field as FormField
from django.forms import ModelChoiceField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextInputWidget

from domain.admin import StaffAdmin
from domain.errors import DomainError
from domain.forms import refuse
from domain.requests import require, signed_in, whole_number
from programmes import actions
from programmes.admin.cohort_forms import CohortForm, CopyForm, InviteForm, LinkForm, first_dates
from programmes.admin.preview import preview as shown_to_people
from programmes.admin.scope import LiveFilter
from programmes.admin.steps import STEPS, State, comes_next
from programmes.course import course
from programmes.models import Cohort, Enrolment, Invitation, InvitationLink, InvitationRound, Programme
from programmes.presets import preset
from programmes.readiness import before_step


@admin.register(Cohort)
class CohortAdmin(StaffAdmin):
    while_empty = _("A cohort is one run of a programme, with its dates and people.")
    list_display = ["name", "programme", "state", "starts_on", "ends_on", "invited", "accepted"]
    list_filter = [LiveFilter, "state", ("programme", admin.RelatedOnlyFieldListFilter)]
    list_per_page = 50
    prefilled = ("programme",)
    form = CohortForm
    compressed_fields = False
    warn_unsaved_form = True
    change_form_outer_before_template = "admin/programmes/cohort_state.html"
    change_form_outer_after_template = "admin/programmes/course.html"
    list_select_related = ["programme"]
    search_fields = ["name", "programme__name_en", "programme__name_de"]
    fieldsets = [
        (None, {"fields": [("programme", "name")]}),
        (
            _("Dates"),
            {
                "fields": [
                    ("enrolment_opens_on", "enrolment_closes_on"),
                    ("starts_on", "ends_on"),
                    "time_zone",
                ],
                "description": _("A day ends at midnight in the time zone given here."),
            },
        ),
        (
            _("Rhythm"),
            {"fields": [("meetings_planned", "weeks_between", "meeting_minutes"), "check_in_weeks"]},
        ),
        (_("Places"), {"fields": ["places"]}),
    ]
    actions_detail = ["invite", *STEPS, "copy", "preview"]

    class Media:
        css = {"all": ["css/admin-programmes.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Cohort]:
        mine = Cohort.objects.managed_by(signed_in(request))
        return (
            super()
            .get_queryset(request)
            .filter(pk__in=mine.values("pk"))
            .annotate(
                invited=counted(Invitation.objects.all()),
                accepted=counted(Enrolment.objects.accepted()),
            )
        )

    @admin.display(description=_("invited"), ordering="invited")
    def invited(self, cohort: Cohort) -> int:
        return cohort.invited  # type: ignore[attr-defined]

    @admin.display(description=_("accepted"), ordering="accepted")
    def accepted(self, cohort: Cohort) -> int:
        return cohort.accepted  # type: ignore[attr-defined]

    def get_readonly_fields(self, request: HttpRequest, obj: Cohort | None = None) -> list[str]:
        """Once people are asked, a cohort stays in its programme: with another one they would have other
        rules, other staff and other confidants than those they said yes to."""
        return ["programme"] if obj and obj.state != Cohort.State.DRAFT else []

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField | None:
        if db_field.name == "programme":
            kwargs["queryset"] = Programme.objects.managed_by(signed_in(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> FormField | None:
        if db_field.name == "check_in_weeks":
            kwargs["widget"] = UnfoldAdminTextInputWidget
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new cohort is offered the rhythm that goes with the form of its programme."""
        initial = super().get_changeform_initial_data(request)
        number = initial.pop("programme", "")
        programme = Programme.objects.managed_by(signed_in(request)).filter(pk=whole_number(number)).first()
        chosen = {"programme": number, **preset(programme.form).rhythm} if programme else {}
        return {**first_dates(timezone.localdate()), **initial, **chosen}

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        return [
            path("course/", wrap(self.course_view), name="programmes_cohort_course"),
            path("rounds/<int:pk>/", wrap(self.round_view), name="programmes_cohort_round"),
            path("links/<int:pk>/revoke/", wrap(self.revoke_view), name="programmes_cohort_revoke_link"),
            *super().get_urls(),
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], obj: Any = None, **kwargs: Any
    ) -> Any:
        context["course"] = course(obj) if obj else drafted(context["adminform"].form)
        if obj:
            at = timezone.now()
            context["findings"] = before_step(obj, at)
            context["next_step"] = next(
                ((name, step) for name, step in STEPS.items() if comes_next(name, step, obj)), None
            )
            context["running_round"] = obj.invitation_rounds.filter(state="running").first()
        return super().render_change_form(request, context, obj=obj, **kwargs)

    def course_view(self, request: HttpRequest) -> HttpResponse:
        """The course by what stands in the form at this moment; nothing is saved."""
        require(request, "programmes.change_cohort")
        form = self.get_form(request)(request.POST)
        return render(request, "admin/programmes/_course.html", {"course": drafted(form)})

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        """Only the step that comes next, and inviting while that is possible."""
        cohort = self.get_queryset(request).filter(pk=whole_number(object_id) or 0).first()
        offered = {name for name, step in STEPS.items() if cohort and comes_next(name, step, cohort)}
        if cohort and (cohort.state == State.DRAFT or cohort.takes_enrolments):
            offered.add("invite")
        prefix = f"{self.opts.app_label}_{self.opts.model_name}_"
        return [
            found
            for found in super().get_actions_detail(request, object_id)
            if found.action_name.removeprefix(prefix) in offered | {"copy", "preview"}
        ]

    def _cohort(self, request: HttpRequest, object_id: str) -> Cohort:
        cohort = get_object_or_404(
            Cohort.objects.managed_by(signed_in(request)).select_related("programme"),
            pk=whole_number(str(object_id)),
        )
        require(request, "programmes.run_programme", cohort)
        return cohort

    def _page(self, request: HttpRequest, cohort: Cohort, name: str = "form", **context: Any) -> HttpResponse:
        frame = {**self.admin_site.each_context(request), "opts": self.opts}
        back = {"back_url": reverse("admin:programmes_cohort_change", args=[cohort.pk]), "cohort": cohort}
        return render(request, f"admin/programmes/{name}.html", {**frame, **back, **context})

    def _step(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        cohort, step = self._cohort(request, object_id), STEPS[name]
        if request.method == "POST":
            try:
                step.act(cohort=cohort, by=signed_in(request))
            except DomainError as error:
                messages.error(request, error.message)
            else:
                messages.success(request, str(step.done))
            return redirect("admin:programmes_cohort_change", cohort.pk)
        is_next = comes_next(name, step, cohort)
        findings = before_step(cohort, timezone.now()) if is_next else []
        return self._page(
            request,
            cohort,
            "step",
            title=step.question,
            text=str(cohort),
            findings=findings,
            consequences=step.consequences(cohort) if is_next else [],
            button=step.button,
            blocked=not is_next or any(finding.blocks for finding in findings),
            is_past=not is_next,
        )

    @action(description=_("Open enrolment"), url_path="open-enrolment")
    def open_enrolment(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._step(request, object_id, "open_enrolment")

    @action(description=_("Begin matching"), url_path="begin-matching")
    def begin_matching(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._step(request, object_id, "begin_matching")

    @action(description=_("Start"), url_path="start")
    def start(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._step(request, object_id, "start")

    @action(description=_("Close"), url_path="close")
    def close(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._step(request, object_id, "close")

    @action(description=_("Copy into a new cohort"), url_path="copy")
    def copy(self, request: HttpRequest, object_id: str) -> HttpResponse:
        cohort = self._cohort(request, object_id)
        form = CopyForm(request.POST or None, cohort=cohort)
        if request.method == "POST" and form.is_valid():
            try:
                made = actions.copy_cohort(cohort=cohort, by=signed_in(request), **form.cleaned_data)
            except DomainError as error:
                refuse(form, error)
            else:
                messages.success(
                    request, gettext("The new cohort is there as a draft. Nobody is told of it yet.")
                )
                return redirect("admin:programmes_cohort_change", made.pk)
        return self._page(
            request,
            cohort,
            title=_("Copy into a new cohort"),
            text=str(cohort),
            consequences=[
                gettext("It takes over rhythm, places and time zone, not enrolments and mentorships.")
            ],
            form=form,
            button=_("Make the new cohort"),
        )

    @action(description=_("As participants see it"), url_path="preview")
    def preview(self, request: HttpRequest, object_id: str) -> HttpResponse:
        cohort = self._cohort(request, object_id)
        return shown_to_people(request, cohort.programme, cohort)

    # --- Inviting ---

    @action(description=_("Invite people"), url_path="invite")
    def invite(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """By the rules, by a list, or with an open link."""
        cohort = self._cohort(request, object_id)
        makes_link = request.method == "POST" and "link" in request.POST
        form = InviteForm(None if makes_link else request.POST or None, cohort=cohort)
        link_form = LinkForm(request.POST if makes_link else None)
        if makes_link and link_form.is_valid():
            try:
                actions.make_link(cohort=cohort, by=signed_in(request), **link_form.cleaned_data)
            except DomainError as error:
                refuse(link_form, error)
            else:
                messages.success(request, gettext("The link is there. Copy it to where people will see it."))
                return redirect("admin:programmes_cohort_invite", cohort.pk)
        elif request.method == "POST" and not makes_link and form.is_valid():
            try:
                started = actions.begin_round(
                    cohort=cohort,
                    whom=form.cleaned_data["whom"],
                    role=form.cleaned_data["role"],
                    people=form.cleaned_data.get("people", []),
                    by=signed_in(request),
                )
            except DomainError as error:
                form.add_error(None, error.message)
            else:
                if form.passed_over:
                    text = gettext(
                        "Passed over, because they were asked already, are enrolled or said no: %s."
                    )
                    messages.info(request, text % ", ".join(form.passed_over))
                return redirect("admin:programmes_cohort_round", started.pk)
        told = (
            gettext("Everybody you invite now is told at once.")
            if cohort.takes_enrolments
            else gettext("They stand on the list until you open enrolment, and are told then.")
        )
        return self._page(
            request,
            cohort,
            "invite",
            title=_("Invite people"),
            text=str(cohort),
            consequences=[told, gettext("Nobody is asked twice, and nobody is asked again after a no.")],
            form=form,
            link_form=link_form,
            links=[self._shown(link) for link in cohort.links.live()],
            rounds=cohort.invitation_rounds.select_related("requested_by")[:5],
            blocked=cohort.state != State.DRAFT and not cohort.takes_enrolments,
        )

    def _shown(self, link: InvitationLink) -> SimpleNamespace:
        return SimpleNamespace(link=link, url=settings.SITE_URL + link.get_absolute_url())

    def round_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """How far a round is, what came of it, and its two buttons: stop, or go on after a failure."""
        found = get_object_or_404(InvitationRound.objects.select_related("cohort__programme"), pk=pk)
        cohort = self._cohort(request, str(found.cohort_id))
        if request.method == "POST":
            verb = actions.stop_round if "stop" in request.POST else actions.resume_round
            try:
                verb(round=found, by=signed_in(request))
            except DomainError as error:
                messages.error(request, error.message)
            return redirect("admin:programmes_cohort_round", pk)
        if request.headers.get("HX-Request") and not found.is_working:
            return HttpResponse(headers={"HX-Refresh": "true"})
        name = "_round" if request.headers.get("HX-Request") else "round"
        return self._page(request, cohort, name, title=_("Invite people"), job=found)

    def revoke_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        link = get_object_or_404(InvitationLink.objects.select_related("cohort__programme"), pk=pk)
        cohort = self._cohort(request, str(link.cohort_id))
        if request.method == "POST":
            actions.revoke_link(link=link, by=signed_in(request))
            messages.success(request, gettext("The link is withdrawn. Whoever follows it reads that it is."))
            return redirect("admin:programmes_cohort_invite", cohort.pk)
        return self._page(
            request,
            cohort,
            title=_("Withdraw this link?"),
            text=f"{cohort}, {link.get_role_display()}",
            consequences=[gettext("Whoever enrolled by it stays enrolled. It cannot be brought back.")],
            button=_("Withdraw the link"),
        )


def counted(rows: QuerySet[Any]) -> Coalesce:
    """How many of `rows` belong to each cohort, counted on its own: two joins at once would multiply."""
    mine = rows.filter(cohort=OuterRef("pk")).order_by().values("cohort")
    return Coalesce(Subquery(mine.annotate(count=Count("pk")).values("count")), 0)


def drafted(form: Any) -> list[Any]:
    """The course of what stands in the form, as far as it can be read; nothing while dates are missing."""
    cohort = Cohort()
    for name in COURSE_FIELDS:
        try:
            setattr(cohort, name, form.fields[name].clean(form[name].value()))
        except ValidationError:
            return []
    return course(cohort) if cohort.starts_on < cohort.ends_on else []


COURSE_FIELDS = [
    "enrolment_opens_on",
    "enrolment_closes_on",
    "starts_on",
    "ends_on",
    "meetings_planned",
    "weeks_between",
    "check_in_weeks",
]
