"""Who reads which figures, and what stands on the pages."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from matching.models import Mentorship
from programmes.models import Objective, Role
from pulses.models import OwnQuestion
from tests import factories
from tests.insights import company

pytestmark = pytest.mark.django_db


@pytest.fixture
def now(monkeypatch):
    """The pages ask the clock; the cases are made for one day."""
    monkeypatch.setattr(timezone, "now", lambda: company.AT)


def page_of(programme, **view) -> str:
    query = "&".join(f"{name}={value}" for name, value in view.items())
    return reverse("insights:programme", args=[programme.uuid]) + (f"?{query}" if query else "")


def words(response) -> str:
    """What is read on the page, without markup."""
    text = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", response.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", text)


def programme_with(pairs: int, **fields):
    cohort = factories.cohort(programme=factories.programme(**fields))
    for _number in range(pairs):
        company.mentorship(cohort, held=2)
    return cohort.programme


def test_stranger_is_refused(client):
    programme = programme_with(1)
    client.force_login(factories.person())
    assert client.get(reverse("insights:overview")).status_code == 403
    assert client.get(page_of(programme)).status_code == 404


def test_members_and_confidants_of_a_programme_are_strangers_to_its_figures(client):
    cohort = factories.cohort()
    mentorship = company.mentorship(cohort)
    confidant = factories.person()
    factories.programme_role(cohort.programme, confidant, "confidant")
    for person in [*mentorship.people(), confidant]:
        client.force_login(person)
        assert client.get(reverse("insights:overview")).status_code == 403
        assert client.get(page_of(cohort.programme)).status_code == 404


def test_nobody_signed_in_is_sent_to_sign_in(client):
    response = client.get(page_of(programme_with(0)))
    assert (response.status_code, response.url.split("?")[0]) == (302, "/account/login/")


@pytest.mark.parametrize("role", ["sponsor", "coordinator"])
def test_sponsors_and_coordinators_read_theirs_alone(client, role):
    mine, other = programme_with(0, name_en="Mine"), programme_with(0, name_en="Not mine")
    person = factories.person()
    factories.programme_role(mine, person, role)
    client.force_login(person)
    overview = client.get(reverse("insights:overview"))
    assert re.findall(r'card-link-whole" href="[^"]*">([^<]*)', overview.content.decode()) == ["Mine"]
    assert client.get(page_of(mine)).status_code == 200
    assert client.get(page_of(other)).status_code == 404


def test_hr_reads_every_programme(client):
    programmes = [programme_with(0), programme_with(0)]
    client.force_login(factories.hr_admin())
    assert len(client.get(reverse("insights:overview")).context["cards"]) == 2
    assert [client.get(page_of(one)).status_code for one in programmes] == [200, 200]


@pytest.mark.parametrize(("people", "status"), [(4, 404), (5, 200)])
def test_head_of_a_unit_reads_programmes_in_which_enough_of_its_people_take_part(client, people, status):
    head = factories.person()
    unit = factories.unit()
    unit.head = head
    unit.save()
    below = factories.unit()
    below.parent = unit
    below.save()
    cohort = factories.cohort()
    for number in range(people):
        factories.enrolment(cohort, factories.person(unit=below if number % 2 else unit))
    for _number in range(12):
        factories.enrolment(cohort, factories.person(unit=factories.unit()))
    client.force_login(head)
    assert client.get(reverse("insights:overview")).status_code == 200
    response = client.get(page_of(cohort.programme))
    assert response.status_code == status
    assert head.has_perm("insights.read", cohort.programme) == (status == 200)
    if status == 200:
        course = {bar.label: bar.text for bar in response.context["page"].course}
        assert course["Accepted"] == "5–13"
        assert "Waiting for a confidant" not in words(response)
        assert response.context["page"].profiles[0].is_empty


def test_sponsor_who_heads_a_unit_has_one_view_of_the_programme(client):
    """Two views of one programme, whole and by unit, would be told apart by their difference."""
    cohort = factories.cohort()
    person = company.sponsor(cohort.programme)
    unit = factories.unit()
    unit.head = person
    unit.save()
    for number in range(12):
        factories.enrolment(cohort, factories.person(unit=unit if number < 6 else None))
    client.force_login(person)
    assert [card.of_unit for card in client.get(reverse("insights:overview")).context["cards"]] == [False]
    assert not client.get(page_of(cohort.programme)).context["page"].of_unit


def test_cohort_of_another_programme_is_not_found(client, now):
    mine, other = factories.cohort(), factories.cohort()
    client.force_login(company.sponsor(mine.programme))
    assert client.get(page_of(mine.programme, cohort=mine.uuid)).status_code == 200
    assert client.get(page_of(mine.programme, cohort=other.uuid)).status_code == 404
    assert client.get(page_of(mine.programme, cohort="nonsense")).status_code == 404
    assert client.get(page_of(mine.programme, role="nonsense")).context["page"].view.role == ""


def test_page_shows_ranges_of_large_groups_and_nothing_of_small_ones(client, now):
    programme = programme_with(12)
    cohort = programme.cohorts.get()
    company.mentorship(cohort, state=Mentorship.State.PAUSED)
    company.mentorship(cohort, state=Mentorship.State.ENDED)
    client.force_login(company.sponsor(programme))
    page = client.get(page_of(programme, cohort=cohort.uuid)).context["page"]
    assert {bar.label: bar.text for bar in page.health} == {
        "On track": "10–14",
        "Completed": "Fewer than 5: not shown",
        "Quiet": "Fewer than 5: not shown",
        "Never got going": "Fewer than 5: not shown",
        "Paused": "Fewer than 5: not shown",
        "Ended early": "Fewer than 5: not shown",
    }
    assert {bar.label: bar.text for bar in page.course} == {
        "Invited": "20–28",
        "Enrolled": "20–28",
        "Accepted": "20–28",
        "Matched": "20–28",
        "Agreement signed": "20–28",
        "First meeting held": "20–28",
        "Half of the meetings held": "Not shown",
        "Completed": "Not shown",
    }
    # Twelve mentorships that ought to meet, two meetings each expected by now, two each held.
    assert page.delivery.text == "100 %"
    card = client.get(reverse("insights:overview")).context["cards"][0]
    assert (card.people.text, card.mentorships.text, card.delivery.text) == ("20–28", "10–14", "100 %")
    assert {bar.label: bar.text for bar in page.meetings}["Held"] == "20–24"


def test_programme_under_the_threshold_shows_no_number_at_all(client, now):
    programme = programme_with(2)
    mentorship = Mentorship.objects.first()
    company.goal(mentorship, [1])
    client.force_login(company.sponsor(programme))
    page = client.get(page_of(programme)).context["page"]
    rows = [*page.course, *page.health, *page.meetings, *page.goals, *page.profiles[0].levels]
    assert {bar.is_shown for bar in rows} == {False}
    assert not page.delivery.is_shown
    assert [profile.attainment for profile in page.profiles] == ["Not shown", "Not shown"]
    assert [part.rows for part in page.reach] == [[], [], []]
    figures = [page.match_rate, page.acceptance, page.wait, page.again, page.would_do_it_again]
    assert not any(figure.is_shown for figure in figures)


def test_objective_is_measured_against_its_start(client, now):
    programme = programme_with(6)
    cohort = programme.cohorts.get()
    Objective.objects.create(
        programme=programme,
        statement_en="People talk openly",
        measure="pulse",
        dimension="communication",
        target=4,
        position=1,
    )
    Objective.objects.create(
        programme=programme, statement_en="People meet", measure="meetings", baseline=0, target=80, position=2
    )
    Objective.objects.create(
        programme=programme, statement_en="Goals are reached", measure="goals", target=60, position=3
    )
    answers = [{"communication": 3}] * 5, [{"communication": 2}] * 5
    start = company.wave(cohort, "start")
    company.answers(start, Role.MENTOR, answers[0])
    company.answers(start, Role.MENTEE, answers[1])
    middle = company.wave(cohort, "middle", company.AT.date() - timedelta(days=1))
    company.answers(middle, Role.MENTOR, [{"communication": 4}] * 6)
    client.force_login(company.sponsor(programme))

    def seen(**view):
        aims = client.get(page_of(programme, **view)).context["page"].aims
        return [
            (aim.scale.label, aim.standing, [(str(mark.label), mark.text) for mark in aim.scale.marks])
            for aim in aims
        ]

    assert seen() == [
        # Only the mentors have been asked again: their start alone is what today is measured against.
        ("People talk openly", "Reached", [("Start", "3.0"), ("Today", "4.0")]),
        ("People meet", "Reached", [("Start", "0 %"), ("Today", "100 %")]),
        ("Goals are reached", "Too early to tell", []),
    ]
    assert seen(role="mentee")[0] == ("People talk openly", "Too early to tell", [("Start", "2.0")])


def test_concerns_are_for_staff_and_tell_only_waits_over_a_week(client, now):
    from concerns.models import Concern

    programme = programme_with(0)
    concern = Concern.objects.create(
        programme=programme,
        raised_by=factories.person(),
        topic="time",
        text="…",
        raised_at=company.AT - timedelta(days=6),
    )
    client.force_login(factories.hr_admin())
    quiet = words(client.get(page_of(programme)))
    assert "None for longer than a week" in quiet
    Concern.objects.update(raised_at=company.AT - timedelta(days=15))
    assert "2 weeks" in words(client.get(page_of(programme)))
    client.force_login(company.sponsor(programme))
    assert "confidant" not in words(client.get(page_of(programme)))
    assert concern.state == "open"


def test_the_view_stays_in_the_address(client, now):
    cohort = factories.cohort()
    client.force_login(company.sponsor(cohort.programme))
    body = client.get(page_of(cohort.programme, cohort=cohort.uuid, role="mentee")).content.decode()
    assert re.findall(r'<option value="([^"]+)" selected>', body) == [str(cohort.uuid), "mentee"]


def test_pages_say_what_is_missing_before_anything_began(client):
    person = factories.person()
    unit = factories.unit()
    unit.head = person
    unit.save()
    client.force_login(person)
    assert "No figures to show yet" in words(client.get(reverse("insights:overview")))
    programme = factories.programme()
    client.force_login(company.sponsor(programme))
    assert "No cohort has opened yet" in words(client.get(reverse("insights:overview")))
    assert "This programme has no objectives yet" in words(client.get(page_of(programme)))


@pytest.mark.parametrize("rows", [1, 3])
def test_overview_takes_the_same_queries_for_one_programme_and_three(
    client, django_assert_num_queries, now, rows
):
    for _number in range(rows):
        programme = programme_with(rows)
        Objective.objects.create(programme=programme, statement_en="…", measure="meetings", target=80)
    client.force_login(factories.hr_admin())
    with django_assert_num_queries(36):
        client.get(reverse("insights:overview"))
    with django_assert_num_queries(15):
        client.get(reverse("insights:overview"))


@pytest.mark.parametrize("rows", [1, 3])
def test_programme_takes_the_same_queries_for_one_cohort_and_three(
    client, django_assert_num_queries, now, rows
):
    programme = factories.programme()
    for _number in range(rows):
        cohort = factories.cohort(programme=programme)
        for _pair in range(rows):
            company.goal(company.mentorship(cohort, held=1), [1])
        Objective.objects.create(programme=programme, statement_en="…", measure="meetings", target=80)
        company.answers(company.wave(cohort, "start"), Role.MENTOR, [{"engagement": 4}] * rows)
        OwnQuestion.objects.create(programme=programme, text_en="…", position=_number + 1)
    client.force_login(factories.hr_admin())
    with django_assert_num_queries(40):
        client.get(page_of(programme))
    with django_assert_num_queries(19):
        client.get(page_of(programme))


def test_a_question_of_ones_own_is_shown_for_five_and_not_for_four(client, now):
    programme = factories.programme()
    cohort = factories.cohort(programme=programme)
    many, few = (
        OwnQuestion.objects.create(programme=programme, text_en=f"Question {number}", position=number)
        for number in (1, 2)
    )
    answers = [{many.key: 4, **({few.key: 2} if number < 4 else {})} for number in range(5)]
    company.answers(company.wave(cohort, "start"), Role.MENTOR, answers)
    client.force_login(factories.hr_admin())
    page = client.get(page_of(programme)).context["page"]
    scales = {scale.label: len(scale.marks) for scale in page.profiles[0].scales}
    assert (scales["Question 1"], scales["Question 2"]) == (1, 0)


def test_staff_have_lists_behind_figures_and_sponsors_none(client, now):
    programme = programme_with(6)
    cohort = programme.cohorts.get()
    client.force_login(factories.hr_admin())
    page = client.get(page_of(programme, cohort=cohort.uuid)).context["page"]
    links = {bar.url for bar in [*page.course, *page.health]} - {""}
    assert len(links) == 6
    assert {url: client.get(url).status_code for url in links} == dict.fromkeys(links, 200)
    client.force_login(company.sponsor(programme))
    page = client.get(page_of(programme)).context["page"]
    assert {bar.url for bar in [*page.course, *page.health]} == {""}


def test_period_takes_the_cohorts_that_began_in_the_year(client, now):
    programme = programme_with(6)
    year = programme.cohorts.get().starts_on.year
    client.force_login(company.sponsor(programme))
    assert client.get(page_of(programme, period=year)).context["page"].course[2].text == "10–18"
    other = client.get(page_of(programme, period=year - 1)).context["page"]
    assert not any(bar.is_shown for bar in other.course)
    assert client.get(page_of(programme, period="MMXX")).context["page"].view.year is None


def test_group_shows_its_course_alone_and_a_small_one_is_not_told(client, now):
    cohort = factories.cohort()
    for unit, number in (("Finance", 12), ("Legal", 3), ("Sales", 6)):
        for _number in range(number):
            factories.enrolment(cohort, factories.person(unit=factories.unit(unit)))
    client.force_login(company.sponsor(cohort.programme))
    body = client.get(page_of(cohort.programme, group="unit:Finance"))
    page = body.context["page"]
    assert page.course[2].text == "10–14"
    assert "What is not told of a group" in words(body)
    assert "Goals of the mentorships" not in words(body)
    assert [names for _label, part, names in page.groups if part == "unit"] == [["Finance", "Sales"]]
    small = client.get(page_of(cohort.programme, group="unit:Legal"))
    assert small.context["page"].view.group is None
    assert "You see everybody instead" in words(small)
    unknown = client.get(page_of(cohort.programme, group="unit:Nowhere"))
    assert unknown.context["page"].reach == small.context["page"].reach


def test_reach_names_parts_of_the_company_that_do_not_take_part_like_those_with_few(client, now):
    cohort = factories.cohort()
    for unit, taking_part in (("Finance", 11), ("Legal", 2), ("Sales", 0)):
        for number in range(12):
            person = factories.person(unit=factories.unit(unit))
            if number < taking_part:
                factories.enrolment(cohort, person, role=Role.MENTOR)
    client.force_login(company.sponsor(cohort.programme))
    units = client.get(page_of(cohort.programme)).context["page"].reach[0]
    assert [(row.bar.label, row.bar.text) for row in units.rows] == [("Finance", "10–14")]
    assert units.missing == ["Legal", "Sales"]


@pytest.mark.parametrize("rows", [1, 3])
def test_part_of_a_head_takes_the_same_queries_for_one_cohort_and_three(
    client, django_assert_num_queries, now, rows
):
    head, unit, programme = factories.person(), factories.unit(), factories.programme()
    unit.head = head
    unit.save()
    people = [factories.person(unit=unit) for _number in range(5)]
    for _number in range(rows):
        cohort = factories.cohort(programme=programme)
        for person in people:
            factories.enrolment(cohort, person)
    client.force_login(head)
    client.get(page_of(programme))
    with django_assert_num_queries(17):
        client.get(page_of(programme))
