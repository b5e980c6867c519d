"""A reader who walks through pages and files over HTTP while people come and go, writes down every figure,
and compares with what is really there: counted anew here, person by person, without the product's queries."""

import csv
import html
import io
import re
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import product
from random import Random
from unittest.mock import patch

import openpyxl
import pytest
from django.db import IntegrityError, models, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from goals.models import CheckIn, Goal
from insights.counting import Health, Step
from insights.disclosure import AtLeast
from matching.models import Mentorship
from meetings.models import Meeting
from participants.models import Person, Unit
from programmes.models import Cohort, Enrolment, Programme, Role
from tests import factories
from tests.insights import company
from tests.insights.company import AT
from tests.insights.test_report import Attacker

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
SECRET_WORD = "Zaunkoenig"
STEPS = (Step.INVITED, Step.ACCEPTED, Step.MATCHED, Step.FIRST)
PLACE_OF_STEP = {step: place for place, step in enumerate(Step.values)}
Figures = dict[tuple[str, str], str]


@dataclass
class World:
    programme: Programme
    cohorts: list[Cohort]
    units: dict[str, int]
    sites: list[int]
    readers: dict[str, Client]
    dice: Random
    people: list[tuple[Enrolment, int]] = field(default_factory=list)
    """As they were counted, with how far they came."""


def somebody(world: World) -> Person:
    return factories.person(
        unit_id=world.dice.choice([*world.units.values()][1:]),
        site_id=world.dice.choice(world.sites),
        grade=factories.grade(world.dice.choice([1, 2])),
    )


def a_world(dice: Random, threshold: int) -> World:
    top = factories.unit("The company")
    units = {"The company": top.pk}
    for name, parent in (("Finance", top), ("Sales", top), ("Accounts", None)):
        unit = factories.unit(name)
        unit.parent_id = parent.pk if parent else units["Finance"]
        unit.save()
        units[name] = unit.pk
    programme = factories.programme(smallest_group=threshold)
    cohorts = [factories.cohort(programme=programme) for _number in range(2)]
    head = factories.person()
    Unit.objects.filter(pk=units["Finance"]).update(head=head)
    readers = {"hr": factories.hr_admin(), "sponsor": company.sponsor(programme), "head": head}
    clients = {name: Client() for name in readers}
    for name, person in readers.items():
        clients[name].force_login(person)
    sites = [factories.site("Hamburg").pk, factories.site("Vienna").pk]
    world = World(programme, cohorts, units, sites, clients, dice)
    for cohort in cohorts:
        for _number in range(dice.randint(6, 14)):
            join(world, cohort)
        for _number in range(dice.randint(0, 9)):
            factories.enrolment(cohort, somebody(world), role=dice.choice(Role.values))
    twice = Person.objects.filter(enrolments__cohort=cohorts[0]).exclude(enrolments__cohort=cohorts[1])
    for person in twice[:3]:
        factories.enrolment(cohorts[1], person, role=Role.MENTOR)
    return world


def join(world: World, cohort: Cohort) -> None:
    state = world.dice.choice(["active", "active", "active", "completed", "ended", "paused"])
    people = {"mentor": somebody(world), "mentee": somebody(world)}
    made = company.mentorship(cohort, state=state, held=world.dice.randint(0, 3), people=people)
    company.goal(made, [world.dice.randint(-2, 2)], state=world.dice.choice(["open", "attained"]))


def mark_free_text() -> None:
    for model in (Goal, CheckIn, Meeting, Mentorship, Enrolment, Person):
        named = {
            field.name: SECRET_WORD
            for field in model._meta.concrete_fields
            if field.name in ("name", "given_name", "title", "hopes", "topic", "comment", "obstacle")
            or isinstance(field, models.TextField)
        }
        # Readers take no part, and read their own names in the menu.
        rows = model.objects.filter(enrolments__isnull=False) if model is Person else model.objects.all()
        model.objects.filter(pk__in=[one.pk for one in rows]).update(**named)


# --- What is really there ----------------------------------------------------------------


def held(mentorship: Mentorship) -> int:
    return sum(
        not one.cancelled_at and {said.answer for said in one.confirmations.all()} == {"yes"}
        for one in mentorship.meetings.all()
    )


