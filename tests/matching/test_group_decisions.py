"""What staff decide about the groups of a run: each respected by the next, priced, and taken back."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from domain.errors import DomainError
from matching import group_actions, group_bench
from matching.models import Block, GroupDecision
from notices.models import Notice
from programmes.models import Avoidance, Enrolment, ProgrammeRole
from tests import factories
from tests.matching import people
from tests.matching.people import AT
from tests.matching.test_group_runs import cohort_of_groups, run_of, seats
from tests.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    """Two groups of two mentors and three mentees."""
    return run_of(cohort_of_groups())


@pytest.fixture
def hr():
    return factories.hr_admin(name="Helene")


def enrolled(name):
    return Enrolment.objects.get(person__name=name)


def groups_of(run):
    return [{name for _role, name in seats(group)} for group in run.groups.with_seats()]


def group_with(run, name):
    return run.groups.with_seats().get(seats__enrolment__person__name=name)


def apart_now(run, pick=0):
    """Two mentees who are in different groups."""
    first, second = (sorted(name for name in group if "Mentee" in name) for group in groups_of(run))
    return first[pick], second[pick]


def decide(verb, run, hr, name, **given):
    run.refresh_from_db()
    return verb(
        run=run, enrolment=enrolled(name), reason="We know.", by=hr, revision=run.revision, at=AT, **given
    )


def undo(run, hr, decision):
    run.refresh_from_db()
    return group_bench.undo(run=run, decision=decision, by=hr, revision=run.revision, at=AT)


def test_who_are_kept_in_one_group_are_in_one_in_the_next_run_which_says_what_it_costs(run, hr):
    one, two = apart_now(run)
    decision = decide(group_bench.keep_together, run, hr, one, other=enrolled(two))
    assert str(decision) == f"{one} in one group with {two}"
    with pytest.raises(DomainError, match="are to be in one group"):
        group_actions.confirm_group(group=group_with(run, one), by=hr, at=AT)
    again = run_of(run.cohort)
    assert any({one, two} <= group for group in groups_of(again))
    assert again.outcome["decisions"] == 1
    assert again.outcome["undecided"]["placed"] == again.outcome["worth"]["placed"] == 10
    assert len(group_actions.confirm_groups(run=again, by=hr, at=AT)) == 2


def test_what_is_undone_no_longer_holds(run, hr):
    one, two = apart_now(run)
    decision = decide(group_bench.keep_together, run, hr, one, other=enrolled(two))
    assert undo(run, hr, decision).undone_at == undo(run, hr, decision).undone_at
    again = run_of(run.cohort)
    assert "decisions" not in again.outcome
    assert groups_of(again) == groups_of(run)


def test_who_are_kept_apart_are_in_no_group_together_until_it_is_undone(run, hr):
    one, two, *_ = sorted(name for name in groups_of(run)[0] if "Mentee" in name)
    decision = decide(group_bench.keep_apart, run, hr, one, other=enrolled(two))
    assert Block.objects.get().reason == "We know."
    again = run_of(run.cohort)
    assert not any({one, two} <= group for group in groups_of(again))
    assert again.outcome["undecided"] == run.outcome["worth"]
    undo(again, hr, decision)
    assert not Block.objects.exists()


def test_kept_apart_beside_a_block_somebody_else_set_leaves_it_when_undone(run, hr):
    one, two = (enrolled(name).person for name in apart_now(run))
    Block.objects.create(programme=run.cohort.programme, first=two, second=one, reason="Family.")
    undo(run, hr, decide(group_bench.keep_apart, run, hr, one.name, other=enrolled(two.name)))
    assert Block.objects.get().reason == "Family."


def test_who_is_left_out_is_in_no_group_and_the_price_is_told(run, hr):
    decide(group_bench.leave_out, run, hr, "Mentor 0")
    with pytest.raises(DomainError, match="Mentor 0 is to be left out this round"):
        group_actions.confirm_group(group=group_with(run, "Mentor 0"), by=hr, at=AT)
    again = run_of(run.cohort)
    assert not any("Mentor 0" in group for group in groups_of(again))
    assert again.outcome["worth"]["placed"] == 7 and again.outcome["undecided"]["placed"] == 10
    assert enrolled("Mentor 0").state == "accepted"
    with pytest.raises(DomainError, match="left out already"):
        decide(group_bench.leave_out, again, hr, "Mentor 0")


def test_who_is_pinned_stays_with_the_mentors_of_the_group(run, hr):
    group = group_with(run, "Mentee 0")
    mentors = {name for role, name in seats(group) if role == "mentor"}
    decide(group_bench.pin, run, hr, "Mentee 0", group=group)
    [here] = [names for names in groups_of(run_of(run.cohort)) if "Mentee 0" in names]
    assert mentors <= here


def test_changing_places_is_at_once_holds_in_the_next_run_and_is_undone(run, hr):
    one, two = apart_now(run)
    before = groups_of(run), list(run.groups.values_list("score", "breakdown"))
    decision = decide(
        group_bench.move,
        run,
        hr,
        one,
        away_from=group_with(run, one),
        to=group_with(run, two),
        instead_of=enrolled(two),
    )
    after = groups_of(run)
    swapped = [{{one: two, two: one}.get(name, name) for name in group} for group in before[0]]
    assert all(group in swapped for group in after)
    for group in run.groups.with_seats():
        facts = group.breakdown["facts"]
        assert {row["enrolment"] for side in ("mentors", "mentees") for row in facts[side]} == {
            seat.enrolment_id for seat in group.seats.all()
        }
    assert not any(group_actions.standing(run, list(run.groups.with_seats())).values())
    [here] = [names for names in groups_of(run_of(run.cohort)) if one in names]
    assert {name for name in here if "Mentor" in name} == {
        name for group in after if one in group for name in group if "Mentor" in name
    }
    ran_before = GroupDecision.objects.get(pk=decision.pk).run
    undo(run.cohort.match_runs.first(), hr, decision)  # of the newest run: only what holds for later ones
    assert groups_of(ran_before) == after
    assert Notice.objects.count() == 0


def test_a_move_is_brought_back_unless_a_later_one_or_a_confirmation_stands_on_it(run, hr):
    one, two = apart_now(run)
    before = groups_of(run)

    def change_places(one, two):
        places = {"away_from": group_with(run, one), "to": group_with(run, two), "instead_of": enrolled(two)}
        return decide(group_bench.move, run, hr, one, **places)

    first = change_places(one, two)
    second = change_places(*apart_now(run, -1))
    with pytest.raises(DomainError, match="Take this back first"):
        undo(run, hr, first)
    undo(run, hr, second)
    undo(run, hr, first)
    assert all(group in before for group in groups_of(run))
    third = change_places(one, two)
    group_actions.confirm_group(group=run.groups.with_seats().first(), by=hr, at=AT)
    with pytest.raises(DomainError, match="is decided already"):
        undo(run, hr, third)


def test_somebody_without_a_group_takes_the_place_of_one_who_is_then_without(hr):
    cohort = cohort_of_groups(2, 3)
    people.policy(cohort, group_most=3)
    extra = people.mentee(cohort, people.senior("Mentee 9"))
    people.wants(extra.person, "Data", priority=1)
    run = run_of(cohort)
    [entry] = run.outcome["left_out"]
    outside = Enrolment.objects.get(pk=entry["enrolment"])
    inside = next(seat.enrolment for seat in run.groups.get().seats.all() if seat.role == "mentee")
    plan = group_bench.plan_of(run, outside, None, run.groups.get(), inside)
    assert plan.placed == (5, 5) and plan.displaced == inside
    assert plan.floor[0] == run.groups.get().score
    decide(
        group_bench.move,
        run,
        hr,
        outside.person.name,
        away_from=None,
        to=run.groups.get(),
        instead_of=inside,
    )
    assert run.groups.get().score == plan.floor[1]
    assert outside.person.name in groups_of(run)[0] and inside.person.name not in groups_of(run)[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("size", "would no longer have the right size"),
        ("avoids", "would not be possible: Two of them cannot be in one group."),
        ("line", "would not be possible"),
        ("kept", "are to be in one group"),
    ],
)
def test_a_move_against_a_rule_or_a_decision_is_refused_with_its_reason(run, hr, change, words):
    one, two = apart_now(run)
    third = sorted(name for name in group_seat_names(run, two) if "Mentee" in name)[1]
    if change == "avoids":
        Avoidance.objects.create(enrolment=enrolled(one), person=enrolled(third).person)
    if change == "line":
        junior = enrolled(one).person
        junior.manager = enrolled(third).person
        junior.save()
    if change == "kept":
        mate = sorted(name for name in group_seat_names(run, one) if "Mentee" in name)[1]
        decide(group_bench.keep_together, run, hr, one, other=enrolled(mate))
    before = groups_of(run)
    with pytest.raises(DomainError, match=words):
        decide(
            group_bench.move,
            run,
            hr,
            one,
            away_from=group_with(run, one),
            to=group_with(run, two),
            instead_of=None if change == "size" else enrolled(two),
        )
    assert groups_of(run) == before


def group_seat_names(run, name):
    return next(group for group in groups_of(run) if name in group)


def test_who_can_never_be_in_one_group_are_not_kept_in_one(run, hr):
    one, two = apart_now(run)
    Avoidance.objects.create(enrolment=enrolled(one), person=enrolled(two).person)
    with pytest.raises(DomainError, match="They cannot be in one group"):
        decide(group_bench.keep_together, run, hr, one, other=enrolled(two))
    assert not GroupDecision.objects.exists()


def test_no_more_are_kept_together_than_a_group_holds(run, hr):
    decide(group_bench.keep_together, run, hr, "Mentor 0", other=enrolled("Mentor 1"))
    with pytest.raises(DomainError, match="More people would be kept together than a group holds"):
        decide(group_bench.keep_together, run, hr, "Mentor 1", other=enrolled("Mentor 2"))


def test_kept_together_and_apart_or_left_out_contradict_each_other(run, hr):
    one, two = apart_now(run)
    decide(group_bench.keep_together, run, hr, one, other=enrolled(two))
    with pytest.raises(DomainError, match="The two are kept together"):
        decide(group_bench.keep_apart, run, hr, two, other=enrolled(one))
    decide(group_bench.leave_out, run, hr, "Mentor 0")
    with pytest.raises(DomainError, match="left out this round"):
        decide(group_bench.keep_together, run, hr, "Mentor 0", other=enrolled(one))


@pytest.mark.django_db(transaction=True)
def test_of_two_coordinators_at_once_one_decides_and_the_other_looks_again():
    run, staff = run_of(cohort_of_groups()), [factories.hr_admin(), factories.hr_admin()]
    one = enrolled("Mentee 0")

    def leave_out(by):
        return group_bench.leave_out(run=run, enrolment=one, reason="x", by=by, revision=0, at=AT)

    outcomes = at_once(*(lambda by=by: leave_out(by) for by in staff))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["DomainError", "GroupDecision"]
    [refused] = [outcome for outcome in outcomes if isinstance(outcome, DomainError)]
    assert "changed something here meanwhile (Mentee 0 left out this round)" in refused.message


# --- The page ---


def post(client, run, name, group=None, **given):
    run.refresh_from_db()
    args = [run.pk, enrolled(name).pk, *([group.pk] if group else [])]
    url = reverse(f"admin:matching_matchrun_{'decide_in' if group else 'decide'}", args=args)
    return client.post(url, {"revision": run.revision, "reason": "We know.", **given}, follow=True)


def test_deciding_on_the_page_is_shown_with_its_price_and_undone_there(client, run, hr):
    client.force_login(hr)
    one, two = apart_now(run)
    group = group_with(run, one)
    bare = post(client, run, one, group, what="together").content.decode()
    assert "Please choose." in bare and "We know." in bare
    page = post(client, run, one, group, what="together", other=enrolled(two).pk).content.decode()
    assert f"{one} in one group with {two}" in page and "Run again with your decision" in page
    decide(group_bench.leave_out, run, hr, "Mentor 0")
    again = run_of(run.cohort)
    page = client.get(reverse("admin:matching_matchrun_change", args=[again.pk])).content.decode()
    assert "2 decisions of yours went into it. Against the best without them:" in page
    assert "3 people fewer are in a group." in page
    assert "Helene" in page and "We know." in page
    for decision in GroupDecision.objects.all():
        again.refresh_from_db()
        url = reverse("admin:matching_matchrun_undo_decision", args=[again.pk, decision.pk])
        assert client.get(url).status_code == 405
        client.post(url, {"revision": again.revision})
    assert not GroupDecision.objects.standing().exists()
    assert LogEntry.objects.filter(change_message__startswith="Undone").count() == 2


def test_a_move_asks_with_its_price_before_it_is_made(client, run, hr):
    client.force_login(hr)
    one, two = apart_now(run)
    given = {"what": "move", "to": group_with(run, two).pk, "instead_of": enrolled(two).pk}
    question = post(client, run, one, group_with(run, one), **given).content.decode()
    assert f"Move {one}?" in question and "of 1000 points before" in question
    assert not GroupDecision.objects.exists()
    page = post(client, run, one, group_with(run, one), **given, sure="yes").content.decode()
    assert f"{one} moved into the group of" in page
    assert GroupDecision.objects.get().kind == "move"


def test_deciding_is_for_the_staff_of_the_programme_alone(client, run):
    elsewhere = factories.person()
    factories.programme_role(factories.programme(), elsewhere, ProgrammeRole.Kind.COORDINATOR)
    for stranger in (elsewhere, factories.person()):
        client.force_login(stranger)
        post(client, run, "Mentor 0", what="out")
        assert client.get(
            reverse("admin:matching_matchrun_decide", args=[run.pk, enrolled("Mentor 0").pk])
        ).status_code in (302, 404)
    assert not GroupDecision.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_the_same_queries_for_three_decisions(
    client, run, hr, django_assert_num_queries, count
):
    for number in range(count):
        decide(group_bench.keep_apart, run, hr, f"Mentee {number}", other=enrolled("Mentee 5"))
    client.force_login(hr)
    url = reverse("admin:matching_matchrun_change", args=[run.pk])
    client.get(url)
    with django_assert_num_queries(30):
        client.get(url)
