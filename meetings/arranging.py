"""What waits for somebody who arranges meetings for others. Of what is said in them they see nothing."""

from datetime import datetime

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _

from domain import dates
from domain.waiting import Action, Urgency, Waiting
from matching.models import Mentorship
from meetings.models import Meeting
from meetings.rows import when, where
from participants.models import Person

COMING_SHOWN = 3


def waiting_for_arranger(person: Person, at: datetime) -> list[Waiting]:
    """First the mentorships in which nothing is planned, then the next meetings."""
    mentorships = (
        Mentorship.objects.arranged_by(person)
        .exclude(state=Mentorship.State.PAUSED)
        .exclude(pk__in=Mentorship.objects.of(person).values("pk"))
        .distinct()
        .with_members()
        .prefetch_related(Prefetch("meetings", Meeting.objects.upcoming(at), to_attr="coming"))
    )
    coming: list[tuple[Meeting, str]] = []
    to_plan = []
    for mentorship in mentorships:
        names = mentorship.names_of_others(person)
        coming += [(meeting, names) for meeting in mentorship.coming]
        if not mentorship.coming:
            to_plan.append(plan_for_others(mentorship, names))
    coming.sort(key=lambda pair: (pair[0].starts_at, pair[0].pk))
    return to_plan + [arranged(meeting, names) for meeting, names in coming[:COMING_SHOWN]]


def plan_for_others(mentorship: Mentorship, names: str) -> Waiting:
    return Waiting(
        title=_("When do %(names)s meet?") % {"names": names},
        text=_("Nothing is planned. The page suggests times that suit everybody."),
        urgency=Urgency.SOON,
        actions=[
            Action(_("Plan a meeting"), reverse("meetings:plan", args=[mentorship.uuid]), primary=True),
            Action(_("Plan the whole rhythm"), reverse("meetings:rhythm", args=[mentorship.uuid])),
        ],
    )


def arranged(meeting: Meeting, names: str) -> Waiting:
    place = where(meeting)
    return Waiting(
        title=_("%(names)s meet on %(day)s") % {"names": names, "day": dates.day(meeting.starts_at)},
        text=f"{when(meeting)}, {place}" if place else when(meeting),
        urgency=Urgency.LATER,
        actions=[Action(_("See the meeting"), reverse("meetings:detail", args=[meeting.uuid]))],
    )
