from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from domain.forms import field_of
from participants.models import Grade, Person, Profession, Site, Unit
from participants.models.person import PersonQuerySet
from programmes import actions
from programmes.models import Cohort, Eligibility, Objective, Programme, Role
from programmes.models.programme import admitted
from programmes.presets import presets


class DayInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(attrs={"class": " ".join(INPUT_CLASSES)}, format="%Y-%m-%d")


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


# --- Who may take part ---


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


# --- Objectives ---


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


# --- Cohorts ---


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


# --- Invitations ---


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


class PreviewForm(forms.Form):
    """As whom to look at it."""

    role = forms.ChoiceField(choices=Role.choices, required=False)
    language = forms.ChoiceField(choices=[("en", _("English")), ("de", _("German"))], required=False)
