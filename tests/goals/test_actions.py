from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from domain.errors import DomainError
from goals import actions
from goals.models import CheckIn, Goal, Level
from notices.models import Notice
from programmes.models import Objective
from tests import factories

pytestmark = pytest.mark.django_db

LEVELS = {-1: "has tried it once", 0: "drafts two of five papers", 2: "writes all five"}
DUE = date(2026, 9, 14)  # six weeks after 3 August
AT = datetime(2026, 9, 14, 9, 0, tzinfo=UTC)


def pair(**fields):
    made = factories.mentorship(
        factories.person("Aylin Kaya"), factories.person("Dr. Martin Vogel"), **fields
    )
    return made, factories.member(made, "mentor"), factories.member(made, "mentee")


def goal_of(mentorship, member, **fields):
    fields.setdefault("title", "Use AI for the board papers")
    fields.setdefault("levels", LEVELS)
    fields.setdefault("at", datetime(2026, 8, 10, 9, 0, tzinfo=UTC))
    return actions.set_goal(mentorship=mentorship, member=member, **fields)


def test_set_goal_keeps_its_levels_in_the_members_words():
    mentorship, aylin, martin = pair()
    goal = goal_of(mentorship, aylin, owner=martin, weight=3, at=AT)
    assert (goal.owner, goal.set_by, goal.weight, goal.baseline, goal.set_at) == (martin, aylin, 3, -1, AT)
    assert dict(goal.levels.values_list("level", "description")) == LEVELS


@pytest.mark.parametrize("without", LEVELS)
def test_set_goal_without_one_of_the_three_levels_is_refused(without):
    mentorship, aylin, _ = pair()
    with pytest.raises(DomainError, match="three levels"):
        goal_of(mentorship, aylin, levels={**LEVELS, without: "  "})
    assert Goal.objects.count() == 0


def test_set_goal_by_somebody_else_or_for_somebody_else_is_refused():
    mentorship, aylin, _ = pair()
    _, stranger, _ = pair()
    for fields in ({"member": stranger}, {"member": aylin, "owner": stranger}):
        with pytest.raises(DomainError, match="Only members"):
            actions.set_goal(mentorship=mentorship, title="x", levels=LEVELS, **fields)


def test_set_goal_for_another_programmes_objective_is_refused():
    mentorship, aylin, _ = pair()
    foreign = Objective.objects.create(
        programme=factories.programme(), statement="x", measure="goals", target=50
    )
    with pytest.raises(DomainError) as error:
        goal_of(mentorship, aylin, objective=foreign)
    assert error.value.field == "objective"


def test_set_goal_a_fourth_time_is_refused_until_one_is_closed():
    mentorship, aylin, martin = pair()
    goals = [goal_of(mentorship, aylin, title=f"Goal {number}") for number in range(3)]
    with pytest.raises(DomainError, match="Three goals are open"):
        goal_of(mentorship, martin, title="Goal 4")
    actions.drop(goal=goals[0], member=martin, at=AT)
    assert goal_of(mentorship, martin, title="Goal 4").title == "Goal 4"


@pytest.mark.parametrize("state", ["completed", "ended", "declined"])
def test_set_goal_in_a_mentorship_that_is_over_is_refused(state):
    mentorship, aylin, _ = pair(state=state)
    with pytest.raises(DomainError, match="over"):
        goal_of(mentorship, aylin)


def test_check_in_stores_level_words_and_time():
    mentorship, aylin, _ = pair()
    goal = goal_of(mentorship, aylin)
    made = actions.check_in(
        goal=goal, member=aylin, due_on=DUE, level=1, comment=" It works. ", obstacle="time", at=AT
    )
    made.refresh_from_db()
    assert (made.level, made.comment, made.obstacle, made.reported_at) == (1, "It works.", "time", AT)


def test_check_in_sent_again_stays_as_it_was():
    mentorship, aylin, _ = pair()
    goal = goal_of(mentorship, aylin)
    first = actions.check_in(goal=goal, member=aylin, due_on=DUE, level=1, at=AT)
    assert actions.check_in(goal=goal, member=aylin, due_on=DUE, level=-2, at=AT) == first
    assert list(CheckIn.objects.values_list("level", flat=True)) == [1]


@pytest.mark.parametrize("day", [DUE + timedelta(days=1), date(2026, 11, 2)])
def test_check_in_for_a_day_nobody_is_asked_on_or_to_come_is_refused(day):
    mentorship, aylin, _ = pair()
    goal = goal_of(mentorship, aylin)
    with pytest.raises(DomainError, match="on that day yet"):
        actions.check_in(goal=goal, member=aylin, due_on=day, level=0, at=AT)


def test_check_in_on_a_closed_goal_is_refused():
    mentorship, aylin, _ = pair()
    goal = goal_of(mentorship, aylin)
    actions.attain(goal=goal, member=aylin, at=AT)
    with pytest.raises(DomainError, match="closed"):
        actions.check_in(goal=goal, member=aylin, due_on=DUE, level=0, at=AT)


