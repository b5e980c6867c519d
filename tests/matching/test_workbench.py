"""What staff decide on the workbench, with the real solver underneath."""

import threading

import numpy as np
import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.urls import reverse

from domain.errors import DomainError
from matching import actions, supply, workbench
from matching.comparing import compare
from matching.models import Block, MatchRun, Proposal, Step
from matching.next_best import cost_for_all, next_best
from matching.policies import policy_for
from matching.rules import NEVER_SENTENCE
from matching.stored import unpack
from programmes.models import Avoidance, Role
from tests import factories
from tests.matching import people
from tests.matching.people import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def hr():
    return factories.hr_admin(name="Helene")


@pytest.fixture
def cohort():
    """Aylin and Jonas know data and video; Martin wants video, Sabine data. Mara knows nothing asked for."""
    cohort = people.cohort(name="Autumn 2026")
    for name, topic in [("Aylin", "Data"), ("Jonas", "Video"), ("Mara", "Cooking")]:
        someone = people.junior(name)
        people.knows(someone, topic)
        people.mentor(cohort, someone)
    for name, topic in [("Martin", "Video"), ("Sabine", "Data")]:
        someone = people.senior(name)
        people.wants(someone, topic)
        people.mentee(cohort, someone)
    return cohort


@pytest.fixture
def run(cohort, hr):
    return run_of(cohort, hr)


def run_of(cohort, hr, **fields):
    run = actions.request_run(cohort=cohort, by=hr, at=AT, **fields)
    actions.execute_run(run=run, at=AT)
    run.refresh_from_db()
    assert (run.state, run.error) == ("finished", "")
    return run


def pairs_of(run):
    return sorted(run.proposals.kept().values_list("mentor__person__name", "mentee__person__name"))


def of(run, mentor):
    return run.proposals.kept().get(mentor__person__name=mentor)


def enrolment(run, name):
    return run.cohort.enrolments.select_related("person").get(person__name=name)


def test_inputs_of_a_run_are_kept_as_they_were(run):
    kept = unpack(bytes(run.inputs))
    assert kept.mentors.key.tolist() == [enrolment(run, n).person_id for n in ("Aylin", "Jonas", "Mara")]
    assert kept.mentees.capacity.tolist() == [1, 1]
    assert kept.proof.worth.mentors.shape[0] == 3
    assert (kept.mentors.expertise > 0).sum(axis=1).tolist() == [1, 1, 1]


def test_locked_pair_survives_a_run_that_would_choose_otherwise(run, hr):
    workbench.swap(
        proposal=of(run, "Aylin"),
        mentor=enrolment(run, "Aylin"),
        mentee=enrolment(run, "Martin"),
        by=hr,
        revision=0,
        at=AT,
    )
    assert pairs_of(run) == [("Aylin", "Martin"), ("Jonas", "Sabine")]
    again = run_of(run.cohort, hr)
    assert ("Aylin", "Martin") in pairs_of(again)
    assert again.proposals.count() == 2
    assert (of(again, "Aylin").is_locked, of(again, "Aylin").by_hand) == (True, True)
    assert again.outcome["proof"]["optimal"] is True
    workbench.lock(proposal=of(again, "Aylin"), locked=False, by=hr, revision=0, at=AT)
    assert pairs_of(run_of(run.cohort, hr)) == [("Aylin", "Sabine"), ("Jonas", "Martin")]


def test_locked_pair_that_has_become_impossible_stops_the_run_with_its_reason(run, hr):
    workbench.lock(proposal=of(run, "Aylin"), locked=True, by=hr, revision=0, at=AT)
    aylin = enrolment(run, "Aylin").person
    aylin.manager = enrolment(run, "Sabine").person
    aylin.save()
    again = actions.request_run(cohort=run.cohort, by=hr, at=AT)
    actions.execute_run(run=again, at=AT)
    again.refresh_from_db()
    assert again.state == "failed"
    assert "Aylin · Sabine are locked" in again.error
    assert NEVER_SENTENCE in again.error


def test_ruled_out_pair_is_dropped_not_proposed_again_and_comes_back_by_undoing(run, hr):
    proposal = of(run, "Aylin")
    workbench.forbid(proposal=proposal, reason="They are siblings.", by=hr, revision=0, at=AT)
    assert pairs_of(run) == [("Jonas", "Martin")]
    assert ("Aylin", "Sabine") not in pairs_of(run_of(run.cohort, hr))
    assert LogEntry.objects.filter(change_message="ruled out: Aylin · Sabine").count() == 1
    with pytest.raises(DomainError, match="newer run"):
        workbench.undo(run=run, by=hr, revision=1, at=AT)
    MatchRun.objects.exclude(pk=run.pk).delete()
    workbench.undo(run=run, by=hr, revision=1, at=AT)
    assert pairs_of(run) == [("Aylin", "Sabine"), ("Jonas", "Martin")]
    assert Block.objects.count() == 0


