from django import forms
from django.utils.translation import gettext_lazy as _

from endings.models import Again


class FarewellForm(forms.Form):
    thanks = forms.CharField(
        label=_("A thank-you"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What will you remember? The others read it, and nobody else."),
    )
    stays_in_touch = forms.TypedChoiceField(
        label=_("Would you like to stay in touch, without the programme?"),
        choices=[("yes", _("Yes, gladly")), ("no", _("Rather not")), ("", _("I leave it open"))],
        coerce=lambda value: value == "yes",
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
        help_text=_("They hear of it only if all of you say yes. A no is told to nobody."),
    )


class LookBackForm(forms.Form):
    """Nothing is chosen beforehand."""

    answer = forms.ChoiceField(
        label=_("Would you do it again?"), choices=Again.Answer.choices, widget=forms.RadioSelect
    )
