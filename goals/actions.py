"""What members do with the goals of their mentorship."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.errors import DomainError
from goals.models import CheckIn, Goal, GoalChange, GoalLevel, Level
from goals.wording import Wording, undescribed
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
    locked.refuse_while_paused()
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
    tell("set", goal, member, at=goal.set_at)
    return goal


@transaction.atomic
def describe(*, goal: Goal, member: Member, levels: Mapping[int, str], at: datetime | None = None) -> bool:
    """Give words to levels that have none yet; what is described changes by agreement alone.

    Returns False where there was nothing to add. Raises DomainError while a change waits for an answer.
    """
    goal = locked(goal, member)
    if goal.changes.open().exists():
        raise DomainError(
            _("A change of this goal is proposed. Decide on it first, then add what is missing.")
        )
    missing = undescribed(goal)
    words = {
        level: text.strip() for level, text in levels.items() if level in missing and text and text.strip()
    }
    GoalLevel.objects.bulk_create(
        GoalLevel(goal=goal, level=level, description=text) for level, text in words.items()
    )
    if words:
        tell("described", goal, member, at=at, key="-".join(str(level) for level in sorted(words)))
    return bool(words)


@transaction.atomic
def propose_change(
    *,
    goal: Goal,
    member: Member,
    title: str,
    weight: int,
    levels: Mapping[int, str],
    objective: Objective | None = None,
    reason: str = "",
    at: datetime | None = None,
) -> GoalChange:
    """Propose another wording; it comes into force when all the other members agree.

    The same proposal sent twice is one. Raises DomainError where another one waits, where nothing would
    change, where a described level would lose its words, or where the goal or the mentorship is over.
    """
    goal = locked(goal, member)
    if objective and objective.programme_id != goal.mentorship.cohort.programme_id:
        raise DomainError(_("Choose one of the objectives of your programme."), field="objective")
    before = Wording.of(goal)
    words = {level: text.strip() for level, text in levels.items() if text and text.strip()}
    after = Wording(title.strip(), weight, objective.pk if objective else None, words)
    waiting = goal.changes.open().first()
    if waiting:
        if waiting.proposed_by_id == member.pk and waiting.after == after.stored():
            return waiting
        raise DomainError(_("A change of this goal is proposed already. Decide on that one first."))
    if not set(before.levels) <= set(words):
        raise DomainError(_("A level that has been described keeps a description; word it anew instead."))
    if after == before:
        raise DomainError(_("Nothing is different yet. Change what no longer fits, then propose it."))
    change = GoalChange.objects.create(
        goal=goal,
        proposed_by=member,
        before=before.stored(),
        after=after.stored(),
        reason=reason.strip(),
        proposed_at=at or timezone.now(),
    )
    tell("proposed", goal, member, at=change.proposed_at, key=str(change.pk), url=change_url(change))
    return change


@transaction.atomic
def answer_change(*, change: GoalChange, member: Member, agree: bool, at: datetime | None = None) -> bool:
    """Agree to a proposed change, or not. Returns True where this answer decided it.

    Raises DomainError for whoever proposed it, and where the goal is worded differently by now.
    """
    at = at or timezone.now()
    goal = locked(change.goal, member)
    if change.proposed_by_id == member.pk:
        raise DomainError(_("You proposed this. It is for the others to agree."))
    change = GoalChange.objects.get(pk=change.pk)
    if not agree:
        declined = change.move_to(GoalChange.State.DECLINED, decided_at=at)
        if declined:
            tell_of_answer("declined", change, member, at)
        return declined
    if change.state == GoalChange.State.AGREED:
        return False
    if change.state != GoalChange.State.OPEN:
        raise DomainError(_("This proposal is no longer open."))
    if Wording.of(goal) != Wording.read(change.before):
        raise DomainError(_("The goal has been worded differently since. Please propose the change anew."))
    change.agreed_by.add(member)
    if not is_agreed(change):
        return False
    put_in_force(change, goal, member, at)
    return True


def is_agreed(change: GoalChange) -> bool:
    """By all who are in the mentorship now, besides whoever proposed it."""
    others = change.goal.mentorship.members.exclude(pk=change.proposed_by_id)
    return others.exists() and not others.exclude(pk__in=change.agreed_by.all()).exists()


def put_in_force(change: GoalChange, goal: Goal, by: Member | None, at: datetime) -> None:
    Wording.read(change.after).put_in_force(goal)
    change.move_to(GoalChange.State.AGREED, decided_at=at)
    tell_of_answer("agreed", change, by, at)


@transaction.atomic
def settle_changes(*, at: datetime) -> int:
    """In groups: a change that waited only for somebody who has left. Returns how many came into force."""
    left = Member.of_all_time.exclude(left_at=None).values("mentorship")
    waiting = GoalChange.objects.open().filter(goal__mentorship__in=left, goal__state=Goal.State.OPEN)
    settled = 0
    for change in waiting.select_related("goal__mentorship"):
        if not (change.goal.mentorship.is_live and is_agreed(change)):
            continue
        goal = Goal.objects.select_for_update(of=("self",)).get(pk=change.goal_id)
        change.refresh_from_db(fields=["state"])
        if change.state == GoalChange.State.OPEN and Wording.of(goal) == Wording.read(change.before):
            put_in_force(change, goal, None, at)
            settled += 1
    return settled


@transaction.atomic
def withdraw_change(*, change: GoalChange, member: Member, at: datetime | None = None) -> bool:
    if change.proposed_by_id != member.pk:
        raise DomainError(_("Only whoever proposed a change can withdraw it."))
    return change.move_to(GoalChange.State.WITHDRAWN, decided_at=at or timezone.now())


def locked(goal: Goal, member: Member) -> Goal:
    """One writer at a time per goal: a wording must not change between looking at it and replacing it."""
    goal = Goal.objects.select_for_update(of=("self",)).select_related("mentorship__cohort").get(pk=goal.pk)
    if member.mentorship_id != goal.mentorship_id:
        raise DomainError(_("Only members of the mentorship can change its goals."))
    if goal.state != Goal.State.OPEN or not goal.mentorship.is_live:
        raise DomainError(_("This goal is closed, so its words stay as they are."))
    goal.mentorship.refuse_while_paused()
    return goal


def change_url(change: GoalChange) -> str:
    return reverse("goals:change", args=[change.uuid])


def tell_of_answer(what: str, change: GoalChange, by: Member | None, at: datetime) -> None:
    """Everybody but whoever answered last; a goal's page says the rest."""
    tell(what, change.goal, by, at=at, key=str(change.pk), url=change_url(change))


