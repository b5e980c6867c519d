from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from concerns.models import Concern
from domain.forms import field_of
from participants.models import Person


class ConcernForm(forms.Form):
    request_key = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)
    topic = forms.ChoiceField(
        label=_("What is it about?"), choices=Concern.Topic.choices, widget=forms.RadioSelect
    )
    text = forms.CharField(
        label=_("What happened?"),
        help_text=_("As much or as little as you like. It need not be proven, and it need not be serious."),
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    urgency = forms.ChoiceField(
        label=_("How soon would you like an answer?"),
        choices=Concern.Urgency.choices,
        initial=Concern.Urgency.SOON,
        widget=forms.RadioSelect,
    )
    may_contact = forms.BooleanField(
        label=_("You may also contact me in person"),
        help_text=_("Otherwise the answer comes here and nowhere else."),
        required=False,
    )
    contact = forms.CharField(
        label=_("How and when?"),
        help_text=_(
            "For example: private mobile 0171 …, after 17:00. Please do not write to my work address."
        ),
        max_length=300,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        super().clean()
        given = self.cleaned_data
        if given.get("contact") and not given.get("may_contact"):
            self.add_error(
                "may_contact",
                _("You say how you can be reached. Tick this if you want to be, or leave that field empty."),
            )
        return given


class MessageForm(forms.Form):
    request_key = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)
    text = forms.CharField(label=_("Your message"), max_length=8000, widget=forms.Textarea(attrs={"rows": 4}))


class HandOverForm(forms.Form):
    to = forms.ModelChoiceField(
        queryset=Person.objects.none(), label=_("Who should read it?"), widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, people: list[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = field_of(self, "to", forms.ModelChoiceField)
        field.empty_label = None
        field.queryset = Person.objects.filter(pk__in=[person.pk for person in people])
