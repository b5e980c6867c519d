from datetime import UTC, datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from meetings.models import Meeting

MINUTES = [30, 45, 60]


class TimeForm(forms.Form):
    """Day, hour and length in the planner's own time zone; `starts_at` is the moment they mean."""

    day = forms.DateField(label=_("Day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    clock = forms.TimeField(label=_("Begins at"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    minutes = forms.TypedChoiceField(label=_("How long"), coerce=int)
    place = forms.CharField(
        label=_("Place"),
        max_length=200,
        required=False,
        help_text=_("Neutral ground is better than the senior's office: a canteen, a walk, a small room."),
    )
    link = forms.URLField(label=_("Video link"), max_length=500, required=False, assume_scheme="https")

    def __init__(self, *args: Any, zone: ZoneInfo, usual_minutes: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        lengths = sorted({*MINUTES, usual_minutes, self.initial.get("minutes", usual_minutes)})
        self.fields["minutes"].choices = [
            (length, _("%(count)s minutes") % {"count": length}) for length in lengths
        ]
        self.fields["minutes"].initial = usual_minutes
        self.fields["clock"].help_text = _("In your time zone, %(zone)s.") % {
            "zone": zone.key.replace("_", " ")
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "day" in data and "clock" in data:
            starts_at = datetime.combine(data["day"], data["clock"], tzinfo=self.zone)
            if starts_at.astimezone(UTC).astimezone(self.zone).replace(tzinfo=None) != starts_at.replace(
                tzinfo=None
            ):
                self.add_error("clock", _("The clocks go forward that night: this hour does not exist."))
            data["starts_at"] = starts_at.astimezone(UTC)
        return data


class PlanForm(TimeForm):
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    agenda = forms.CharField(
        label=_("Agenda"),
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 6}),
        help_text=_("Only the members read it. Change it as you like."),
    )
    field_order = ["day", "clock", "minutes", "place", "link", "agenda"]


def initial_time(meeting: Meeting, zone: ZoneInfo) -> dict[str, Any]:
    start = meeting.starts_at.astimezone(zone)
    return {
        "day": start.date(),
        "clock": start.time(),
        "minutes": meeting.minutes,
        "place": meeting.place,
        "link": meeting.link,
    }
