from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from domain.forms import field_of
from matching.models import Member

AREA = {"rows": 4}


class WordsForm(forms.Form):
    """What helped, and what to try."""

    helped = forms.CharField(
        label=_("What helped?"),
        help_text=_("Something they did, and what it changed for you. For example: you let me finish."),
        max_length=2000,
        widget=forms.Textarea(attrs=AREA),
    )
    to_try = forms.CharField(
        label=_("What would you like to try?"),
        help_text=_("If anything. A wish for next time works better than a verdict on last time."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs=AREA),
    )


class FeedbackForm(WordsForm):
    request_key = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)
    recipient = forms.ChoiceField(label=_("To whom?"), widget=forms.RadioSelect)
    field_order = ["request_key", "recipient"]

    def __init__(self, *args: Any, others: list[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.others = {str(member.pk): member for member in others}
        names = [(pk, one.person.first_name) for pk, one in self.others.items()]
        field_of(self, "recipient", forms.ChoiceField).choices = names
        if len(others) == 1:
            self.fields["recipient"].required = False
            self.fields["recipient"].widget = forms.HiddenInput()

    def clean_recipient(self) -> Member:
        return self.others.get(self.cleaned_data["recipient"]) or next(iter(self.others.values()))


class TopicForm(forms.Form):
    request_key = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)
    title = forms.CharField(
        label=_("What could you tell or show?"),
        help_text=_("In a few words. For example: how our budget comes about."),
        max_length=120,
    )
    note = forms.CharField(
        label=_("What about it?"),
        help_text=_("If you like: what makes it interesting, and how long it takes."),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
