from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from meetings.files import BEGINNINGS
from meetings.models import Confirmation, MeetingLog, PrivateNote, Resource


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
