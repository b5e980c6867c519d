"""A cohort: its dates, a copy of it, and whom to invite."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from domain.forms import field_of
from participants.models import Person
from programmes import actions
from programmes.models import Cohort, Role


class DayInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(attrs={"class": " ".join(INPUT_CLASSES)}, format="%Y-%m-%d")


class CohortForm(forms.ModelForm):
    """The order of the dates is checked beside the date that is wrong."""

    def clean_check_in_weeks(self) -> list[int]:
        return sorted(set(self.cleaned_data["check_in_weeks"]))

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        for before, after, sentence in (
            (
                "enrolment_opens_on",
                "enrolment_closes_on",
                _("This lies before the day enrolment opens."),
            ),
            ("enrolment_closes_on", "starts_on", _("The course cannot start before enrolment closes.")),
            ("starts_on", "ends_on", _("The course needs time: this lies before its start.")),
        ):
            first, second = cleaned.get(before), cleaned.get(after)
            if first and second and (first > second or (after == "ends_on" and first == second)):
                self.add_error(after, sentence)
        starts, ends = cleaned.get("starts_on"), cleaned.get("ends_on")
        weeks = cleaned.get("check_in_weeks") or []
        if starts and ends and starts < ends and weeks and starts + timedelta(weeks=weeks[-1]) > ends:
            self.add_error(
                "check_in_weeks",
                _("After %(weeks)d weeks the course has ended already.") % {"weeks": weeks[-1]},
            )
        return cleaned


def first_dates(today: date) -> dict[str, date]:
    """A calm first proposal: four weeks to enrol, two to match, half a year from a Monday."""
    starts = today + timedelta(weeks=6)
    starts += timedelta(days=-starts.weekday() % 7)
    return {
        "enrolment_opens_on": today,
        "enrolment_closes_on": starts - timedelta(weeks=2),
        "starts_on": starts,
        "ends_on": starts + timedelta(weeks=26),
    }


class CopyForm(forms.Form):
    name = forms.CharField(
        label=_("Name of the new cohort"), max_length=80, widget=UnfoldAdminTextInputWidget
    )
    starts_on = forms.DateField(
        label=_("It starts on"),
        widget=DayInput,
        help_text=_("Every other date keeps its distance from the start. You can change each afterwards."),
    )
    invites_left_over = forms.BooleanField(
        label=_("Put on its list who was left over"), required=False, widget=UnfoldBooleanWidget
    )

    def __init__(self, data: Any, *, cohort: Cohort) -> None:
        super().__init__(data)
        left = actions.left_over(cohort).count()
        self.fields["invites_left_over"].help_text = _(
            "%(count)d people were accepted or waited and are in no mentorship of “%(cohort)s”. They are told"
            " when enrolment opens."
        ) % {"count": left, "cohort": cohort.name}
        length = cohort.ends_on - cohort.starts_on
        self.initial = {"starts_on": cohort.starts_on + max(length, timedelta(weeks=26))}


class InviteForm(forms.Form):
    """Everybody whom the rules let in, or those on a list of addresses."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, widget=UnfoldAdminRadioSelectWidget)
    whom = forms.ChoiceField(label=_("Whom"), widget=UnfoldAdminRadioSelectWidget)
    addresses = forms.CharField(
        label=_("E-mail addresses"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 6}),
        help_text=_(
            "For a list of your own: one per line, or pasted from a table. They can enrol also where the"
            " rules would not let them."
        ),
    )

    def __init__(self, data: Any, *, cohort: Cohort) -> None:
        super().__init__(data)
        self.cohort = cohort
        counts = {role.value: actions.invitable(cohort, role).count() for role in Role}
        self.counts = counts
        field_of(self, "role", forms.ChoiceField).choices = [
            (role.value, f"{role.label}: {words(counts[role.value])}") for role in Role
        ]
        field_of(self, "whom", forms.ChoiceField).choices = [
            ("rule", _("everybody the rules let in who was not asked yet: the number stands above")),
            ("list", _("only the people on this list")),
        ]
        self.initial = {"role": Role.MENTOR, "whom": "rule"}
        self.passed_over: list[str] = []

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        if cleaned.get("whom") == "list":
            cleaned["people"] = self.people_listed(cleaned.get("addresses", ""))
        elif (role := cleaned.get("role")) and not self.counts[role]:
            self.add_error("role", _("By the rules there is nobody left to invite in this role."))
        return cleaned

    def people_listed(self, text: str) -> list[Person]:
        """Those of the list who can be asked. Unknown addresses are named and nothing is sent; who was asked,
        is enrolled or said no is passed over and named afterwards."""
        addresses = addresses_in(text)
        people = list(Person.objects.active().filter(email__in=addresses))
        if not addresses:
            self.add_error("addresses", _("Write at least one address."))
            return []
        known = {person.email for person in people}
        if unknown := [address for address in addresses if address not in known]:
            self.add_error("addresses", _("We know nobody with the address %s.") % ", ".join(unknown))
            return people
        free = actions.uninvited(self.cohort, Person.objects.filter(email__in=addresses))
        able = set(free.values_list("pk", flat=True))
        self.passed_over = [person.name for person in people if person.pk not in able]
        if not able:
            self.add_error(
                "addresses", _("Everybody on this list was asked already, is enrolled, or said no before.")
            )
        return [person for person in people if person.pk in able]


def addresses_in(text: str) -> list[str]:
    """The addresses of each line, once and in order; a line without one stands for itself, so that it is
    named as unknown rather than lost."""
    found: dict[str, None] = {}
    for line in text.lower().splitlines():
        words = line.translate(SEPARATORS).split()
        found.update(dict.fromkeys([word for word in words if "@" in word] or [" ".join(words)]))
    return [entry for entry in found if entry]


SEPARATORS = str.maketrans(dict.fromkeys(",;|\t<>()[]\"'", " "))


def words(count: int) -> str:
    return ngettext("%d person to invite by the rules", "%d people to invite by the rules", count) % count


class LinkForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, widget=UnfoldAdminRadioSelectWidget)
    expires_on = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=DayInput,
        help_text=_("Empty: as long as people can enrol."),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, prefix="link", initial={"role": Role.MENTOR})
