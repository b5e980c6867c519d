"""What the pages about goals say and show."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domain import dates
from goals.actions import OPEN_AT_ONCE
from goals.chart import chart
from goals.models import CheckIn, Goal, Level
from goals.reminders import FROM, is_asked_about, last_asked
from goals.summary import GoalCard, words_for
from matching.models import Mentorship
from participants.models import Person

FAR_APART = 2
"""From so many levels on the members see a goal so differently that the page says so."""

Close = Callable[..., bool]


@dataclass(frozen=True)
class Group:
    """One mentorship in the list of goals."""

    mentorship: Mentorship
    others: str
    open: list[GoalCard]
    closed: list[GoalCard]

    @property
    def is_live(self) -> bool:
        return self.mentorship.is_live

    @property
    def may_set(self) -> bool:
        return self.is_live and len(self.open) < OPEN_AT_ONCE


def group(mentorship: Mentorship, cards: list[GoalCard], person: Person) -> Group:
    is_open = [card.goal.state == Goal.State.OPEN for card in cards]
    return Group(
        mentorship,
        mentorship.names_of_others(person),
        [card for card, yes in zip(cards, is_open, strict=True) if yes],
        [card for card, yes in zip(cards, is_open, strict=True) if not yes],
    )


@dataclass(frozen=True)
class Report:
    """One check-in as a row of the table."""

    who: str
    check_in: CheckIn
    words: str


@dataclass(frozen=True)
class Round:
    """What was reported for one check-in day. `hidden` names whose report opens with the reader's own."""

    day: date
    reports: list[Report]
    hidden: list[str]
    levels_apart: int


def detail(goal: Goal, mentorship: Mentorship, person: Person, at: datetime) -> dict[str, Any]:
    member = mentorship.member_for(person)
    names = {one.pk: one.person.first_name for one in mentorship.members.all()} | {member.pk: _("You")}
    seen = list(CheckIn.objects.visible_to(person).filter(goal=goal))
    every = list(goal.check_ins.values_list("due_on", "member"))
    owner = next((one for one in mentorship.members.all() if one.pk == goal.owner_id), None)
    own = [one for one in seen if one.member_id == member.pk]
    day = last_asked(mentorship.cohort, at, person.zone)
    is_due = day and is_asked_about(goal, day, person.zone) and day not in {one.due_on for one in own}
    members = [(member, names[member.pk]), *((o, names[o.pk]) for o in mentorship.others(person))]
    started_on = goal.set_at.astimezone(person.zone).date()
    last = max([mentorship.cohort.ends_on, *(one.due_on for one in seen)])
    return {
        "goal": goal,
        "mentorship": mentorship,
        "others": mentorship.names_of_others(person),
        "owner": _("shared") if owner is None else names[owner.pk],
        "levels": [{"value": level, "text": words_for(goal, level)} for level in sorted(Level, reverse=True)],
        "today": own[-1].level if own else None,
        "rounds": [
            round_of(goal, day, seen, every, names, member.pk)
            for day in sorted({d for d, _m in every}, reverse=True)
        ],
        "chart": chart(goal, started_on, last, members, seen) if seen else None,
        "due_on": day if is_due else None,
        "next_on": next_day(mentorship, person, at),
    }


def round_of(
    goal: Goal, day: date, seen: list[CheckIn], every: list[tuple[date, int]], names: dict[int, str], own: int
) -> Round:
    there = sorted((one for one in seen if one.due_on == day), key=lambda one: one.member_id != own)
    shown = {one.member_id for one in there}
    levels = [one.level for one in there]
    return Round(
        day=day,
        reports=[Report(names[one.member_id], one, words_for(goal, one.level)) for one in there],
        hidden=[names[member] for due_on, member in every if due_on == day and member not in shown],
        levels_apart=apart if levels and (apart := max(levels) - min(levels)) >= FAR_APART else 0,
    )


def next_day(mentorship: Mentorship, person: Person, at: datetime) -> date | None:
    days = mentorship.cohort.check_in_dates()
    return min((day for day in days if datetime.combine(day, FROM, person.zone) > at), default=None)


def nothing_to_report(goal: Goal, mentorship: Mentorship, person: Person) -> str:
    if goal.state != Goal.State.OPEN:
        return _("This goal is closed, so there is nothing to check in on.")
    day = next_day(mentorship, person, timezone.now())
    if day is None:
        return _("No further check-in is planned in this cohort.")
    return _("The next check-in is on %(day)s. We will remind you.") % {"day": dates.day(day)}


def said_after_check_in(goal: Goal, mentorship: Mentorship, person: Person, day: date) -> str:
    others = mentorship.names_of_others(person)
    reported = CheckIn.objects.filter(goal=goal, due_on=day).exclude(member__enrolment__person=person)
    if reported.count() == len(mentorship.others(person)):
        return _("Thank you. You and %(names)s can now see both views.") % {"names": others}
    return _("Thank you. Your view opens to %(names)s as soon as they have reported too.") % {"names": others}


@dataclass(frozen=True)
class Question:
    title: Promise
    text: Promise
    consequences: list[Promise]
    confirm_label: Promise
    done: Promise
    danger: bool = False

    def context(self, goal: Goal, others: str) -> dict[str, Any]:
        said = {"goal": goal.title, "names": others}
        return {
            "title": self.title % said,
            "text": self.text % said,
            "consequences": [sentence % said for sentence in self.consequences],
            "confirm_label": self.confirm_label,
            "danger": self.danger,
        }


ASK_TO_ATTAIN = Question(
    title=gettext_lazy("Have you reached “%(goal)s”?"),
    text=gettext_lazy("Then it is worth saying so, to each other as well."),
    consequences=[
        gettext_lazy("The goal is closed as attained, for you and %(names)s."),
        gettext_lazy("Its levels and check-ins stay readable for you all. It cannot be opened again."),
    ],
    confirm_label=gettext_lazy("Yes, it is reached"),
    done=gettext_lazy("“%(goal)s” is attained. Well done."),
)
ASK_TO_DROP = Question(
    title=gettext_lazy("Do you want to drop “%(goal)s”?"),
    text=gettext_lazy("Goals may change; dropping one is no failure."),
    consequences=[
        gettext_lazy("The goal is closed for you and %(names)s, and nobody is asked about it any more."),
        gettext_lazy("Its levels and check-ins stay readable for you all. It cannot be opened again."),
    ],
    confirm_label=gettext_lazy("Drop this goal"),
    done=gettext_lazy("“%(goal)s” is dropped. If something took its place, set that as your goal."),
    danger=True,
)
