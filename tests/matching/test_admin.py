from datetime import timedelta

import pytest
from django.urls import reverse

from matching import actions
from matching.models import Block, MatchingPolicy, MatchRun, Mentorship, Step
from matching.policies import policy_for, rules_of
from participants.models import Grade, Person
from programmes.models import Cohort, Enrolment, ProgrammeRole, Wish
from tests import factories
from tests.matching import people
from tests.matching.people import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort():
    cohort = people.cohort(name="Autumn 2026")
    aylin, martin = people.junior("Aylin Acar", job_title="Analyst"), people.senior("Martin Vogel")
    people.knows(aylin, "Data", level=3, years=6)
    people.wants(martin, "Data")
    people.mentor(cohort, aylin)
    people.mentee(cohort, martin)
    return cohort


def coordinator(of):
    someone = factories.person()
    factories.programme_role(of.programme, someone, "coordinator")
    return someone


@pytest.fixture
def staff(client, cohort):
    client.force_login(coordinator(cohort))
    return client


@pytest.fixture
def stranger(client, cohort):
    """Coordinates another programme: may enter the admin site, and finds nothing of this one."""
    client.force_login(coordinator(people.cohort()))
    return client


def finished(cohort):
    run = actions.request_run(cohort=cohort, by=factories.hr_admin(), at=AT)
    return actions.execute_run(run=run, at=AT)


def url(name, *args):
    return reverse(f"admin:matching_{name}", args=args)


def text_of(response):
    return " ".join(response.content.decode().split())


# --- Running ---


def test_matching_page_shows_the_cohorts_that_can_be_matched(staff, cohort):
    people.cohort(name="Elsewhere")
    page = text_of(staff.get(url("matchrun_changelist")))
    assert "Autumn 2026" in page
    assert "1 accepted as mentor, 1 as mentee." in page
    assert "Elsewhere" not in page
    assert url("matchrun_request", cohort.pk) in page


def test_cohorts_count_each_person_without_anybody_once(staff, cohort):
    Cohort.objects.filter(pk=cohort.pk).update(state=Cohort.State.RUNNING)
    Enrolment.objects.filter(cohort=cohort).delete()
    for _number in range(3):
        factories.mentorship(in_cohort=cohort)
    for person in (people.junior("Left"), people.junior("Gone", is_active=False)):
        people.mentor(cohort, person)
    assert "It runs, and 1 person has nobody." in text_of(staff.get(url("matchrun_changelist")))


def test_supply_and_demand_is_found_while_people_enrol(staff, cohort):
    Cohort.objects.filter(pk=cohort.pk).update(state=Cohort.State.ENROLLING)
    link = url("matchrun_before", cohort.pk)
    assert link in staff.get(url("matchrun_changelist")).content.decode()
    assert staff.get(link).status_code == 200
    stranger = factories.person()
    factories.programme_role(factories.programme(), stranger, ProgrammeRole.Kind.COORDINATOR)
    staff.force_login(stranger)
    assert link not in staff.get(url("matchrun_changelist")).content.decode()


def test_button_starts_a_run_and_leads_to_its_page(staff, cohort):
    response = staff.post(url("matchrun_request", cohort.pk))
    run = MatchRun.objects.get()
    assert (response.status_code, response.url) == (302, url("matchrun_change", run.pk))
    page = text_of(staff.get(response.url))
    assert "You can leave this page; the run goes on." in page
    assert "Look again" in page


def test_button_pressed_twice_says_that_a_run_is_under_way(staff, cohort):
    staff.post(url("matchrun_request", cohort.pk))
    page = text_of(staff.post(url("matchrun_request", cohort.pk), follow=True))
    assert "A run is under way for this cohort already." in page
    assert MatchRun.objects.count() == 1


def test_run_is_not_started_by_a_link(staff, cohort):
    assert staff.get(url("matchrun_request", cohort.pk)).status_code == 405


def test_grades_without_order_are_said_before_the_run(staff, cohort):
    Person.objects.filter(name="Aylin Acar").update(grade=None)
    page = text_of(staff.post(url("matchrun_request", cohort.pk), follow=True))
    assert "1 person has no grade, so seniority cannot be compared: Aylin Acar." in page
    Person.objects.filter(name="Aylin Acar").update(grade=Grade.objects.create(name="Zonal head"))
    page = text_of(staff.post(url("matchrun_request", cohort.pk), follow=True))
    assert "Put the grades in order first. These have no rank yet: Zonal head." in page
    assert MatchRun.objects.count() == 0


