"""What a pulse asks. The wording is our own.

Five statements on the five K's, the same before, during and after, so that a wave can be compared with the
start; three on feeling safe; then what the programme wants to know. Each is answered from 1 to 5, or skipped.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from programmes.models import Objective, Role
from pulses.models import OwnQuestion, Wave

Dimension = Objective.Dimension

SCALE = {
    1: _("not at all"),
    2: _("a little"),
    3: _("partly"),
    4: _("mostly"),
    5: _("fully"),
}
LOW = 2
"""From here down an answer on feeling safe is one that deserves an offer of help."""


@dataclass(frozen=True)
class Question:
    key: str
    text: str | Promise
    dimension: str = ""


FIVE_KS: dict[str, dict[str, Promise]] = {
    Dimension.ENGAGEMENT: {
        Role.MENTOR: _("I feel that what I know is wanted here, and I like to pass it on."),
        Role.MENTEE: _("I make time to learn from people who are earlier in their career than I am."),
    },
    Dimension.COMMUNICATION: {
        Role.MENTOR: _("I can talk openly with people who are far more senior than I am."),
        Role.MENTEE: _("People who are far more junior than I am tell me openly what they think."),
    },
    Dimension.CONNECTION: {
        Role.MENTOR: _("I know senior people here well enough to ask them something."),
        Role.MENTEE: _("I know how working here looks to people early in their career."),
    },
    Dimension.COLLABORATION: {
        Role.MENTOR: _("When I work with senior people, we work on it together."),
        Role.MENTEE: _("I bring people from other levels into my work while things can still change."),
    },
    Dimension.CREATIVITY: {
        Role.MENTOR: _("My ideas are taken up, the unusual ones too."),
        Role.MENTEE: _("I try out ideas that come from people with less experience than I have."),
    },
}
FEELING_SAFE: dict[str, Promise] = {
    "safety-frank": _("In my mentorship I can say what I really think."),
    "safety-decline": _("I could say no to a question or a request, and nobody would hold it against me."),
    "safety-support": _("If something felt wrong between us, I would know whom to turn to."),
}


def questions_for(wave: Wave, role: str) -> list[Question]:
    """In the order in which they are asked. The short pulse asks about feeling safe alone."""
    safety = [Question(key, text, Dimension.SAFETY) for key, text in FEELING_SAFE.items()]
    if wave.kind == Wave.Kind.SHORT:
        return safety
    asked = [Question(key, wording[role], key) for key, wording in FIVE_KS.items()] + safety
    programme = wave.cohort.programme_id
    if wave.kind in (Wave.Kind.START, Wave.Kind.END):
        objectives = Objective.objects.filter(programme=programme, measure=Objective.Measure.QUESTION)
        asked += [Question(f"objective-{one.pk}", one.question) for one in objectives if one.question]
    own = OwnQuestion.objects.filter(programme=programme)
    return asked + [Question(one.key, one.text) for one in own]


def feels_unsafe(answers: dict[str, int]) -> bool:
    return any(answers.get(key, LOW + 1) <= LOW for key in FEELING_SAFE)
