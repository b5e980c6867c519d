import io

import numpy as np
import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from domain.errors import DomainError
from matching import actions, group_actions, workbench
from matching.models import Block, MatchRun, Mentorship
from notices.models import Notice
from participants.models import PersonLanguage
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
    with django_assert_num_queries(22):
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
    with pytest.raises(DomainError, match="Groups are confirmed as they are"):
        workbench.pair(run=run, mentor=mentor, mentee=mentee, by=hr, revision=run.revision, at=AT)
    assert run.proposals.count() == 0
    client.force_login(hr)
    page = client.get(reverse("admin:matching_matchrun_changelist")).content.decode()
    assert reverse("admin:matching_matchrun_before", args=[cohort.pk]) in page
    assert reverse("admin:matching_matchrun_what_if", args=[cohort.pk]) not in page
