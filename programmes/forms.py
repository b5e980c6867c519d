from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from participants.actions import describe
from participants.forms import AboutRows, PeopleField
from participants.models import Person
from programmes import actions
from programmes.models import Cohort, Enrolment
from programmes.week import WeeklyHoursField


class EnrolmentForm(forms.Form):
    """One page: role, topics, languages, time, hopes and wishes. The topics and languages go into the
    person's profile, everything else into the enrolment."""

    role = forms.ChoiceField(label=_("I take part as"), widget=forms.RadioSelect)
    capacity = forms.IntegerField(
        label=_("How many mentorships at a time"),
        min_value=1,
        max_value=10,
        initial=1,
        help_text=_("One is right for most. Each asks for an hour a month and a little thought."),
    )
    meets_remotely = forms.BooleanField(label=_("By video"), required=False, initial=True)
    meets_on_site = forms.BooleanField(label=_("On site"), required=False, initial=True)
    weekly_hours = WeeklyHoursField(label=_("When I could usually meet"))
    hopes = forms.CharField(
        label=_("What I hope for"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("In your own words, if you like. The coordinator reads it."),
    )
    wishes = PeopleField(
        most=3,
        label=_("People I would like"),
        help_text=_(
            "Up to three e-mail addresses, the dearest first. The matching sees them; the people do not."
        ),
    )
    avoidances = PeopleField(
        most=10,
        label=_("People I would rather not be matched with"),
        help_text=_(
            "Their e-mail addresses, one per line. Nobody sees them: not these people, not your manager, not"
            " HR. Only the matching reads them."
        ),
    )

    def __init__(self, data: Any, *, cohort: Cohort, person: Person) -> None:
        super().__init__(data)
        self.cohort, self.person = cohort, person
        self.rows = AboutRows(person, data)
        roles = cohort.roles_for(person)
        self.fields["role"].choices = [(role.value, role.label) for role in roles]
        asked = cohort.invitations.filter(person=person).values_list("role", flat=True).first()
        self.initial["role"] = asked or (roles[0].value if len(roles) == 1 else None)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not (cleaned.get("meets_remotely") or cleaned.get("meets_on_site")):
            self.add_error("meets_on_site", _("Choose at least one way to meet."))
        both = set(cleaned.get("wishes", [])) & set(cleaned.get("avoidances", []))
        if both:
            self.add_error("avoidances", _("You named somebody in both lists. Keep them in one."))
        return cleaned

    def is_valid(self) -> bool:
        return all([super().is_valid(), self.rows.is_valid()])

    def save(self) -> Enrolment:
        describe(person=self.person, **self.rows.as_told())
        return actions.enrol(cohort=self.cohort, person=self.person, **self.cleaned_data)
