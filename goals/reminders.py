"""When a check-in is asked for, and of whom.

A window and not a day: whoever was not asked on the day itself, because no worker ran, is asked on the next.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import lazy

from goals.models import Goal
from matching.models import Member, Mentorship
from notices.models import Notice
from notices.outbox import Message
from notices.still import still_due
from programmes.models import Cohort

FROM = time(7)
REMINDED_FOR = timedelta(days=21)
AGAIN_AFTER = timedelta(days=7)
"""Whoever was asked and has not reported is asked a second time, and then no more."""
# A pause is a rest from reminders too.
ASKED = (Mentorship.State.CONFIRMED, Mentorship.State.ACTIVE)


def last_asked(cohort: Cohort, at: datetime, zone: ZoneInfo) -> date | None:
    """The latest check-in day that has begun where the person is, at 7:00; None before the first."""
    return max(
        (day for day in cohort.check_in_dates() if datetime.combine(day, FROM, zone) <= at), default=None
    )


def to_remind_of(cohort: Cohort, at: datetime, zone: ZoneInfo) -> date | None:
    """That day, for three weeks, unless the next one has come."""
    day = last_asked(cohort, at, zone)
    return day if day and at < datetime.combine(day + REMINDED_FOR, FROM, zone) else None


def is_asked_about(goal: Goal, day: date, zone: ZoneInfo) -> bool:
    """A goal set on the day itself or later says where it stands already."""
    return goal.state == Goal.State.OPEN and goal.set_at.astimezone(zone).date() < day


def missing(mentorship: Mentorship, member: Member, day: date) -> list[Goal]:
    """The goals, from the prefetched ones, on which the member still has to report for that day."""
    return [
        goal
        for goal in mentorship.goals.all()
        if is_asked_about(goal, day, member.person.zone)
        and not any(one.member_id == member.pk and one.due_on == day for one in goal.check_ins.all())
    ]


def messages(at: datetime) -> Iterator[Message]:
    """One per member and check-in day, however many goals are open."""
    cohorts = {
        cohort.pk: cohort
        for cohort in Cohort.objects.filter(state=Cohort.State.RUNNING)
        # A day more on each side, because the day is another one elsewhere.
        if any(
            -timedelta(days=1) <= at.date() - day <= REMINDED_FOR + timedelta(days=1)
            for day in cohort.check_in_dates()
        )
    }
    mentorships = Mentorship.objects.filter(
        pk__in=Goal.objects.open().values("mentorship"), cohort__in=cohorts, state__in=ASKED
    )
    goals = Prefetch("goals", Goal.objects.open().prefetch_related("check_ins"))
    for mentorship in mentorships.with_members().prefetch_related(goals).iterator(chunk_size=200):
        for member in mentorship.members.all():
            day = to_remind_of(cohorts[mentorship.cohort_id], at, member.person.zone)
            if day and (goals_missing := missing(mentorship, member, day)):
                yield message(mentorship, member, day, goals_missing)


@still_due("check-in-due")
def still_missing(notices: list[Notice]) -> Iterable[int]:
    """The key names member and day; the next day asks by itself."""
    asked = {one.pk: one.key.split(":")[1:3] for one in notices}
    goals = Prefetch("mentorship__goals", Goal.objects.open().prefetch_related("check_ins"))
    members = Member.objects.filter(mentorship__state__in=ASKED).select_related(
        "mentorship__cohort", "enrolment__person"
    )
    found = members.prefetch_related(goals).in_bulk({int(member) for member, _day in asked.values()})
    at = timezone.now()
    for pk, (number, text) in asked.items():
        member, day = found.get(int(number)), date.fromisoformat(text)
        is_open = member and day == to_remind_of(member.mentorship.cohort, at, member.person.zone)
        if is_open and missing(member.mentorship, member, day):
            yield pk


def message(mentorship: Mentorship, member: Member, day: date, goals: list[Goal]) -> Message:
    only = reverse("goals:check_in", args=[goals[0].uuid])
    return Message(
        "check-in-due",
        to=member.person,
        key=f"check-in-due:{member.pk}:{day}",
        # Lazy, so that the “and” between two names is said in the recipient's language.
        context={"goals": goals, "partner": lazy(mentorship.names_of_others, str)(member.person)},
        url=only if len(goals) == 1 else reverse("goals:list"),
    )
