"""What the pages about goals say and show."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from goals.actions import OPEN_AT_ONCE
from goals.chart import chart
from goals.models import CheckIn, Goal, GoalChange, Level
from goals.reminders import FROM
from goals.rounds import begun, to_report
from goals.summary import GoalCard, attainment, in_words, words_for
from goals.wording import Wording, undescribed
from matching.models import Member, Mentorship
from participants.models import Person
from programmes.models import Objective, Role

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
    def score(self) -> float | None:
        return attainment([*self.open, *self.closed])

    @property
    def score_in_words(self) -> str:
        return in_words(score) if (score := self.score) is not None else ""

    @property
    def without_a_goal(self) -> str:
        """The role for which no goal is open, where the other has one: both should gain something."""
        roles = {one.pk: one.role for one in self.mentorship.members.all()}
        having = {roles.get(card.goal.owner_id or 0) for card in self.open}
        if not self.may_set or not having or None in having:
            return ""
        return next((role for role in Role.values if role not in having), "")

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
    """What was reported for one check-in day. `hidden` names whose report is closed to the reader; while the
    round `is_open` their own opens it."""

    day: date
    reports: list[Report]
    hidden: list[str]
    is_open: bool
    levels_apart: int


def detail(goal: Goal, mentorship: Mentorship, person: Person, at: datetime) -> dict[str, Any]:
    member = mentorship.membership_of(person)
    names = names_for(mentorship, person)
    seen = list(CheckIn.objects.visible_to(person).filter(goal=goal))
    every = list(goal.check_ins.all())
    waits = begun(goal, mentorship, member, at, every)
    owner = next((one for one in mentorship.members.all() if one.pk == goal.owner_id), None)
    own = [one for one in seen if one.member_id == member.pk]
    members = [(member, names[member.pk]), *((o, names[o.pk]) for o in mentorship.others(person))]
    started_on = goal.set_at.astimezone(person.zone).date()
    last = max([mentorship.cohort.ends_on, *(one.due_on for one in seen)])
    said = {level.value: words_for(goal, level) for level in Level}
    changes = list(goal.changes.prefetch_related("agreed_by"))
    return {
        "goal": goal,
        "mentorship": mentorship,
        "others": mentorship.names_of_others(person),
        "owner": _("shared") if owner is None else names[owner.pk],
        "levels": levels_of(goal),
        "missing": len(undescribed(goal)),
        "today": own[-1].level if own else None,
        "rounds": [
            round_of(goal, day, seen, every, names, member.pk, is_open=day == waits)
            for day in sorted({one.due_on for one in every}, reverse=True)
        ],
        "chart": chart(goal, started_on, last, members, seen, said) if seen else None,
        "due_on": waits,
        "is_asked": waits in mentorship.cohort.check_in_dates(),
        "may_report": not waits and to_report(goal, mentorship, member, at, every) is not None,
        "next_on": next_day(mentorship, person, at),
        "mine": member.pk,
        "proposed": next((one for one in changes if one.state == GoalChange.State.OPEN), None),
        "earlier": [
            Earlier(one.decided_at, Wording.read(one.before), one.reason)
            for one in changes
            if one.state == GoalChange.State.AGREED
        ],
    }


def levels_of(goal: Goal) -> list[dict[str, Any]]:
    """Best first; a level without words of its own says the scale's."""
    missing = undescribed(goal)
    return [
        {"value": level.value, "text": words_for(goal, level), "is_described": level not in missing}
        for level in sorted(Level, reverse=True)
    ]


def names_for(mentorship: Mentorship, person: Person) -> dict[int, str]:
    """What the members are called on a page for `person`, by membership; also those who left the group, for
    what they reported stays."""
    every = [*Member.of_all_time.who_left(mentorship), *mentorship.members.all()]
    return {
        one.pk: _("You") if one.enrolment.person_id == person.pk else one.person.first_name for one in every
    }


@dataclass(frozen=True)
class Earlier:
    """How a goal was worded until it was changed."""

    until: datetime | None
    wording: Wording
    reason: str
    """Why it was changed, if somebody said so."""

    @property
    def levels(self) -> list[tuple[int, str]]:
        return sorted(self.wording.levels.items(), reverse=True)


