import io
from datetime import timedelta

import numpy as np
import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation

from domain.errors import DomainError
from matching import actions, group_actions, workbench
from matching.models import Block, MatchRun, Member, Mentorship
from matching.reminders import lapse_offers
from notices.models import Notice
from participants.models import Person, PersonLanguage
from programmes.models import Avoidance, Enrolment, ProgrammeRole
from tests import factories
from tests.matching import people
from tests.matching.people import AT
from tests.threads import at_once

pytestmark = pytest.mark.django_db


def cohort_of_groups(mentors=4, mentees=6, **programme):
    """Everybody knows or wants “Data”; ready to be matched."""
    cohort = people.cohort(programme=factories.programme(form="group", **programme))
    for number in range(mentors):
        person = people.junior(f"Mentor {number}")
        people.knows(person, "Data", level=1 + number % 4)
        people.mentor(cohort, person)
    for number in range(mentees):
        person = people.senior(f"Mentee {number}")
        people.wants(person, "Data", priority=1 + number % 3)
        people.mentee(cohort, person)
    return cohort


def run_of(cohort):
    run = actions.request_run(cohort=cohort, by=factories.hr_admin(), at=AT)
    actions.execute_run(run=run, at=AT)
    run.refresh_from_db()
    assert run.state == MatchRun.State.FINISHED, run.error
    return run


def seats(group):
    return sorted((seat.role, seat.enrolment.person.name) for seat in group.seats.all())


def test_a_run_proposes_groups_and_keeps_what_it_went_by():
    cohort = cohort_of_groups()
    run = run_of(cohort)
    groups = list(run.groups.with_seats())
    assert [sum(seat.role == "mentee" for seat in g.seats.all()) for g in groups] == [3, 3]
    assert {str(g.theme) for g in groups} == {"Data"}
    assert run.outcome["proven"] and run.outcome["worth"] == run.outcome["bound"]
    assert run.outcome["worth"]["placed"] == 10 and run.outcome["left_out"] == []
    assert run.snapshot["sizes"] == {"mentors": 2, "least": 3, "most": 5}
    with np.load(io.BytesIO(bytes(run.inputs))) as kept:
        assert len(kept["mentees.key"]) == 6
    assert not run.proposals.exists()


def test_themes_of_the_programme_narrow_what_groups_are_about():
    cohort = cohort_of_groups()
    people.policy(cohort)
    cohort.programme.matching_policy.themes.set([people.topic("Sailing")])
    run = run_of(cohort)
    assert not run.groups.exists()
    assert {entry["cause"] for entry in run.outcome["left_out"]} == {"theme"}


def test_blocks_and_avoidances_hold_within_a_side_too():
    cohort = cohort_of_groups()
    first, second, third, *_ = Enrolment.objects.filter(cohort=cohort, role="mentee").order_by("pk")
    Block.objects.create(programme=cohort.programme, first=first.person, second=second.person, reason="x")
    Avoidance.objects.create(enrolment=third, person=first.person)
    for group in run_of(cohort).groups.with_seats():
        here = {seat.enrolment_id for seat in group.seats.all()}
        assert not {first.pk, second.pk} <= here and not {first.pk, third.pk} <= here


def test_confirming_makes_one_mentorship_of_all_and_twice_is_once():
    cohort = cohort_of_groups(2, 3)
    group = run_of(cohort).groups.with_seats().get()
    hr = factories.hr_admin()
    mentorship = group_actions.confirm_group(group=group, by=hr, at=AT)
    assert group_actions.confirm_group(group=group, by=hr, at=AT) == mentorship
    assert (mentorship.state, mentorship.topic) == ("confirmed", "Data")
    assert sorted((m.role, m.person.name) for m in mentorship.members.all()) == seats(group)
    assert Notice.objects.filter(kind="mentorship-confirmed").count() == 5
    notice = Notice.objects.filter(kind="mentorship-confirmed").first()
    assert notice.subject == "Your group on “Data” is complete"
    assert "You all chose “Data”." in notice.text


