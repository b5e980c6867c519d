from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from goals.models import CheckIn, Goal, Level
from goals.summary import words_for
from matching.models import Member, Mentorship
from programmes.models import Objective


def words(label: Any, help_text: Any, *, required: bool = True) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 2})
    return forms.CharField(label=label, help_text=help_text, max_length=300, required=required, widget=widget)


class GoalForm(forms.Form):
    """The five levels in plain words: today's, the expected, the best case; two more for whoever likes."""

    title = forms.CharField(
        label=_("What do you want to reach?"),
        max_length=200,
        help_text=_("In a few words. For example: Use AI for the board papers."),
    )
    owner = forms.ChoiceField(label=_("Whose goal is it?"), widget=forms.RadioSelect, required=False)
    objective = forms.ModelChoiceField(
        label=_("Which objective of the programme does it serve?"),
        queryset=Objective.objects.none(),
        required=False,
        empty_label=_("None of them"),
    )
    today = words(
        _("How does it look today?"), _("Something you could see or count. For example: has tried it once.")
    )
    baseline = forms.TypedChoiceField(
        label=_("How far is today from what you expect?"),
        coerce=int,
        choices=[(Level.LESS, _("One step away")), (Level.MUCH_LESS, _("Two steps away"))],
        initial=Level.LESS,
        widget=forms.RadioSelect,
    )
    expected = words(
        _("What do you expect to have reached at the end?"),
        _("With this you would be content. For example: drafts two of five papers with AI."),
    )
    much_more = words(
        _("What would be much more than you expect?"),
        _("This would surprise you. For example: writes all five with AI and shows two colleagues how."),
    )
    more = words(
        _("And a little more than you expect?"),
        _("Between the two above. For example: drafts four of five."),
        required=False,
    )
    other_less = words(
        _("And the remaining level below what you expect?"),
        _(
            "If today is one step away, this is a step back: has given it up. If it is two steps away, it is "
            "the first step: has drafted one paper."
        ),
        required=False,
    )
    weight = forms.TypedChoiceField(
        label=_("How much does this goal count beside your others?"),
        coerce=int,
        choices=[(1, _("as much as any other")), (2, _("twice as much")), (3, _("three times as much"))],
        initial=1,
    )

    def __init__(self, *args: Any, mentorship: Mentorship, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.members = {str(one.pk): one for one in mentorship.members.all()}
        mine = [(str(member.pk), _("Mine"))]
        theirs = [(str(o.pk), o.person.first_name) for o in mentorship.others(member.person)]
        self.fields["owner"].choices = [("", _("We share it")), *mine, *theirs]
        objectives = Objective.objects.filter(programme=mentorship.cohort.programme_id)
        self.fields["objective"].queryset = objectives

    def clean_owner(self) -> Member | None:
        return self.members.get(self.cleaned_data["owner"])

    def goal(self) -> dict[str, Any]:
        """What `actions.set_goal` takes."""
        given = self.cleaned_data
        baseline = given["baseline"]
        other = Level.LESS if baseline == Level.MUCH_LESS else Level.MUCH_LESS
        return {
            **{name: given[name] for name in ("title", "owner", "objective", "baseline", "weight")},
            "levels": {
                baseline: given["today"],
                other: given["other_less"],
                Level.EXPECTED: given["expected"],
                Level.MORE: given["more"],
                Level.MUCH_MORE: given["much_more"],
            },
        }


class CheckInForm(forms.ModelForm):
    """Where a goal stands, chosen by the words the members gave its levels; nothing is chosen beforehand."""

    level = forms.TypedChoiceField(
        label=_("Which comes closest to today?"), coerce=int, widget=forms.RadioSelect
    )

    class Meta:
        model = CheckIn
        fields = ["level", "comment", "obstacle"]
        help_texts = {
            "comment": _("If you like. What has changed since you last looked?"),
            "obstacle": _("If anything. It helps to name it before your next meeting."),
        }

    def __init__(self, *args: Any, goal: Goal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["level"].choices = [
            (level.value, words_for(goal, level)) for level in sorted(Level, reverse=True)
        ]
        for name in ("comment", "obstacle"):
            self.fields[name].widget = forms.Textarea(attrs={"rows": 2})
