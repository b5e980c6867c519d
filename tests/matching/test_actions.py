import threading
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection

from domain.errors import DomainError
from matching import actions
from matching.models import Block, MatchRun, Member, Mentorship, Proposal
from matching.rules import NEVER_SENTENCE
from notices.models import Notice
from participants.models import Person
from programmes.models import Avoidance, Cohort, Enrolment
from tests import factories
from tests.matching import people
from tests.matching.people import AT

pytestmark = pytest.mark.django_db


def pair(**programme):
    cohort = people.cohort(programme=factories.programme(**programme))
    aylin, martin = people.junior("Aylin Acar"), people.senior("Martin Vogel")
    people.knows(aylin, "Data", level=3, years=6)
    people.wants(martin, "Data")
    one, two = people.mentor(cohort, aylin), people.mentee(cohort, martin)
    run = people.finished_run(cohort)
    topic = people.topic("Data").pk
    facts = {
        "topics": [{"topic": topic, "level": 3, "years": 6, "priority": 3}],
        "others": ["unit"],
        "hours": 40,
    }
    breakdown = {"points": {"topics": 100}, "facts": facts}
    return people.proposal(run, one, two, breakdown=breakdown)


def told(person):
    return list(Notice.objects.filter(recipient=person).order_by("pk").values_list("kind", flat=True))


# --- Asking for a run ---


def ready_cohort(**fields):
    cohort = people.cohort(**fields)
    people.mentor(cohort)
    people.mentee(cohort)
    return cohort


@pytest.mark.parametrize("state", ["draft", "enrolling", "closed", "archived"])
def test_run_is_refused_unless_the_cohort_is_being_matched(state):
    cohort = ready_cohort(state=state)
    with pytest.raises(DomainError):
        actions.request_run(cohort=cohort, by=factories.hr_admin(), at=AT)
    assert MatchRun.objects.count() == 0


def test_run_waits_for_a_worker_and_knows_who_asked():
    hr = factories.hr_admin()
    run = actions.request_run(cohort=ready_cohort(), by=hr, at=AT)
    assert (run.state, run.requested_by, run.requested_at) == ("queued", hr, AT)


def test_second_run_is_refused_while_one_is_under_way():
    cohort, hr = ready_cohort(), factories.hr_admin()
    actions.request_run(cohort=cohort, by=hr, at=AT)
    with pytest.raises(DomainError) as refusal:
        actions.request_run(cohort=cohort, by=hr, at=AT)
    assert refusal.value.message == "A run is under way for this cohort already. Wait for it, or stop it."
    assert MatchRun.objects.count() == 1


def test_run_is_refused_while_grades_have_no_order():
    cohort = people.cohort()
    people.mentor(cohort, people.junior(grade=None))
    people.mentee(cohort)
    with pytest.raises(DomainError):
        actions.request_run(cohort=cohort, by=factories.hr_admin(), at=AT)
    assert MatchRun.objects.count() == 0


def in_two_threads(act):
    """Both begin at the same moment; what each returned or raised."""
    barrier, results = threading.Barrier(2), []

    def work():
        barrier.wait(10)
        try:
            results.append(act())
        except DomainError as error:
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_make_one_run():
    cohort, hr = ready_cohort(), factories.hr_admin()
    results = in_two_threads(lambda: actions.request_run(cohort=cohort, by=hr, at=AT))
    assert sorted(type(result) for result in results if isinstance(result, DomainError)) == [DomainError]
    assert MatchRun.objects.count() == 1


# --- Confirming ---


def test_confirm_makes_a_mentorship_of_the_two():
    proposal = pair()
    mentorship = actions.confirm(proposal=proposal, by=factories.hr_admin(), at=AT)
    assert (mentorship.state, mentorship.confirmed_at, mentorship.created_at) == ("confirmed", AT, AT)
    assert (mentorship.proposal, mentorship.topic) == (proposal, "Data")
    assert sorted(mentorship.members.values_list("role", "enrolment")) == [
        ("mentee", proposal.mentee_id),
        ("mentor", proposal.mentor_id),
    ]