def test_one_group_takes_one_of_somebodys_mentorships():
    cohort = cohort_of_groups(2, 3)
    Enrolment.objects.filter(cohort=cohort).update(capacity=2)
    run = run_of(cohort)
    group_actions.confirm_groups(run=run, by=factories.hr_admin(), at=AT)
    again = run_of(cohort)
    assert again.outcome["mentors"] == 2  # one place each is left, though five are in the first group
    assert not again.groups.exists()  # and nobody is with the same people twice


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("left", "no longer enrolled"),
        ("avoids", "Two of them cannot be in one group."),
        ("line", "Two of them cannot be in one group."),
        ("hours", "hours a week in common"),
        ("language", "no language that all of them can work in"),
    ],
)
def test_a_group_that_became_impossible_is_refused_with_a_reason_and_no_secret(change, words):
    cohort = cohort_of_groups(2, 3)
    group = run_of(cohort).groups.with_seats().get()
    one, two, _three = Enrolment.objects.filter(cohort=cohort, role="mentee").order_by("pk")
    if change == "left":
        one.move_to("withdrawn")
    if change == "avoids":
        Avoidance.objects.create(enrolment=one, person=two.person)
    if change == "line":
        one.person.manager = two.person
        one.person.save()
    if change == "hours":
        Enrolment.objects.filter(pk=one.pk).update(weekly_hours=[3])
    if change == "language":
        PersonLanguage.objects.filter(person=one.person).update(code="pt")
    with pytest.raises(DomainError, match=words):
        group_actions.confirm_group(group=group, by=factories.hr_admin(), at=AT)
    assert not Mentorship.objects.exists()
    assert group_actions.confirm_groups(run=group.run, by=factories.hr_admin(), at=AT) == []


def test_offers_begin_the_group_when_all_have_accepted():
    cohort = cohort_of_groups(2, 3, uses_offers=True)
    group = run_of(cohort).groups.with_seats().get()
    mentorship = group_actions.confirm_group(group=group, by=factories.hr_admin(), at=AT)
    assert mentorship.state == "offered"
    for member in mentorship.members.all():
        mentorship = actions.answer_offer(mentorship=mentorship, person=member.person, accept=True, at=AT)
    assert mentorship.state == "confirmed"


# --- A group whose offer is not accepted by all ---


def offered(mentors=2, mentees=4, **policy):
    cohort = cohort_of_groups(mentors, mentees, uses_offers=True, offer_days=7)
    people.policy(cohort, **policy)
    group = run_of(cohort).groups.with_seats().get()
    return group_actions.confirm_group(group=group, by=factories.hr_admin(), at=AT)


def person(name):
    return Person.objects.get(name=name)


def answer(mentorship, name, accept, at=AT):
    return actions.answer_offer(mentorship=mentorship, person=person(name), accept=accept, at=at)


def told(name, kind="mentorship-changed"):
    return list(Notice.objects.filter(kind=kind, recipient__name=name).values_list("subject", flat=True))


def test_a_group_large_enough_goes_on_without_who_declined_and_acceptances_stay():
    mentorship = offered()
    answer(mentorship, "Mentor 0", True)
    assert answer(mentorship, "Mentee 3", False).state == "offered"
    assert {m.person.name for m in mentorship.members.all()} == {
        *("Mentor 0", "Mentor 1"),
        *("Mentee 0", "Mentee 1", "Mentee 2"),
    }
    assert told("Mentor 0") == told("Mentee 1") == ["The group on “Data” goes on with one person less"]
    texts = dict(Notice.objects.filter(kind="mentorship-changed").values_list("recipient__name", "text"))
    assert "Your yes still counts" in texts["Mentor 0"] and "Please answer by" in texts["Mentee 1"]
    assert "Mentee 3" not in texts and not any("Mentee 3" in text for text in texts.values())
    for name in ("Mentor 1", "Mentee 0", "Mentee 1", "Mentee 2"):
        mentorship = answer(mentorship, name, True)
    assert mentorship.state == "confirmed"
    assert told("Mentee 3", "mentorship-confirmed") == []


