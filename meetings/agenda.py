"""What the agenda of the next meeting begins with; its planner changes it freely."""

from django.utils.translation import gettext as _

from matching.models import Mentorship
from meetings.models import NextStep


def suggested(mentorship: Mentorship) -> str:
    if not mentorship.meetings.uncancelled().exists():
        return "\n".join(
            [
                _("Getting to know each other: where we come from, what we do"),
                _("Goals: what each of us wants to have learned by the end"),
                _("Ground rules: what stays between us, which topics are taboo"),
                _("How we work: how often, where, and how we reach each other"),
            ]
        )
    steps = NextStep.objects.filter(meeting__mentorship=mentorship, done_at=None).values_list(
        "text", flat=True
    )
    return "\n".join(
        [_("From last time: %(step)s") % {"step": step} for step in steps[:10]]
        + [_("What moved forward, what was hard, what went well"), _("What each of us does until next time")]
    )
