"""Every component in every state on one page, for whoever builds or checks a screen."""

from datetime import UTC, datetime

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


class SampleForm(forms.Form):
    name = forms.CharField(help_text="Only the people you meet see this.")
    email = forms.EmailField(initial="aylin@", label="E-mail")
    form = forms.ChoiceField(choices=[("", "Choose"), ("video", "By video"), ("room", "In a room")])
    notes = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)
    day = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), required=False)
    agreed = forms.BooleanField(label="I have read the ground rules", required=False)
    topics = forms.MultipleChoiceField(
        choices=[("ai", "AI in daily work"), ("talk", "Talking across generations")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        initial=["ai"],
    )
    felt = forms.ChoiceField(
        choices=[("1", "Not at all"), ("3", "Somewhat"), ("5", "Very much")],
        widget=forms.RadioSelect,
        label="How safe did it feel to be frank?",
        required=False,
        initial="3",
    )


def samples() -> dict[str, object]:
    return {
        "step": {
            "title": "Did you and Martin meet on Tuesday?",
            "text": "Tuesday 17 November, 14:00 to 15:00, by video. If it took place, two minutes are enough for the log.",
            "actions": [
                {"label": "Yes, we met", "url": "#", "primary": True, "method": "get"},
                {"label": "No, plan a new date", "url": "#", "method": "get"},
            ],
        },
        "bars": ["held", "held", "held", "due", "planned", "open", "missed"],
        "entries": [
            {
                "title": "First meeting",
                "when": "15 September",
                "text": "You agreed on the ground rules.",
                "state": "done",
            },
            {
                "title": "Meeting 3",
                "when": "20 October",
                "text": "Next step: Martin tries meeting notes.",
                "url": "#",
            },
            {"title": "Meeting 4", "when": "to confirm", "state": "waiting"},
            {"title": "Meeting 5", "when": "missed", "state": "missed"},
            {"title": "Meeting 6", "when": "8 December", "state": "coming"},
        ],
        "levels": [
            {"value": 2, "text": "writes all five papers with AI and teaches two colleagues"},
            {"value": 1, "text": "writes most papers with AI"},
            {"value": 0, "text": "drafts two of five papers with AI"},
            {"value": -1, "text": "has tried it once"},
            {"value": -2, "text": "has never opened it"},
        ],
        "notices": [
            {
                "subject": "Martin moved your meeting",
                "text": "It is now on Thursday at 14:00.",
                "url": "#",
                "created_at": datetime(2026, 11, 16, 9, 30, tzinfo=UTC),
                "read_at": None,
            },
            {
                "subject": "Your agreement is signed by all",
                "url": "#",
                "created_at": datetime(2026, 9, 15, 16, 5, tzinfo=UTC),
                "read_at": datetime(2026, 9, 15, 17, 0, tzinfo=UTC),
            },
        ],
        "icons": [
            "home",
            "meetings",
            "goals",
            "programmes",
            "insights",
            "concerns",
            "admin",
            "bell",
            "sun",
            "moon",
            "person",
            "leave",
            "check",
            "clock",
            "warn",
            "info",
            "back",
            "lock",
            "mail",
            "plus",
            "print",
        ],
        "tones": ["primary", "waiting", "success", "warning", "danger", "info"],
        "alert_tones": ["info", "success", "warning", "danger"],
        "buttons": [
            "btn-primary",
            "btn-outline-primary",
            "btn-outline-secondary",
            "btn-danger",
            "btn-outline-danger",
            "btn-link",
        ],
        "consequences": [
            "Martin is told that the mentorship ended, not why.",
            "You can ask for a new match the same day.",
        ],
        "series": [(1, 4, 220), (2, 28, 180), (3, 52, 150), (4, 76, 110), (5, 100, 60)],
        "page": Paginator(range(60), 20).page(2),
    }


@login_not_required
@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    if not (settings.DEBUG or getattr(request.user, "is_hr_admin", False)):
        raise Http404
    bound = SampleForm({"email": "aylin@", "topics": ["ai"], "felt": "3"})
    return render(request, "styleguide.html", {**samples(), "form": SampleForm(), "bound": bound})
