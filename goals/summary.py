"""Goals as one member sees them, for the pages that show several."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from statistics import fmean

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _

from goals.attainment import t_score
from goals.models import CheckIn, Goal, Level
from goals.reminders import ASKED
from goals.rounds import begun
from goals.wording import undescribed
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
    """The day for which the reader's check-in is waited for now."""
    others_reported: list[str]
    """First names of those who have reported for that day."""
    missing: int
    """How many of the five levels have no words yet."""

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
    # Of somebody who has left the group, what they reported stays.
    reports = Prefetch("check_ins", CheckIn.objects.select_related("member__enrolment__person"))
    for goal in goals.prefetch_related("levels", reports):
        found[goal.mentorship_id].append(card(goal, by_pk[goal.mentorship_id], person, at))
    return found


def card(goal: Goal, mentorship: Mentorship, person: Person, at: datetime) -> GoalCard:
    member = mentorship.membership_of(person)
    names = {one.pk: one.person.first_name for one in mentorship.others(person)}
    check_ins = list(goal.check_ins.all())
    mine = [one for one in check_ins if one.member_id == member.pk]
    own = mine[-1] if mine else None
    day = begun(goal, mentorship, member, at, check_ins) if mentorship.state in ASKED else None
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
            (one.member.person.first_name, one)
            for one in check_ins
            if own and one.due_on == own.due_on and one.member_id != member.pk
        ],
        due_on=day,
        others_reported=[name for pk, name in names.items() if pk in reported],
        missing=len(undescribed(goal)),
    )


def attainment(cards: Iterable[GoalCard]) -> float | None:
    """The T-score of a mentorship, from what the reader may see: each goal's level is the mean of the reports
    for the day of the reader's own last one. Dropped goals do not count. None before the first check-in."""
    scores = [
        (fmean([card.own.level, *(other.level for _name, other in card.theirs)]), card.goal.weight)
        for card in cards
        if card.own and card.goal.state != Goal.State.DROPPED
    ]
    return t_score(scores) if scores else None


def in_words(score: float) -> str:
    """What a T-score says."""
    if score >= 55:
        return _("On the whole more was reached than expected.")
    if score > 45:
        return _("On the whole as much was reached as expected.")
    return _("On the whole less was reached than expected.")


def words_for(goal: Goal, level: int) -> str:
    """The members' own words for a level, or the scale's where they wrote none."""
    own = {one.level: one.description for one in goal.levels.all()}
    return own.get(level) or str(Level(level).label)
