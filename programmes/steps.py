"""The steps of an enrolment: which there are, in which order, and where somebody goes on."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from programmes.models import Enrolment


@dataclass(frozen=True)
class Step:
    name: str
    title: str | Promise
    lead: str | Promise


STEPS = [
    Step("part", _("Your part"), _("What it is, what it asks of you, and in which role you take part.")),
    Step("topics", _("Topics"), _("What somebody could learn from you, and what you would like to learn.")),
    Step("time", _("How and when"), _("When you could usually meet, how, and in which language.")),
    Step("people", _("Hopes and people"), _("All of this is optional. It helps to find somebody who fits.")),
    Step("send", _("Look and send"), _("This is what you told. Nobody has seen it yet.")),
]
NAMES = [step.name for step in STEPS]


def after(name: str) -> str:
    return NAMES[NAMES.index(name) + 1]


def before(name: str) -> str | None:
    number = NAMES.index(name)
    return NAMES[number - 1] if number else None


def goes_on_with(enrolment: Enrolment | None) -> str:
    """Where a draft is resumed; the first step for whoever has none."""
    if enrolment is None:
        return NAMES[0]
    return enrolment.step if enrolment.step in NAMES else NAMES[1]


def furthest(old: str, new: str) -> str:
    """Going back to correct something does not lose how far one had come."""
    return max(old, new, key=lambda name: NAMES.index(name) if name in NAMES else 0)
