"""Goals as one member sees them, for the pages that show several."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse

from goals.models import CheckIn, Goal, Level
from goals.reminders import ASKED, is_asked_about, to_remind_of
from matching.models import Mentorship
from participants.models import Person


@dataclass(frozen=True)
class GoalCard:
    """`title`, `url`, `start`, `today` and `words` are what `components/_goal_levels.html` shows."""

    goal: Goal
    title: str
    url: str
    start: int
    today: int | None
    """The level of the reader's own last check-in."""
    words: str
    own: CheckIn | None
    theirs: list[tuple[str, CheckIn]]
    """The others', with names, for the day of the reader's own last one; later ones stay closed."""
    due_on: date | None
    """The day for which the reader is asked to check in now."""
    others_reported: list[str]
    """First names of those who have reported for that day."""

    @property
    def check_in_url(self) -> str:
        return reverse("goals:check_in", args=[self.goal.uuid])


def cards(
    mentorships: Iterable[Mentorship], person: Person, at: datetime, *, closed: bool = False
) -> dict[int, list[GoalCard]]:
    """The open goals of each mentorship by its id, with `closed` the closed ones too. Three queries.

    The mentorships come with their members (`with_members`), and `person` is one of them.
    """
    by_pk = {mentorship.pk: mentorship for mentorship in mentorships}
    goals = (Goal.objects.all() if closed else Goal.objects.open()).filter(mentorship__in=by_pk)
    found: dict[int, list[GoalCard]] = {pk: [] for pk in by_pk}
    for goal in goals.prefetch_related("levels", "check_ins"):
        found[goal.mentorship_id].append(card(goal, by_pk[goal.mentorship_id], person, at))
    return found


def card(goal: Goal, mentorship: Mentorship, person: Person, at: datetime) -> GoalCard:
    member = mentorship.member_for(person)
    names = {one.pk: one.person.first_name for one in mentorship.others(person)}
    check_ins = list(goal.check_ins.all())
    mine = [one for one in check_ins if one.member_id == member.pk]
    own = mine[-1] if mine else None
    day = to_remind_of(mentorship.cohort, at, person.zone) if mentorship.state in ASKED else None
    if day and (not is_asked_about(goal, day, person.zone) or any(one.due_on == day for one in mine)):
        day = None
    reported = {one.member_id for one in check_ins if one.due_on == day}
    return GoalCard(
        goal=goal,
        title=goal.title,
        url=reverse("goals:detail", args=[goal.uuid]),
        start=goal.baseline,
        today=own.level if own else None,
        words=words_for(goal, own.level) if own else "",
        own=own,
        theirs=[
            (names[one.member_id], one)
            for one in check_ins
            if own and one.due_on == own.due_on and one.member_id != member.pk
        ],
        due_on=day,
        others_reported=[name for pk, name in names.items() if pk in reported],
    )


def words_for(goal: Goal, level: int) -> str:
    """The members' own words for a level, or the scale's where they wrote none."""
    own = {one.level: one.description for one in goal.levels.all()}
    return own.get(level) or str(Level(level).label)