def test_who_declines_last_lets_the_others_begin_at_once_and_is_free_for_another_group():
    mentorship = offered()
    for name in ("Mentor 0", "Mentor 1", "Mentee 0", "Mentee 1", "Mentee 2"):
        answer(mentorship, name, True)
    assert answer(mentorship, "Mentee 3", False).state == "confirmed"
    assert told("Mentor 0") == [] and len(told("Mentor 0", "mentorship-confirmed")) == 1
    for number in (7, 8):
        mentor = people.mentor(mentorship.cohort, people.junior(f"Mentor {number}"))
        people.knows(mentor.person, "Data")
        mentee = people.mentee(mentorship.cohort, people.senior(f"Mentee {number}"))
        people.wants(mentee.person, "Data")
    [group] = run_of(mentorship.cohort).groups.with_seats()
    assert ("mentee", "Mentee 3") in seats(group)  # with new mentors, and never with those declined
    assert {name for role, name in seats(group) if role == "mentor"} == {"Mentor 7", "Mentor 8"}


@pytest.mark.parametrize(
    ("who", "mentees", "policy"),
    [
        ("Mentor 0", 5, {}),  # a group has the mentors the programme says, no fewer
        ("Mentee 0", 3, {}),  # the smallest group
    ],
)
def test_a_group_that_no_longer_fits_its_programme_falls_as_a_whole(who, mentees, policy):
    mentorship = offered(2, mentees, **policy)
    answer(mentorship, "Mentor 1", True)
    assert answer(mentorship, who, False).state == "declined"
    assert told("Mentor 1") == ["The group on “Data” will not come about"]
    assert told(who) == []
    assert mentorship.members.count() == 2 + mentees


def test_a_group_whose_people_no_longer_fit_falls_rather_than_go_on_against_a_rule():
    mentorship = offered()
    junior = person("Mentor 0")
    junior.manager = person("Mentee 0")
    junior.save()
    assert answer(mentorship, "Mentee 3", False).state == "declined"


def test_a_line_through_who_declined_does_not_count():
    mentorship = offered()
    junior = person("Mentor 0")
    junior.manager = person("Mentee 3")
    junior.save()
    assert answer(mentorship, "Mentee 3", False).state == "offered"


def test_declining_twice_is_once_and_an_answer_changed_afterwards_is_refused():
    mentorship = offered(2, 5)
    answer(mentorship, "Mentee 4", False)
    answer(mentorship, "Mentee 4", False, AT + timedelta(hours=1))
    assert len(told("Mentor 0")) == 1
    with pytest.raises(DomainError, match="no longer open"):
        answer(mentorship, "Mentee 4", True)


@pytest.mark.django_db(transaction=True)
def test_two_declines_at_once_leave_no_group_below_the_smallest():
    mentorship = offered()
    at_once(*(lambda name=name: answer(mentorship, name, False) for name in ("Mentee 0", "Mentee 1")))
    mentorship.refresh_from_db()
    assert (mentorship.state, mentorship.members.count()) == ("declined", 5)
    assert Member.ever_asked.filter(mentorship=mentorship).exclude(declined_at=None).count() == 2


@pytest.mark.parametrize(("silent", "state"), [(1, "confirmed"), (2, "declined")])
def test_when_the_days_are_over_those_who_accepted_begin_if_they_are_enough(silent, state):
    mentorship = offered()
    for name in ["Mentor 0", "Mentor 1", *(f"Mentee {number}" for number in range(silent, 4))]:
        answer(mentorship, name, True)
    later = AT + timedelta(days=30)
    assert (lapse_offers(later), lapse_offers(later)) == (1, 0)
    mentorship.refresh_from_db()
    assert mentorship.state == state
    if state == "confirmed":
        assert told("Mentee 0") == ["The group on “Data” begins without you"]
        assert told("Mentee 1") == []
        assert len(told("Mentee 1", "mentorship-confirmed")) == 1
        assert mentorship.members.count() == 5
    else:
        assert told("Mentee 3") == told("Mentee 0") == ["The group on “Data” will not come about"]