def test_check_in_tells_the_other_once_and_says_whether_both_views_are_open():
    mentorship, aylin, martin = pair()
    goals = [goal_of(mentorship, aylin, title=title) for title in ("One", "Two")]
    for goal in goals:
        actions.check_in(goal=goal, member=aylin, due_on=DUE, level=1, at=AT)
    to_martin = Notice.objects.get(recipient=martin.person, kind="check-in-shared")
    assert (to_martin.kind, to_martin.subject) == ("check-in-shared", "Aylin has checked in")
    assert (to_martin.url, to_martin.label) == (f"/goals/{goals[0].uuid}/check-in/", "Check in")
    assert to_martin.created_at == AT
    actions.check_in(goal=goals[0], member=martin, due_on=DUE, level=-1, at=AT)
    to_aylin = Notice.objects.get(recipient=aylin.person, kind="check-in-shared")
    assert (to_aylin.url, to_aylin.label) == (f"/goals/{goals[0].uuid}/", "See the views")
    assert "has tried it once" not in to_aylin.text + to_martin.text


def test_the_others_view_opens_with_ones_own_for_the_same_day_and_to_no_stranger():
    mentorship, aylin, martin = pair()
    stranger, hr = factories.person(), factories.hr_admin()
    goal = goal_of(mentorship, aylin)
    made = actions.check_in(goal=goal, member=aylin, due_on=DUE, level=1, at=AT)
    assert list(CheckIn.objects.visible_to(aylin.person)) == [made]
    assert list(CheckIn.objects.visible_to(martin.person)) == []
    own = actions.check_in(goal=goal, member=martin, due_on=DUE, level=-1, at=AT)
    assert list(CheckIn.objects.visible_to(martin.person)) == [made, own]
    later = actions.check_in(
        goal=goal, member=aylin, due_on=date(2026, 11, 2), level=2, at=AT + timedelta(days=60)
    )
    assert later not in CheckIn.objects.visible_to(martin.person)
    assert [list(CheckIn.objects.visible_to(one)) for one in (stranger, hr)] == [[], []]


@pytest.mark.parametrize(
    ("action", "state"), [(actions.attain, Goal.State.ATTAINED), (actions.drop, Goal.State.DROPPED)]
)
def test_close_takes_the_step_once(action, state):
    mentorship, aylin, martin = pair()
    goal = goal_of(mentorship, aylin)
    assert action(goal=goal, member=martin, at=AT) is True
    assert action(goal=goal, member=martin, at=AT) is False
    goal.refresh_from_db()
    assert (goal.state, goal.closed_at) == (state, AT)


@pytest.mark.parametrize("close", [actions.attain, actions.drop])
def test_what_one_closed_the_other_can_open_again_and_each_step_is_told_once(close):
    mentorship, aylin, martin = pair()
    _, stranger, _ = pair()
    goal = goal_of(mentorship, aylin)
    before = Notice.objects.count()
    for day in (1, 2):
        at = AT + timedelta(days=day)
        close(goal=goal, member=aylin, at=at)
        with pytest.raises(DomainError):
            actions.reopen(goal=goal, member=stranger, at=at)
        assert [actions.reopen(goal=goal, member=martin, at=at) for _ in range(2)] == [True, False]
    goal.refresh_from_db()
    assert (goal.state, goal.closed_at) == ("open", None)
    told = Notice.objects.order_by("pk")[before:]
    assert [notice.recipient for notice in told] == [martin.person, aylin.person] * 2


def test_a_fourth_goal_is_not_opened_again_nor_any_once_the_mentorship_is_over():
    mentorship, aylin, _ = pair()
    dropped = goal_of(mentorship, aylin)
    actions.drop(goal=dropped, member=aylin, at=AT)
    for title in ("One", "Two", "Three"):
        goal_of(mentorship, aylin, title=title)
    with pytest.raises(DomainError, match="Three goals are open"):
        actions.reopen(goal=dropped, member=aylin, at=AT)
    mentorship.move_to("ended")
    with pytest.raises(DomainError, match="over"):
        actions.reopen(goal=dropped, member=aylin, at=AT)


def test_close_by_a_stranger_is_refused():
    mentorship, aylin, _ = pair()
    _, stranger, _ = pair()
    goal = goal_of(mentorship, aylin)
    with pytest.raises(DomainError):
        actions.drop(goal=goal, member=stranger)


def in_threads(act, times=2):
    def run(_):
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


@pytest.mark.django_db(transaction=True)
def test_set_goal_sent_twice_at_once_is_one_goal():
    mentorship, aylin, _ = pair()
    made = in_threads(lambda: goal_of(mentorship, aylin).pk)
    assert made[0] == made[1]
    assert Goal.objects.get().levels.count() == 3


@pytest.mark.django_db(transaction=True)
def test_check_in_sent_twice_at_once_is_one_check_in_and_one_notice():
    mentorship, aylin, _ = pair()
    goal = goal_of(mentorship, aylin)
    made = in_threads(
        lambda: actions.check_in(goal=goal, member=aylin, due_on=DUE, level=Level.MORE, at=AT).pk
    )
    assert made[0] == made[1]
    assert CheckIn.objects.count() == Notice.objects.filter(kind="check-in-shared").count() == 1