def tell(
    what: str, goal: Goal, by: Member | None, *, at: datetime | None, key: str = "", url: str = ""
) -> None:
    """One notice to each other member that something about a goal is different."""
    mentorship = Mentorship.objects.with_members().get(pk=goal.mentorship_id)
    for other in mentorship.members.all():
        if by is None or other.pk != by.pk:
            post(
                "goal-changed",
                to=other.person,
                key=f"goal-changed:{goal.pk}:{what}:{key}:{other.pk}",
                context={"what": what, "goal": goal, "author": by and by.person},
                url=url or reverse("goals:detail", args=[goal.uuid]),
                at=at or timezone.now(),
            )


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
    """Report once per goal and day. It stays, because it may have opened the other's view.

    `due_on` is a day the cohort asked about, today for whoever reports of their own accord, or a day on which
    another member did.
    """
    at = at or timezone.now()
    mentorship = Mentorship.objects.with_members().get(pk=goal.mentorship_id)
    before = CheckIn.objects.filter(goal=goal, member=member, due_on=due_on).first()
    if before:
        return before
    if goal.state != Goal.State.OPEN or not mentorship.is_live:
        raise DomainError(_("This goal is closed, so there is nothing to check in on."))
    mentorship.refuse_while_paused()
    today = at.astimezone(member.person.zone).date()
    others = CheckIn.objects.filter(goal=goal).exclude(member=member).values_list("due_on", flat=True)
    if due_on != today and (due_on > today or due_on not in {*mentorship.cohort.check_in_dates(), *others}):
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


@transaction.atomic
def close(goal: Goal, member: Member, state: str, at: datetime | None) -> bool:
    """What was proposed about a goal falls away with it."""
    at = at or timezone.now()
    if member.mentorship_id != goal.mentorship_id:
        raise DomainError(_("Only members of the mentorship can close its goals."))
    closed = goal.move_to(state, closed_at=at)
    if closed:
        for change in goal.changes.open():
            change.move_to(GoalChange.State.WITHDRAWN, decided_at=at)
        # A goal opened again can be closed again, and that is told as well.
        tell(state, goal, member, at=at, key=f"{at:%Y%m%d%H%M%S}")
    return closed


@transaction.atomic
def reopen(*, goal: Goal, member: Member, at: datetime | None = None) -> bool:
    """One member alone may close a goal, so any of them who sees it differently may take that back.

    Raises DomainError where three others are open, or the mentorship is over.
    """
    at = at or timezone.now()
    if member.mentorship_id != goal.mentorship_id:
        raise DomainError(_("Only members of the mentorship can open its goals again."))
    mentorship = Mentorship.objects.select_for_update().get(pk=goal.mentorship_id)
    if not mentorship.is_live:
        raise DomainError(_("This mentorship is over, so its goals stay as they are."))
    others = Goal.objects.open().filter(mentorship=mentorship).exclude(pk=goal.pk)
    if others.count() >= OPEN_AT_ONCE:
        raise DomainError(_("Three goals are open already. Finish or drop one before you open another."))
    opened = goal.move_to(Goal.State.OPEN, closed_at=None)
    if opened:
        tell("reopened", goal, member, at=at, key=f"{at:%Y%m%d%H%M%S}")
    return opened