def test_ruling_out_asks_for_a_reason(run, hr):
    with pytest.raises(DomainError) as refused:
        workbench.forbid(proposal=of(run, "Aylin"), reason="  ", by=hr, revision=0, at=AT)
    assert refused.value.field == "reason"
    assert Step.objects.count() == 0


def test_pair_by_hand_that_breaks_a_rule_asks_for_a_reason_and_can_be_confirmed_with_it(run, hr):
    policy = policy_for(run.cohort.programme)
    policy.other_unit = True
    policy.save()
    mara = enrolment(run, "Mara")
    mara.person.unit = enrolment(run, "Martin").person.unit
    mara.person.save()
    chosen = {
        "run": run,
        "mentor": mara,
        "mentee": enrolment(run, "Martin"),
        "by": hr,
        "revision": 0,
        "at": AT,
    }
    with pytest.raises(DomainError, match="breaks a rule"):
        workbench.pair(**chosen)
    made = workbench.pair(**chosen, reason="They share an office and asked for it.")
    assert (made.overrides, made.is_locked, made.by_hand) == (["unit"], True, True)
    assert pairs_of(run) == [("Aylin", "Sabine"), ("Mara", "Martin")]
    again = run_of(run.cohort, hr)
    assert pairs_of(again) == [("Aylin", "Sabine"), ("Mara", "Martin")]
    assert [e["enrolment"] for e in again.outcome["left_out"]] == [enrolment(run, "Jonas").pk]
    mentorship = actions.confirm(proposal=of(again, "Mara"), by=hr, at=AT)
    assert sorted(m.person.name for m in mentorship.members.all()) == ["Mara", "Martin"]


@pytest.mark.parametrize("rule", ["line", "avoid"])
def test_pair_by_hand_never_breaks_what_protects_people(run, hr, rule):
    mara, martin = enrolment(run, "Mara"), enrolment(run, "Martin")
    if rule == "line":
        mara.person.manager = martin.person
        mara.person.save()
    else:
        Avoidance.objects.create(enrolment=mara, person=martin.person)
    with pytest.raises(DomainError) as refused:
        workbench.pair(run=run, mentor=mara, mentee=martin, by=hr, revision=0, reason="I want it.", at=AT)
    assert refused.value.message == NEVER_SENTENCE
    assert pairs_of(run) == [("Aylin", "Sabine"), ("Jonas", "Martin")]


def test_second_coordinator_with_an_old_page_is_told_who_changed_what(run, hr):
    other = factories.hr_admin(name="Tomás")
    workbench.lock(proposal=of(run, "Aylin"), locked=True, by=hr, revision=0, at=AT)
    with pytest.raises(
        DomainError, match=r"Helene changed something here meanwhile \(locked: Aylin · Sabine\)"
    ):
        workbench.forbid(proposal=of(run, "Aylin"), reason="No.", by=other, revision=0, at=AT)
    assert of(run, "Aylin").dropped_at is None


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_one_decides(cohort, hr):
    run = run_of(cohort, hr)
    proposal = of(run, "Aylin")
    outcomes, gate = [], threading.Barrier(2)

    def decide(locked):
        gate.wait()
        try:
            workbench.lock(proposal=proposal, locked=locked, by=hr, revision=0, at=AT)
            outcomes.append("done")
        except DomainError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=[locked]) for locked in (True, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "refused"]
    assert Step.objects.count() == 1


def test_undo_takes_back_step_by_step_but_nothing_that_is_confirmed(run, hr):
    workbench.lock(proposal=of(run, "Jonas"), locked=True, by=hr, revision=0, at=AT)
    workbench.swap(
        proposal=of(run, "Aylin"),
        mentor=enrolment(run, "Mara"),
        mentee=enrolment(run, "Sabine"),
        by=hr,
        revision=1,
        at=AT,
    )
    assert pairs_of(run) == [("Jonas", "Martin"), ("Mara", "Sabine")]
    workbench.undo(run=run, by=hr, revision=2, at=AT)
    assert pairs_of(run) == [("Aylin", "Sabine"), ("Jonas", "Martin")]
    actions.confirm(proposal=of(run, "Jonas"), by=hr, at=AT)
    with pytest.raises(DomainError, match="confirmed already"):
        workbench.undo(run=run, by=hr, revision=3, at=AT)