def test_confirm_tells_both_who_the_other_is_and_what_both_bring_and_no_score():
    proposal = pair()
    actions.confirm(proposal=proposal, by=factories.hr_admin(), at=AT)
    mentor, mentee = (
        Notice.objects.get(recipient=proposal.mentor.person),
        Notice.objects.get(recipient=proposal.mentee.person),
    )
    assert (mentor.subject, mentee.subject) == ("You mentor Martin", "Aylin mentors you")
    assert (mentor.created_at, mentee.created_at) == (AT, AT)
    assert "You offer “Data”, and Martin wants to learn it." in mentor.text
    assert "You want to learn “Data”, and Aylin offers it." in mentee.text
    assert "Martin will write to you within 48 hours" in mentor.text
    assert "Please write to Aylin within 48 hours" in mentee.text
    assert [word for word in ("640", "score", "100") if word in mentor.text + mentee.text] == []


def test_confirm_speaks_to_each_in_their_language():
    proposal = pair()
    Person.objects.filter(pk=proposal.mentor.person_id).update(language="de")
    actions.confirm(proposal=proposal, by=factories.hr_admin(), at=AT)
    assert Notice.objects.get(recipient=proposal.mentor.person).language == "de"
    assert "Data (de)" in Notice.objects.get(recipient=proposal.mentor.person).text


def test_confirm_twice_is_once():
    proposal, hr = pair(), factories.hr_admin()
    first = actions.confirm(proposal=proposal, by=hr, at=AT)
    second = actions.confirm(proposal=proposal, by=hr, at=AT)
    assert first == second
    assert (Mentorship.objects.count(), Notice.objects.count(), LogEntry.objects.count()) == (1, 2, 1)


@pytest.mark.django_db(transaction=True)
def test_confirm_by_two_at_once_makes_one_mentorship():
    proposal, hr = pair(), factories.hr_admin()
    results = in_two_threads(lambda: actions.confirm(proposal=proposal, by=hr, at=AT))
    assert results[0] == results[1]
    assert (Mentorship.objects.count(), Member.objects.count()) == (1, 2)


@pytest.mark.django_db(transaction=True)
def test_two_proposals_for_one_place_confirmed_at_once_make_one_mentorship():
    cohort, hr = people.cohort(), factories.hr_admin()
    mentor, one, two = people.mentor(cohort), people.mentee(cohort), people.mentee(cohort)
    run = people.finished_run(cohort)
    waiting = [people.proposal(run, mentor, one), people.proposal(run, mentor, two)]
    results = in_two_threads(lambda: actions.confirm(proposal=waiting.pop(), by=hr, at=AT))
    refused = [result.message for result in results if isinstance(result, DomainError)]
    assert refused == [NEVER_SENTENCE]
    assert Mentorship.objects.count() == 1


def test_confirm_keeps_who_decided():
    hr = factories.hr_admin()
    mentorship = actions.confirm(proposal=pair(), by=hr, at=AT)
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id, entry.action_time) == (hr, str(mentorship.pk), AT)


def test_confirm_is_refused_when_one_came_into_the_others_line_since():
    proposal = pair()
    Person.objects.filter(pk=proposal.mentor.person_id).update(manager=proposal.mentee.person)
    with pytest.raises(DomainError) as refusal:
        actions.confirm(proposal=proposal, by=factories.hr_admin(), at=AT)
    assert refusal.value.message == NEVER_SENTENCE
    assert (Mentorship.objects.count(), Notice.objects.count()) == (0, 0)


def test_confirm_is_refused_without_a_cause_when_one_would_rather_not():
    proposal = pair()
    Avoidance.objects.create(enrolment=proposal.mentor, person=proposal.mentee.person)
    with pytest.raises(DomainError) as refusal:
        actions.confirm(proposal=proposal, by=factories.hr_admin(), at=AT)
    assert refusal.value.message == NEVER_SENTENCE


def test_confirm_is_refused_when_a_coordinator_ruled_it_out_since():
    proposal = pair()
    Block.objects.create(
        programme=proposal.run.cohort.programme,
        first=proposal.mentee.person,
        second=proposal.mentor.person,
        reason="Family.",
    )
    with pytest.raises(DomainError) as refusal:
        actions.confirm(proposal=proposal, by=factories.hr_admin(), at=AT)
    assert refusal.value.message == "A coordinator ruled this mentorship out."


def test_confirm_is_refused_when_one_withdrew():
    proposal = pair()
    Enrolment.objects.filter(pk=proposal.mentee_id).update(state=Enrolment.State.WITHDRAWN)
    with pytest.raises(DomainError) as refusal:
        actions.confirm(proposal=proposal, by=factories.hr_admin(), at=AT)
    assert refusal.value.message == "One of the two is no longer enrolled."


