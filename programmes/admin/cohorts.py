"""The page of a cohort for those who run it: its dates, whom to invite, and its next step."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Field, ForeignKey, Q, QuerySet
from django.forms import Field as FormField
from django.forms import ModelChoiceField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextInputWidget

from domain import dates
from domain.admin import AsksPermission
from domain.errors import DomainError
from participants.models import Person
from programmes import actions
from programmes.admin.forms import InviteForm
from programmes.models import Cohort, Enrolment, Programme, Role
from programmes.presets import preset

State = Cohort.State


@dataclass(frozen=True)
class Step:
    """One step of a cohort as it stands on its page: from where, what is asked, and what comes of it."""

    source: str
    act: Callable[..., bool]
    question: str | Promise
    button: str | Promise
    done: str | Promise
    consequences: Callable[[Cohort], list[str]]


def of_opening(cohort: Cohort) -> list[str]:
    told = cohort.invitations.filter(declined_at=None, person__is_active=True).count()
    rules = [Q(pk__in=rule.people().values("pk")) for rule in cohort.programme.eligibility.all()]
    admitted = Person.objects.filter(reduce(or_, rules)).count() if rules else 0
    return [
        ngettext(
            "%d person is on the list of invitations and will be told now.",
            "%d people are on the list of invitations and will be told now.",
            told,
        )
        % told
        if told
        else _t("Nobody is on the list of invitations yet, so nobody is told."),
        ngettext(
            "By the rules %d person can enrol, also without an invitation.",
            "By the rules %d people can enrol, also without an invitation.",
            admitted,
        )
        % admitted,
        _t("They can enrol until %(day)s.") % {"day": dates.day(cohort.last_day_to_enrol)},
    ]


def of_matching(cohort: Cohort) -> list[str]:
    states = Enrolment.State
    counts = cohort.enrolments.aggregate(
        mentors=Count("pk", filter=Q(state=states.ACCEPTED, role=Role.MENTOR)),
        mentees=Count("pk", filter=Q(state=states.ACCEPTED, role=Role.MENTEE)),
        undecided=Count("pk", filter=Q(state=states.APPLIED)),
        waiting=Count("pk", filter=Q(state=states.WAITLISTED)),
    )
    return [
        _t("Accepted: %(mentors)d as mentor, %(mentees)d as mentee.") % counts,
        _t("Not decided on: %(undecided)d. On the waiting list: %(waiting)d. They are not matched.") % counts,
        _t("Enrolment ends. Nobody is told of this step."),
    ]


def of_starting(cohort: Cohort) -> list[str]:
    if cohort.is_informal:
        return [
            _t("Everybody who takes part finds the others in the directory, and can ask them."),
            _t("Enrolment stays open until %(day)s.") % {"day": dates.day(cohort.ends_on)},
            _t("Nobody is told of this step."),
        ]
    return [
        _t("From now on the rhythm counts: %(meetings)d meetings until %(day)s.")
        % {"meetings": cohort.meetings_planned, "day": dates.day(cohort.ends_on)},
        _t("Nobody is told of this step; people hear of their mentorship when you confirm it."),
    ]


def of_closing(cohort: Cohort) -> list[str]:
    return [
        _t("What people wrote stays with them; its figures stay in the insights."),
        _t("This cannot be undone. Nobody is told of this step."),
    ]


STEPS = {
    "open_enrolment": Step(
        State.DRAFT,
        actions.open_enrolment,
        _("Open enrolment?"),
        _("Open enrolment"),
        _("Enrolment is open."),
        of_opening,
    ),
    "begin_matching": Step(
        State.ENROLLING,
        actions.begin_matching,
        _("End enrolment and begin matching?"),
        _("Begin matching"),
        _("Enrolment is over; the cohort can be matched."),
        of_matching,
    ),
    "start": Step(
        State.MATCHING, actions.start, _("Start the cohort?"), _("Start"), _("The cohort runs."), of_starting
    ),
    "close": Step(
        State.RUNNING,
        actions.close,
        _("Close the cohort?"),
        _("Close"),
        _("The cohort is closed."),
        of_closing,
    ),
}


def comes_next(name: str, step: Step, cohort: Cohort) -> bool:
    """An informal cohort is not matched: it starts when enrolment has begun."""
    if cohort.is_informal and name in ("begin_matching", "start"):
        return name == "start" and cohort.state == State.ENROLLING
    return cohort.state == step.source


@admin.register(Cohort)
class CohortAdmin(AsksPermission, ModelAdmin):
    list_display = ["name", "programme", "state", "starts_on", "ends_on", "invited", "accepted"]
    list_filter = ["state", ("programme", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["programme"]
    search_fields = ["name", "programme__name_en", "programme__name_de"]
    readonly_fields = ["state"]
    fieldsets = [
        (None, {"fields": ["programme", "name", "state"]}),
        (
            _("Dates"),
            {
                "fields": ["enrolment_opens_on", "enrolment_closes_on", "starts_on", "ends_on", "time_zone"],
                "description": _("A day ends at midnight in the time zone given here."),
            },
        ),
        (
            _("Rhythm"),
            {"fields": ["meetings_planned", "weeks_between", "meeting_minutes", "check_in_weeks"]},
        ),
        (_("Places"), {"fields": ["places"]}),
    ]
    actions_detail = ["invite", *STEPS]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Cohort]:
        mine = Cohort.objects.managed_by(request.user)
        return (
            super()
            .get_queryset(request)
            .filter(pk__in=mine.values("pk"))
            .annotate(
                invited=Count("invitations", distinct=True),
                accepted=Count("enrolments", distinct=True, filter=Q(enrolments__state="accepted")),
            )
        )

    @admin.display(description=_("invited"), ordering="invited")
    def invited(self, cohort: Cohort) -> int:
        return cohort.invited  # type: ignore[attr-defined]

    @admin.display(description=_("accepted"), ordering="accepted")
    def accepted(self, cohort: Cohort) -> int:
        return cohort.accepted  # type: ignore[attr-defined]

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField | None:
        if db_field.name == "programme":
            kwargs["queryset"] = Programme.objects.managed_by(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> FormField | None:
        if db_field.name == "check_in_weeks":
            kwargs["widget"] = UnfoldAdminTextInputWidget
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new cohort is offered the rhythm that goes with the form of its programme."""
        initial = super().get_changeform_initial_data(request)
        number = initial.get("programme", "")
        programme = (
            Programme.objects.managed_by(request.user)
            .filter(pk=number if number.isdecimal() else None)
            .first()
        )
        return {**initial, **(preset(programme.form).rhythm if programme else {})}

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        """Only the step that comes next, and inviting while that is possible."""
        cohort = self.get_queryset(request).filter(pk=object_id).first()
        offered = {name for name, step in STEPS.items() if cohort and comes_next(name, step, cohort)}
        if cohort and (cohort.state == State.DRAFT or cohort.takes_enrolments):
            offered.add("invite")
        prefix = f"{self.opts.app_label}_{self.opts.model_name}_"
        return [
            found
            for found in super().get_actions_detail(request, object_id)
            if found.action_name.removeprefix(prefix) in offered
        ]

    def _cohort(self, request: HttpRequest, object_id: str) -> Cohort:
        cohort = get_object_or_404(
            Cohort.objects.managed_by(request.user).select_related("programme"),
            pk=object_id if str(object_id).isdecimal() else None,
        )
        if not request.user.has_perm("programmes.run_programme", cohort):
            raise PermissionDenied
        return cohort

    def _page(self, request: HttpRequest, cohort: Cohort, **context: Any) -> HttpResponse:
        frame = {**self.admin_site.each_context(request), "opts": self.opts}
        back = {"back_url": reverse("admin:programmes_cohort_change", args=[cohort.pk])}
        return render(request, "admin/programmes/form.html", {**frame, **back, **context})

    def _step(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        cohort, step = self._cohort(request, object_id), STEPS[name]
        if request.method == "POST":
            try:
                step.act(cohort=cohort, by=request.user)
            except DomainError as error:
                messages.error(request, error.message)
            else:
                messages.success(request, step.done)
            return redirect("admin:programmes_cohort_change", cohort.pk)
        return self._page(
            request,
            cohort,
            title=step.question,
            text=str(cohort),
            consequences=step.consequences(cohort),
            button=step.button,
            blocked=not comes_next(name, step, cohort),
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

    @action(description=_("Invite people"), url_path="invite")
    def invite(self, request: HttpRequest, object_id: str) -> HttpResponse:
        cohort = self._cohort(request, object_id)
        form = InviteForm(request.POST or None, cohort=cohort)
        if request.method == "POST" and form.is_valid():
            people, role = form.cleaned_data["people"], form.cleaned_data["role"]
            try:
                made = actions.invite(cohort=cohort, people=people, role=role, by=request.user)
            except DomainError as error:
                form.add_error(None, error.message)
            else:
                text = ngettext("%d person is invited.", "%d people are invited.", len(made)) % len(made)
                messages.success(request, text)
                return redirect("admin:programmes_cohort_change", cohort.pk)
        told = (
            _t("Everybody you invite now is told at once.")
            if cohort.takes_enrolments
            else _t("They stand on the list until you open enrolment, and are told then.")
        )
        return self._page(
            request,
            cohort,
            title=_("Invite people"),
            text=str(cohort),
            consequences=[told, _t("Nobody is asked twice, and nobody is asked why they say no.")],
            form=form,
            button=_("Invite"),
            blocked=cohort.state != State.DRAFT and not cohort.takes_enrolments,
        )