def test_dropped_proposal_is_neither_confirmed_alone_nor_with_all(run, hr):
    proposal = of(run, "Aylin")
    workbench.forbid(proposal=proposal, reason="No.", by=hr, revision=0, at=AT)
    with pytest.raises(DomainError, match="off the workbench"):
        actions.confirm(proposal=Proposal.objects.get(pk=proposal.pk), by=hr, at=AT)
    assert len(actions.confirm_all(run=run, by=hr, at=AT)) == 1


def test_next_best_says_who_has_them_and_what_it_costs_everybody(run):
    proposal = of(run, "Aylin")
    found = next_best(run, proposal)
    [martin] = found[Role.MENTOR]
    assert (martin.person.person.name, martin.holder.person.name) == ("Martin", "Jonas")
    both = of(run, "Jonas").score + proposal.score
    crossed = workbench.sketch_of(
        run,
        [
            (enrolment(run, "Aylin").pk, enrolment(run, "Martin").pk),
            (enrolment(run, "Jonas").pk, enrolment(run, "Sabine").pk),
        ],
    )
    assert martin.change == crossed[0].score - proposal.score < 0
    assert martin.for_all == sum(sketch.score for sketch in crossed) - both < 0
    cost = cost_for_all(run, martin.mentor, martin.mentee, [proposal.pk])
    best = max(
        sketch.score
        for sketch in workbench.sketch_of(
            run, [(enrolment(run, name).pk, enrolment(run, "Sabine").pk) for name in ("Jonas", "Mara")]
        )
    )
    assert (cost.served, cost.total) == (0, both - crossed[0].score - best)
    workbench.lock(proposal=of(run, "Jonas"), locked=True, by=run.requested_by, revision=0, at=AT)
    assert cost_for_all(run, martin.mentor, martin.mentee, [proposal.pk]) is None
    others = {c.person.person.name: c for c in found[Role.MENTEE]}
    assert others.keys() == {"Mara", "Jonas"}
    assert others["Mara"].holder is None
    assert [e.person.name for e in others["Mara"].alone] == ["Aylin"]


def test_next_best_never_names_somebody_whom_a_rule_rules_out_and_tells_of_no_avoidance(cohort, hr):
    """Whoever is avoided is named as before, and refused like others when chosen."""
    mara, sabine = (cohort.enrolments.get(person__name=name) for name in ("Mara", "Sabine"))

    def others(run):
        return [c.person.person.name for c in next_best(run, of(run, "Aylin"))[Role.MENTEE]]

    assert others(run_of(cohort, hr)) == ["Jonas", "Mara"]
    Avoidance.objects.create(enrolment=sabine, person=mara.person)
    assert others(run_of(cohort, hr)) == ["Jonas", "Mara"]
    Block.objects.create(
        programme=cohort.programme, first=mara.person, second=sabine.person, reason="x", created_by=hr
    )
    assert others(run_of(cohort, hr)) == ["Jonas"]


def test_what_if_touches_nothing_until_it_is_kept_and_then_becomes_the_rule(run, hr):
    trial = run_of(run.cohort, hr, trial={"weight_topics": 0, "common_hours": 40})
    policy = policy_for(run.cohort.programme)
    assert (policy.weight_topics, policy.common_hours) == (10, 1)
    with pytest.raises(DomainError, match="tries something out"):
        actions.confirm_all(run=trial, by=hr, at=AT)
    assert MatchRun.objects.filter(cohort=run.cohort).decidable().first() == run
    workbench.keep_trial(run=trial, by=hr, at=AT)
    workbench.keep_trial(run=trial, by=hr, at=AT)
    policy.refresh_from_db()
    assert (policy.weight_topics, policy.common_hours) == (0, 40)
    assert MatchRun.objects.filter(cohort=run.cohort).decidable().first() == trial


def test_what_if_is_not_kept_over_what_somebody_decided_meanwhile(run, hr):
    trial = run_of(run.cohort, hr, trial={"weight_topics": 0})
    workbench.lock(proposal=of(run, "Aylin"), locked=True, by=hr, revision=0, at=AT)
    with pytest.raises(DomainError, match="decided on the proposals since"):
        workbench.keep_trial(run=trial, by=hr, at=AT)
    trial = run_of(run.cohort, hr, trial={"weight_topics": 0})
    workbench.keep_trial(run=trial, by=hr, at=AT)
    assert of(trial, "Aylin").is_locked