def test_progress_is_asked_for_until_the_run_is_done(staff, cohort):
    run = actions.request_run(cohort=cohort, by=factories.hr_admin(), at=AT)
    MatchRun.objects.update(state="running", attempts=1, started_at=AT)
    with run.held():
        run.refresh_from_db()
        run.report(40)
        page = text_of(staff.get(url("matchrun_progress", run.pk)))
    assert "40 % done." in page
    assert "begun again by itself" in text_of(staff.get(url("matchrun_progress", run.pk)))
    assert url("matchrun_progress", run.pk) in page
    MatchRun.objects.update(state="finished")
    assert staff.get(url("matchrun_progress", run.pk))["HX-Refresh"] == "true"


def test_run_can_be_stopped(staff, cohort):
    run = actions.request_run(cohort=cohort, by=factories.hr_admin(), at=AT)
    page = text_of(staff.post(url("matchrun_stop", run.pk), follow=True))
    assert "This run was stopped. Nothing was changed." in page
    run.refresh_from_db()
    assert run.state == "cancelled"


# --- Deciding ---


def test_run_page_gives_both_people_the_reasons_and_the_points(staff, cohort):
    page = text_of(staff.get(url("matchrun_change", finished(cohort).pk)))
    for words in [
        "Aylin Acar",
        "Martin Vogel",
        "Analyst",
        "Suits well",
        "Aylin on “Data”: others come to ask (6 years). Martin: wants to learn this above all.",
        "They come from different units.",
        "Topics: 69 of 100",
        "With what is proposed 1 of 1 mentee has a mentor.",
        "Everybody who was free has somebody.",
    ]:
        assert words in page, words


def test_run_page_counts_what_is_proposed_after_people_decided(staff, cohort):
    run = finished(cohort)
    before = text_of(staff.get(url("matchrun_change", run.pk)))
    proposal = run.proposals.first()
    Step.objects.create(run=run, kind=Step.Kind.FORBID, people="-", before={})
    run.proposals.filter(pk=proposal.pk).update(dropped_at=AT)
    after = text_of(staff.get(url("matchrun_change", run.pk)))
    count = run.proposals.kept().values("mentee").distinct().count()
    assert "nothing better is possible: proved" in before
    assert f"With what is proposed {count} of" in after
    assert "before people decided, nothing better was possible" in after


def test_run_page_shows_no_wish(staff, cohort):
    enrolment = cohort.enrolments.get(role="mentee")
    Wish.objects.create(enrolment=enrolment, person=cohort.enrolments.get(role="mentor").person, rank=1)
    page = text_of(staff.get(url("matchrun_change", finished(cohort).pk)))
    assert "ish" not in page.split("Proposals", 1)[1].replace("finish", "")


def test_proposals_that_need_a_look_come_first(staff, cohort):
    run = people.finished_run(cohort)
    good, weak, broken, done = [
        people.proposal(run, people.mentor(cohort), people.mentee(cohort), score=score)
        for score in (800, 200, 900, 100)
    ]
    Block.objects.create(
        programme=cohort.programme, first=broken.mentor.person, second=broken.mentee.person, reason="-"
    )
    actions.confirm(proposal=done, by=factories.hr_admin(), at=AT)
    response = staff.get(url("matchrun_change", run.pk))
    assert [card.proposal for card in response.context["cards"]] == [broken, weak, good, done]
    assert "A coordinator ruled this mentorship out." in text_of(response)
    assert response.context["open"] == 2


def test_proposal_is_confirmed_by_its_button(staff, cohort):
    run = finished(cohort)
    proposal = run.proposals.get()
    response = staff.post(url("matchrun_confirm", run.pk, proposal.pk) + "?show=&q=a", follow=True)
    assert response.redirect_chain[-1][0].endswith("?show=&q=a")
    page = text_of(response)
    assert Mentorship.objects.get().state == "confirmed"
    assert "confirmed, and they are told." in page
    assert "Decided: see the mentorship" in page


def test_proposal_of_another_run_is_not_found_under_this_one(staff, cohort):
    run = finished(cohort)
    other = people.proposal(
        people.finished_run(people.cohort()),
        *[factories.enrolment(cohort, role=r) for r in ("mentor", "mentee")],
    )
    assert staff.post(url("matchrun_confirm", run.pk, other.pk)).status_code == 404


