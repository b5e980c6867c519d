from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from babel import Locale
from django import forms
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from domain.forms import BoundedFormSet, field_of
from participants.actions import describe
from participants.models import ExpertiseLevel, InterestPriority, LanguageLevel, Part, Person, Profile, Topic
from participants.models.delegation import refuse_confidants
from participants.time_zones import time_zone_names

ROWS = 3
# fmt: off
LANGUAGES = [
    "ar", "bg", "bn", "cs", "da", "de", "el", "en", "es", "et",
    "fa", "fi", "fr", "he", "hi", "hr", "hu", "id", "it", "ja",
    "ko", "lt", "lv", "nl", "no", "pl", "pt", "ro", "ru", "sk",
    "sl", "sr", "sv", "ta", "th", "tr", "uk", "ur", "vi", "zh",
]
# fmt: on

Choices = Sequence[tuple[Any, Any]]


def topic_choices(chosen: Sequence[int] = ()) -> Choices:
    """The topics on offer, and those somebody has chosen before although they no longer are."""
    topics = [topic for topic in Topic.objects.all() if topic.is_active or topic.pk in chosen]
    return [("", _("Choose a topic")), *((topic.pk, str(topic)) for topic in topics)]


def language_choices(chosen: Iterable[str] = ()) -> Choices:
    names = Locale.parse(get_language() or "en", sep="-").languages
    spoken = [(code, names.get(code, code)) for code in {*LANGUAGES, *chosen}]
    return [("", _("Choose a language")), *sorted(spoken, key=second)]


def second(pair: tuple[str, str]) -> str:
    return pair[1]


def usually(value: int) -> dict[str, Any]:
    """What a choice stands at, and falls back to."""
    return {"initial": value, "empty_value": value, "required": False}


class Row(forms.Form):
    """One row of a list. What it is about is called `subject`; left empty, the row is left out."""

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "subject", forms.ChoiceField).choices = choices

    def clean(self) -> dict[str, Any]:
        if not self.cleaned_data.get("subject") and "subject" not in self.errors:
            self.errors.clear()
        return self.cleaned_data


class ExpertiseRow(Row):
    subject = forms.TypedChoiceField(label=_("Topic"), coerce=int, empty_value=None, required=False)
    level = forms.TypedChoiceField(
        label=_("How well"), coerce=int, choices=ExpertiseLevel.choices, **usually(ExpertiseLevel.GOOD)
    )
    years = forms.IntegerField(label=_("Years"), min_value=0, max_value=60, required=False, initial=1)

    def clean_years(self) -> int:
        years = self.cleaned_data["years"]
        return 1 if years is None else years


class InterestRow(Row):
    subject = forms.TypedChoiceField(label=_("Topic"), coerce=int, empty_value=None, required=False)
    priority = forms.TypedChoiceField(
        label=_("How much"), coerce=int, choices=InterestPriority.choices, **usually(InterestPriority.WANTED)
    )


class LanguageRow(Row):
    subject = forms.ChoiceField(label=_("Language"), required=False)
    level = forms.TypedChoiceField(
        label=_("How well"), coerce=int, choices=LanguageLevel.choices, **usually(LanguageLevel.FLUENT)
    )