def furthest(enrolment: Enrolment) -> int:
    reached = PLACE_OF_STEP[Step.ACCEPTED]
    for membership in enrolment.memberships.all():
        number, planned = held(membership.mentorship), enrolment.cohort.meetings_planned
        place = Step.SIGNED
        if number:
            place = Step.FIRST
        if number and 2 * number >= planned:
            place = Step.COMPLETED if membership.mentorship.state == "completed" else Step.HALF
        reached = max(reached, PLACE_OF_STEP[place])
    return reached


def people_of(world: World) -> list[tuple[Enrolment, int]]:
    there = Enrolment.objects.filter(cohort__in=world.cohorts).select_related("person", "cohort")
    there = there.prefetch_related("memberships__mentorship__meetings__confirmations")
    return [(one, furthest(one)) for one in there]


def below(world: World, unit: int | None) -> set[int]:
    if unit == world.units["The company"]:
        return set(world.units.values())
    return {unit, world.units["Accounts"]} if unit == world.units["Finance"] else {unit}


def is_in(world: World, enrolment: Enrolment, view: dict) -> bool:
    person = enrolment.person
    return (
        view.get("role", enrolment.role) == enrolment.role
        and ("unit" not in view or person.unit_id in below(world, view["unit"]))
        and view.get("site", person.site_id) == person.site_id
        and view.get("grade", person.grade_id) == person.grade_id
        and str(view.get("cohort", enrolment.cohort.uuid)) == str(enrolment.cohort.uuid)
    )


def true_counts(world: World, view: dict) -> dict[str, set[int]]:
    """By label of a step or a state of mentorships: who."""
    inside = [(one, place) for one, place in world.people if is_in(world, one, view)]
    found = {
        step.label: {one.person_id for one, place in inside if place >= PLACE_OF_STEP[step]} for step in Step
    }
    of_a_part = view.keys() & {"unit", "site", "grade"}
    asked = view if of_a_part else {key: one for key, one in view.items() if key != "role"}
    members = {
        membership.mentorship
        for one, _place in world.people
        if is_in(world, one, asked)
        for membership in one.memberships.all()
    }
    found["Mentorships"] = {one.pk for one in members}
    for health in (Health.COMPLETED, Health.ENDED, Health.PAUSED):
        found[health.label] = {one.pk for one in members if one.state == health}
    return found


# --- What a reader sees ------------------------------------------------------------------


def page(world: World, reader: str, view: dict) -> str | None:
    response = world.readers[reader].get(reverse("insights:programme", args=[world.programme.uuid]), view)
    return response.content.decode() if response.status_code == 200 else None


def file(world: World, reader: str, view: dict, kind: str = "csv") -> list[list[str]]:
    url = reverse("insights:download", args=[world.programme.uuid, kind])
    content = world.readers[reader].get(url, view).content
    if kind == "csv":
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    rows = openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)
    return [[cell or "" for cell in row] for row in rows]


def figures(rows: list[list[str]]) -> Figures:
    return {(about, figure): value for about, figure, value in rows[2:]}


def number(text: str) -> int:
    found = re.fullmatch(r"([\d,]+)\+", text)
    return int(found[1].replace(",", "")) if found else 0


def body(text: str) -> str:
    """Without what says when it was counted, and without tokens."""
    return re.sub(r'Last counted on [^.]*\.|csrf\w*"?[^>]*|nonce="[^"]*"', "", text)


def some_view(world: World, dice: Random) -> dict:
    offered = {
        "role": Role.values,
        "unit": [*world.units.values()],
        "site": world.sites,
        "grade": [factories.grade(rank).pk for rank in (1, 2)],
        "cohort": [str(one.uuid) for one in world.cohorts],
    }
    chosen = dice.sample(sorted(offered), dice.randint(0, 3))
    return {name: dice.choice(offered[name]) for name in chosen}


def look(world: World, reader: str, view: dict) -> tuple[str, Figures] | None:
    """The page, and the figures of its file; both say the same however the view is asked for."""
    shown = page(world, reader, view)
    if shown is None:
        return None
    rows = file(world, reader, view)
    words = re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", shown)))
    assert SECRET_WORD not in shown + str(rows)
    for _about, figure, value in rows[2:]:
        assert value in words or value == "under one", (figure, value)
    assert file(world, reader, dict(reversed(view.items()))) == rows
    return body(shown), figures(rows)


def holds(world: World, view: dict, seen: Figures, threshold: int) -> None:
    for label, who in true_counts(world, view).items():
        about = "The course" if label in {step.label for step in Step} else "How the mentorships are"
        shown = number(seen[about, label])
        assert shown <= len(who), (view, label)
        assert shown % threshold == 0
        if len(who) < threshold:
            assert seen[about, label] == "Not shown", (view, label)


