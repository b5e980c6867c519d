"""Whom people avoid is told to no staff: no page, sentence, list or figure depends on it, but for what a run
proposes and an attempt by hand that is refused; those are counted."""

import re

import pytest
from django.urls import reverse

from domain.errors import DomainError
from matching import actions, supply, workbench
from matching.next_best import next_best
from matching.rules import NEVER_SENTENCE
from programmes.models import Avoidance
from tests import factories
from tests.matching import people
from tests.matching.people import AT
from tests.matching.test_workbench import cohort, enrolment, of, run_of  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def hr():
    return factories.hr_admin(name="Helene")


@pytest.fixture
def run(cohort, hr):  # noqa: F811
    return run_of(cohort, hr)


def avoid(run, one, other):
    Avoidance.objects.create(enrolment=enrolment(run, one), person=enrolment(run, other).person)


def url(name, *args):
    return reverse(f"admin:matching_matchrun_{name}", args=args)


def pages(run):
    found = [url("changelist"), url("change", run.pk), url("before", run.cohort_id), url("pair", run.pk)]
    found += [url("proposal", run.pk, proposal.pk) for proposal in run.proposals.kept()]
    found += [url("confirm_all", run.pk), url("again", run.cohort_id), url("compare", run.pk, run.pk)]
    people_pages = ["programmes_enrolment", "programmes_cohort", "matching_mentorship", "matching_block"]
    return found + [reverse(f"admin:{page}_changelist") for page in people_pages]


def text_of(client, page):
    """The page without what differs each time it is drawn."""
    text = client.get(page).content.decode()
    return re.sub(r'(csrfmiddlewaretoken" value=|nonce=|"csrfmiddlewaretoken": )"\w+"', "", text)


PAIRS = [(mentor, mentee) for mentor in ("Aylin", "Jonas", "Mara") for mentee in ("Martin", "Sabine")]
PROPOSED = [("Aylin", "Sabine"), ("Jonas", "Martin")]


@pytest.mark.parametrize("role", ["hr", "coordinator"])
def test_no_page_of_the_workbench_reads_otherwise_where_two_who_are_not_proposed_avoid_each_other(
    run, hr, role, client
):
    someone = hr if role == "hr" else factories.person("Carla")
    factories.programme_role(run.cohort.programme, someone, "coordinator")
    client.force_login(someone)
    before = {page: text_of(client, page) for page in pages(run)}
    assert {page: text_of(client, page) for page in pages(run)} == before
    for mentor, mentee in set(PAIRS) - set(PROPOSED):
        avoid(run, mentor, mentee)
        avoid(run, mentee, mentor)
    assert {page: text_of(client, page) for page in pages(run)} == before


def test_a_later_run_in_which_they_avoid_each_other_offers_the_same_others(cohort, hr):  # noqa: F811
    plain = run_of(cohort, hr)
    others = {p.pk: names(next_best(plain, p)) for p in plain.proposals.kept()}
    for mentor, mentee in set(PAIRS) - set(PROPOSED):
        avoid(plain, mentor, mentee)
    again = run_of(cohort, hr)
    assert [names(next_best(again, p)) for p in again.proposals.kept()] == list(others.values())
    assert again.outcome["left_out"] == plain.outcome["left_out"]


def names(found):
    return {
        role: [(c.person.person.name, c.change, c.for_all, len(c.alone)) for c in choices]
        for role, choices in found.items()
    }


CAUSES = ["avoid", "avoided", "line", "reports", "capacity"]


def bring_about(run, cause, mentor, mentee):
    match cause:
        case "avoid":
            Avoidance.objects.create(enrolment=mentor, person=mentee.person)
        case "avoided":
            Avoidance.objects.create(enrolment=mentee, person=mentor.person)
        case "line":
            set_manager(mentor.person, mentee.person)
        case "reports":
            between = factories.person(manager=mentee.person)
            set_manager(mentor.person, between)
            people.policy(run.cohort, line_reach=1)
        case "capacity":
            taken = factories.mentorship(people.junior(), people.senior(), in_cohort=run.cohort)
            taken.members.filter(role="mentee").update(enrolment=mentee)


def set_manager(person, manager):
    person.manager = manager
    person.save()


@pytest.mark.parametrize("cause", CAUSES)
def test_pair_and_swap_by_hand_are_refused_in_one_sentence_for_every_cause(run, hr, cause, client):
    mara, martin = enrolment(run, "Mara"), enrolment(run, "Martin")
    bring_about(run, cause, mara, martin)
    proposal = of(run, "Jonas")
    client.force_login(hr)
    sent = {"revision": 0, "mentor": mara.pk, "mentee": martin.pk, "reason": "I want it."}
    pairing = client.post(url("pair", run.pk), sent)
    swap = url("swap", run.pk, proposal.pk, mara.pk, martin.pk)
    with pytest.raises(DomainError) as refused:
        workbench.swap(proposal=proposal, mentor=mara, mentee=martin, by=hr, revision=0, at=AT)
    assert refused.value.message == NEVER_SENTENCE
    assert pairing.context["form"].errors == {"__all__": [NEVER_SENTENCE]}
    assert pairing.context["broken"] == []
    for answer in (client.get(swap, follow=True), client.post(swap, {"revision": 0}, follow=True)):
        assert [str(message) for message in answer.context["messages"]] == [NEVER_SENTENCE]


@pytest.mark.parametrize("cause", CAUSES)
def test_proposal_that_has_become_impossible_says_so_in_one_sentence_for_every_cause(run, hr, cause):
    proposal = of(run, "Jonas")
    bring_about(run, cause, proposal.mentor, proposal.mentee)
    assert actions.standing(run, [proposal])[proposal.pk].refusal == NEVER_SENTENCE
    with pytest.raises(DomainError) as refused:
        actions.confirm(proposal=proposal, by=hr, at=AT)
    assert refused.value.message == NEVER_SENTENCE


@pytest.mark.parametrize("cause", CAUSES)
def test_locked_pair_that_has_become_impossible_stops_the_run_in_one_sentence(run, hr, cause):
    proposal = of(run, "Jonas")
    workbench.lock(proposal=proposal, locked=True, by=hr, revision=0, at=AT)
    bring_about(run, cause, proposal.mentor, proposal.mentee)
    again = actions.request_run(cohort=run.cohort, by=hr, at=AT)
    actions.execute_run(run=again, at=AT)
    again.refresh_from_db()
    assert again.error.replace(NEVER_SENTENCE, "…") == (
        "Jonas · Martin are locked, and no longer possible: … Unlock them, then run again."
    )


def test_whom_only_avoidances_leave_nobody_is_not_listed_before_a_run(cohort):  # noqa: F811
    before = [(s.enrolment.pk, s.entry) for s in supply.stranded(cohort)]
    for mentee in cohort.enrolments.filter(role="mentee"):
        for mentor in cohort.enrolments.filter(role="mentor"):
            Avoidance.objects.create(enrolment=mentee, person=mentor.person)
    assert [(s.enrolment.pk, s.entry) for s in supply.stranded(cohort)] == before == []