def test_who_was_only_asked_never_was_in_the_group():
    mentorship = offered()
    answer(mentorship, "Mentee 3", False)
    only_asked = person("Mentee 3")
    assert not Mentorship.objects.known_to(only_asked).exists()
    assert not Member.of_all_time.filter(enrolment__person=only_asked).exists()
    assert not only_asked.has_perm("concerns.raise", mentorship)


def test_who_leaves_the_company_during_the_offer_is_left_out_and_the_others_go_on():
    mentorship = offered()
    gone = person("Mentee 0")
    answer(mentorship, "Mentee 0", True)
    Person.objects.filter(pk=gone.pk).update(is_active=False)
    assert actions.part_from_leaver(mentorship=mentorship, person=gone, at=AT)
    assert not actions.part_from_leaver(mentorship=mentorship, person=gone, at=AT)
    mentorship.refresh_from_db()
    assert (mentorship.state, mentorship.members.count()) == ("offered", 5)
    assert told("Mentee 1") == ["The group on “Data” goes on with one person less"]


def test_the_page_tells_those_who_remain_and_leads_who_declined_home(client):
    mentorship = offered()
    url = reverse("matching:offer", args=[mentorship.uuid])
    client.force_login(person("Mentee 3"))
    question = client.get(f"{url}?decline").content.decode()
    assert "Decline the group on “Data”?" in question and "they go on" in question
    for _twice in range(2):
        response = client.post(url, {"answer": "decline"})
        assert (response.status_code, response.url) == (302, reverse("home"))
    answer(mentorship, "Mentee 0", True)
    for name, words, without in [
        ("Mentee 0", "your yes still counts", "Accept</button>"),
        ("Mentee 1", "goes on with those you see here.", "your yes"),
    ]:
        client.force_login(person(name))
        text = client.get(url).content.decode()
        assert words in text and without not in text
        assert "Mentee 3" not in text and "Decline" in text


def test_an_older_run_cannot_be_decided_on():
    cohort = cohort_of_groups(2, 3)
    group = run_of(cohort).groups.with_seats().get()
    run_of(cohort)
    with pytest.raises(DomainError, match="newer run"):
        group_actions.confirm_group(group=group, by=factories.hr_admin(), at=AT)


@pytest.mark.django_db(transaction=True)
def test_two_coordinators_at_once_begin_a_group_once():
    cohort = cohort_of_groups(2, 3)
    group = run_of(cohort).groups.with_seats().get()
    staff = [factories.hr_admin(), factories.hr_admin()]
    outcomes = at_once(
        *(lambda by=by: group_actions.confirm_group(group=group, by=by, at=AT) for by in staff)
    )
    assert len({outcome.pk for outcome in outcomes}) == 1
    assert Mentorship.objects.count() == 1


def test_sizes_are_kept_in_order_by_the_database():
    cohort = cohort_of_groups(0, 0)
    with pytest.raises(IntegrityError), transaction.atomic():
        people.policy(cohort, group_least=6)


def test_six_names_are_two_and_how_many_others():
    mentorship = group_actions.confirm_group(
        group=run_of(cohort_of_groups(2, 4)).groups.with_seats().get(), by=factories.hr_admin(), at=AT
    )
    mentorship = Mentorship.objects.with_members().get(pk=mentorship.pk)
    one = mentorship.people()[0]
    names = mentorship.names_of_others(one)
    assert names.endswith(" and 3 others") and names.count(",") == 1
    with translation.override("de"):
        assert mentorship.names_of_others(one).endswith(" und 3 weitere")


# --- The admin site ---


def page(client, run):
    return " ".join(
        client.get(reverse("admin:matching_matchrun_change", args=[run.pk])).content.decode().split()
    )


