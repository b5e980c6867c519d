from collections.abc import Iterator
from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext as _

from notices.kinds import KINDS, Group
from notices.outbox import channels
from notices.preferences import choose

CHANNELS = ("by_email", "in_inbox")


class PreferencesForm(forms.Form):
    """Two switches for each kind: `<kind>.by_email` and `<kind>.in_inbox`."""

    def __init__(self, *args: Any, person: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        wishes = {wish.kind: wish for wish in person.notice_preferences.all()}
        for name, kind in KINDS.items():
            for channel, is_on in zip(CHANNELS, channels(kind, wishes.get(name)), strict=True):
                self.fields[f"{name}.{channel}"] = forms.BooleanField(required=False, initial=is_on)

    def clean(self) -> dict[str, Any]:
        for name, kind in KINDS.items():
            if not kind.optional and not any(self.cleaned_data[f"{name}.{channel}"] for channel in CHANNELS):
                self.add_error(
                    f"{name}.by_email", _("This one waits for something from you: leave one of the two on.")
                )
        return self.cleaned_data

    def groups(self) -> Iterator[dict[str, Any]]:
        """For the page: each heading with its rows."""
        for group in Group:
            rows = [
                {
                    "name": name,
                    "kind": kind,
                    "email": self[f"{name}.by_email"],
                    "inbox": self[f"{name}.in_inbox"],
                }
                for name, kind in KINDS.items()
                if kind.group == group
            ]
            if rows:
                yield {"title": group.label, "rows": rows}

    @transaction.atomic
    def save(self) -> None:
        for name in KINDS:
            wanted = [self.cleaned_data[f"{name}.{channel}"] for channel in CHANNELS]
            if [f"{name}.{channel}" in self.changed_data for channel in CHANNELS] != [False, False]:
                choose(self.person, name, by_email=wanted[0], in_inbox=wanted[1])
