"""Who reads which figures, and what stands on the pages."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from insights import tasks
from insights.models import Release
from matching.models import Mentorship
from programmes.models import Objective, Role
from pulses.models import OwnQuestion
from tests import factories
from tests.insights import company

pytestmark = pytest.mark.django_db


@pytest.fixture
def now(monkeypatch, no_coin):
    """The pages ask the clock; the cases are made for one day, and for what they show."""
    monkeypatch.setattr(timezone, "now", lambda: company.AT)


def page_of(programme, **view) -> str:
    query = "&".join(f"{name}={value}" for name, value in view.items())
    return reverse("insights:programme", args=[programme.uuid]) + (f"?{query}" if query else "")


def words(response) -> str:
    """What is read on the page, without markup."""
    text = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", text)


def programme_with(pairs: int, **fields):
    cohort = factories.cohort(programme=factories.programme(**fields))
    for _number in range(pairs):
        company.mentorship(cohort, held=2)
    company.count()
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
def test_head_of_a_unit_reads_programmes_in_which_enough_of_its_people_take_part(
    client, people, status, no_coin
):
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
    company.count()
    client.force_login(head)
    assert client.get(reverse("insights:overview")).status_code == 200
    response = client.get(page_of(cohort.programme))
    assert response.status_code == status
    assert head.has_perm("insights.read", cohort.programme) == (status == 200)
    if status == 200:
        course = {bar.label: bar.text for bar in response.context["page"].course}
        assert course["Accepted"] == "5+"
        assert "Waiting for a confidant" not in words(response)
        assert not response.context["page"].tells_answers


def test_head_sees_nothing_of_other_units_whatever_is_asked(client, now):
    head, unit, other = factories.person(), factories.unit(), factories.unit()
    unit.head = head
    unit.save()
    cohort = factories.cohort()
    for number in range(16):
        factories.enrolment(cohort, factories.person(unit=unit if number < 6 else other))
    company.count()
    client.force_login(head)
    for asked in ({}, {"unit": other.pk}, {"unit": 10**18}, {"unit": "-1"}, {"unit": "1e3"}):
        page = client.get(page_of(cohort.programme, **asked)).context["page"]
        assert page.view.unit is None
        assert page.course[2].text == "5+"
        assert [choice.label for choice in page.choices["unit"]] == [unit.name]


def test_means_of_a_head_are_counted_after_they_first_looked(
    client, now, monkeypatch, django_capture_on_commit_callbacks
):
    head, unit = factories.person(), factories.unit()
    unit.head = head
    unit.save()
    cohort = factories.cohort()
    for _number in range(6):
        company.mentorship(cohort, held=1, people={"mentor": factories.person(unit=unit)})
    company.count()
    client.force_login(head)
    asked = []
    monkeypatch.setattr(tasks.begin, "delay", lambda *arguments: asked.append(arguments))
    with django_capture_on_commit_callbacks(execute=True):
        page = client.get(page_of(cohort.programme)).context["page"]
    assert (page.course[2].text, page.wait.text) == ("5+", "Not shown")
    assert asked == [(head.pk, [cohort.pk])]
    tasks.begin(*asked[0])
    with django_capture_on_commit_callbacks() as callbacks:
        page = client.get(page_of(cohort.programme)).context["page"]
    assert (page.wait.text, callbacks) == ("56 days", [])


def test_sponsor_who_heads_a_unit_reads_the_whole_and_its_part_by_choice(client, now):
    cohort = factories.cohort()
    person = company.sponsor(cohort.programme)
    unit = factories.unit()
    unit.head = person
    unit.save()
    for number in range(12):
        factories.enrolment(cohort, factories.person(unit=unit if number < 6 else None))
    company.count()
    client.force_login(person)
    assert [card.of_unit for card in client.get(reverse("insights:overview")).context["cards"]] == [False]
    page = client.get(page_of(cohort.programme)).context["page"]
    assert (page.of_unit, page.course[2].text) == (False, "10+")
    assert client.get(page_of(cohort.programme, unit=unit.pk)).context["page"].course[2].text == "5+"


def test_cohort_of_another_programme_is_not_found(client, now):
    mine, other = factories.cohort(), factories.cohort()
    draft = factories.cohort("draft", programme=mine.programme)
    client.force_login(company.sponsor(mine.programme))
    assert client.get(page_of(mine.programme, cohort=draft.uuid)).status_code == 404
    assert client.get(page_of(mine.programme, cohort=mine.uuid)).status_code == 200
    assert client.get(page_of(mine.programme, cohort=other.uuid)).status_code == 404
    assert client.get(page_of(mine.programme, cohort="nonsense")).status_code == 404
    assert client.get(page_of(mine.programme, role="nonsense")).context["page"].view.role == ""


def test_page_shows_large_groups_as_lower_bounds_and_nothing_of_small_ones(client, now):
    programme = programme_with(12)
    cohort = programme.cohorts.get()
    company.mentorship(cohort, state=Mentorship.State.PAUSED)
    company.mentorship(cohort, state=Mentorship.State.ENDED)
    factories.person()
    Release.objects.all().delete()
    company.count()
    client.force_login(company.sponsor(programme))
    page = client.get(page_of(programme, cohort=cohort.uuid)).context["page"]
    assert {bar.label: bar.text for bar in page.health} == {
        "On track": "10+",
        "Completed": "Not shown",
        "Quiet": "Not shown",
        "Never got going": "Not shown",
        "Paused": "Not shown",
        "Ended early": "Not shown",
    }
    assert {bar.label: bar.text for bar in page.course} == {
        "Invited": "25+",
        "Enrolled": "25+",
        "Accepted": "25+",
        "Matched": "25+",
        "Agreement signed": "25+",
        "First meeting held": "20+",
        "Half of the meetings held": "Not shown",
        "Completed": "Not shown",
    }
    # Twelve mentorships that ought to meet, two meetings each expected by now, two each held.
    assert page.delivery.text == "100 %"
    card = client.get(reverse("insights:overview")).context["cards"][0]
    assert (card.people.text, card.mentorships.text, card.delivery.text) == ("25+", "10+", "100 %")
    assert {bar.label: bar.text for bar in page.meetings}["Held"] == "20+"
    assert [(bar.label, bar.text) for bar in page.months] == [
        ("Aug 2026", "Not shown"),
        ("Sep 2026", "10+"),
        ("Oct 2026", "10+"),
    ]


def test_programme_under_the_threshold_shows_no_number_at_all(client, now):
    programme = programme_with(2)
    mentorship = Mentorship.objects.first()
    company.goal(mentorship, [1])
    company.count(company.AT + timedelta(hours=1))
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
    company.count(company.AT + timedelta(hours=1))
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
        waits_since=company.AT - timedelta(days=6),
    )
    client.force_login(factories.hr_admin())
    quiet = words(client.get(page_of(programme)))
    assert "None for longer than a week" in quiet
    Concern.objects.update(waits_since=company.AT - timedelta(days=15))
    assert "2 weeks" in words(client.get(page_of(programme)))
    client.force_login(company.sponsor(programme))
    assert "confidant" not in words(client.get(page_of(programme)))
    assert concern.state == "open"


def test_the_view_stays_in_the_address(client, now):
    cohort = factories.cohort()
    client.force_login(company.sponsor(cohort.programme))
    body = client.get(page_of(cohort.programme, cohort=cohort.uuid, role="mentee")).content.decode()
    assert re.findall(r'<option value="([^"]+)" selected>', body) == [str(cohort.uuid), "mentee"]


def test_pages_say_that_nobody_has_counted_yet(client, now):
    cohort = factories.cohort()
    client.force_login(company.sponsor(cohort.programme))
    paths = [reverse("insights:overview"), page_of(cohort.programme)]
    assert ["being counted for the first time" in words(client.get(path)) for path in paths] == [True, True]
    company.count()
    assert ["being counted for the first time" in words(client.get(path)) for path in paths] == [False, False]


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
    with django_assert_num_queries(16):
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
    company.count()
    client.force_login(factories.hr_admin())
    with django_assert_num_queries(30):
        client.get(page_of(programme))
    part = {"role": "mentor", "site": factories.site().pk, "grade": factories.grade(1).pk}
    with django_assert_num_queries(31):
        client.get(page_of(programme, **part))
    with django_assert_num_queries(31):
        client.get(page_of(programme, period="2026"))


def test_a_question_of_ones_own_is_shown_for_five_and_not_for_four(client, now):
    programme = factories.programme()
    cohort = factories.cohort(programme=programme)
    many, few = (
        OwnQuestion.objects.create(programme=programme, text_en=f"Question {number}", position=number)
        for number in (1, 2)
    )
    answers = [{many.key: 4, **({few.key: 2} if number < 4 else {})} for number in range(5)]
    company.answers(company.wave(cohort, "start"), Role.MENTOR, answers)
    company.count()
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


def test_period_takes_the_cohorts_that_ran_in_it_and_the_meetings_of_its_months(client, now):
    programme = programme_with(6)
    client.force_login(company.sponsor(programme))

    def told(period):
        page = client.get(page_of(programme, period=period)).context["page"]
        held = next(bar.text for bar in page.meetings if bar.label == "Held")
        return page.course[2].text, held, [bar.label for bar in page.months]

    # The cohort runs from August to April; a meeting each at the end of September and in October.
    assert told("2026") == ("10+", "10+", ["Aug 2026", "Sep 2026", "Oct 2026"])
    assert told("2026-Q3") == ("10+", "5+", ["Aug 2026", "Sep 2026"])
    assert told("2026-Q4") == ("10+", "5+", ["Oct 2026"])
    assert told("2026-Q2") == ("Not shown", "Not shown", [])
    assert told("2025") == ("Not shown", "Not shown", [])
    assert "No cohort fits what you chose" in words(client.get(page_of(programme, period="2025")))
    page = client.get(page_of(programme)).context["page"]
    assert [one.key for one in page.periods] == ["2026", "2026-Q4", "2026-Q3"]
    for nonsense in ("MMXX", "2026-Q5", "2026-Q", "٢٠٢٦", "20260"):
        assert client.get(page_of(programme, period=nonsense)).context["page"].view.period is None


def test_filters_cross_each_other(client, now):
    cohort, other = (factories.cohort(programme=factories.programme(), name=name) for name in ("A", "B"))
    type(other).objects.filter(pk=other.pk).update(programme=cohort.programme)
    hamburg, vienna = factories.site("Hamburg"), factories.site("Vienna")
    finance, sales = factories.unit("Finance"), factories.unit("Sales")
    for of, unit, site, grade, role, number in (
        (cohort, finance, hamburg, 1, Role.MENTOR, 12),
        (cohort, finance, vienna, 1, Role.MENTOR, 7),
        (cohort, finance, hamburg, 4, Role.MENTEE, 6),
        (cohort, sales, hamburg, 1, Role.MENTOR, 5),
        (other, finance, hamburg, 1, Role.MENTOR, 5),
        (other, sales, vienna, 4, Role.MENTEE, 4),
    ):
        for _number in range(number):
            factories.enrolment(
                of, factories.person(unit=unit, site=site, grade=factories.grade(grade)), role=role
            )
    company.count()
    client.force_login(company.sponsor(cohort.programme))

    def told(**view):
        return client.get(page_of(cohort.programme, **view)).context["page"].course[2].text

    assert told() == "35+"
    assert told(unit=finance.pk) == "30+"
    assert told(unit=finance.pk, site=hamburg.pk) == "20+"
    assert told(unit=finance.pk, site=hamburg.pk, role="mentor") == "15+"
    assert told(unit=finance.pk, site=hamburg.pk, role="mentor", cohort=cohort.uuid) == "10+"
    assert told(unit=finance.pk, site=hamburg.pk, role="mentee", cohort=cohort.uuid) == "5+"
    assert told(grade=factories.grade(4).pk) == "10+"
    assert told(grade=factories.grade(4).pk, unit=sales.pk) == "Not shown"
    response = client.get(page_of(cohort.programme, grade=factories.grade(4).pk, unit=sales.pk))
    assert "nothing is shown of them" in words(response)
    assert "What is told of a part" in words(response)
    assert "Against the goals set at the start" not in words(response)


def test_units_hold_those_below_them_and_are_chosen_step_by_step(client, now):
    cohort = factories.cohort()
    company_unit = factories.unit("The company")
    tree = {"Finance": company_unit, "Accounts": "Finance", "Tax": "Finance", "Sales": company_unit}
    units = {"The company": company_unit}
    for name, parent in tree.items():
        units[name] = factories.unit(name)
        units[name].parent = units.get(parent, parent)
        units[name].save()
    for name, number in {"Finance": 3, "Accounts": 5, "Tax": 2, "Sales": 5}.items():
        for _number in range(number):
            factories.enrolment(cohort, factories.person(unit=units[name]))
    company.count()
    client.force_login(company.sponsor(cohort.programme))
    page = client.get(page_of(cohort.programme)).context["page"]
    assert [(choice.label, choice.depth) for choice in page.choices["unit"]] == [("Finance", 0), ("Sales", 0)]
    assert [(row.bar.label, row.bar.text) for row in page.reach[0].rows] == [
        ("Finance", "10+"),
        ("Sales", "5+"),
    ]
    page = client.get(page_of(cohort.programme, unit=units["Finance"].pk)).context["page"]
    assert page.course[2].text == "10+"
    assert [(choice.label, choice.depth) for choice in page.choices["unit"]] == [
        ("Finance", 0),
        ("Accounts", 1),
        ("Sales", 0),
    ]
    assert [(row.bar.label, row.bar.text) for row in page.reach[0].rows] == [("Accounts", "5+")]
    below = page.reach[0].rows[0].bar.url
    page = client.get(page_of(cohort.programme) + below).context["page"]
    assert page.view.unit == units["Accounts"].pk
    assert [row.bar.url for row in page.reach[0].rows] == [""]


def test_reach_names_parts_of_the_company_that_do_not_take_part_like_those_with_few(client, now):
    cohort = factories.cohort()
    for unit, taking_part in (("Finance", 11), ("Legal", 2), ("Sales", 0)):
        for number in range(12):
            person = factories.person(unit=factories.unit(unit))
            if number < taking_part:
                factories.enrolment(cohort, person, role=Role.MENTOR)
    company.count()
    client.force_login(company.sponsor(cohort.programme))
    units = client.get(page_of(cohort.programme)).context["page"].reach[0]
    assert [(row.bar.label, row.bar.text, row.in_company) for row in units.rows] == [
        ("Finance", "10+", "33 %")
    ]
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
    company.count()
    client.force_login(head)
    with django_assert_num_queries(34):
        client.get(page_of(programme))
