"""The steps of an enrolment as forms. Topics and languages go into the person's profile, everything else
into the enrolment."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from domain.forms import NUMBER, field_of
from participants.actions import describe
from participants.forms import AboutRows
from participants.models import Person
from programmes import actions
from programmes.models import Cohort, Enrolment, Role
from programmes.week import WeeklyHoursField, quick_hours


class StepForm(forms.Form):
    """One step. `enrolment` is None before the first of them was saved."""

    asked: ClassVar[tuple[str, ...]] = ()
    fields_told: ClassVar[tuple[str, ...]] = ()

    def __init__(self, data: Any, *, cohort: Cohort, person: Person, enrolment: Enrolment | None) -> None:
        initial = {name: getattr(enrolment, name) for name in self.fields_told} if enrolment else {}
        super().__init__(data, initial=initial)
        self.cohort, self.person, self.enrolment = cohort, person, enrolment
        self.rows = AboutRows(person, data, asked=self.asked) if self.asked else None

    @property
    def begun(self) -> Enrolment:
        """The enrolment, of which the first step was saved before. Raises Enrolment.DoesNotExist."""
        if self.enrolment is None:
            raise Enrolment.DoesNotExist
        return self.enrolment

    def is_valid(self) -> bool:
        return all([super().is_valid(), self.rows is None or self.rows.is_valid()])

    def save(self, *, then: str) -> Enrolment:
        """Keep what was told; a draft goes on with `then`."""
        if self.rows:
            describe(person=self.person, **self.rows.as_told())
        told = {name: self.cleaned_data[name] for name in self.fields_told}
        actions.keep(enrolment=self.begun, step=then, **told)
        return self.begun


class PartForm(StepForm):
    fields_told = ("capacity",)
    role = forms.ChoiceField(label=_("I take part as"), widget=forms.RadioSelect)
    capacity = forms.IntegerField(
        label=_("How many mentorships at a time"),
        min_value=1,
        max_value=10,
        initial=1,
        help_text=_("One is right for most. Each asks for an hour a month and a little thought."),
    )

    def __init__(self, data: Any, **about: Any) -> None:
        super().__init__(data, **about)
        if self.enrolment and not self.enrolment.is_draft:
            del self.fields["role"]
            return
        roles = self.cohort.roles_for(self.person)
        role = field_of(self, "role", forms.ChoiceField)
        role.choices = [(one.value, one.label) for one in roles]
        role.error_messages["invalid_choice"] = _(
            "In this programme that role is meant for others. Choose one of those offered here."
        )
        asked = self.cohort.invitations.filter(person=self.person).values_list("role", flat=True).first()
        told = self.enrolment.role if self.enrolment else asked
        self.initial["role"] = told or (roles[0].value if len(roles) == 1 else None)

    def save(self, *, then: str) -> Enrolment:
        if "role" in self.fields:
            role = self.cleaned_data["role"]
            self.enrolment = actions.begin(cohort=self.cohort, person=self.person, role=role)
        return super().save(then=then)


class TopicsForm(StepForm):
    asked = ("expertise", "interests")

    @property
    def teaches(self) -> bool:
        """Whether what they can share comes first, and what they want to learn is the extra."""
        return self.begun.role == Role.MENTOR


class TimeForm(StepForm):
    asked = ("languages",)
    fields_told = ("weekly_hours", "meets_remotely", "meets_on_site")
    weekly_hours = WeeklyHoursField(label=_("When I could usually meet"))
    meets_remotely = forms.BooleanField(label=_("By video"), required=False, initial=True)
    meets_on_site = forms.BooleanField(label=_("On site"), required=False, initial=True)

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        if not (cleaned.get("meets_remotely") or cleaned.get("meets_on_site")):
            self.add_error("meets_on_site", _("Choose at least one way to meet."))
        return cleaned


class PeopleForm(StepForm):
    fields_told = ("hopes",)
    hopes = forms.CharField(
        label=_("What I hope for"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("In your own words, if you like. The coordinator reads it."),
    )


FORMS: Mapping[str, type[StepForm]] = {
    "part": PartForm,
    "topics": TopicsForm,
    "time": TimeForm,
    "people": PeopleForm,
}


def with_quick_choice(data: QueryDict, choice: str) -> QueryDict:
    """What was sent, with the hours a button of the week stands for."""
    hours = quick_hours(
        choice, {int(hour) for hour in data.getlist("weekly_hours") if NUMBER.fullmatch(hour)}
    )
    changed = data.copy()
    changed.setlist("weekly_hours", [str(hour) for hour in sorted(hours)])
    return changed


class ThoughtsForm(forms.Form):
    thoughts = forms.CharField(
        label=_("My thoughts"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Optional, and for you alone: nobody else can open it, HR neither."),
    )
