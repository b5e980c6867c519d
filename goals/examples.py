"""Goals to begin from, with their five levels; everything in them is the members' to change."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from goals.models import Level
from programmes.models import Objective, Programme, Role

Form = Programme.Form
Dimension = Objective.Dimension


@dataclass(frozen=True)
class Example:
    key: str
    forms: tuple[str, ...]
    dimension: str
    """Which of the programme's objectives it would serve."""
    role: str | None
    """Whose goal it would be; None for one that is shared."""
    title: Promise
    levels: tuple[Promise, ...]
    """From much less than expected to much more. Today is the second: one step below what is expected."""

    def words(self) -> dict[int, str]:
        return {level.value: str(text) for level, text in zip(sorted(Level), self.levels, strict=True)}


EXAMPLES = (
    Example(
        "ai-at-work",
        (Form.REVERSE,),
        Dimension.ENGAGEMENT,
        Role.MENTEE,
        _("Use AI for my own work"),
        (
            _("I avoid it and ask others to do it for me."),
            _("I have tried it once or twice, without a result I could use."),
            _("I use it every week for one real task, and know when not to."),
            _("I use it every week for three different tasks."),
            _("I use it as a matter of course and have shown two colleagues how."),
        ),
    ),
    Example(
        "hear-juniors",
        (Form.REVERSE, Form.INFORMAL),
        Dimension.COMMUNICATION,
        Role.MENTEE,
        _("Hear what juniors in my unit really think"),
        (
            _("I hear of problems when it is too late."),
            _("I ask now and then, and mostly hear that all is well."),
            _("I have had three conversations in which somebody junior disagreed with me."),
            _("I have changed one thing because of such a conversation, and said so."),
            _("Juniors come to me by themselves when they see something differently."),
        ),
    ),
    Example(
        "try-their-idea",
        (Form.REVERSE, Form.GROUP),
        Dimension.CREATIVITY,
        Role.MENTEE,
        _("Try out an idea that came from a junior colleague"),
        (
            _("I know of none."),
            _("I know of some, and none has been tried."),
            _("One idea has been tried, with its author at the table."),
            _("Two ideas have been tried, and one of them stays."),
            _("Trying ideas from everywhere has become a habit of my team."),
        ),
    ),
    Example(
        "speak-up",
        (Form.REVERSE,),
        Dimension.COMMUNICATION,
        Role.MENTOR,
        _("Say what I think in front of senior people"),
        (
            _("I keep quiet even when I am asked."),
            _("I answer when asked, and rehearse it beforehand."),
            _("I have brought up a point of my own in two meetings with senior people."),
            _("I have disagreed once, and it went well."),
            _("It has become normal, and others ask me how I do it."),
        ),
    ),
    Example(
        "how-decisions-are-made",
        (Form.REVERSE, Form.INFORMAL),
        Dimension.CONNECTION,
        Role.MENTOR,
        _("Understand how decisions are made at the top"),
        (
            _("They seem to come from nowhere."),
            _("I hear of them, and seldom know the reasons."),
            _("I have followed one decision from the question to the end, and can explain it."),
            _("I have contributed something to one."),
            _("I can tell beforehand what will count in a decision, and prepare for it."),
        ),
    ),
    Example(
        "first-team",
        (Form.FORMAL,),
        Dimension.COLLABORATION,
        Role.MENTEE,
        _("Lead my first team without doing everything myself"),
        (
            _("I do most of it myself, in the evening."),
            _("I hand over small things and check them all."),
            _("I have handed over two whole tasks, with the decisions that belong to them."),
            _("The team decides about its week without me."),
            _("I was away for two weeks, and nothing waited for me."),
        ),
    ),
    Example(
        "hard-conversation",
        (Form.FORMAL, Form.INFORMAL),
        Dimension.COMMUNICATION,
        Role.MENTEE,
        _("Have the conversations I put off"),
        (
            _("I put them off until they are no longer needed."),
            _("I have them when there is no other way."),
            _("I have had two of them within a week of knowing I should."),
            _("Both sides left with something to do, and did it."),
            _("I no longer put them off, and people thank me for being clear."),
        ),
    ),
    Example(
        "pass-it-on",
        (Form.FORMAL, Form.INFORMAL, Form.REVERSE),
        Dimension.ENGAGEMENT,
        Role.MENTOR,
        _("Pass on what I know so that it sticks"),
        (
            _("I talk, and little of it is used."),
            _("I explain, and see now and then that it helped."),
            _("Three things I passed on are in use."),
            _("I ask more than I tell, and the answers come from the other side."),
            _("What I passed on is being passed on further."),
        ),
    ),
    Example(
        "wider-network",
        (Form.INFORMAL, Form.FORMAL),
        Dimension.CONNECTION,
        None,
        _("Know people beyond our own units"),
        (
            _("We know our own teams."),
            _("We know a few names elsewhere, and hardly use them."),
            _("Each of us has met three people through the other, and could ask them something."),
            _("One of these contacts has led to something we do together."),
            _("We bring people together ourselves, and are asked to."),
        ),
    ),
    Example(
        "shared-project",
        (Form.GROUP,),
        Dimension.COLLABORATION,
        None,
        _("Finish something small that all of us had a hand in"),
        (
            _("We talk about it and have not begun."),
            _("We have an idea and a first meeting about it."),
            _("It is finished, and each of us can point to their part."),
            _("Somebody outside our group uses it."),
            _("It has become part of how the company works."),
        ),
    ),
    Example(
        "learn-from-each",
        (Form.GROUP,),
        Dimension.CONNECTION,
        None,
        _("Learn one thing from each other member"),
        (
            _("We hardly know what the others can do."),
            _("We know what each of us is good at."),
            _("Each of us uses one thing learned from another member."),
            _("Each of us has learned something from every other member."),
            _("We ask each other first when something is new, also outside our meetings."),
        ),
    ),
)
BY_KEY = {one.key: one for one in EXAMPLES}


def examples_for(programme: Programme, objectives: Iterable[Objective]) -> list[Example]:
    """Those that fit the form of the programme, first those that would serve one of its objectives."""
    aimed_at = {one.dimension for one in objectives if one.dimension}
    fitting = [one for one in EXAMPLES if programme.form in one.forms]
    return sorted(fitting, key=lambda one: one.dimension not in aimed_at)
