from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from goals import actions
from goals.examples import BY_KEY
from goals.models import CheckIn, Goal
from goals.summary import cards
from matching.models import Mentorship
from programmes.models import Objective
from tests import factories

pytestmark = pytest.mark.django_db

LEVELS = {-1: "has tried it once", 0: "drafts two of five", 2: "writes all five"}


@pytest.fixture
def today():
    return timezone.now().date()


@pytest.fixture
def pair(today):
    """Their cohort asked for a check-in four days ago, and asks again in ten days."""
    cohort = factories.cohort(
        enrolment_opens_on=today - timedelta(days=60),
        enrolment_closes_on=today - timedelta(days=40),
        starts_on=today - timedelta(days=32),
        ends_on=today + timedelta(days=150),
        check_in_weeks=[4, 6],
    )
    made = factories.mentorship(
        factories.person("Aylin Kaya"), factories.person("Dr. Martin Vogel"), in_cohort=cohort
    )
    return made, factories.member(made, "mentor"), factories.member(made, "mentee")


def goal_of(pair, title="Use AI", days_ago=20):
    mentorship, aylin, _ = pair
    at = timezone.now() - timedelta(days=days_ago)
    return actions.set_goal(mentorship=mentorship, member=aylin, title=title, levels=LEVELS, at=at)


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def filled(**fields):
    return {
        "title": "Use AI",
        "owner": "",
        "today": "has tried it once",
        "baseline": "-1",
        "expected": "drafts two of five",
        "much_more": "writes all five",
        "weight": "1",
        **fields,
    }


def test_set_writes_the_goal_with_its_levels(pair):
    mentorship, aylin, martin = pair
    objective = Objective.objects.create(
        programme=mentorship.cohort.programme, statement="Share more", measure="goals", target=60
    )
    client = signed_in(aylin.person)
    response = client.post(
        reverse("goals:set", args=[mentorship.uuid]),
        filled(
            baseline="-2", other_less="has drafted one", owner=martin.pk, objective=objective.pk, weight=2
        ),
    )
    goal = Goal.objects.get()
    assert response.url == reverse("goals:detail", args=[goal.uuid])
    assert (goal.owner, goal.objective, goal.weight, goal.baseline) == (martin, objective, 2, -2)
    assert dict(goal.levels.values_list("level", "description")) == {
        -2: "has tried it once",
        -1: "has drafted one",
        0: "drafts two of five",
        2: "writes all five",
    }


def test_set_keeps_what_was_typed_and_says_what_is_missing(pair):
    mentorship, aylin, _ = pair
    response = signed_in(aylin.person).post(
        reverse("goals:set", args=[mentorship.uuid]), filled(much_more="")
    )
    assert list(response.context["form"].errors) == ["much_more"]
    assert b"drafts two of five" in response.content
    assert Goal.objects.count() == 0


def test_set_a_fourth_time_explains_and_offers_the_way_out(pair):
    for number in range(3):
        goal_of(pair, f"Goal {number}")
    mentorship, aylin, _ = pair
    client = signed_in(aylin.person)
    url = reverse("goals:set", args=[mentorship.uuid])
    assert "Three goals are open already" in client.get(url).content.decode()
    again = client.post(url, filled(title="One more"))
    assert again.context["form"].non_field_errors() == [
        "Three goals are open already. Finish or drop one before you set another."
    ]


def test_check_in_chooses_nothing_beforehand_and_stores_the_choice(pair, today):
    _mentorship, aylin, _ = pair
    goal = goal_of(pair)
    client = signed_in(aylin.person)
    url = reverse("goals:check_in", args=[goal.uuid])
    assert "checked" not in client.get(url).content.decode()
    assert client.post(url, {"comment": "x"}).context["form"].errors.keys() == {"level"}
    response = client.post(url, {"level": "0", "comment": "Slowly", "obstacle": ""})
    assert response.url == reverse("goals:detail", args=[goal.uuid])
    made = CheckIn.objects.get()
    assert (made.member, made.due_on, made.level, made.comment) == (
        aylin,
        today - timedelta(days=4),
        0,
        "Slowly",
    )
    # What is due is said; a second report today is of one's own accord.
    assert client.get(url).context["is_asked"] is False


def test_check_in_of_ones_own_accord_is_for_today_and_once_a_day(pair, today):
    goal = goal_of(pair, days_ago=2)
    client, url = signed_in(pair[1].person), reverse("goals:check_in", args=[goal.uuid])
    client.post(url, {"level": "1"})
    assert CheckIn.objects.get().due_on == timezone.now().astimezone(pair[1].person.zone).date()
    response = client.get(url, follow=True)
    assert "You have said today how this goal stands." in response.content.decode()


