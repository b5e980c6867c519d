from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.actions import ClauseEdit, clean
from agreements.models import Clause, Version
from programmes.models import GroundRule

NEW_CLAUSES = 3


class VersionForm(forms.Form):
    version = forms.IntegerField(min_value=1, max_value=32767)


class ComparisonForm(forms.Form):
    """Which version is read, and with which earlier one it is compared."""

    version = forms.IntegerField(min_value=1, max_value=32767, required=False)
    against = forms.IntegerField(min_value=1, max_value=32767, required=False)

    def number(self, field: str) -> int:
        """0 where nothing was asked for, or nonsense; the first version is 1."""
        self.is_valid()
        return self.cleaned_data.get(field) or 0


class AdaptForm(forms.Form):
    """Every clause of `version` as it is, to be reworded or struck, and room for new ones.

    `edits` are laid over it: what a person typed on top of a version that somebody else then replaced.
    """

    def __init__(self, *args: Any, version: Version, edits: Sequence[ClauseEdit] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.version = version
        self.clauses: list[Clause] = list(version.clauses.all())
        self.fields["version"] = forms.IntegerField(initial=version.number, widget=forms.HiddenInput)
        typed = {edit.position: edit for edit in edits if edit.position is not None}
        for clause in self.clauses:
            self.add_clause(clause, typed.get(clause.position))
        new = [edit for edit in edits if edit.position is None]
        for number in range(max(NEW_CLAUSES, len(new))):
            self.add_room(number, new[number] if number < len(new) else ClauseEdit(text=""))

    def add_clause(self, clause: Clause, edit: ClauseEdit | None) -> None:
        if clause.is_mandatory:
            self.fields[f"more_{clause.position}"] = forms.CharField(
                label=_("Add to it"),
                required=False,
                max_length=1000,
                initial=edit.text if edit else clause.text,
                widget=forms.Textarea(attrs={"rows": 2}),
            )
            return
        self.fields[f"text_{clause.position}"] = forms.CharField(
            label=clause.get_kind_display(),
            max_length=2000,
            initial=edit.text if edit else clause.words(),
            widget=forms.Textarea(attrs={"rows": 3}),
        )
        self.fields[f"strike_{clause.position}"] = forms.BooleanField(
            label=_("Strike this clause"),
            required=False,
            initial=edit.struck if edit else clause.is_struck,
        )

    def add_room(self, number: int, edit: ClauseEdit) -> None:
        self.fields[f"new_kind_{number}"] = forms.ChoiceField(
            label=_("What it is about"),
            choices=GroundRule.Kind.choices,
            required=False,
            initial=edit.kind or GroundRule.Kind.CONDUCT,
        )
        self.fields[f"new_text_{number}"] = forms.CharField(
            label=_("New clause"),
            required=False,
            max_length=2000,
            initial=edit.text,
            widget=forms.Textarea(attrs={"rows": 2}),
        )

    def rows(self) -> Iterator[dict[str, Any]]:
        for clause in self.clauses:
            names = ["more"] if clause.is_mandatory else ["text", "strike"]
            yield {"clause": clause, "fields": [self[f"{name}_{clause.position}"] for name in names]}

    def new_rows(self) -> list[list[forms.BoundField]]:
        numbers = [name.rpartition("_")[2] for name in self.fields if name.startswith("new_text_")]
        return [[self[f"new_kind_{number}"], self[f"new_text_{number}"]] for number in numbers]

    def edits(self) -> list[ClauseEdit]:
        data = self.cleaned_data
        edits = [
            ClauseEdit(
                position=clause.position,
                text=data[f"{'more' if clause.is_mandatory else 'text'}_{clause.position}"],
                struck=data.get(f"strike_{clause.position}", False),
            )
            for clause in self.clauses
        ]
        new = [ClauseEdit(kind=data[kind.name], text=data[text.name]) for kind, text in self.new_rows()]
        return edits + [edit for edit in new if edit.text]

    def changes(self) -> list[ClauseEdit]:
        """Only the edits that differ from `version`, so that laid over a newer one they undo nothing."""
        before = {c.position: ({clean(c.text), *self.shown(c)}, c.is_struck) for c in self.clauses}
        return [
            edit
            for edit in self.edits()
            if edit.position is None
            or clean(edit.text) not in before[edit.position][0]
            or edit.struck != before[edit.position][1]
        ]

    def shown(self, clause: Clause) -> set[str]:
        """What stood in the field before anybody typed, in whichever language it was read."""
        return set() if clause.is_mandatory or clause.text else set(clause.original.values())
