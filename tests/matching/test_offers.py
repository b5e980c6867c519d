"""Offers that wait, lapse, come back and are moved; matching again in a cohort that runs; and wishes."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from domain.errors import DomainError
from matching import actions, tasks
from matching.models import Member, Mentorship
from matching.policies import policy_for
from matching.reminders import lapse_offers, remind_offered
from notices.models import Notice
from programmes.actions import rank_wishes
from programmes.models import Avoidance, Cohort
from tests import factories
from tests.matching import people
from tests.matching.people import AT

pytestmark = pytest.mark.django_db
OFFERED = datetime(2026, 8, 3, 9, 0, tzinfo=UTC)  # a Monday; the cohort's time zone is Europe/Berlin


@pytest.fixture
def hr():
    return factories.hr_admin(name="Helene")


@pytest.fixture
def cohort():
    """Aylin and Martin suit each other best, Jonas and Sabine less; people are asked first."""
    cohort = people.cohort(programme=factories.programme(uses_offers=True, offer_days=7))
    for name in ("Aylin", "Jonas"):
        people.mentor(cohort, people.junior(name))
    for name in ("Martin", "Sabine"):
        people.mentee(cohort, people.senior(name))
    people.knows(cohort.enrolments.get(person__name="Aylin").person, "Data")
    people.wants(cohort.enrolments.get(person__name="Martin").person, "Data")
    return cohort


def run_of(cohort, hr, **fields):
    run = actions.request_run(cohort=cohort, by=hr, at=AT, **fields)
    actions.execute_run(run=run, at=AT)
    run.refresh_from_db()
    assert (run.state, run.error) == ("finished", "")
    return run


def offered(cohort, hr, at=OFFERED):
    return actions.confirm_all(run=run_of(cohort, hr), by=hr, at=at)


def pairs(cohort, *states):
    found = Mentorship.objects.filter(cohort=cohort, state__in=states).with_members()
    return sorted(" ".join(sorted(m.person.name for m in each.members.all())) for each in found)


def notices(kind, **fields):
    return sorted(Notice.objects.filter(kind=kind, **fields).values_list("recipient__name", flat=True))


def test_offers_go_out_once_whoever_publishes_and_however_often(cohort, hr):
    offered(cohort, hr)
    run = cohort.match_runs.get()
    actions.confirm_all(run=run, by=factories.hr_admin(), at=OFFERED)
    assert pairs(cohort, "offered") == ["Aylin Martin", "Jonas Sabine"]
    assert notices("mentorship-offered") == ["Aylin", "Jonas", "Martin", "Sabine"]


@pytest.mark.parametrize(
    ("at", "lapsed"),
    [
        (datetime(2026, 8, 10, 21, 59, tzinfo=UTC), 0),  # 23:59 in Berlin on the last day
        (datetime(2026, 8, 10, 22, 1, tzinfo=UTC), 2),
        (datetime(2026, 9, 1, 9, 0, tzinfo=UTC), 2),  # weeks without a worker
    ],
)
def test_offer_lapses_when_its_last_day_is_over_where_the_cohort_is(cohort, hr, at, lapsed):
    offered(cohort, hr)
    assert lapse_offers(at) == lapsed
    assert lapse_offers(at) == 0
    assert len(pairs(cohort, "declined")) == lapsed
    assert len(notices("mentorship-changed")) == 2 * lapsed


def test_lapsed_offer_can_be_proposed_again_and_a_declined_one_cannot(cohort, hr):
    one, two = sorted(offered(cohort, hr), key=str)
    person = one.members.first().person
    actions.answer_offer(mentorship=one, person=person, accept=False, at=OFFERED)
    lapse_offers(OFFERED + timedelta(days=9))
    again = run_of(cohort, hr)
    proposed = {frozenset((p.mentor.person.name, p.mentee.person.name)) for p in again.proposals.all()}
    assert frozenset(m.person.name for m in one.members.all()) not in proposed
    assert Member.objects.filter(mentorship=two, declined_at__isnull=False).count() == 0


def test_late_answer_is_refused_with_a_sentence(cohort, hr):
    [one, _two] = offered(cohort, hr)
    lapse_offers(OFFERED + timedelta(days=9))
    with pytest.raises(DomainError, match="no longer open"):
        actions.answer_offer(mentorship=one, person=one.members.first().person, accept=True, at=AT)


def test_reminder_goes_in_the_last_two_days_once_to_those_who_have_not_answered(cohort, hr):
    [one, _two] = sorted(offered(cohort, hr), key=str)
    actions.answer_offer(mentorship=one, person=one.members.first().person, accept=True, at=OFFERED)
    assert remind_offered(OFFERED + timedelta(days=4)) == 0
    assert remind_offered(OFFERED + timedelta(days=6)) == 3  # the day before was missed
    assert remind_offered(OFFERED + timedelta(days=6, hours=5)) == 0
    assert remind_offered(OFFERED + timedelta(days=9)) == 0
    assert one.members.first().person.name not in notices("offer-reminder")


def test_reminder_names_the_last_day_in_the_language_of_whoever_reads_it(cohort, hr):
    martin = cohort.enrolments.get(person__name="Martin").person
    martin.language = "de"
    martin.save()
    offered(cohort, hr)
    remind_offered(OFFERED + timedelta(days=6))
    told = Notice.objects.get(kind="offer-reminder", recipient=martin)
    assert "Montag, 10. August" in told.text


def test_sweep_closes_and_reminds(cohort, hr):
    offered(cohort, hr, at=datetime(2020, 1, 6, 9, 0, tzinfo=UTC))
    tasks.sweep()
    assert pairs(cohort, "declined") == ["Aylin Martin", "Jonas Sabine"]


# --- Matching again ------------------------------------------------------------------------


def test_running_cohort_is_matched_again_around_everything_that_lives(cohort, hr):
    Cohort.objects.filter(pk=cohort.pk).update(state=Cohort.State.RUNNING)
    cohort.refresh_from_db()
    aylin, martin = (cohort.enrolments.get(person__name=name) for name in ("Aylin", "Martin"))
    made = Mentorship.objects.begin(
        cohort=cohort,
        state="confirmed",
        members=[("mentor", aylin.pk), ("mentee", martin.pk)],
        topic="",
        at=AT,
    )
    run = run_of(cohort, hr)
    assert [str(p) for p in run.proposals.all()] == ["Jonas · Sabine"]
    actions.confirm_all(run=run, by=hr, at=AT)
    made.refresh_from_db()
    assert made.state == "confirmed"
    assert pairs(cohort, "offered") == ["Jonas Sabine"]


def test_list_counts_each_person_without_a_mentorship_once(cohort, hr, client):
    offered(cohort, hr)
    for name in ("Mara", "Nils"):
        people.mentor(cohort, people.junior(name))
    client.force_login(hr)
    page = client.get(reverse("admin:matching_matchrun_changelist"))
    [found] = page.context["cohorts"]
    assert (found.mentors, found.mentees, found.alone, found.movable) == (4, 2, 2, 2)


def newcomer(cohort):
    """Somebody who suits Martin even better than Aylin does, and nobody else."""
    mentor = people.junior("Mara")
    people.knows(mentor, "Data", level=4, years=10)
    people.knows(mentor, "Video", level=4, years=10)
    martin = cohort.enrolments.get(person__name="Martin").person
    people.wants(martin, "Video")
    people.mentor(cohort, mentor)


def test_offers_stay_unless_moving_them_gains_more_than_the_price(cohort, hr):
    offered(cohort, hr)
    newcomer(cohort)
    stay = run_of(cohort, hr)
    assert [str(p) for p in stay.proposals.all()] == []
    dear = run_of(cohort, hr, move_price=250)
    assert actions.offers_in_the_way(dear) == []
    cheap = run_of(cohort, hr, move_price=30)
    assert sorted(str(p) for p in cheap.proposals.all()) != sorted(str(p) for p in dear.proposals.all())
    assert [str(m) for m in actions.offers_in_the_way(cheap)] == [
        str(m) for m in Mentorship.objects.filter(members__enrolment__person__name="Aylin").with_members()
    ]


def test_moved_offer_is_withdrawn_kindly_when_the_new_one_is_confirmed_and_not_before(cohort, hr):
    offered(cohort, hr)
    newcomer(cohort)
    run = run_of(cohort, hr, move_price=30)
    assert pairs(cohort, "offered") == ["Aylin Martin", "Jonas Sabine"]
    actions.confirm_all(run=run, by=hr, at=AT)
    assert "Mara Martin" in pairs(cohort, "offered")
    assert "Aylin Martin" in pairs(cohort, "declined")
    told = Notice.objects.get(kind="mentorship-changed", recipient__name="Aylin")
    assert "nothing to do with the two of you" in told.text


def test_offer_that_one_has_accepted_is_never_moved(cohort, hr):
    for mentorship in offered(cohort, hr):
        actions.answer_offer(
            mentorship=mentorship, person=mentorship.members.first().person, accept=True, at=OFFERED
        )
    newcomer(cohort)
    run = run_of(cohort, hr, move_price=0)
    assert run.proposals.count() == 0
    with pytest.raises(DomainError, match="accepted already"):
        actions.withdraw_offer(mentorship=Mentorship.objects.first(), by=hr, at=AT)


def test_scores_kept_and_shown_are_without_what_an_offer_had_in_hand(cohort, hr):
    first = run_of(cohort, hr)
    plain = {str(p): p.score for p in first.proposals.all()}
    actions.confirm_all(run=first, by=hr, at=OFFERED)
    again = run_of(cohort, hr, move_price=100)
    assert {str(p): p.score for p in again.proposals.all()} == plain
    assert again.outcome["total"] == sum(plain.values())


def test_page_before_matching_again_says_what_stays_and_a_stranger_finds_nothing(cohort, hr, client):
    offered(cohort, hr)
    path = reverse("admin:matching_matchrun_again", args=[cohort.pk])
    client.force_login(hr)
    page = client.get(path).content.decode()
    assert "2 offers that nobody has accepted yet may be moved" in page
    stranger = factories.person()
    factories.programme_role(people.cohort().programme, stranger, "coordinator")
    client.force_login(stranger)
    assert client.get(path).status_code == 404


def test_price_that_is_no_number_is_refused_and_nothing_runs(cohort, hr, client):
    client.force_login(hr)
    path = reverse("admin:matching_matchrun_request", args=[cohort.pk])
    for price in ("", "-3", "9999", "much"):
        client.post(path, {"offers": "move", "price": price})
    assert cohort.match_runs.count() == 0


# --- Whom people would like -------------------------------------------------------------------


@pytest.fixture
def showing(cohort):
    policy = policy_for(cohort.programme)
    policy.suggestions = True
    policy.save()
    return cohort


def page_of(cohort):
    return reverse("directory:suggestions", args=[cohort.uuid])


def mine(cohort, name="Martin"):
    return cohort.enrolments.select_related("person").get(person__name=name)


def test_suggestions_are_the_best_few_without_a_score_and_a_wish_counts(showing, client, hr):
    client.force_login(mine(showing).person)
    page = client.get(page_of(showing))
    names = [card.name for card, _field in page.context["cards"]]
    assert names == ["Aylin", "Jonas"]
    assert "points" not in page.content.decode()
    jonas = mine(showing, "Jonas")
    client.post(page_of(showing), {f"rank-{jonas.uuid}": "1"})
    assert list(mine(showing).wishes.values_list("person__name", "rank")) == [("Jonas", 1)]
    run = run_of(showing, hr)
    assert {p.mentee.person.name: p.breakdown["points"]["wishes"] for p in run.proposals.all()}["Martin"] in (
        0,
        50,
    )


def test_suggestions_never_show_whom_a_private_wish_rules_out(showing, client):
    Avoidance.objects.create(enrolment=mine(showing, "Aylin"), person=mine(showing).person)
    client.force_login(mine(showing).person)
    assert [card.name for card, _field in client.get(page_of(showing)).context["cards"]] == ["Jonas"]


def test_same_place_for_two_is_refused_and_kept(showing, client):
    client.force_login(mine(showing).person)
    data = {f"rank-{mine(showing, name).uuid}": "1" for name in ("Aylin", "Jonas")}
    page = client.post(page_of(showing), data)
    assert "Give each place to one person only." in page.content.decode()
    assert page.content.decode().count('<option value="1" selected>') == 2
    assert mine(showing).wishes.count() == 0


def test_suggestions_are_for_participants_where_the_programme_shows_them(showing, client):
    client.force_login(factories.person())
    assert client.get(page_of(showing)).status_code == 404
    client.force_login(mine(showing).person)
    policy = policy_for(showing.programme)
    policy.suggestions = False
    policy.save()
    assert client.get(page_of(showing)).status_code == 404


@pytest.mark.parametrize("more", [0, 2])
def test_suggestions_take_the_same_queries_however_many_fit(showing, client, django_assert_num_queries, more):
    for number in range(more):
        people.mentor(showing, people.junior(f"More {number}"))
    client.force_login(mine(showing).person)
    client.get(page_of(showing))
    with django_assert_num_queries(22):
        client.get(page_of(showing))


def test_wishes_of_before_follow_those_chosen_now(showing):
    other = factories.person("Petra")
    rank_wishes(enrolment=mine(showing), first=[other], instead_of=[])
    rank_wishes(enrolment=mine(showing), first=[mine(showing, "Aylin").person], instead_of=[])
    assert list(mine(showing).wishes.values_list("person__name", flat=True)) == ["Aylin", "Petra"]
    rank_wishes(enrolment=mine(showing), first=[], instead_of=[mine(showing, "Aylin").person])
    assert list(mine(showing).wishes.values_list("person__name", flat=True)) == ["Petra"]
    Cohort.objects.filter(pk=showing.pk).update(state="running", starts_on=date(2026, 8, 3))
    with pytest.raises(DomainError, match="no part any more"):
        rank_wishes(enrolment=mine(showing), first=[other], instead_of=[])