def test_confirming_all_asks_first_and_says_how_many_are_told(staff, cohort):
    people.mentor(cohort)
    people.mentee(cohort)
    run = finished(cohort)
    page = text_of(staff.get(url("matchrun_confirm_all", run.pk)))
    assert "2 mentorships begin." in page
    assert "4 people will be told." in page
    assert Mentorship.objects.count() == 0
    page = text_of(staff.post(url("matchrun_confirm_all", run.pk), follow=True))
    assert "2 mentorships are decided." in page
    assert Mentorship.objects.live().count() == 2
    assert staff.get(url("matchrun_confirm_all", run.pk)).status_code == 302


def test_who_has_nobody_is_listed_with_the_reasons(staff, cohort):
    people.mentee(cohort, people.senior("Sabine Roth", unit=factories.unit("Sales")))
    page = text_of(staff.get(url("matchrun_change", finished(cohort).pk)))
    assert "Mentees without a mentor" in page
    assert "Sabine Roth" in page
    assert "The rules leave nobody of 1 person." in page
    assert "1 works in the same unit." in page


def test_failed_run_says_why(staff, cohort):
    run = MatchRun.objects.create(cohort=cohort, state="failed", error="It was interrupted.")
    assert "It was interrupted." in text_of(staff.get(url("matchrun_change", run.pk)))


@pytest.mark.parametrize("rows", [1, 3])
def test_run_page_takes_the_same_queries_for_three_proposals(client, cohort, rows, django_assert_num_queries):
    policy_for(cohort.programme)
    client.force_login(factories.hr_admin())
    for _number in range(rows - 1):
        people.mentor(cohort)
        people.mentee(cohort)
    run = finished(cohort)
    client.get(url("matchrun_changelist"))
    with django_assert_num_queries(26):
        client.get(url("matchrun_change", run.pk))


# --- Rules, blocks, mentorships ---


def test_policy_is_reached_from_its_programme_and_made_on_the_way(staff, cohort):
    response = staff.get(url("matchingpolicy_of", cohort.programme_id))
    policy = MatchingPolicy.objects.get()
    assert (response.status_code, response.url) == (302, url("matchingpolicy_change", policy.pk))
    page = text_of(staff.get(response.url))
    assert "Never together" in page
    assert "Who asked for whom is shown to nobody." in page


def test_policy_is_changed_and_weights_stay_within_ten(staff, cohort):
    policy = policy_for(cohort.programme)
    here = url("matchingpolicy_change", policy.pk)
    given = {
        "aim": "total",
        "line_reach": "",
        "grade_gap": 1,
        "language_level": 2,
        "common_hours": 3,
        "earlier": "anywhere",
        **{f"weight_{name}": value for name, value in policy.weights().items()},
    }
    assert staff.post(here, {**given, "weight_topics": 11}).status_code == 200
    assert staff.post(here, {**given, "line_reach": 0}).status_code == 200
    assert staff.post(here, given).status_code == 302
    policy.refresh_from_db()
    assert (policy.aim, policy.grade_gap, policy.common_hours, policy.line_reach) == ("total", 1, 3, None)
    rules = rules_of(policy)
    assert (rules.reports_of_reports, rules.common_way, rules.same_site) == (False, False, False)
    assert rules.earlier == "anywhere"


def test_policies_of_all_programmes_one_runs_are_listed(staff, cohort):
    policy_for(people.cohort().programme)
    response = staff.get(url("matchingpolicy_changelist"))
    assert [policy.programme for policy in response.context["cl"].result_list] == [cohort.programme]


def test_block_is_written_for_two_people_of_the_programme(staff, cohort):
    one, two = Person.objects.get(name="Aylin Acar"), Person.objects.get(name="Martin Vogel")
    given = {"programme": cohort.programme_id, "first": one.pk, "second": two.pk, "reason": "Family."}
    assert staff.post(url("block_add"), given).status_code == 302
    block = Block.objects.get()
    assert (block.first, block.second, block.created_by_id is not None) == (one, two, True)
    again = staff.post(url("block_add"), {**given, "first": two.pk, "second": one.pk})
    assert (again.status_code, Block.objects.count()) == (200, 1)
    alone = staff.post(url("block_add"), {**given, "second": one.pk})
    assert (alone.status_code, Block.objects.count()) == (200, 1)


