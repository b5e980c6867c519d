from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias, TypedDict

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from domain import dates
from domain.waiting import Action, Urgency, Waiting
from matching.models import Mentorship
from meetings.arranging import waiting_for_arranger
from meetings.models import Confirmation, Meeting, MeetingLog, MeetingQuerySet
from meetings.rows import when, where
from participants.models import Person

Status = Meeting.Status
Answer = Confirmation.Answer
LOG_WITHIN = timedelta(days=14)

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class IsLogged(TypedDict):
    is_logged: bool


Logged: TypeAlias = "WithAnnotations[Meeting, IsLogged]"


def waiting_for(person: Person, at: datetime) -> list[Waiting]:
    """Did you meet, what came of it, when do you meet next: of the mentorships the person is a member of."""
    mentorships = list(
        Mentorship.objects.visible_to(person)
        .filter(state__in=[Mentorship.State.CONFIRMED, Mentorship.State.ACTIVE])
        .with_members()
    )
    meetings: MeetingQuerySet[Logged, Logged] = (
        Meeting.objects.filter(mentorship__in=mentorships)
        .uncancelled()
        .annotate(is_logged=Exists(MeetingLog.objects.filter(meeting=OuterRef("pk"))))
        .prefetch_related("confirmations")
    )
    by_mentorship: dict[int, list[Logged]] = defaultdict(list)
    for meeting in meetings:
        by_mentorship[meeting.mentorship_id].append(meeting)
    return [
        replace(thing, about=mentorship.pk)
        for mentorship in mentorships
        for thing in of_mentorship(mentorship, by_mentorship[mentorship.pk], person, at)
    ] + waiting_for_arranger(person, at)


def of_mentorship(
    mentorship: Mentorship, meetings: "list[Logged]", person: Person, at: datetime
) -> Iterator[Waiting]:
    others = mentorship.names_of_others(person)
    status = {meeting.pk: meeting.status(at) for meeting in meetings}
    for meeting in meetings:
        match status[meeting.pk]:
            case Status.DUE:
                yield did_you_meet(meeting, others, at)
            case Status.DISPUTED:
                yield settle(meeting, others, at)
            case Status.HELD if not meeting.is_logged and meeting.ends_at > at - LOG_WITHIN:
                yield write_log(meeting, others, at)
    coming = [meeting for meeting in meetings if status[meeting.pk] == Status.PLANNED]
    held = sum(state == Status.HELD for state in status.values())
    if coming:
        yield next_meeting(coming[0], others, at)
    elif Status.DUE not in status.values() and held < mentorship.cohort.meetings_planned:
        yield plan_one(mentorship, others, first=not held)


def did_you_meet(meeting: Meeting, others: str, at: datetime) -> Waiting:
    return Waiting(
        title=_("Did you and %(others)s meet on %(day)s?") % {"others": others, "day": day(meeting, at)},
        text=_("%(when)s. One tap is enough; the log can wait.") % {"when": full(meeting)},
        urgency=Urgency.NOW,
        actions=to_answer(meeting),
    )


def to_answer(meeting: Meeting) -> list[Action]:
    """Each answer in one tap; where it leads helps on, and can be left."""
    url = reverse("meetings:answer", args=[meeting.uuid])
    return [
        Action(str(label), url, primary=value == Answer.YES, method="post", sends=(("answer", value),))
        for value, label in Answer.choices
    ]


def settle(meeting: Meeting, others: str, at: datetime) -> Waiting:
    return Waiting(
        title=_("You and %(others)s remember %(day)s differently")
        % {"others": others, "day": day(meeting, at)},
        text=_(
            "One says you met, another that you did not. Talk it over; each of you can change the answer, or "
            "say when you met instead."
        ),
        urgency=Urgency.NOW,
        actions=[Action(_("See the answers"), reverse("meetings:answer", args=[meeting.uuid]), primary=True)],
    )


def write_log(meeting: Meeting, others: str, at: datetime) -> Waiting:
    return Waiting(
        title=_("What came out of your meeting on %(day)s?") % {"day": day(meeting, at)},
        text=_("A few lines for %(others)s and you. Nobody else reads them.") % {"others": others},
        urgency=Urgency.SOON,
        actions=[Action(_("Write the log"), reverse("meetings:log", args=[meeting.uuid]), primary=True)],
    )


def next_meeting(meeting: Meeting, others: str, at: datetime) -> Waiting:
    soon = meeting.starts_at - at < timedelta(days=2)
    return Waiting(
        title=_("You meet %(others)s on %(day)s") % {"others": others, "day": dates.day(meeting.starts_at)},
        text=_("%(when)s. Have a look at the agenda before.") % {"when": full(meeting)},
        urgency=Urgency.SOON if soon else Urgency.LATER,
        actions=[Action(_("See the meeting"), reverse("meetings:detail", args=[meeting.uuid]))],
    )


def plan_one(mentorship: Mentorship, others: str, *, first: bool) -> Waiting:
    if first:
        title = _("When do you and %(others)s meet for the first time?")
        text = _("The first meeting is for getting to know each other, goals and ground rules, nothing more.")
    else:
        title = _("When do you and %(others)s meet next?")
        text = _(
            "A date in the diary keeps a mentorship alive. What you set out to do is on the agenda already."
        )
    url = reverse("meetings:plan", args=[mentorship.uuid])
    return Waiting(
        title=title % {"others": others},
        text=text,
        urgency=Urgency.SOON,
        actions=[Action(_("Plan a meeting"), url, primary=True)],
    )


def day(meeting: Meeting, at: datetime) -> str:
    """“Tuesday” within the last six days, “Tuesday 17 November” before."""
    if at - meeting.starts_at < timedelta(days=6):
        return dates.weekday(meeting.starts_at)
    return dates.day(meeting.starts_at)


def full(meeting: Meeting) -> str:
    place = where(meeting)
    return f"{when(meeting)}, {place}" if place else when(meeting)
