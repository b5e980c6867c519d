"""Words that follow, and words that change by agreement."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from domain.errors import DomainError
from goals import actions, waiting
from goals.models import CheckIn, Goal, GoalChange, Level
from goals.rounds import to_report
from notices.models import Notice
from tests import factories
from tests.goals.test_actions import AT, DUE, LEVELS, goal_of, pair
from tests.threads import at_once

pytestmark = pytest.mark.django_db


def words_of(goal):
    return dict(goal.levels.values_list("level", "description"))


def propose(goal, member, **fields):
    goal.refresh_from_db()
    given = {
        "title": goal.title,
        "weight": goal.weight,
        "levels": words_of(goal),
        "objective": goal.objective,
    }
    return actions.propose_change(goal=goal, member=member, **{**given, "at": AT, **fields})


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


# --- Levels that follow --------------------------------------------------------------


def test_describe_fills_only_what_has_no_words_and_tells_the_other():
    mentorship, aylin, martin = pair()
    goal = goal_of(mentorship, aylin)
    assert actions.describe(
        goal=goal, member=martin, levels={1: " four of five ", 0: "other", -2: " "}, at=AT
    )
    assert words_of(goal) == {**LEVELS, 1: "four of five"}
    assert not actions.describe(goal=goal, member=martin, levels={1: "again"}, at=AT)
    notice = Notice.objects.get(recipient=aylin.person)
    assert (notice.kind, notice.subject) == ("goal-changed", "Martin has described more of a goal")


@pytest.mark.django_db(transaction=True)
def test_describe_by_both_at_once_keeps_one():
    mentorship, aylin, martin = pair()
    goal = goal_of(mentorship, aylin)
    said = at_once(
        lambda: actions.describe(goal=goal, member=aylin, levels={1: "mine"}, at=AT),
        lambda: actions.describe(goal=goal, member=martin, levels={1: "theirs"}, at=AT),
    )
    assert sorted(said) == [False, True]
    assert words_of(goal)[1] in ("mine", "theirs")


def test_a_level_without_words_is_shown_as_missing_until_it_has_them():
    mentorship, aylin, _ = pair()
    goal = goal_of(mentorship, aylin)
    client, url = signed_in(aylin.person), reverse("goals:detail", args=[goal.uuid])
    assert "2 levels have no words of your own yet" in client.get(url).content.decode()
    page = reverse("goals:describe", args=[goal.uuid])
    assert "Nothing is written yet" in client.post(page, {"level_1": " "}).content.decode()
    assert client.post(page, {"level_1": "four of five", "level_-2": "given up"}).url == url
    assert "no words of your own" not in client.get(url).content.decode()
    assert client.get(page).url == url


# --- Changes by agreement ------------------------------------------------------------


def test_a_change_counts_once_the_other_agrees_and_the_old_words_stay():
    mentorship, aylin, martin = pair()
    goal = goal_of(mentorship, aylin)
    change = propose(
        goal, aylin, title="Use AI daily", weight=2, levels={**LEVELS, 0: "three of five", 1: "four"}
    )
    goal.refresh_from_db()
    assert (goal.title, words_of(goal)) == ("Use AI for the board papers", LEVELS)
    assert actions.answer_change(change=change, member=martin, agree=True, at=AT)
    goal.refresh_from_db()
    assert (goal.title, goal.weight) == ("Use AI daily", 2)
    assert words_of(goal) == {**LEVELS, 0: "three of five", 1: "four"}
    page = signed_in(martin.person).get(reverse("goals:detail", args=[goal.uuid])).content.decode()
    assert "Earlier words" in page
    assert "drafts two of five papers" in page
    assert "Use AI for the board papers" in page


def test_a_change_agreed_twice_is_put_in_force_once():
    mentorship, aylin, martin = pair()
    change = propose(goal_of(mentorship, aylin), aylin, title="New")
    assert actions.answer_change(change=change, member=martin, agree=True, at=AT) is True
    assert actions.answer_change(change=change, member=martin, agree=True, at=AT) is False
    assert Notice.objects.filter(subject="The change of your goal is agreed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_agreeing_and_declining_at_once_decides_one_way():
    mentorship, aylin, martin = pair()
    goal = goal_of(mentorship, aylin)
    change = propose(goal, aylin, title="New")
    at_once(
        lambda: actions.answer_change(change=change, member=martin, agree=True, at=AT),
        lambda: actions.answer_change(change=change, member=martin, agree=False, at=AT),
    )
    change.refresh_from_db()
    goal.refresh_from_db()
    assert (change.state, goal.title) in [("agreed", "New"), ("declined", "Use AI for the board papers")]


def test_whoever_proposed_a_change_does_not_agree_for_the_other():
    mentorship, aylin, _ = pair()
    goal = goal_of(mentorship, aylin)
    change = propose(goal, aylin, title="New")
    with pytest.raises(DomainError, match="for the others"):
        actions.answer_change(change=change, member=aylin, agree=True, at=AT)
    signed_in(aylin.person).post(reverse("goals:change", args=[change.uuid]), {"answer": "agree"})
    goal.refresh_from_db()
    assert goal.title != "New"


def test_in_a_group_all_others_agree_and_one_may_keep_the_goal():
    mentorship, aylin, martin = pair()
    mentorship = factories.join(mentorship, factories.person("Third One"))
    third = mentorship.members.get(enrolment__person__name="Third One")
    goal = goal_of(mentorship, aylin)
    change = propose(goal, aylin, title="New")
    assert actions.answer_change(change=change, member=martin, agree=True, at=AT) is False
    assert [one.title for one in waiting.waiting_for(third.person, AT)][:1] == [
        "Do you agree to change “Use AI for the board papers”?"
    ]
    assert not any("agree" in one.title for one in waiting.waiting_for(martin.person, AT))
    assert actions.answer_change(change=change, member=third, agree=True, at=AT) is True
    second = propose(goal, martin, title="Newer")
    actions.answer_change(change=second, member=aylin, agree=True, at=AT)
    actions.answer_change(change=second, member=third, agree=False, at=AT)
    goal.refresh_from_db()
    assert goal.title == "New"


def test_only_one_change_at_a_time_waits_in_the_database_too():
    mentorship, aylin, martin = pair()
    goal = goal_of(mentorship, aylin)
    change = propose(goal, aylin, title="New")
    assert propose(goal, aylin, title="New") == change
    with pytest.raises(DomainError, match="already"):
        propose(goal, martin, title="Other")
    with pytest.raises(DomainError, match="proposed"):
        actions.describe(goal=goal, member=martin, levels={1: "x"}, at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        GoalChange.objects.create(goal=goal, proposed_by=martin, before={}, after={})
    actions.withdraw_change(change=change, member=aylin, at=AT)
    assert propose(goal, martin, title="Other").state == "open"


@pytest.mark.parametrize(
    ("fields", "match"),
    [({}, "Nothing is different"), ({"levels": {-1: "x", 0: "y"}}, "keeps a description")],
)
def test_a_change_that_changes_nothing_or_empties_a_level_is_refused(fields, match):
    mentorship, aylin, _ = pair()
    with pytest.raises(DomainError, match=match):
        propose(goal_of(mentorship, aylin), aylin, **fields)


def test_closing_a_goal_takes_its_proposal_with_it():
    mentorship, aylin, martin = pair()
    goal = goal_of(mentorship, aylin)
    change = propose(goal, aylin, title="New")
    actions.attain(goal=goal, member=martin, at=AT)
    change.refresh_from_db()
    assert change.state == "withdrawn"
    with pytest.raises(DomainError, match="closed"):
        actions.answer_change(change=change, member=martin, agree=True, at=AT)


def test_a_stranger_hr_and_a_delegate_find_no_change_and_decide_nothing():
    mentorship, aylin, martin = pair()
    goal = goal_of(mentorship, aylin)
    change = propose(goal, aylin, title="New")
    delegate = factories.person()
    martin.person.delegations.create(delegate=delegate)
    for one in (factories.person(), factories.hr_admin(), delegate):
        client, url = signed_in(one), reverse("goals:change", args=[change.uuid])
        assert (client.get(url).status_code, client.post(url, {"answer": "agree"}).status_code) == (404, 404)
    stranger = pair()[1]
    with pytest.raises(DomainError, match="Only members"):
        actions.answer_change(change=change, member=stranger, agree=True, at=AT)
    goal.refresh_from_db()
    assert goal.title != "New"


@pytest.mark.parametrize("changes", [1, 3])
def test_detail_takes_the_same_queries_however_many_changes(django_assert_num_queries, changes):
    mentorship, aylin, martin = pair()
    goal = goal_of(mentorship, aylin)
    for number in range(changes):
        change = propose(goal, aylin, title=f"Title {number}")
        actions.answer_change(change=change, member=martin, agree=True, at=AT + timedelta(days=number))
    client = signed_in(aylin.person)
    # The frame (5) and what test_views counts (9), and who agreed.
    with django_assert_num_queries(5 + 10 + 1):
        response = client.get(reverse("goals:detail", args=[goal.uuid]))
    assert len(response.context["earlier"]) == changes


# --- For which day -------------------------------------------------------------------


def day_for(goal, member, at):
    mentorship = type(member.mentorship).objects.with_members().get(pk=goal.mentorship_id)
    day = to_report(goal, mentorship, member, at, goal.check_ins.all())
    return day and day.isoformat()


def test_a_report_of_ones_own_accord_waits_for_the_others_who_join_its_day():
    mentorship, aylin, martin = pair()
    goal = goal_of(mentorship, aylin)
    third_of_september = datetime(2026, 9, 3, 9, 0, tzinfo=UTC)
    assert day_for(goal, aylin, third_of_september) == "2026-09-03"
    actions.check_in(
        goal=goal, member=aylin, due_on=third_of_september.date(), level=2, at=third_of_september
    )
    assert day_for(goal, aylin, third_of_september) is None
    later = third_of_september + timedelta(days=5)
    assert day_for(goal, martin, later) == "2026-09-03"
    actions.check_in(goal=goal, member=martin, due_on=third_of_september.date(), level=0, at=later)
    assert CheckIn.objects.visible_to(martin.person).count() == 2
    assert day_for(goal, martin, later) == "2026-09-08"
    # Two weeks later it waits no longer, and what the cohort asks goes first.
    assert day_for(goal, martin, datetime(2026, 9, 14, 9, 0, tzinfo=UTC)) == DUE.isoformat()


def test_a_report_of_ones_own_accord_is_for_the_day_where_the_person_is():
    mentorship, aylin, _ = pair()
    aylin.person.time_zone = "Pacific/Auckland"
    aylin.person.save()
    goal = goal_of(mentorship, aylin)
    assert (
        day_for(goal, factories.member(mentorship, "mentor"), datetime(2026, 9, 3, 20, 0, tzinfo=UTC))
        == "2026-09-04"
    )


def test_nobody_reports_of_their_own_accord_on_a_goal_of_today_or_one_that_is_over():
    mentorship, aylin, _ = pair()
    goal = goal_of(mentorship, aylin)
    assert day_for(goal, aylin, datetime(2026, 8, 10, 12, 0, tzinfo=UTC)) is None
    actions.drop(goal=goal, member=aylin, at=AT)
    assert day_for(Goal.objects.get(), aylin, AT) is None


def test_in_a_group_of_four_each_report_stays_closed_until_ones_own():
    mentorship, aylin, _martin = pair()
    mentorship = factories.join(mentorship, factories.person("Three"), factories.person("Four"))
    goal = goal_of(mentorship, aylin)
    members = list(mentorship.members.all())
    for level, member in zip([2, 0, -1], members, strict=False):
        actions.check_in(goal=goal, member=member, due_on=DUE, level=level, at=AT)
    silent = members[3]
    assert CheckIn.objects.visible_to(silent.person).count() == 0
    assert CheckIn.objects.visible_to(members[0].person).count() == 3
    page = signed_in(members[0].person).get(reverse("goals:detail", args=[goal.uuid]))
    assert page.context["rounds"][0].levels_apart == 3
    assert len(page.context["chart"].lines) == 3
    assert Level.MUCH_MORE in {point.level for line in page.context["chart"].lines for point in line.points}


# --- Somebody has left the group ---


def trio():
    mentorship, aylin, martin = pair()
    mentorship = factories.join(mentorship, factories.person("Leila"))
    leila = next(one for one in mentorship.members.all() if one.person.name == "Leila")
    return mentorship, aylin, martin, leila


def leave(member):
    type(member).objects.filter(pk=member.pk).update(left_at=AT)


def test_change_that_waited_only_for_who_has_left_comes_into_force_once():
    mentorship, aylin, martin, leila = trio()
    goal = goal_of(mentorship, aylin)
    change = propose(goal, aylin, title="Other words")
    actions.answer_change(change=change, member=martin, agree=True, at=AT)
    assert actions.settle_changes(at=AT) == 0
    leave(leila)
    assert [actions.settle_changes(at=AT) for _twice in range(2)] == [1, 0]
    goal.refresh_from_db()
    assert goal.title == "Other words"
    told = Notice.objects.filter(subject="The change of your goal is agreed")
    assert sorted(told.values_list("recipient__name", flat=True)) == sorted(
        [aylin.person.name, martin.person.name]
    )


def test_change_still_waits_for_who_remains_and_has_not_agreed():
    mentorship, aylin, _martin, leila = trio()
    propose(goal_of(mentorship, aylin), aylin, title="Other words")
    leave(leila)
    assert actions.settle_changes(at=AT) == 0


def test_pages_stand_when_who_reported_or_proposed_has_left():
    mentorship, aylin, _martin, leila = trio()
    goal = goal_of(mentorship, aylin)
    for member in (leila, aylin):
        actions.check_in(goal=goal, member=member, due_on=DUE, level=0, at=AT)
    change = propose(goal, leila, title="Other words")
    leave(leila)
    client = signed_in(aylin.person)
    for url in (
        reverse("home"),
        reverse("mentorship", args=[mentorship.uuid]),
        reverse("goals:list"),
        reverse("goals:detail", args=[goal.uuid]),
        reverse("goals:change", args=[change.uuid]),
    ):
        assert client.get(url).status_code == 200, url
    text = client.get(reverse("goals:detail", args=[goal.uuid])).content.decode()
    assert "Leila" in text