def test_nothing_is_decided_that_a_run_under_way_would_not_know_of(run, hr):
    waiting = actions.request_run(cohort=run.cohort, by=hr, at=AT)
    with pytest.raises(DomainError, match="under way"):
        workbench.lock(proposal=of(run, "Aylin"), locked=True, by=hr, revision=0, at=AT)
    actions.cancel_run(run=waiting, at=AT)
    actions.request_run(cohort=run.cohort, by=hr, at=AT, trial={"weight_topics": 0})
    assert workbench.lock(proposal=of(run, "Aylin"), locked=True, by=hr, revision=0, at=AT).is_locked


def test_discarded_what_if_is_gone_and_a_real_run_cannot_be_discarded(run, hr):
    trial = run_of(run.cohort, hr, trial={"weight_topics": 0})
    workbench.discard_trial(run=trial, by=hr)
    workbench.discard_trial(run=run, by=hr)
    assert list(MatchRun.objects.all()) == [run]


def test_comparison_names_who_changed_and_what_it_gained(run, hr):
    workbench.swap(
        proposal=of(run, "Aylin"),
        mentor=enrolment(run, "Aylin"),
        mentee=enrolment(run, "Martin"),
        by=hr,
        revision=0,
        at=AT,
    )
    again = run_of(run.cohort, hr)
    workbench.lock(proposal=of(again, "Aylin"), locked=False, by=hr, revision=0, at=AT)
    third = run_of(run.cohort, hr)
    found = compare(again, third)
    told = {c.mentee.name: ([m.name for m in c.before], [m.name for m in c.after]) for c in found.changes}
    assert told["Martin"] == (["Aylin"], ["Jonas"])
    assert told["Sabine"][1] == ["Aylin"]
    assert found.total[1] - found.total[0] == sum(c.points for c in found.changes) > 0
    assert found.same == 0


def test_run_says_which_looser_rule_would_bring_somebody_a_mentor(hr):
    cohort = people.cohort()
    hour = [9]
    people.mentor(cohort, people.junior("Aylin"), weekly_hours=hour)
    people.mentee(cohort, people.senior("Martin"), weekly_hours=[100])
    run = run_of(cohort, hr)
    assert run.outcome["helps"] == [{"change": "hours", "more": 1}]


def test_run_says_which_topics_lack_mentors(hr):
    cohort = people.cohort()
    people.mentor(cohort, people.junior("Aylin"))
    for name in ("Martin", "Sabine", "Peter"):
        someone = people.senior(name)
        people.wants(someone, "Data protection")
        people.mentee(cohort, someone)
    run = run_of(cohort, hr)
    [row] = run.outcome["scarce"]
    assert row["mentees"] == 2
    assert run.outcome["helps"] == []


def test_supply_and_demand_before_a_run(cohort):
    rows = {str(row.topic): row for row in supply.per_topic(cohort)}
    assert (rows["Data"].mentors, rows["Data"].places, rows["Data"].above_all, rows["Data"].missing) == (
        1,
        1,
        1,
        0,
    )
    assert (rows["Cooking"].mentors, rows["Cooking"].mentees) == (1, 0)
    someone = people.senior("Peter")
    people.wants(someone, "Data")
    people.mentee(cohort, someone)
    assert {str(row.topic): row.missing for row in supply.per_topic(cohort)}["Data"] == 1


def test_head_of_the_company_is_named_before_the_run_as_matchable_with_nobody():
    cohort = people.cohort()
    head = people.senior("Head")
    people.mentee(cohort, head)
    for name in ("Aylin", "Jonas"):
        people.mentor(cohort, people.junior(name, manager=head))
    assert [(s.enrolment.person.name, s.entry["reasons"][0]["rule"]) for s in supply.stranded(cohort)] == [
        ("Head", "line"),
        ("Aylin", "line"),
        ("Jonas", "line"),
    ]


# --- In the admin site ---------------------------------------------------------------------


def url(name, *args):
    return reverse(f"admin:matching_matchrun_{name}", args=args)


@pytest.fixture
def staff(client, cohort):
    someone = factories.person()
    factories.programme_role(cohort.programme, someone, "coordinator")
    client.force_login(someone)
    return client


def paths(run, proposal):
    return [
        url("change", run.pk),
        url("proposal", run.pk, proposal.pk),
        url("swap", run.pk, proposal.pk, proposal.mentor_id, enrolment(run, "Martin").pk),
        url("pair", run.pk),
        url("compare", run.pk, run.pk),
        url("what_if", run.cohort_id),
        url("before", run.cohort_id),
    ]


