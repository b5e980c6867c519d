"""What the agenda of a meeting begins with; its planner changes it freely."""

from datetime import datetime, timedelta

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext as _

from matching.models import Mentorship
from meetings.models import NextStep

STEPS_SHOWN = 10
CLOSING_WITHIN = timedelta(weeks=4)


class Kind(TextChoices):
    KICK_OFF = "kick-off"
    REGULAR = "regular"
    CLOSING = "closing"


def suggested(mentorship: Mentorship, at: datetime | None = None) -> str:
    """The kick-off's for the first meeting; for a later one what is open from before, and the usual two."""
    at = at or timezone.now()
    kind = kind_of_next(mentorship, at)
    steps = open_steps(mentorship, at) if kind != Kind.KICK_OFF else []
    return "\n".join(steps + template(kind))


def kind_of_next(mentorship: Mentorship, at: datetime | None = None) -> Kind:
    """The first is the kick-off; the last planned one, or one in the cohort's last four weeks, the end."""
    planned = mentorship.meetings.uncancelled().count()
    if not planned:
        return Kind.KICK_OFF
    cohort = mentorship.cohort
    near = (at or timezone.now()).date() >= cohort.ends_on - CLOSING_WITHIN
    return Kind.CLOSING if near or planned >= cohort.meetings_planned - 1 else Kind.REGULAR


def open_steps(mentorship: Mentorship, at: datetime) -> list[str]:
    """What somebody still types is left out, whoever plans: all members read the agenda."""
    steps = NextStep.objects.filter(meeting__mentorship=mentorship, done_at=None).finished(at)
    return [
        _("From last time: %(step)s") % {"step": text}
        for text in steps.values_list("text", flat=True)[:STEPS_SHOWN]
    ]


def template(kind: Kind) -> list[str]:
    match kind:
        case Kind.KICK_OFF:
            return [
                _("Getting to know each other: where we come from, what we do"),
                _("Goals: what each of us wants to have learned by the end"),
                _("Ground rules: what stays between us, which topics are taboo"),
                _("How we work: how often, where, and how we reach each other"),
            ]
        case Kind.CLOSING:
            return [
                _("What we learned, each of us"),
                _("What remains to be done, and who does it"),
                _("How we stay in touch"),
            ]
        case Kind.REGULAR:
            return [
                _("What moved forward, what was hard, what went well"),
                _("What each of us does until next time"),
            ]
