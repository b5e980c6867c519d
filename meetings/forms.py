from datetime import UTC, datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from meetings.files import BEGINNINGS
from meetings.models import Confirmation, Meeting, MeetingLog, PrivateNote, Resource

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


class AnswerForm(forms.Form):
    answer = forms.ChoiceField(choices=Confirmation.Answer.choices)


class LogForm(forms.Form):
    topics = forms.CharField(label=_("What did you talk about?"))
    progress = forms.CharField(label=_("What moved forward?"))
    challenges = forms.CharField(label=_("What was hard?"))
    successes = forms.CharField(label=_("What went well?"))
    next_steps = forms.CharField(
        label=_("What happens until next time?"),
        help_text=_("One step per line. They come back on the next agenda until somebody ticks them off."),
    )
    private_note = forms.CharField(
        label=_("A note to yourself"), help_text=_("Only you can read this. Nobody else, not even HR.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required, field.max_length = False, 4000
            field.validators.append(forms.CharField(max_length=4000).validators[0])
            field.widget = forms.Textarea({"rows": 3, "maxlength": 4000})

    @classmethod
    def initial_of(cls, log: MeetingLog | None, steps: list[str], note: PrivateNote | None) -> dict[str, str]:
        texts = {name: getattr(log, name, "") for name in ["topics", "progress", "challenges", "successes"]}
        return {**texts, "next_steps": "\n".join(steps), "private_note": note.text if note else ""}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not any(data.values()) and not self.errors:
            raise forms.ValidationError(_("Write at least one line, in whichever field you like."))
        return data

    def clean_next_steps(self) -> list[str]:
        steps = [line.strip() for line in self.cleaned_data["next_steps"].splitlines() if line.strip()]
        if any(len(step) > 300 for step in steps):
            raise forms.ValidationError(
                _("One of the steps is longer than 300 characters. Please shorten it.")
            )
        return steps


class ShareForm(forms.ModelForm):
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    link = forms.URLField(
        label=_("Link"), max_length=500, required=False, assume_scheme="https", help_text=_("Either a link …")
    )

    class Meta:
        model = Resource
        fields = ["title", "link", "file"]
        help_texts = {"file": _("… or a file of up to 10 MB. Only the members can download it.")}
        widgets = {"file": forms.FileInput({"accept": ",".join(BEGINNINGS)})}

    def _post_clean(self) -> None:
        """The action says what is wrong, beside the field; the constraint stays for the database."""


def initial_time(meeting: Meeting, zone: ZoneInfo) -> dict[str, Any]:
    start = meeting.starts_at.astimezone(zone)
    return {
        "day": start.date(),
        "clock": start.time(),
        "minutes": meeting.minutes,
        "place": meeting.place,
        "link": meeting.link,
    }