def test_confirm_is_refused_for_a_proposal_of_an_older_run():
    proposal = pair()
    people.finished_run(proposal.run.cohort, finished_at=AT + timedelta(hours=1))
    with pytest.raises(DomainError) as refusal:
        actions.confirm(proposal=proposal, by=factories.hr_admin(), at=AT)
    assert refusal.value.message == "A newer run has replaced this proposal. Decide on the newest one."


def test_confirm_is_refused_once_the_cohort_has_closed():
    proposal = pair()
    Cohort.objects.update(state="closed")
    with pytest.raises(DomainError):
        actions.confirm(proposal=proposal, by=factories.hr_admin(), at=AT)


def test_confirm_all_confirms_what_is_possible_and_never_more_than_there_is_room_for():
    cohort = people.cohort()
    mentor = people.mentor(cohort, capacity=2)
    run = people.finished_run(cohort)
    for _number in range(3):
        people.proposal(run, mentor, people.mentee(cohort))
    hr = factories.hr_admin()
    assert len(actions.confirm_all(run=run, by=hr, at=AT)) == 2
    assert len(actions.confirm_all(run=run, by=hr, at=AT)) == 2
    assert Mentorship.objects.count() == 2


# --- Offers ---


def test_offer_is_confirmed_when_both_have_accepted():
    proposal = pair(uses_offers=True)
    aylin, martin = proposal.mentor.person, proposal.mentee.person
    mentorship = actions.confirm(proposal=proposal, by=factories.hr_admin(), at=AT)
    assert (mentorship.state, mentorship.offered_at, mentorship.confirmed_at) == ("offered", AT, None)
    assert (told(aylin), told(martin)) == (["mentorship-offered"], ["mentorship-offered"])
    assert actions.answer_offer(mentorship=mentorship, person=aylin, accept=True, at=AT).state == "offered"
    assert actions.answer_offer(mentorship=mentorship, person=aylin, accept=True, at=AT).state == "offered"
    later = AT + timedelta(days=1)
    confirmed = actions.answer_offer(mentorship=mentorship, person=martin, accept=True, at=later)
    assert (confirmed.state, confirmed.confirmed_at) == ("confirmed", later)
    actions.answer_offer(mentorship=mentorship, person=martin, accept=True, at=later)
    assert told(aylin) == told(martin) == ["mentorship-offered", "mentorship-confirmed"]


def test_offer_declined_frees_both_and_tells_the_other_without_a_name_or_a_cause():
    proposal = pair(uses_offers=True)
    aylin, martin = proposal.mentor.person, proposal.mentee.person
    mentorship = actions.confirm(proposal=proposal, by=factories.hr_admin(), at=AT)
    actions.answer_offer(mentorship=mentorship, person=aylin, accept=True, at=AT)
    declined = actions.answer_offer(mentorship=mentorship, person=martin, accept=False, at=AT)
    assert (declined.state, declined.closed_at) == ("declined", AT)
    assert (told(aylin), told(martin)) == (
        ["mentorship-offered", "mentorship-changed"],
        ["mentorship-offered"],
    )
    notice = Notice.objects.get(recipient=aylin, kind="mentorship-changed")
    assert notice.subject == "The mentorship with Martin will not come about"
    assert "declined" not in notice.text
    with pytest.raises(DomainError):
        actions.answer_offer(mentorship=mentorship, person=aylin, accept=False, at=AT)
    with pytest.raises(DomainError):
        actions.answer_offer(mentorship=mentorship, person=martin, accept=True, at=AT)
    with pytest.raises(DomainError) as refusal:
        actions.confirm(proposal=proposal, by=factories.hr_admin(), at=AT)
    assert refusal.value.message == NEVER_SENTENCE


def test_offer_cannot_be_answered_by_a_stranger():
    proposal = pair(uses_offers=True)
    mentorship = actions.confirm(proposal=proposal, by=factories.hr_admin(), at=AT)
    with pytest.raises(Member.DoesNotExist):
        actions.answer_offer(mentorship=mentorship, person=people.senior(), accept=True, at=AT)


# --- Pause, resume, end, complete ---


def together(state="active", **fields):
    aylin, martin = people.junior("Aylin Acar"), people.senior("Martin Vogel")
    return aylin, martin, factories.mentorship(aylin, martin, state, **fields)


