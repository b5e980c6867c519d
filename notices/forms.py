from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from notices.kinds import KINDS
from notices.models import NoticePreference

OPTIONAL = [(name, kind.title) for name, kind in KINDS.items() if kind.optional]


class PreferencesForm(forms.Form):
    kinds = forms.MultipleChoiceField(
        label=_("Send me by e-mail"),
        choices=OPTIONAL,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What you turn off stays readable among your notices."),
    )

    def __init__(self, *args: Any, person: Any, **kwargs: Any) -> None:
        self.person = person
        off = set(person.notice_preferences.filter(by_email=False).values_list("kind", flat=True))
        initial = {"kinds": [name for name, _title in OPTIONAL if name not in off]}
        super().__init__(*args, initial=initial, **kwargs)

    @transaction.atomic
    def save(self) -> None:
        off = [name for name, _title in OPTIONAL if name not in self.cleaned_data["kinds"]]
        self.person.notice_preferences.all().delete()
        NoticePreference.objects.bulk_create(
            [NoticePreference(person=self.person, kind=name, by_email=False) for name in off],
            ignore_conflicts=True,
        )
