"""A programme as people see it who are invited to it, in either role and language; nothing is changed."""

from types import SimpleNamespace
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation

from programmes.admin.cohort_forms import first_dates
from programmes.models import Cohort, Programme, Role
from programmes.presets import preset

NOBODY = UUID(int=0)
PAGES = {"invitation": "programmes/preview.html", "briefing": "programmes/preview_briefing.html"}


def preview(request: HttpRequest, programme: Programme, cohort: Cohort | None = None) -> HttpResponse:
    """Without a cohort, one is imagined with the rhythm of the preset."""
    role = Role.MENTEE if request.GET.get("role") == Role.MENTEE else Role.MENTOR
    language = request.GET.get("language")
    language = language if language in ("en", "de") else translation.get_language()
    page = "briefing" if request.GET.get("page") == "briefing" else "invitation"
    model = "programme" if cohort is None else "cohort"
    back = reverse(f"admin:programmes_{model}_change", args=[(cohort or programme).pk])
    shown = cohort or Cohort(
        programme=programme, name="", **first_dates(timezone.localdate()), **preset(programme.form).rhythm
    )
    with translation.override(language):
        context = {
            "choice": SimpleNamespace(role=role, language=language, page=page),
            "back_url": back,
            "cohort": shown,
            "programme": programme,
            "invitation": SimpleNamespace(uuid=NOBODY, get_role_display=role.label, declined_at=None),
            "enrolment": None,
            "is_open": True,
            "may_enrol": True,
            "objectives": programme.objectives.all(),
            "ground_rules": programme.ground_rules.all(),
            "pages": programme.briefing_pages.filter(role=role),
        }
        if page == "briefing":
            context["enrolment"] = SimpleNamespace(
                get_role_display=role.label, cohort=shown, briefed_at=timezone.now()
            )
        return render(request, PAGES[page], context)
