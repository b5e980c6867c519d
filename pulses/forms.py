from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from pulses.questions import SCALE, Question


class AnswerForm(forms.Form):
    """One group of radio buttons per statement. None is chosen beforehand, and none has to be."""

    def __init__(self, *args: Any, questions: list[Question], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in questions:
            self.fields[question.key] = forms.TypedChoiceField(
                label=str(question.text),
                choices=list(SCALE.items()),
                coerce=int,
                empty_value=None,
                widget=forms.RadioSelect,
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        super().clean()
        given = {key: value for key, value in self.cleaned_data.items() if value is not None}
        if not given and not self.errors:
            raise forms.ValidationError(
                _("Nothing is chosen yet. Answer at least one, or leave the page: that is fine too.")
            )
        return given
