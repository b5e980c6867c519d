from operator import itemgetter
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from domain.forms import field_of
from matching.directory.search import Wanted
from participants.forms import language_choices
from participants.models import PersonLanguage, Site, Topic
from programmes.models import Enrolment, Role


class SearchForm(forms.Form):
    """Only what leads to somebody is offered."""

    topic: "forms.ModelChoiceField[Topic]" = forms.ModelChoiceField(
        Topic.objects.none(), required=False, empty_label=_("any")
    )
    language = forms.ChoiceField(label=_("Language"), required=False)
    site = forms.ModelChoiceField(Site.objects.none(), label=_("Site"), required=False, empty_label=_("any"))

    def __init__(self, data: Any, *, mine: Enrolment) -> None:
        super().__init__(data)
        others = (
            Enrolment.objects.accepted().filter(cohort=mine.cohort).exclude(role=mine.role).values("person")
        )
        of = "interests" if mine.role == Role.MENTOR else "expertise"
        topic = field_of(self, "topic", forms.ModelChoiceField)
        topic.label = _("Wants to learn") if mine.role == Role.MENTOR else _("Offers")
        topic.queryset = Topic.objects.filter(
            pk__in=Topic.objects.filter(**{f"{of}__profile__person__in": others}).values("pk")
        )
        field_of(self, "site", forms.ModelChoiceField).queryset = Site.objects.filter(
            pk__in=Site.objects.filter(people__in=others).values("pk")
        )
        spoken = set(PersonLanguage.objects.filter(person__in=others).values_list("code", flat=True))
        named = [choice for choice in language_choices(spoken) if choice[0] in spoken]
        field_of(self, "language", forms.ChoiceField).choices = [("", _("any")), *named]

    def wanted(self) -> Wanted:
        """What was chosen; a choice that leads nowhere is as if it had not been made."""
        chosen = self.cleaned_data if self.is_valid() else {}
        return Wanted(chosen.get("topic"), chosen.get("language", ""), chosen.get("site"))


class RankForm(forms.Form):
    """One field for each person shown: in which place they would be wanted, or none."""

    PLACES = (("", _("no wish")), ("1", _("first")), ("2", _("second")), ("3", _("third")))

    def __init__(self, data: Any, *, shown: list[Enrolment], ranks: dict[int, int]) -> None:
        super().__init__(data)
        for other in shown:
            self.fields[f"rank-{other.uuid}"] = forms.ChoiceField(
                label=_("Your wish"),
                choices=self.PLACES,
                required=False,
                initial=str(ranks.get(other.person_id, "")),
            )
        self.shown = shown

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        given = [rank for rank in cleaned.values() if rank]
        if len(set(given)) < len(given):
            raise forms.ValidationError(_("Give each place to one person only."))
        return cleaned

    def ranked(self) -> list[Enrolment]:
        """Those who were given a place, the first first."""
        ranks = [(self.cleaned_data.get(f"rank-{other.uuid}"), other) for other in self.shown]
        given = [(rank, other) for rank, other in ranks if rank]
        return [other for _rank, other in sorted(given, key=itemgetter(0))]

    def cards(self) -> list[tuple[Enrolment, Any]]:
        return [(other, self[f"rank-{other.uuid}"]) for other in self.shown]


class AskForm(forms.Form):
    message = forms.CharField(
        label=_("Your message"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("What would you like to talk about, and why with them? Only they read it."),
    )
