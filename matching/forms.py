from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from domain.forms import field_of
from matching.models import Block, MatchingPolicy, MatchRun, ProposedGroup, Seat
from matching.models.policy import CRITERIA
from participants.models import Person, Topic
from programmes.models import Enrolment, Programme, Role


class MatchingPolicyForm(forms.ModelForm):
    class Meta:
        model = MatchingPolicy
        fields = (
            "aim",
            "line_reach",
            "reports_of_reports",
            "grade_gap",
            "other_unit",
            "other_profession",
            "language_level",
            "common_way",
            "same_site",
            "common_hours",
            "earlier",
            "suggestions",
            *(f"weight_{name}" for name in CRITERIA),
        )
        help_texts = {
            "aim": _("Whichever you choose, as many people as possible get a partner first."),
            "grade_gap": _(
                "In reverse mentoring the mentee is the more senior, in formal mentoring the mentor. "
                "0: seniority plays no part."
            ),
            "other_unit": _("Nobody is matched with somebody of their own unit."),
            "other_profession": _("Nobody is matched with somebody of their own profession."),
            "language_level": _("Both speak one language at least so well."),
            "common_hours": _("Hours in which both said they have time. 0: no matter."),
            "reports_of_reports": _("Nobody mentors a leader to whom their own manager reports."),
            "common_way": _("Both by video, or both on site."),
            "same_site": _("Two who can only meet on site work at the same site."),
            "earlier": _("Who are together now, or have parted, are never matched again."),
            "weight_topics": _("How well what the mentor offers meets what the mentee wants to learn."),
            "weight_perspective": _("Another unit, profession and site, and years in the company apart."),
            "weight_wishes": _("Whom people asked for. Who asked for whom is shown to nobody."),
            "weight_waited": _("Who was left without in an earlier cohort comes first more easily."),
        }


class GroupPolicyForm(MatchingPolicyForm):
    """The same for a programme of groups, with their sizes and themes."""

    class Meta(MatchingPolicyForm.Meta):
        fields = (*MatchingPolicyForm.Meta.fields, "group_mentors", "group_least", "group_most", "themes")
        help_texts = {
            **MatchingPolicyForm.Meta.help_texts,
            "grade_gap": _("Between mentors and mentees of one group. 0: seniority plays no part."),
            "other_unit": _("No mentor is in a group with a mentee of their own unit."),
            "other_profession": _("No mentor is in a group with a mentee of their own profession."),
            "language_level": _("All of a group speak one language at least so well."),
            "common_hours": _("Hours in which all of a group said they have time. 0: no matter."),
            "weight_topics": _("How well the mentors know the theme, and how much the mentees want it."),
        }
        widgets = {"themes": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "themes" in self.fields:
            chosen = self.instance.themes.values("pk") if self.instance.pk else []
            themes = field_of(self, "themes", forms.ModelMultipleChoiceField)
            themes.queryset = Topic.objects.filter(Q(is_active=True) | Q(pk__in=chosen))


class TrialForm(MatchingPolicyForm):
    """The rules as a question: what would they bring? Nothing is saved."""

    class Meta(MatchingPolicyForm.Meta):
        fields = tuple(name for name in MatchingPolicyForm.Meta.fields if name != "suggestions")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not self.changed_data:
            raise forms.ValidationError(_("Change at least one rule or weight to see what it would bring."))
        return cleaned

    def trial(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.changed_data}


class ReasonForm(forms.Form):
    """Rules two people out; `revision` is the state of the workbench the person saw."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Why these two should not be matched"),
        max_length=300,
        help_text=_("Only the staff of the programme read it. It holds for later runs too."),
    )


class EndForm(forms.Form):
    reason = forms.CharField(
        label=_("Why it ends"),
        max_length=300,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Only the staff of the programme read it."),
    )


class EnrolmentField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Enrolment) -> str:
        return ", ".join(str(part) for part in (obj.person, obj.person.unit) if part)


class PairForm(forms.Form):
    """Two people put together by hand."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    mentor = EnrolmentField(Enrolment.objects.none(), label=_("Mentor"))
    mentee = EnrolmentField(Enrolment.objects.none(), label=_("Mentee"))
    reason = forms.CharField(
        label=_("Why in spite of a rule"),
        max_length=300,
        required=False,
        help_text=_("Needed only where a rule is broken; you are told which. Only staff read it."),
    )

    def __init__(self, *args: Any, run: MatchRun, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accepted = (
            Enrolment.objects.accepted()
            .filter(cohort=run.cohort, person__is_active=True)
            .select_related("person__unit")
            .order_by("person__name", "pk")
        )
        for role in Role:
            field_of(self, role.value, EnrolmentField).queryset = accepted.filter(role=role)


class GroupField(forms.ModelChoiceField):
    def label_from_instance(self, obj: ProposedGroup) -> str:
        return f"{obj.theme}: {obj}"


class GroupDecisionForm(forms.Form):
    """What should happen with one person of a cohort of groups."""

    WHAT = {
        "together": _("Keep them in one group with …"),
        "apart": _("Keep them apart from …"),
        "pin": _("Keep them in the group they are proposed for"),
        "out": _("Leave them out this round"),
        "move": _("Move them into the group of …"),
    }
    revision = forms.IntegerField(widget=forms.HiddenInput)
    what = forms.ChoiceField(label=_("What should happen"), choices=(), widget=forms.RadioSelect)
    other = EnrolmentField(
        Enrolment.objects.none(),
        label=_("With whom, or without whom"),
        required=False,
    )
    to = GroupField(
        ProposedGroup.objects.none(),
        label=_("Into which group"),
        required=False,
    )
    instead_of = EnrolmentField(
        Enrolment.objects.none(),
        label=_("In exchange for"),
        required=False,
        help_text=_("Where that group has no place left. They change places."),
    )
    reason = forms.CharField(label=_("Why"), max_length=300, help_text=_("Only programme staff see it."))

    def __init__(
        self, *args: Any, run: MatchRun, enrolment: Enrolment, group: ProposedGroup | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        accepted = (
            Enrolment.objects.accepted()
            .filter(cohort=run.cohort, person__is_active=True)
            .exclude(pk=enrolment.pk)
            .select_related("person__unit")
            .order_by("person__name", "pk")
        )
        open_groups = run.groups.with_seats().filter(mentorship=None)
        if group:
            open_groups = open_groups.exclude(pk=group.pk)
        elsewhere = Seat.objects.filter(group__in=open_groups).values("enrolment")
        field_of(self, "what", forms.ChoiceField).choices = [
            (name, label) for name, label in self.WHAT.items() if group or name != "pin"
        ]
        field_of(self, "other", EnrolmentField).queryset = accepted
        field_of(self, "instead_of", EnrolmentField).queryset = accepted.filter(
            role=enrolment.role, pk__in=elsewhere
        )
        field_of(self, "to", GroupField).queryset = open_groups

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        needed = {"together": "other", "apart": "other", "move": "to"}.get(given.get("what", ""))
        if needed and not given.get(needed) and needed not in self.errors:
            self.add_error(needed, _("Please choose."))
        return given


class BlockForm(forms.ModelForm):
    class Meta:
        model = Block
        fields = ["programme", "first", "second", "reason"]

    staff: Person

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offers the programmes the person runs, and those who ever enrolled in them."""
        super().__init__(*args, **kwargs)
        programmes = Programme.objects.managed_by(self.staff)
        people = Person.objects.filter(enrolments__cohort__programme__in=programmes).distinct()
        for name, choices in [("programme", programmes), ("first", people), ("second", people)]:
            if name in self.fields:
                field_of(self, name, forms.ModelChoiceField).queryset = choices