def test_block_offers_nobody_from_elsewhere(staff, cohort):
    factories.person("Somebody Else")
    elsewhere = people.mentor(people.cohort(), people.junior("Elsewhere"))
    page = text_of(staff.get(url("block_add")))
    assert "Aylin Acar" in page
    assert [name for name in ("Somebody Else", "Elsewhere") if name in page] == []
    given = {"programme": elsewhere.cohort.programme_id, "first": 1, "second": 2, "reason": "-"}
    assert staff.post(url("block_add"), given).status_code == 200
    assert Block.objects.count() == 0


def test_mentorship_shows_who_and_how_it_stands_and_cannot_be_changed(staff, cohort):
    made = actions.confirm(proposal=finished(cohort).proposals.get(), by=factories.hr_admin(), at=AT)
    here = url("mentorship_change", made.pk)
    page = text_of(staff.get(here))
    assert "Aylin Acar (mentor), Martin Vogel (mentee)" in page
    assert staff.post(here, {"topic": "Changed"}).status_code == 403
    made.refresh_from_db()
    assert made.topic == "Data"
    assert "Aylin Acar" in text_of(staff.get(url("mentorship_changelist")))


# --- Strangers ---


def pages_of(cohort):
    run = finished(cohort)
    made = factories.mentorship(in_cohort=cohort)
    block = Block.objects.create(
        programme=cohort.programme, first=people.junior(), second=people.senior(), reason="Secret."
    )
    policy = policy_for(cohort.programme)
    proposal = run.proposals.get()
    gets = [
        url("matchrun_change", run.pk),
        url("matchrun_progress", run.pk),
        url("matchrun_confirm_all", run.pk),
        url("matchingpolicy_of", cohort.programme_id),
        url("matchingpolicy_change", policy.pk),
        url("block_change", block.pk),
        url("mentorship_change", made.pk),
    ]
    posts = [
        url("matchrun_request", cohort.pk),
        url("matchrun_stop", run.pk),
        url("matchrun_confirm", run.pk, proposal.pk),
        url("matchrun_confirm_all", run.pk),
    ]
    return gets, posts


def test_coordinator_of_another_programme_finds_nothing_of_this_one(stranger, cohort):
    gets, posts = pages_of(cohort)
    before = Mentorship.objects.count(), MatchRun.objects.count()
    for address in gets:
        response = stranger.get(address)
        # the admin site leads back to its start page from a row that is not there
        assert response.status_code == 404 or response.url == reverse("admin:index"), address
    for address in posts:
        assert stranger.post(address).status_code == 404, address
    assert (Mentorship.objects.count(), MatchRun.objects.count()) == before
    for name in ("matchrun", "matchingpolicy", "block", "mentorship"):
        page = text_of(stranger.get(url(f"{name}_changelist")))
        assert [word for word in ("Autumn 2026", "Aylin", "Secret.") if word in page] == [], name


@pytest.mark.parametrize("who", ["participant", "confidant", "sponsor", "nobody"])
def test_who_is_no_staff_does_not_get_in(client, cohort, who):
    gets, posts = pages_of(cohort)
    someone = factories.person()
    if who == "participant":
        someone = cohort.enrolments.filter(role="mentor").first().person
    elif who != "nobody":
        factories.programme_role(cohort.programme, someone, who)
    client.force_login(someone)
    before = Mentorship.objects.count(), MatchRun.objects.count()
    for address in gets:
        assert client.get(address, follow=True).status_code == 403, address
    for address in posts:
        assert client.post(address).status_code == 302, address  # to the admin's door, which stays shut
    assert (Mentorship.objects.count(), MatchRun.objects.count()) == before


def test_hr_admin_sees_every_programme(client, cohort):
    client.force_login(factories.hr_admin())
    people.cohort(name="Elsewhere")
    page = text_of(client.get(url("matchrun_changelist")))
    assert [name for name in ("Autumn 2026", "Elsewhere") if name in page] == ["Autumn 2026", "Elsewhere"]


def test_newest_run_is_the_one_the_matching_page_leads_to(staff, cohort):
    first = finished(cohort)
    second = people.finished_run(cohort, requested_at=AT + timedelta(hours=1))
    page = text_of(staff.get(url("matchrun_changelist")))
    cohorts = page.split("Runs so far")[0]
    assert f'href="{url("matchrun_change", second.pk)}"' in cohorts
    assert f'href="{url("matchrun_change", first.pk)}"' not in cohorts
