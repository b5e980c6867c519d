"""Setting a programme up: its preset, who may take part, its objectives."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from domain.admin import BoundedInlineFormSet
from domain.forms import field_of
from participants.models import Grade, Person, Profession, Site, Unit
from participants.models.person import PersonQuerySet
from programmes.models import Eligibility, Objective, Programme, ProgrammeRole, Role
from programmes.models.programme import admitted
from programmes.presets import presets


class PresetForm(forms.Form):
    preset = forms.ChoiceField(label=_("Form of mentoring"), widget=UnfoldAdminRadioSelectWidget)
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
        field_of(self, "preset", forms.ChoiceField).choices = [
            (preset.form, f"{Programme.Form(preset.form).label} ({preset.name})") for preset in presets()
        ]
        self.initial.setdefault("preset", "reverse")


class RuleForm(forms.ModelForm):
    """The rule of one role. Nothing chosen under a heading admits everybody there."""

    is_open = forms.ChoiceField(
        label=_("Who can enrol"),
        choices=[("rule", _("everybody whom these rules admit")), ("", _("only people we invite"))],
        required=False,
        widget=UnfoldAdminRadioSelectWidget,
    )

    class Meta:
        model = Eligibility
        fields = ["lowest_grade", "highest_grade", "units", "sites", "professions"]
        widgets = {
            "lowest_grade": UnfoldAdminSelectWidget,
            "highest_grade": UnfoldAdminSelectWidget,
            "units": UnfoldAdminCheckboxSelectMultipleWidget,
            "sites": UnfoldAdminCheckboxSelectMultipleWidget,
            "professions": UnfoldAdminCheckboxSelectMultipleWidget,
        }
        help_texts = {
            "lowest_grade": _("Empty: no lower limit."),
            "highest_grade": _("Empty: no upper limit."),
            "units": _("With everything below them. None ticked: all."),
            "sites": _("None ticked: all."),
            "professions": _("None ticked: all."),
        }

    def __init__(self, data: Any, *, instance: Eligibility, choices: dict[str, list[Any]]) -> None:
        role = Role(instance.role)
        super().__init__(data, instance=instance, prefix=role.value)
        self.role = role
        self.initial["is_open"] = "" if instance.pk is None else "rule"
        for name in ("lowest_grade", "highest_grade"):
            grade = field_of(self, name, forms.ModelChoiceField)
            grade.empty_label = _("any grade")
            grade.queryset = Grade.objects.exclude(rank=None).order_by("rank")
            grade.choices = [("", grade.empty_label), *choices["grades"]]
        for name in ("units", "sites", "professions"):
            field_of(self, name, forms.ModelMultipleChoiceField).choices = choices[name]

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        low, high = cleaned.get("lowest_grade"), cleaned.get("highest_grade")
        if low and high and low.rank > high.rank:
            self.add_error("highest_grade", _("This grade lies below the lowest one."))
        return cleaned

    def people(self) -> PersonQuerySet:
        """Whom the rule as it stands in the form would admit."""
        if not self.is_bound:
            return self.instance.people() if self.instance.pk else Person.objects.none()
        if not self.cleaned_data.get("is_open") or self.errors:
            return Person.objects.none()
        names = ("lowest_grade", "highest_grade", "units", "sites", "professions")
        return admitted(**{name: self.cleaned_data[name] for name in names})

    def save(self, commit: bool = True) -> Eligibility | None:
        if self.cleaned_data["is_open"]:
            return super().save(commit)
        if self.instance.pk:
            self.instance.delete()
        return None


class RulesForm:
    """Both roles on one page, and how many people the rules admit."""

    def __init__(self, data: Any, *, programme: Programme) -> None:
        rules = {
            rule.role: rule for rule in programme.eligibility.select_related("lowest_grade", "highest_grade")
        }
        choices = {
            "grades": [(grade.pk, grade.name) for grade in Grade.objects.exclude(rank=None).order_by("rank")],
            "units": unit_tree(),
            "sites": list(Site.objects.order_by("name").values_list("pk", "name")),
            "professions": list(Profession.objects.order_by("name").values_list("pk", "name")),
        }
        self.forms = [
            RuleForm(
                data, instance=rules.get(role) or Eligibility(programme=programme, role=role), choices=choices
            )
            for role in Role
        ]

    def is_valid(self) -> bool:
        return all([form.is_valid() for form in self.forms])

    @property
    def has_changed(self) -> bool:
        return any(form.has_changed() for form in self.forms)

    def counts(self) -> dict[str, int]:
        """How many people could take part in each role, and in either."""
        mentors, mentees = (form.people().order_by() for form in self.forms)
        both = mentors.filter(pk__in=mentees.values("pk"))
        return {"mentors": mentors.count(), "mentees": mentees.count(), "both": both.count()}

    def save(self) -> None:
        for form in self.forms:
            form.save()


def unit_tree() -> list[tuple[int, str]]:
    """Every unit below the one it belongs to, set in by its depth."""
    below: dict[int | None, list[Unit]] = {}
    for unit in Unit.objects.order_by("name"):
        below.setdefault(unit.parent_id, []).append(unit)

    def walk(parent: int | None, depth: int) -> list[tuple[int, str]]:
        found = []
        for unit in below.get(parent, []):
            found += [(unit.pk, "\u2003" * depth + unit.name), *walk(unit.pk, depth + 1)]
        return found

    return walk(None, 0)


class RolesFormSet(BoundedInlineFormSet):
    """Confidants neither run programmes nor arrange meetings for those whom people may want to talk about."""

    def clean(self) -> None:
        super().clean()
        kept = [
            form for form in self.forms if form.cleaned_data.get("person") and form not in self.deleted_forms
        ]
        roles = [(form.cleaned_data["person"], form.cleaned_data.get("role"), form) for form in kept]
        coordinators = {person for person, role, _form in roles if role == ProgrammeRole.Kind.COORDINATOR}
        for person, role, form in roles:
            if role == ProgrammeRole.Kind.CONFIDANT and (reason := self.refusal(person, coordinators, form)):
                form.add_error("person", reason)

    def refusal(self, person: Person, coordinators: Collection[Person], form: forms.ModelForm) -> str:
        if person in coordinators:
            return gettext("Nobody is coordinator and confidant of the same programme.")
        if not form.has_changed():
            return ""
        if person.is_hr_admin:
            return gettext("An HR admin cannot be a confidant: what is confided is kept from HR.")
        taking_part = Person.objects.filter(enrolments__cohort__programme=self.instance)
        if arranged := person.arranges_for.filter(person__in=taking_part).select_related("person").first():
            return gettext(
                "They arrange meetings for %(name)s, who takes part. Choose somebody else, or end that first."
            ) % {"name": arranged.person.name}
        return ""


class ObjectiveForm(forms.ModelForm):
    """Only what belongs to the measure is kept; start and target lie within what it can show."""

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        measure = cleaned.get("measure")
        if not measure:
            return cleaned
        if measure != Objective.Measure.PULSE:
            cleaned["dimension"] = ""
        elif not cleaned.get("dimension"):
            self.add_error("dimension", _("Choose which dimension of the pulse measures it."))
        if measure != Objective.Measure.QUESTION:
            cleaned["question_en"] = cleaned["question_de"] = ""
        elif not (cleaned.get("question_en") or cleaned.get("question_de")):
            self.add_error("question_en", _("Write the question that people are asked."))
        low, high = Objective.RANGES[Objective.Measure(measure)]
        for name in ("baseline", "target"):
            value = cleaned.get(name)
            if value is not None and not low <= value <= high:
                self.add_error(
                    name,
                    _("This measure goes from %(low)d to %(high)d.") % {"low": low, "high": high},
                )
        baseline, target = cleaned.get("baseline"), cleaned.get("target")
        if baseline is not None and target is not None and target <= baseline and not self.errors:
            self.add_error("target", _("The target lies where you are already. Aim a little higher."))
        return cleaned


class BothLanguages:
    """Names the language of each text plainly, in the reader's language."""

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field and (original := getattr(db_field, "translated_field", None)):
            language = {"en": _("English"), "de": _("German")}[db_field.language]
            field.label = f"{capfirst(original.verbose_name)} ({language})"
        return field