@pytest.mark.parametrize("activated_at", [None, AT])
def test_pause_and_resume_lead_back_to_where_it_was(activated_at):
    before = "active" if activated_at else "confirmed"
    aylin, martin, mentorship = together(before, activated_at=activated_at)
    paused = actions.pause(mentorship=mentorship, person=aylin, at=AT)
    assert (paused.state, paused.paused_at) == ("paused", AT)
    actions.pause(mentorship=mentorship, person=aylin, at=AT)
    resumed = actions.resume(mentorship=mentorship, person=aylin, at=AT + timedelta(days=9))
    assert (resumed.state, resumed.paused_at) == (before, None)
    actions.resume(mentorship=mentorship, person=aylin, at=AT + timedelta(days=9))
    assert list(Notice.objects.order_by("pk").values_list("recipient", "subject")) == [
        (martin.pk, "Your mentorship with Aylin is paused"),
        (martin.pk, "Your mentorship with Aylin goes on"),
    ]


def test_pause_ends_when_everybody_who_needed_it_says_so_and_nobody_is_pulled_back():
    aylin, martin, mentorship = together(activated_at=AT)
    stranger = people.senior()

    def after(verb, person):
        try:
            return verb(mentorship=mentorship, person=person, at=AT).state
        except Member.DoesNotExist:
            return "refused"

    assert after(actions.pause, stranger) == "refused"
    assert after(actions.pause, aylin) == "paused"
    assert after(actions.resume, martin) == "paused"
    assert after(actions.resume, stranger) == "paused"
    assert after(actions.pause, martin) == "paused"  # needs it, too
    assert after(actions.resume, aylin) == "paused"
    assert [notice.recipient for notice in Notice.objects.all()] == [martin]
    assert after(actions.resume, martin) == "active"
    assert told(aylin) == ["mentorship-changed"]


def test_pause_of_somebody_who_left_the_company_can_be_ended_by_the_others():
    aylin, martin, mentorship = together(activated_at=AT)
    actions.pause(mentorship=mentorship, person=aylin, at=AT)
    Person.objects.filter(pk=aylin.pk).update(is_active=False)
    assert actions.resume(mentorship=mentorship, person=martin, at=AT).state == "active"


def test_each_pause_is_told():
    aylin, martin, mentorship = together(activated_at=AT)
    for day in (0, 20):
        actions.pause(mentorship=mentorship, person=aylin, at=AT + timedelta(days=day))
        actions.resume(mentorship=mentorship, person=aylin, at=AT + timedelta(days=day + 1))
    assert told(martin) == ["mentorship-changed"] * 4


def test_resume_does_not_confirm_an_offer():
    aylin, _martin, mentorship = together("offered", confirmed_at=None)
    with pytest.raises(DomainError):
        actions.resume(mentorship=mentorship, person=aylin, at=AT)
    mentorship.refresh_from_db()
    assert mentorship.state == "offered"


@pytest.mark.parametrize("state", ["confirmed", "active", "paused"])
@pytest.mark.parametrize("who", ["mentor", "mentee"])
def test_either_may_end_it_and_the_other_is_told_no_cause(state, who):
    aylin, martin, mentorship = together(state)
    leaver, other = (aylin, martin) if who == "mentor" else (martin, aylin)
    ended = actions.end(mentorship=mentorship, person=leaver, at=AT)
    actions.end(mentorship=mentorship, person=leaver, at=AT)
    assert (ended.state, ended.closed_at) == ("ended", AT)
    assert (told(leaver), told(other)) == ([], ["mentorship-changed"])
    notice = Notice.objects.get()
    assert notice.subject == f"Your mentorship with {leaver.first_name} has ended"
    assert leaver.first_name not in notice.text


def test_ended_mentorship_cannot_be_paused_or_taken_up_again():
    aylin, _martin, mentorship = together("ended")
    for act in (actions.pause, actions.resume):
        with pytest.raises(DomainError):
            act(mentorship=mentorship, person=aylin, at=AT)


def test_completed_mentorship_thanks_both_once():
    aylin, martin, mentorship = together()
    assert actions.complete(mentorship=mentorship, at=AT).closed_at == AT
    actions.complete(mentorship=mentorship, at=AT)
    assert (told(aylin), told(martin)) == (["mentorship-changed"], ["mentorship-changed"])


def test_proposals_are_not_mentorships_before_they_are_confirmed():
    proposal = pair()
    assert (Proposal.objects.count(), Mentorship.objects.count()) == (1, 0)
    assert list(Mentorship.objects.visible_to(proposal.mentor.person)) == []