def test_detail_opens_the_others_view_with_ones_own_and_hints_at_a_difference(pair, today):
    _mentorship, aylin, martin = pair
    goal = goal_of(pair)
    day = today - timedelta(days=4)
    actions.check_in(goal=goal, member=martin, due_on=day, level=2, comment="Splendid")
    client, url = signed_in(aylin.person), reverse("goals:detail", args=[goal.uuid])
    before = client.get(url).content.decode()
    assert "Splendid" not in before
    assert "Martin has checked in. Yours opens that view." in before
    assert '<svg class="chart' not in before
    actions.check_in(goal=goal, member=aylin, due_on=day, level=0)
    after = client.get(url).content.decode()
    assert "Splendid" in after
    assert "You see this 2 levels apart." in after
    assert after.count('stroke-dasharray="6 4"') == 2  # the second line, and its key
    assert after.count('<circle class="mark-fill"') == 4  # two lines of two points each


def test_detail_says_nothing_of_one_level_of_difference(pair, today):
    _mentorship, aylin, martin = pair
    goal = goal_of(pair)
    for member, level in ((aylin, 0), (martin, 1)):
        actions.check_in(goal=goal, member=member, due_on=today - timedelta(days=4), level=level)
    page = signed_in(aylin.person).get(reverse("goals:detail", args=[goal.uuid])).content.decode()
    assert "apart" not in page


@pytest.mark.parametrize(("name", "state"), [("attain", "attained"), ("drop", "dropped")])
def test_closing_asks_first(pair, name, state):
    goal = goal_of(pair)
    client, url = signed_in(pair[2].person), reverse(f"goals:{name}", args=[goal.uuid])
    assert client.get(url).status_code == 200
    goal.refresh_from_db()
    assert goal.state == "open"
    client.post(url)
    goal.refresh_from_db()
    assert goal.state == state


PAGES = [
    "goals:detail",
    "goals:check_in",
    "goals:describe",
    "goals:propose_change",
    "goals:attain",
    "goals:drop",
]


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_and_hr_find_nothing(pair, method):
    goal = goal_of(pair)
    strangers = [factories.person(), factories.hr_admin()]
    factories.programme_role(goal.mentorship.cohort.programme, strangers[0], "coordinator")
    for one in strangers:
        client = signed_in(one)
        for name in PAGES:
            status = getattr(client, method)(reverse(name, args=[goal.uuid])).status_code
            assert status == (405 if (name, method) == ("goals:detail", "post") else 404)
        assert getattr(client, method)(reverse("goals:set", args=[pair[0].uuid])).status_code == 404
        assert goal.title not in client.get(reverse("goals:list")).content.decode()
    goal.refresh_from_db()
    assert goal.state == "open"


def test_a_closed_goal_is_opened_again_from_its_page_and_by_no_stranger(pair):
    goal = goal_of(pair)
    url = reverse("goals:reopen", args=[goal.uuid])
    goal.move_to("dropped")
    assert url in signed_in(pair[1].person).get(reverse("goals:detail", args=[goal.uuid])).content.decode()
    assert [signed_in(one).post(url).status_code for one in (factories.person(), factories.hr_admin())] == [
        404,
        404,
    ]
    assert signed_in(pair[1].person).post(url).status_code == 302
    goal.refresh_from_db()
    assert goal.state == "open"


def test_a_member_of_an_ended_mentorship_reads_and_changes_nothing(pair):
    goal = goal_of(pair)
    pair[0].move_to("ended")
    client = signed_in(pair[1].person)
    page = client.get(reverse("goals:detail", args=[goal.uuid]))
    assert page.status_code == 200
    assert reverse("goals:drop", args=[goal.uuid]) not in page.content.decode()
    assert client.post(reverse("goals:drop", args=[goal.uuid])).status_code == 403


def test_list_without_a_mentorship_teaches():
    page = signed_in(factories.person()).get(reverse("goals:list")).content.decode()
    assert "Your goals will be here" in page


# Savepoint and its release, session, person; the page's frame.
FRAME = 5


@pytest.mark.parametrize("goals", [1, 3])
def test_list_takes_the_same_queries_however_many_goals(pair, today, django_assert_num_queries, goals):
    for number in range(goals):
        goal = goal_of(pair, f"Goal {number}")
        actions.check_in(goal=goal, member=pair[1], due_on=today - timedelta(days=4), level=1)
    client = signed_in(pair[1].person)
    # Mentorships, members; goals, levels, check-ins.
    with django_assert_num_queries(FRAME + 5):
        response = client.get(reverse("goals:list"))
    assert len(response.context["groups"][0].open) == goals


@pytest.mark.parametrize("days", [1, 3])
def test_detail_takes_the_same_queries_however_many_check_ins(pair, today, django_assert_num_queries, days):
    goal = goal_of(pair, days_ago=31)
    cohort = pair[0].cohort
    cohort.check_in_weeks = [2, 3, 4]
    cohort.save()
    for day in cohort.check_in_dates()[:days]:
        for member in pair[1:]:
            actions.check_in(goal=goal, member=member, due_on=day, level=1)
    client = signed_in(pair[1].person)
    # Goal, levels; mentorship, members, who left; what is visible, who reported; its changes; may one act
    # (member, mentorship).
    with django_assert_num_queries(FRAME + 10):
        response = client.get(reverse("goals:detail", args=[goal.uuid]))
    assert len(response.context["rounds"]) == days