def test_pages_are_there_for_the_coordinator_and_not_for_a_stranger(run, staff, client):
    proposal = of(run, "Aylin")
    assert [staff.get(path).status_code for path in paths(run, proposal)] == [200] * 7
    stranger = factories.person()
    factories.programme_role(people.cohort().programme, stranger, "coordinator")
    client.force_login(stranger)
    assert [client.get(path).status_code for path in paths(run, proposal)] == [404] * 7
    for path in [
        url("lock", run.pk, proposal.pk),
        url("undo", run.pk),
        url("keep", run.pk),
        url("discard", run.pk),
        url("proposal", run.pk, proposal.pk),
    ]:
        assert client.post(path, {"revision": 0, "locked": "yes", "reason": "x"}).status_code == 404
    assert Step.objects.count() == 0


def test_proposal_page_shows_no_wish_no_avoidance_and_who_else(run, staff):
    Avoidance.objects.create(enrolment=enrolment(run, "Mara"), person=enrolment(run, "Sabine").person)
    text = staff.get(url("proposal", run.pk, of(run, "Aylin").pk)).content.decode()
    assert "Who else for Aylin" in text
    assert "Martin" in text
    assert "avoid" not in text.casefold()


def test_ruling_out_by_form_keeps_what_was_typed_when_refused(run, staff):
    path = url("proposal", run.pk, of(run, "Aylin").pk)
    MatchRun.objects.filter(pk=run.pk).update(revision=3)
    page = staff.post(path, {"revision": 0, "reason": "Siblings"})
    assert page.status_code == 200
    assert 'value="Siblings"' in page.content.decode()
    assert "changed something here meanwhile" in page.content.decode()
    assert staff.post(path, {"revision": 3, "reason": "Siblings"}).status_code == 302
    assert Block.objects.get().reason == "Siblings"


def test_pair_form_names_the_broken_rule_and_asks_why(run, staff):
    mara = enrolment(run, "Mara")
    mara.person.unit = enrolment(run, "Martin").person.unit
    mara.person.save()
    data = {"revision": 0, "mentor": mara.pk, "mentee": enrolment(run, "Martin").pk, "reason": ""}
    page = staff.post(url("pair", run.pk), data).content.decode()
    assert "Both work in the same unit." in page
    assert "Say why it shall be so." in page
    assert staff.post(url("pair", run.pk), {**data, "reason": "They asked."}).status_code == 302
    assert ("Mara", "Martin") in pairs_of(run)


def test_filter_finds_names_and_kinds(run, staff):
    workbench.lock(proposal=of(run, "Aylin"), locked=True, by=factories.hr_admin(), revision=0, at=AT)
    page = staff.get(url("change", run.pk), {"show": "locked"}).content.decode()
    assert ("Aylin" in page, "Jonas" in page) == (True, False)
    page = staff.get(url("change", run.pk), {"q": "mart"}).content.decode()
    assert 'Look closely<span class="sr-only">: Jonas and Martin' in page
    assert 'Look closely<span class="sr-only">: Aylin' not in page
    assert "None of the proposals fits" in staff.get(url("change", run.pk), {"q": "zzz"}).content.decode()


def test_what_if_form_starts_a_run_with_what_was_changed_only(cohort, staff):
    policy = policy_for(cohort.programme)
    fields = {
        name: getattr(policy, name) if getattr(policy, name) is not None else ""
        for name in ("aim", "line_reach", "grade_gap", "language_level", "common_hours", "earlier")
    }
    fields |= {f"weight_{name}": getattr(policy, f"weight_{name}") for name in policy.weights()}
    fields |= dict.fromkeys(["other_unit", "reports_of_reports", "common_way", "same_site"], "on")
    page = staff.post(url("what_if", cohort.pk), fields)
    assert "Change at least one rule" in page.content.decode()
    assert staff.post(url("what_if", cohort.pk), {**fields, "weight_topics": 3}).status_code == 302
    assert MatchRun.objects.get().trial == {"weight_topics": 3}


def test_closeness_is_told_from_prices_over_all_pairs(cohort, hr):
    twin = people.junior("Aylin's twin")
    people.knows(twin, "Data")
    people.mentor(cohort, twin)
    run = run_of(cohort, hr)
    kept = run.proposals.get(mentee__person__name="Sabine")
    assert kept.breakdown["close"] is True
    assert np.isscalar(kept.score)