def some_change(world: World, few: int) -> None:
    """What happens to fewer people than the threshold."""
    match world.dice.choice(["join", "move", "end", "meet"]):
        case "join":
            for _number in range(few):
                factories.enrolment(world.cohorts[0], somebody(world))
        case "move":
            for one in Enrolment.objects.filter(cohort=world.cohorts[0]).order_by("pk")[:few]:
                Person.objects.filter(pk=one.person_id).update(site=world.sites[0])
        case "end":
            some = Mentorship.objects.filter(cohort=world.cohorts[0]).order_by("pk")[: few // 2]
            Mentorship.objects.filter(pk__in=[one.pk for one in some]).update(state="ended")
        case "meet":
            for one in Mentorship.objects.filter(cohort=world.cohorts[0]).order_by("pk")[: few // 2]:
                company.meeting(one, AT - timedelta(days=3), ["yes"])


def walk(dice: Random, threshold: int) -> None:
    world = a_world(dice, threshold)
    mark_free_text()
    company.count()
    world.people = people_of(world)
    views = [("sponsor", {}), *((dice.choice(["hr", "sponsor"]), some_view(world, dice)) for _ in range(4))]
    first = [look(world, *one) for one in views]
    for (_reader, view), (_page, seen) in zip(views, first, strict=True):
        holds(world, view, seen, threshold)
    assert file(world, *views[1], "xlsx") == file(world, *views[1])
    if of_finance := look(world, "head", {}):
        assert file(world, "head", {"unit": world.units["Sales"]})[2:] == file(world, "head", {})[2:]
        holds(world, {"unit": world.units["Finance"]}, of_finance[1], threshold)
    betrays_nobody(world, threshold)
    some_change(world, dice.randint(2, 4))
    company.count(AT + HOUR)
    for one, (_page, seen) in zip(views, first, strict=True):
        again = figures(file(world, *one))
        changed = {key for key in seen if again[key] != seen[key]}
        # The make-up of the company is no figure of a programme: it is as the directory says.
        assert {about for about, figure in changed if not figure.endswith("In the company")} == set()


def betrays_nobody(world: World, threshold: int) -> None:
    """The course of one cohort, by role, unit and site, from files alone."""
    units = [world.units[name] for name in ("Finance", "Sales", "Accounts")]
    cells = list(product(Role.values, units, world.sites, STEPS))
    attacker, small = Attacker(threshold), {}
    for role, unit, site in product(("", *Role.values), (None, units[0]), (None, world.sites[0])):
        asked = {"cohort": str(world.cohorts[0].uuid), "role": role, "unit": unit, "site": site}
        view = {name: one for name, one in asked.items() if one}
        seen = figures(file(world, "sponsor", view))
        truth = true_counts(world, view)
        before = AtLeast(10**6)
        for step in STEPS:
            inside = [
                cell
                for cell in cells
                if role in ("", cell[0])
                and (not unit or cell[1] in below(world, unit))
                and site in (None, cell[2])
                and PLACE_OF_STEP[cell[3]] >= PLACE_OF_STEP[step]
            ]
            shown = AtLeast(number(seen["The course", step.label]))
            if shown.number < before.number:
                attacker.sees(inside, (role, unit, site), shown, step)
            before = shown
            if 0 < len(truth[step.label]) < threshold:
                small[role, unit, site, step] = inside
    for key in world.dice.sample(sorted(small, key=str), min(2, len(small))):
        assert not attacker.betrays(small[key]), key


@pytest.mark.parametrize("threshold", [5, 8])
@settings(
    deadline=None,
    max_examples=2,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(seed=st.integers(0, 10**9))
def test_whoever_walks_through_pages_and_files_learns_of_no_small_group(threshold, seed):
    with patch("django.utils.timezone.now", lambda: AT), transaction.atomic():
        walk(Random(seed), threshold)
        transaction.set_rollback(True)


def test_no_threshold_under_five_in_the_form_nor_in_the_database():
    programme = factories.programme()
    programme.smallest_group = 4
    with pytest.raises(Exception, match="greater than or equal to 5"):
        programme.full_clean()
    with pytest.raises(IntegrityError, match="programme_smallest_group"), transaction.atomic():
        programme.save()
