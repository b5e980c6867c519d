from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from matching.models import Block, MatchingPolicy
from matching.models.policy import CRITERIA
from participants.models import Person
from programmes.models import Programme


class MatchingPolicyForm(forms.ModelForm):
    class Meta:
        model = MatchingPolicy
        fields = (
            "aim",
            "line_reach",
            "grade_gap",
            "other_unit",
            "other_profession",
            "language_level",
            "common_hours",
            "not_together_before",
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
            "not_together_before": _(
                "Who have been together in this programme are not matched again. "
                "Who are together now never are."
            ),
            "weight_topics": _("How well what the mentor offers meets what the mentee wants to learn."),
            "weight_perspective": _("Another unit, profession and site, and years in the company apart."),
            "weight_wishes": _("Whom people asked for. Who asked for whom is shown to nobody."),
            "weight_waited": _("Who was left without in an earlier cohort comes first more easily."),
        }


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
                self.fields[name].queryset = choices
