from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from domain.forms import field_of
from meetings.files import BEGINNINGS
from meetings.forms.planning import clock_field, day_field, lengths, set_moment
from meetings.models import Confirmation, Resource


class AnswerForm(forms.Form):
    answer = forms.ChoiceField(choices=Confirmation.Answer.choices)


class PastForm(forms.Form):
    """When they met, in the writer's time zone. Not where: nobody needs to find the way there any more."""

    day = day_field()
    clock = clock_field()
    minutes = forms.TypedChoiceField(label=_("How long"), coerce=int)

    def __init__(self, *args: Any, zone: ZoneInfo, usual_minutes: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.fields["clock"].label = _("Began at")
        self.fields["clock"].help_text = _("In your time zone, %(zone)s.") % {
            "zone": zone.key.replace("_", " ")
        }
        minutes = field_of(self, "minutes", forms.ChoiceField)
        minutes.choices, minutes.initial = lengths(usual_minutes, self.initial.get("minutes")), usual_minutes

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("day") and data.get("clock") is not None:
            set_moment(self, data)
        return data


class UnplannedForm(PastForm):
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class RevisionForm(forms.Form):
    """From which page a log was sent, and on top of what; see `record_log`."""

    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1, required=False)
    editor = forms.UUIDField(required=False, initial=uuid4)
    edit = forms.IntegerField(min_value=0, max_value=2**31 - 1, required=False)

    def clean_edit(self) -> int:
        return self.cleaned_data["edit"] or 0


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

    def __init__(self, *args: Any, may_be_empty: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.may_be_empty = may_be_empty
        for field in self.fields.values():
            field.required = False
            field.validators.append(MaxLengthValidator(4000))
            field.widget = forms.Textarea({"rows": 2, "maxlength": 4000})

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name, text in data.items():
            data[name] = text.replace("\r\n", "\n") if isinstance(text, str) else text
        if not (self.may_be_empty or any(data.values()) or self.errors):
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