@dataclass(frozen=True)
class Line:
    """One part of a wording, as it is and as it is proposed."""

    label: str | Promise
    before: str
    after: str
    level: int | None = None

    @property
    def is_different(self) -> bool:
        return self.before != self.after


def change(proposed: GoalChange, mentorship: Mentorship, person: Person) -> dict[str, Any]:
    member = mentorship.membership_of(person)
    names = names_for(mentorship, person)
    agreed = {one.pk for one in proposed.agreed_by.all()}
    before, after = Wording.read(proposed.before), Wording.read(proposed.after)
    served = Objective.objects.in_bulk([pk for pk in (before.objective, after.objective) if pk])
    is_open = proposed.state == GoalChange.State.OPEN
    lines = [Line(_("Goal"), before.title, after.title)]
    lines += [
        Line(level.label, before.levels.get(level, ""), after.levels.get(level, ""), level.value)
        for level in sorted(Level, reverse=True)
    ]
    lines.append(Line(_("Counts"), times(before.weight), times(after.weight)))
    lines.append(
        Line(
            _("Serves"),
            str(served.get(before.objective) or _("none of them")),
            str(served.get(after.objective) or _("none of them")),
        )
    )
    return {
        "change": proposed,
        "goal": proposed.goal,
        "mentorship": mentorship,
        "others": mentorship.names_of_others(person),
        "author": names[proposed.proposed_by_id],
        "lines": [line for line in lines if line.before or line.after],
        "waits_for": [
            names[one.pk]
            for one in mentorship.members.all()
            if one.pk not in agreed and one.pk != proposed.proposed_by_id
        ],
        "is_mine": proposed.proposed_by_id == member.pk,
        "has_agreed": member.pk in agreed,
        "is_open": is_open,
    }


def times(weight: int) -> str:
    return ngettext("once", "%(times)d times", weight) % {"times": weight}


def round_of(
    goal: Goal,
    day: date,
    seen: list[CheckIn],
    every: list[CheckIn],
    names: dict[int, str],
    own: int,
    *,
    is_open: bool,
) -> Round:
    there = sorted((one for one in seen if one.due_on == day), key=lambda one: one.member_id != own)
    shown = {one.member_id for one in there}
    levels = [one.level for one in there]
    return Round(
        day=day,
        reports=[Report(names[one.member_id], one, words_for(goal, one.level)) for one in there],
        hidden=[names[one.member_id] for one in every if one.due_on == day and one.member_id not in shown],
        is_open=is_open,
        levels_apart=apart if levels and (apart := max(levels) - min(levels)) >= FAR_APART else 0,
    )


def next_day(mentorship: Mentorship, person: Person, at: datetime) -> date | None:
    days = mentorship.cohort.check_in_dates()
    return min((day for day in days if datetime.combine(day, FROM, person.zone) > at), default=None)


def nothing_to_report(goal: Goal) -> str:
    if goal.state != Goal.State.OPEN:
        return _("This goal is closed, so there is nothing to check in on.")
    return _("You have said today how this goal stands. Tomorrow you can say more.")


def said_after_check_in(goal: Goal, mentorship: Mentorship, person: Person, day: date) -> str:
    others = mentorship.names_of_others(person)
    reported = CheckIn.objects.filter(goal=goal, due_on=day, member__left_at=None).exclude(
        member__enrolment__person=person
    )
    if reported.count() == len(mentorship.others(person)):
        return _("Thank you. You and %(names)s can now see each other’s views.") % {"names": others}
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
        gettext_lazy("Whoever sees it differently can open it again."),
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
        gettext_lazy("Whoever sees it differently can open it again."),
        gettext_lazy("Its levels and check-ins stay readable for you all. It cannot be opened again."),
    ],
    confirm_label=gettext_lazy("Drop this goal"),
    done=gettext_lazy("“%(goal)s” is dropped. If something took its place, set that as your goal."),
    danger=True,
)
