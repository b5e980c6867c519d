"""What members do with the goals of their mentorship."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.errors import DomainError
from goals.models import CheckIn, Goal, GoalLevel, Level
from matching.models import Member, Mentorship
from notices.outbox import post
from programmes.models import Objective

OPEN_AT_ONCE = 3


@transaction.atomic
def set_goal(
    *,
    mentorship: Mentorship,
    member: Member,
    title: str,
    levels: Mapping[int, str],
    owner: Member | None = None,
    objective: Objective | None = None,
    baseline: int = Level.LESS,
    weight: int = 1,
    at: datetime | None = None,
) -> Goal:
    """Set a goal; the same title sent twice by the same member is one goal.

    `levels` says in the members' words how levels look; those of today, of what is expected and of the best
    case are needed, because a check-in is a comparison with them. Raises DomainError where one is missing,
    three goals are open already, or the mentorship is over.
    """
    # One at a time per mentorship, so that two clicks neither double a goal nor make a fourth.
    locked = Mentorship.objects.select_for_update().get(pk=mentorship.pk)
    open_goals = Goal.objects.open().filter(mentorship=locked)
    title = title.strip()
    twin = open_goals.filter(title=title, set_by=member).first()
    if twin:
        return twin
    if not locked.is_live:
        raise DomainError(_("This mentorship is over, so it takes no new goals."))
    if member.mentorship_id != locked.pk or (owner and owner.mentorship_id != locked.pk):
        raise DomainError(_("Only members of the mentorship can have a goal in it."), field="owner")
    if objective and objective.programme_id != locked.cohort.programme_id:
        raise DomainError(_("Choose one of the objectives of your programme."), field="objective")
    if open_goals.count() >= OPEN_AT_ONCE:
        raise DomainError(_("Three goals are open already. Finish or drop one before you set another."))
    words = {level: text.strip() for level, text in levels.items() if text and text.strip()}
    if not {baseline, Level.EXPECTED, Level.MUCH_MORE} <= set(words):
        raise DomainError(
            _("Describe at least three levels: today, what you expect, and much more than you expect.")
        )
    goal = Goal.objects.create(
        mentorship=locked,
        owner=owner,
        objective=objective,
        title=title,
        weight=weight,
        baseline=baseline,
        set_by=member,
        set_at=at or timezone.now(),
    )
    GoalLevel.objects.bulk_create(
        GoalLevel(goal=goal, level=level, description=text) for level, text in words.items()
    )
    return goal


@transaction.atomic
def check_in(
    *,
    goal: Goal,
    member: Member,
    due_on: date,
    level: int,
    comment: str = "",
    obstacle: str = "",
    at: datetime | None = None,
) -> CheckIn:
    """Report once per goal and check-in day. It stays, because it may have opened the other's view."""
    at = at or timezone.now()
    mentorship = Mentorship.objects.with_members().get(pk=goal.mentorship_id)
    before = CheckIn.objects.filter(goal=goal, member=member, due_on=due_on).first()
    if before:
        return before
    if goal.state != Goal.State.OPEN or not mentorship.is_live:
        raise DomainError(_("This goal is closed, so there is nothing to check in on."))
    if due_on not in mentorship.cohort.check_in_dates() or due_on > at.astimezone(member.person.zone).date():
        raise DomainError(_("No check-in is asked for on that day yet."))
    made, created = CheckIn.objects.get_or_create(
        goal=goal,
        member=member,
        due_on=due_on,
        defaults={
            "level": level,
            "comment": comment.strip(),
            "obstacle": obstacle.strip(),
            "reported_at": at,
        },
    )
    if created:
        tell_the_others(made, mentorship, at)
    return made


def tell_the_others(made: CheckIn, mentorship: Mentorship, at: datetime) -> None:
    """One notice per other member and check-in day, however many goals there are."""
    reported = set(
        CheckIn.objects.filter(goal=made.goal, due_on=made.due_on).values_list("member", flat=True)
    )
    for other in mentorship.members.all():
        if other.pk == made.member_id:
            continue
        both = other.pk in reported
        post(
            "check-in-shared",
            to=other.person,
            key=f"check-in-shared:{mentorship.pk}:{made.due_on}:{made.member_id}:{other.pk}",
            context={"author": made.member.person, "goal": made.goal, "both": both},
            url=reverse("goals:detail" if both else "goals:check_in", args=[made.goal.uuid]),
            at=at,
        )


def attain(*, goal: Goal, member: Member, at: datetime | None = None) -> bool:
    return close(goal, member, Goal.State.ATTAINED, at)


def drop(*, goal: Goal, member: Member, at: datetime | None = None) -> bool:
    return close(goal, member, Goal.State.DROPPED, at)


def close(goal: Goal, member: Member, state: str, at: datetime | None) -> bool:
    if member.mentorship_id != goal.mentorship_id:
        raise DomainError(_("Only members of the mentorship can close its goals."))
    return goal.move_to(state, closed_at=at or timezone.now())