def test_the_page_shows_groups_with_reasons_and_who_is_left(client):
    cohort = cohort_of_groups(2, 3)
    people.mentee(cohort, people.senior("Lena Lost"))
    run = run_of(cohort)
    client.force_login(factories.hr_admin())
    text = page(client, run)
    for words in [
        "1 group, with 5 of 6 people in it.",
        "Within your rules nothing better is possible: this is proved.",
        "All can work in English.",
        "On “Data”: ",
        "Lena Lost",
        "Too few people for a group share a theme with them.",
    ]:
        assert words in text, words


def test_confirm_through_the_page_and_all_at_once(client):
    run = run_of(cohort_of_groups())
    first, second = run.groups.all()
    client.force_login(factories.hr_admin())
    url = reverse("admin:matching_matchrun_confirm_group", args=[run.pk, first.pk])
    assert client.get(url).status_code == 405
    client.post(url)
    every = reverse("admin:matching_matchrun_confirm_groups", args=[run.pk])
    assert "1 group begins." in client.get(every).content.decode()
    client.post(every)
    assert set(Mentorship.objects.values_list("proposed_group", flat=True)) == {first.pk, second.pk}


def test_groups_are_for_the_staff_of_the_programme_alone(client):
    run = run_of(cohort_of_groups(2, 3))
    group = run.groups.get()
    elsewhere = factories.person()
    factories.programme_role(factories.programme(), elsewhere, ProgrammeRole.Kind.COORDINATOR)
    for stranger, status in [(elsewhere, 404), (factories.person(), 302)]:
        client.force_login(stranger)
        urls = [
            reverse("admin:matching_matchrun_change", args=[run.pk]),
            reverse("admin:matching_matchrun_confirm_groups", args=[run.pk]),
        ]
        assert [client.get(url).status_code for url in urls] == [status] * 2
        client.post(reverse("admin:matching_matchrun_confirm_group", args=[run.pk, group.pk]))
    assert not Mentorship.objects.exists()
    coordinator = factories.person()
    factories.programme_role(run.cohort.programme, coordinator, ProgrammeRole.Kind.COORDINATOR)
    client.force_login(coordinator)
    client.post(reverse("admin:matching_matchrun_confirm_group", args=[run.pk, group.pk]))
    assert Mentorship.objects.exists()


@pytest.mark.parametrize("groups", [1, 3])
def test_the_page_has_a_flat_query_count(client, django_assert_num_queries, groups):
    run = run_of(cohort_of_groups(2 * groups, 3 * groups))
    assert run.groups.count() == groups
    client.force_login(factories.hr_admin())
    page(client, run)
    with django_assert_num_queries(27):
        page(client, run)


@pytest.mark.parametrize(("form", "shown"), [("group", True), ("reverse", False)])
def test_sizes_and_themes_are_set_where_there_are_groups(client, form, shown):
    programme = factories.programme(form=form)
    people.topic("Data")
    client.force_login(factories.hr_admin())
    url = reverse("admin:matching_matchingpolicy_of", args=[programme.pk])
    text = client.get(url, follow=True).content.decode()
    assert ('name="group_most"' in text, 'name="themes"' in text) == (shown, shown)


def test_what_ifs_and_decisions_about_pairs_are_refused_and_not_linked_for_groups(client):
    cohort, hr = cohort_of_groups(), factories.hr_admin()
    with pytest.raises(DomainError, match="What-ifs are for pairs"):
        actions.request_run(cohort=cohort, by=hr, trial={"common_hours": 0}, at=AT)
    run = run_of(cohort)
    mentor, mentee = (cohort.enrolments.filter(role=role).first() for role in ("mentor", "mentee"))
    with pytest.raises(DomainError, match="This cohort is of groups"):
        workbench.pair(run=run, mentor=mentor, mentee=mentee, by=hr, revision=run.revision, at=AT)
    assert run.proposals.count() == 0
    client.force_login(hr)
    page = client.get(reverse("admin:matching_matchrun_changelist")).content.decode()
    assert reverse("admin:matching_matchrun_before", args=[cohort.pk]) in page
    assert reverse("admin:matching_matchrun_what_if", args=[cohort.pk]) not in page
