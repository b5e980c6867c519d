from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.widgets import (
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from participants.models import Person
from programmes.models import Cohort, Role
from programmes.presets import presets


class PresetForm(forms.Form):
    preset = forms.ChoiceField(label=_("Preset"), widget=UnfoldAdminRadioSelectWidget)
    name = forms.CharField(
        label=_("Name in English"),
        max_length=120,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Empty: the name of the preset."),
    )
    name_de = forms.CharField(
        label=_("Name in German"), max_length=120, required=False, widget=UnfoldAdminTextInputWidget
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["preset"].choices = [(preset.form, preset.name) for preset in presets()]
        self.initial.setdefault("preset", "reverse")


class InviteForm(forms.Form):
    """Everybody whom the rules let in, or those on a list of addresses."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, widget=UnfoldAdminRadioSelectWidget)
    whom = forms.ChoiceField(label=_("Whom"), widget=UnfoldAdminRadioSelectWidget)
    addresses = forms.CharField(
        label=_("E-mail addresses"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 6}),
        help_text=_(
            "For a list of your own: one per line. They can enrol also where the rules would not let them."
        ),
    )

    def __init__(self, data: Any, *, cohort: Cohort) -> None:
        super().__init__(data)
        asked = Person.objects.filter(invitations__cohort=cohort).values("pk")
        enrolled = Person.objects.filter(enrolments__cohort=cohort).values("pk")
        self.eligible = {
            rule.role: rule.people().exclude(pk__in=asked).exclude(pk__in=enrolled)
            for rule in cohort.programme.eligibility.all()
        }
        counts = {role.value: self.count(role) for role in Role}
        self.fields["role"].choices = [
            (role.value, f"{role.label}: {self.words(counts[role.value])}") for role in Role
        ]
        self.fields["whom"].choices = [
            ("rule", _("everybody the rules let in who was not asked yet: the number stands above")),
            ("list", _("only the people on this list")),
        ]
        self.initial = {"role": Role.MENTOR, "whom": "rule"}

    def count(self, role: Role) -> int:
        return self.eligible[role].count() if role in self.eligible else 0

    @staticmethod
    def words(count: int) -> str:
        return ngettext("%d person to invite by the rules", "%d people to invite by the rules", count) % count

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("whom") == "list":
            cleaned["people"] = self.people_listed(cleaned.get("addresses", ""))
        elif role := cleaned.get("role"):
            cleaned["people"] = list(self.eligible.get(role, Person.objects.none()))
            if not cleaned["people"]:
                self.add_error("role", _("By the rules there is nobody left to invite in this role."))
        return cleaned

    def people_listed(self, text: str) -> list[Person]:
        addresses = set(text.lower().replace(",", " ").replace(";", " ").split())
        people = list(Person.objects.active().filter(email__in=addresses))
        if not addresses:
            self.add_error("addresses", _("Write at least one address."))
        if unknown := sorted(addresses - {person.email for person in people}):
            self.add_error("addresses", _("We know nobody with the address %s.") % ", ".join(unknown))
        return people
