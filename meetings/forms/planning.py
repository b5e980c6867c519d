from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from domain.forms import BoundedFormSet, field_of
from meetings.models import Meeting

MINUTES = [30, 45, 60]
OTHER = "other"
RELOADS_SLOTS = {"hx-get": "", "hx-target": "#slots", "hx-select": "#slots", "hx-swap": "outerHTML"}


def day_field(**options: Any) -> forms.DateField:
    widget = forms.DateInput({"type": "date", "data-checks": "slot-other"}, format="%Y-%m-%d")
    return forms.DateField(label=_("Day"), widget=widget, **options)


def clock_field(**options: Any) -> forms.TimeField:
    widget = forms.TimeInput({"type": "time", "data-checks": "slot-other"}, format="%H:%M")
    return forms.TimeField(label=_("Begins at"), widget=widget, **options)


class ChosenTime(forms.Form):
    """One of the suggested times, or a day and an hour of one's own in the planner's time zone;
    `starts_at` is the moment they mean."""

    slot = forms.CharField(required=False, initial="")
    day = day_field(required=False)
    clock = clock_field(required=False)

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.fields["clock"].help_text = _("In your time zone, %(zone)s.") % {
            "zone": zone.key.replace("_", " ")
        }

    def clean_slot(self) -> datetime | None:
        """None for a time of one's own. Any moment is taken: what was suggested may have changed since."""
        value = self.cleaned_data["slot"]
        if value in ("", OTHER):
            return None
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            raise forms.ValidationError(_("Choose one of the times, or name another."))
        return moment.astimezone(UTC)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "slot" not in data:
            return data
        if data["slot"]:
            if data.get("day") or data.get("clock"):
                self.add_error("day", _("You chose a suggested time as well. Keep one of the two."))
            data["starts_at"] = data["slot"]
        elif not self.data.get(self.add_prefix("slot")) and not data.get("day"):
            self.add_error("day", _("Choose one of the times, or name another."))
        elif data.get("day") and data.get("clock") is not None:
            set_moment(self, data)
        else:
            for name in ("day", "clock"):
                if data.get(name) is None and name not in self.errors:
                    self.add_error(name, self.fields[name].error_messages["required"])
        return data


class TimeForm(ChosenTime):
    minutes = forms.TypedChoiceField(label=_("How long"), coerce=int, widget=forms.Select(RELOADS_SLOTS))
    place = forms.CharField(
        label=_("Place"),
        max_length=200,
        required=False,
        help_text=_("Neutral ground is better than the senior's office: a canteen, a walk, a small room."),
    )
    link = forms.URLField(label=_("Video link"), max_length=500, required=False, assume_scheme="https")

    def __init__(self, *args: Any, usual_minutes: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        minutes = field_of(self, "minutes", forms.ChoiceField)
        minutes.choices, minutes.initial = lengths(usual_minutes, self.initial.get("minutes")), usual_minutes


class PlanForm(TimeForm):
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    agenda = forms.CharField(
        label=_("Agenda"),
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 6}),
        help_text=_("Only the members read it. Change it as you like."),
    )


class RhythmForm(ChosenTime):
    """When the first of several meetings is, and how the others follow."""

    minutes = forms.TypedChoiceField(label=_("How long"), coerce=int, widget=forms.Select(RELOADS_SLOTS))
    weeks_between = forms.IntegerField(label=_("Weeks between two meetings"), min_value=1, max_value=26)
    count = forms.IntegerField(label=_("How many meetings"), min_value=1, max_value=24)

    def __init__(self, *args: Any, usual_minutes: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        minutes = field_of(self, "minutes", forms.ChoiceField)
        minutes.choices, minutes.initial = lengths(usual_minutes), usual_minutes


class DateForm(forms.Form):
    """One date of a rhythm: plan it, on another day, or leave it out."""

    keep = forms.BooleanField(label=_("Plan this one"), required=False)
    day = day_field()
    clock = clock_field()

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("day") and data.get("clock") is not None:
            set_moment(self, data)
        return data


DateFormSet = forms.formset_factory(DateForm, formset=BoundedFormSet, extra=0, max_num=60, absolute_max=60)


class RhythmDetailsForm(forms.Form):
    """What all meetings of a rhythm share."""

    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    minutes = forms.IntegerField(widget=forms.HiddenInput, min_value=10, max_value=240)
    place = forms.CharField(
        label=_("Place"),
        max_length=200,
        required=False,
        help_text=_("For all of them; change single ones later."),
    )
    link = forms.URLField(label=_("Video link"), max_length=500, required=False, assume_scheme="https")


def set_moment(form: Any, data: dict[str, Any]) -> None:
    """Put `starts_at` beside day and clock, or an error where the clocks skip that hour."""
    try:
        data["starts_at"] = moment_of(data["day"], data["clock"], form.zone)
    except forms.ValidationError as error:
        form.add_error("clock", error)


def moment_of(day: date, clock: time, zone: ZoneInfo) -> datetime:
    local = datetime.combine(day, clock, tzinfo=zone)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise forms.ValidationError(_("The clocks go forward that night: this hour does not exist."))
    return moment


def lengths(*others: int | None) -> Sequence[tuple[int, Any]]:
    usual = sorted({*MINUTES, *(length for length in others if length)})
    return [(length, _("%(count)s minutes") % {"count": length}) for length in usual]


def local_time(moment: datetime, zone: ZoneInfo) -> dict[str, Any]:
    local = moment.astimezone(zone)
    return {"day": local.date(), "clock": local.time()}


def initial_time(meeting: Meeting, zone: ZoneInfo) -> dict[str, Any]:
    return {
        **local_time(meeting.starts_at, zone),
        "minutes": meeting.minutes,
        "place": meeting.place,
        "link": meeting.link,
    }