class RowSet(BoundedFormSet):
    def clean(self) -> None:
        seen = set()
        for form in self.forms:
            subject = form.cleaned_data.get("subject") if hasattr(form, "cleaned_data") else None
            if subject and subject in seen:
                form.add_error("subject", _("This stands here twice. Keep one of the two."))
            seen.add(subject)

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The rows filled in, with `subject` under the name the model has for it."""
        filled = [form.cleaned_data for form in self.forms if form.cleaned_data.get("subject")]
        return [{name: row["subject"], **{k: v for k, v in row.items() if k != "subject"}} for row in filled]


# A row that equals what is stored is still one that was sent: Django would pass over it.
READ_ALL = {"empty_permitted": False, "use_required_attribute": False}


def row_set(
    form: type[Row], *, data: Any, prefix: str, initial: list[dict[str, Any]], choices: Choices
) -> RowSet:
    extra = max(1, ROWS - len(initial))
    factory = forms.formset_factory(
        form, formset=RowSet, extra=extra, max_num=20, absolute_max=40, validate_max=True
    )
    made = factory(data, prefix=prefix, initial=initial, form_kwargs={**READ_ALL, "choices": choices})
    return cast(RowSet, made)  # the stubs do not say that the factory's sets are of the class `formset` names


LISTS = ("expertise", "interests", "languages")


class AboutRows:
    """The three lists in which a person says what they can, want to learn and speak, or the `asked` ones of
    them (both lists of topics, or the languages): the others are left as they are."""

    def __init__(self, person: Person, data: Any, *, asked: Sequence[str] = LISTS) -> None:
        self.person, self.asked = person, asked
        profile = Profile.objects.filter(person=person).first() if "expertise" in asked else None
        expertise = list(profile.expertise.values("topic", "level", "years")) if profile else []
        interests = list(profile.interests.values("topic", "priority")) if profile else []
        if "expertise" in asked:
            topics = topic_choices([row["topic"] for row in [*expertise, *interests]])
            self.expertise = row_set(
                ExpertiseRow, data=data, prefix="can", initial=started(expertise, "topic"), choices=topics
            )
            self.interests = row_set(
                InterestRow, data=data, prefix="want", initial=started(interests, "topic"), choices=topics
            )
        if "languages" in asked:
            languages = list(person.languages.values("code", "level"))
            self.languages = row_set(
                LanguageRow,
                data=data,
                prefix="speak",
                initial=started(languages, "code"),
                choices=language_choices([row["code"] for row in languages]),
            )

    def is_valid(self) -> bool:
        # A list, not a generator: every error is shown at once.
        return all([getattr(self, name).is_valid() for name in self.asked])

    def as_told(self) -> dict[str, Any]:
        columns = {"expertise": "topic_id", "interests": "topic_id", "languages": "code"}
        return {name: getattr(self, name).rows(columns[name]) for name in self.asked}


def started(rows: Iterable[Mapping[str, Any]], name: str) -> list[dict[str, Any]]:
    return [{"subject": row[name], **row} for row in rows]


class PeopleField(forms.CharField):
    """Colleagues by their e-mail addresses, one per line: no list of everybody has to be shown for it."""

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        self.most = most
        widget = forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "autocapitalize": "none"})
        super().__init__(required=False, widget=widget, max_length=2000, **kwargs)

    def clean(self, value: Any) -> list[Person]:
        text = super().clean(value)
        addresses = list(dict.fromkeys(text.lower().replace(",", " ").replace(";", " ").split()))
        if len(addresses) > self.most:
            raise forms.ValidationError(
                ngettext("Name at most %d person.", "Name at most %d people.", self.most) % self.most
            )
        people = {person.email: person for person in Person.objects.active().filter(email__in=addresses)}
        if unknown := [address for address in addresses if address not in people]:
            raise forms.ValidationError(
                _("We know nobody here with the address %(addresses)s. Please check how it is written."),
                params={"addresses": ", ".join(unknown)},
            )
        return [people[address] for address in addresses]


class ProfileForm(forms.ModelForm):
    headline = forms.CharField(
        label=_("In one line"),
        max_length=120,
        required=False,
        help_text=_("It stands below your name. For example: “Builds dashboards, learns to sail”."),
    )
    shown = forms.MultipleChoiceField(
        label=_("What others see of me"),
        choices=Part.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Your name, job title, address and topics always show to those who may see your profile. Nobody"
            " finds you by what you keep to yourself."
        ),
    )
    about = forms.CharField(
        label=_("About me"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("A few sentences for those who see your profile."),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=lambda: [(name, name.replace("_", " ")) for name in sorted(time_zone_names())],
        help_text=_("Every time you see here is shown in it."),
    )
    delegates = PeopleField(
        most=3,
        label=_("Who arranges my meetings"),
        help_text=_(
            "Their e-mail addresses, one per line. They see the times, places and links of your meetings and"
            " can plan and move them. They read nothing else."
        ),
    )

    class Meta:
        model = Person
        fields = ["given_name", "language", "time_zone"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = AboutRows(self.instance, args[0] if args else None)
        profile = Profile.objects.filter(person=self.instance).first()
        delegations = self.instance.delegations.select_related("delegate")
        self.initial["headline"] = profile.headline if profile else ""
        self.initial["about"] = profile.about if profile else ""
        self.initial["shown"] = [part for part in Part.values if not (profile and part in profile.hidden)]
        self.initial["delegates"] = "\n".join(found.delegate.email for found in delegations)

    def clean_delegates(self) -> list[Person]:
        if self.instance in self.cleaned_data["delegates"]:
            raise forms.ValidationError(_("You arrange your own meetings anyway. Name somebody else."))
        known = set(self.instance.delegations.values_list("delegate", flat=True))
        refuse_confidants(self.instance, {delegate.pk for delegate in self.cleaned_data["delegates"]} - known)
        return self.cleaned_data["delegates"]

    def is_valid(self) -> bool:
        return all([super().is_valid(), self.rows.is_valid()])

    def save(self, commit: bool = True) -> Person:
        person = super().save(commit)
        describe(
            person=person,
            headline=self.cleaned_data["headline"],
            about=self.cleaned_data["about"],
            hidden=set(Part.values) - set(self.cleaned_data["shown"]),
            delegates=self.cleaned_data["delegates"],
            **self.rows.as_told(),
        )
        return person