def test_cards_show_the_start_and_todays_words(pair, today):
    mentorship, aylin, martin = pair
    goal = goal_of(pair)
    actions.check_in(goal=goal, member=martin, due_on=today - timedelta(days=4), level=2)
    loaded = list(Mentorship.objects.with_members().filter(pk=mentorship.pk))
    (card,) = cards(loaded, aylin.person, timezone.now())[mentorship.pk]
    assert (card.title, card.start, card.today, card.words) == ("Use AI", -1, None, "")
    assert (card.due_on, card.others_reported, card.theirs) == (
        today - timedelta(days=4),
        ["Martin"],
        [],
    )
    actions.check_in(goal=goal, member=aylin, due_on=today - timedelta(days=4), level=0)
    (card,) = cards(loaded, aylin.person, timezone.now())[mentorship.pk]
    assert (card.today, card.words, card.due_on) == (0, "drafts two of five", None)
    assert [(name, one.level) for name, one in card.theirs] == [("Martin", 2)]


def test_list_shows_the_t_score_of_what_the_reader_may_see(pair, today):
    _mentorship, aylin, martin = pair
    goal = goal_of(pair)
    day = today - timedelta(days=4)
    client, url = signed_in(aylin.person), reverse("goals:list")
    actions.check_in(goal=goal, member=martin, due_on=day, level=2)
    assert "Attainment so far" not in client.get(url).content.decode()
    actions.check_in(goal=goal, member=aylin, due_on=day, level=0)
    [group] = client.get(url).context["groups"]
    # One goal, reported 2 and 0: their mean is one level above what is expected, 50 + 10 · 1.
    assert group.score == pytest.approx(60)
    assert "Attainment so far: <strong>60</strong>" in client.get(url).content.decode()
    actions.check_in(goal=goal, member=martin, due_on=today, level=-2)
    assert client.get(url).context["groups"][0].score == pytest.approx(60)


def test_list_asks_for_a_goal_of_the_side_that_has_none(pair):
    _mentorship, aylin, martin = pair
    goal_of(pair)
    client, url = signed_in(martin.person), reverse("goals:list")
    assert client.get(url).context["groups"][0].without_a_goal == ""  # it is shared
    Goal.objects.update(owner=aylin)
    assert client.get(url).context["groups"][0].without_a_goal == "mentee"
    assert "only the mentor has a goal" in client.get(url).content.decode()


def test_set_begins_from_an_example_that_fits_the_form_and_can_be_changed(pair):
    mentorship, aylin, _ = pair
    served = Objective.objects.create(
        programme=mentorship.cohort.programme,
        statement="x",
        measure="pulse",
        dimension="communication",
        target=4,
    )
    client, url = signed_in(aylin.person), reverse("goals:set", args=[mentorship.uuid])
    page = client.get(url)
    keys = [one.key for one in page.context["examples"]]
    assert keys[:2] == ["hear-juniors", "speak-up"]
    assert "first-team" not in keys
    form = client.get(url, {"example": "speak-up"}).context["form"]
    assert (form["owner"].value(), form["objective"].value()) == (str(aylin.pk), served.pk)
    assert form["title"].value() == "Say what I think in front of senior people"
    given = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    client.post(url, given | {"title": "Say what I think"})
    goal = Goal.objects.get()
    assert (goal.title, goal.owner, goal.objective, goal.levels.count()) == (
        "Say what I think",
        aylin,
        served,
        5,
    )
    assert client.get(url, {"example": "nonsense"}).status_code == 200


@pytest.mark.parametrize("key", BY_KEY)
def test_every_example_says_five_different_levels(key):
    words = BY_KEY[key].words()
    assert sorted(words) == [-2, -1, 0, 1, 2]
    assert len(set(words.values())) == 5
    assert all(0 < len(text) <= 300 for text in words.values())


@pytest.mark.parametrize("act", ["check_in", "describe", "propose_change", "attain", "drop", "reopen"])
def test_when_the_mentorship_is_over_its_goals_can_be_read_and_nothing_is_done_to_them(pair, act):
    goal = goal_of(pair)
    if act == "reopen":
        actions.attain(goal=goal, member=pair[1])
    Mentorship.objects.filter(pk=pair[0].pk).update(state=Mentorship.State.ENDED)
    before = Goal.objects.values().get(pk=goal.pk)
    client = signed_in(pair[1].person)
    assert client.get(reverse("goals:detail", args=[goal.uuid])).status_code == 200
    sent = {"level": "0", "title": "Other words", "weight": "1", "level_1": "more"}
    assert client.post(reverse(f"goals:{act}", args=[goal.uuid]), sent).status_code == 403
    assert Goal.objects.values().get(pk=goal.pk) == before
    assert not CheckIn.objects.filter(goal=goal).exists() and not goal.changes.exists()


def test_when_the_mentorship_is_over_no_goal_is_set(pair):
    Mentorship.objects.filter(pk=pair[0].pk).update(state=Mentorship.State.ENDED)
    answer = signed_in(pair[1].person).post(reverse("goals:set", args=[pair[0].uuid]), filled())
    assert (answer.status_code, Goal.objects.count()) == (403, 0)
