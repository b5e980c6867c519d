from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from domain.forms import field_of
from goals.examples import Example
from goals.models import CheckIn, Goal, Level
from goals.summary import words_for
from goals.wording import undescribed
from matching.models import Member, Mentorship
from programmes.models import Objective


def words(label: Any, help_text: Any, *, required: bool = True) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 2})
    return forms.CharField(label=label, help_text=help_text, max_length=300, required=required, widget=widget)


WEIGHTS = [(1, _("as much as any other")), (2, _("twice as much")), (3, _("three times as much"))]


class GoalForm(forms.Form):
    """The five levels in plain words: today's, the expected, the best case; two more for whoever likes."""

    title = forms.CharField(
        label=_("What do you want to reach?"),
        max_length=200,
        help_text=_("In a few words. For example: Use AI for the board papers."),
    )
    owner = forms.ChoiceField(label=_("Whose goal is it?"), widget=forms.RadioSelect, required=False)
    objective: "forms.ModelChoiceField[Objective]" = forms.ModelChoiceField(
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
        choices=WEIGHTS,
        initial=1,
    )

    def __init__(self, *args: Any, mentorship: Mentorship, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.members = {str(one.pk): one for one in mentorship.members.all()}
        mine = [(str(member.pk), _("Mine"))]
        theirs = [(str(o.pk), o.person.first_name) for o in mentorship.others(member.person)]
        field_of(self, "owner", forms.ChoiceField).choices = [("", _("We share it")), *mine, *theirs]
        self.objectives = Objective.objects.filter(programme=mentorship.cohort.programme_id)
        field_of(self, "objective", forms.ModelChoiceField).queryset = self.objectives

    def begin_from(self, example: Example) -> None:
        """Fill in an example; whatever it says is theirs to change."""
        words = example.words()
        owners = [pk for pk, one in self.members.items() if one.role == example.role]
        served = self.objectives.filter(dimension=example.dimension).first()
        self.initial = {
            **self.initial,
            "title": str(example.title),
            "owner": owners[0] if len(owners) == 1 else "",
            "objective": served.pk if served else None,
            "today": words[Level.LESS],
            "other_less": words[Level.MUCH_LESS],
            "expected": words[Level.EXPECTED],
            "more": words[Level.MORE],
            "much_more": words[Level.MUCH_MORE],
        }

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
        field_of(self, "level", forms.ChoiceField).choices = [
            (level.value, words_for(goal, level)) for level in sorted(Level, reverse=True)
        ]
        for name in ("comment", "obstacle"):
            self.fields[name].widget = forms.Textarea(attrs={"rows": 2})


LEVEL_LABELS = {
    Level.MUCH_MORE: _("Much more than you expect (+2)"),
    Level.MORE: _("More than you expect (+1)"),
    Level.EXPECTED: _("What you expect (0)"),
    Level.LESS: _("Less than you expect (−1)"),
    Level.MUCH_LESS: _("Much less than you expect (−2)"),
}
LEVEL_HELP = {
    Level.MUCH_MORE: _("It would surprise each of you."),
    Level.MORE: _("A step beyond what you expect: how would you notice it?"),
    Level.EXPECTED: _("With this you would be content at the end."),
    Level.LESS: _("A step short of it: something has begun to move."),
    Level.MUCH_LESS: _("Nothing has moved, or it has become harder."),
}


class DescribeForm(forms.Form):
    """Words for the levels that have none yet."""

    def __init__(self, *args: Any, goal: Goal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for level in undescribed(goal):
            self.fields[f"level_{level.value}"] = words(
                LEVEL_LABELS[level], LEVEL_HELP[level], required=False
            )

    def clean(self) -> dict[str, Any]:
        super().clean()
        if not any(self.cleaned_data.values()) and not self.errors:
            raise forms.ValidationError(_("Nothing is written yet. One level is enough to begin with."))
        return self.cleaned_data

    def levels(self) -> dict[int, str]:
        """By level, what was written."""
        given = self.cleaned_data.items()
        return {int(name.removeprefix("level_")): text for name, text in given if text}


class GoalChangeForm(forms.Form):
    """The whole wording of a goal, to be proposed to the others."""

    title = forms.CharField(label=_("What do you want to reach?"), max_length=200)
    objective = GoalForm.base_fields["objective"]
    weight = forms.TypedChoiceField(
        label=_("How much does this goal count beside your others?"), coerce=int, choices=WEIGHTS
    )
    reason = forms.CharField(
        label=_("Why?"),
        help_text=_("If you like. A sentence helps the other side to see what has become different."),
        max_length=300,
        required=False,
    )

    def __init__(self, *args: Any, goal: Goal, **kwargs: Any) -> None:
        described = {one.level: one.description for one in goal.levels.all()}
        kwargs.setdefault("initial", {})
        kwargs["initial"] |= {"title": goal.title, "objective": goal.objective_id, "weight": goal.weight}
        kwargs["initial"] |= {f"level_{level}": text for level, text in described.items()}
        super().__init__(*args, **kwargs)
        if goal.weight > WEIGHTS[-1][0]:
            field_of(self, "weight", forms.ChoiceField).choices = [*WEIGHTS, (goal.weight, str(goal.weight))]
        for level in sorted(Level, reverse=True):
            self.fields[f"level_{level.value}"] = words(
                LEVEL_LABELS[level], LEVEL_HELP[level], required=level.value in described
            )
        objectives = Objective.objects.filter(programme=goal.mentorship.cohort.programme_id)
        field_of(self, "objective", forms.ModelChoiceField).queryset = objectives
        self.order_fields(["title", *(f"level_{one.value}" for one in sorted(Level, reverse=True))])

    def change(self) -> dict[str, Any]:
        """What `actions.propose_change` takes."""
        given = self.cleaned_data
        return {
            **{name: given[name] for name in ("title", "objective", "weight", "reason")},
            "levels": {level.value: given[f"level_{level.value}"] for level in Level},
        }
