"""A company that has mentored for two years, drawn from a seed and loaded by COPY: 200,000 people in 2,400
departments, ten programmes of twenty cohorts each, 44,000 enrolments, 20,000 mentorships that were confirmed
(a fifth of them in one programme), and around them what people do: goals and check-ins, pulses, agreements,
profiles, notices, looks back. Meetings come by `meet`, as many as asked for, and more later.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import numpy as np
from django.core.management import call_command

from benchmarks.people import DEPARTMENTS, write_company
from benchmarks.population.draw import COHORTS, PROGRAMMES, WEEK, WORDS, Draw, enrolled
from participants.models import Grade, Person
from programmes.models import Cohort, GroundRule, Objective, Programme, ProgrammeRole

SEED = 1
LARGEST = 0.2
"""The share of all mentorships that lie in the first programme."""
COURSE = timedelta(weeks=52)


@dataclass
class Company:
    """What was built, as far as more can be added to it and pages of it can be asked for."""

    at: datetime
    coordinator: Person
    programme: Programme
    """The largest."""
    begin: np.ndarray
    end: np.ndarray
    """Between which times each mentorship meets; those of the largest programme come first."""
    meeting: np.ndarray
    """Indices of the mentorships that ever meet."""
    meetings: int = 0
    confirmations: int = 0
    logs: int = 0
    refreshes: int = 0
    """Of the rollups, an hour apart."""
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(SEED))


def build(folder: Path, *, people: int = 200_000, mentorships: int = 20_000) -> Company:
    """Everything but meetings. The ids of mentorship `i` (from 0), its agreement and its version are i + 1;
    those of its mentor and its mentee, as enrolments and as members, 2i + 1 and 2i + 2."""
    rng = np.random.default_rng(SEED)
    at = datetime.now(UTC).replace(microsecond=0)
    write_company(folder / "people.csv", people)
    call_command("import_people", str(folder / "people.csv"), stdout=StringIO())
    for rank, grade in enumerate(Grade.objects.order_by("name"), 1):
        Grade.objects.filter(pk=grade.pk).update(rank=rank)
    pks = np.array(Person.objects.order_by("external_id").values_list("pk", flat=True))
    coordinator = Person.objects.get(external_id=f"E{people // 400:07}")
    cohorts = programmes(at, coordinator, Person.objects.get(external_id=f"E{people // 400 + 1:07}"))
    largest = round(mentorships * LARGEST)
    sizes = np.concatenate([dealt(largest, COHORTS), dealt(mentorships - largest, len(cohorts) - COHORTS)])
    mentors, mentees = sides(rng, people, sizes)
    draw = Draw(rng, at, cohorts, sizes)
    draw.enrolments(pks[mentors], pks[mentees])
    draw.mentorships()
    draw.agreements()
    draw.goals()
    draw.pulses()
    draw.looks_back()
    draw.around(pks[mentors], pks[mentees])
    ends = np.where(draw.closed, draw.closed_at, np.datetime64(at.replace(tzinfo=None)) + 4 * WEEK)
    return Company(
        at=at,
        coordinator=coordinator,
        programme=cohorts[0].programme,
        begin=draw.confirmed_at + WEEK,
        end=np.maximum(ends, draw.confirmed_at + 2 * WEEK),
        meeting=np.flatnonzero(rng.random(draw.count) < 0.97),
        rng=rng,
    )


def programmes(at: datetime, coordinator: Person, confidant: Person) -> list[Cohort]:
    """Cohorts of a year each, that began in the last two years; those of the largest programme first."""
    made = []
    for number in range(PROGRAMMES):
        programme = Programme.objects.create(
            name_en=f"Programme {number}", name_de=f"Programm {number}", uses_offers=number % 2 == 0
        )
        ProgrammeRole.objects.create(programme=programme, person=coordinator, role="coordinator")
        ProgrammeRole.objects.create(programme=programme, person=confidant, role="confidant")
        for position, kind in enumerate(GroundRule.Kind.values):
            GroundRule.objects.create(
                programme=programme, kind=kind, position=position, text_en=WORDS, text_de=WORDS
            )
        Objective.objects.bulk_create(
            Objective(programme=programme, position=position, statement_en=measure, target=target, **fields)
            for position, (measure, target, fields) in enumerate(
                [
                    ("pulse", 4, {"measure": "pulse", "dimension": "communication"}),
                    ("meetings", 80, {"measure": "meetings"}),
                    ("goals", 60, {"measure": "goals", "baseline": 0}),
                    ("question", 4, {"measure": "question", "question_en": "Would you ask a junior?"}),
                ]
            )
        )
        for run in range(COHORTS):
            starts = at.date() - timedelta(days=round(730 - 700 * (run + number / PROGRAMMES) / COHORTS))
            made.append(
                Cohort(
                    programme=programme,
                    name=f"Run {run}",
                    state="closed" if starts + COURSE < at.date() else "running",
                    enrolment_opens_on=starts - timedelta(days=60),
                    enrolment_closes_on=starts - timedelta(days=20),
                    starts_on=starts,
                    ends_on=starts + COURSE,
                    meetings_planned=12,
                )
            )
    return Cohort.objects.bulk_create(made)


def dealt(count: int, hands: int) -> np.ndarray:
    return np.diff(np.arange(hands + 1) * count // hands)


def sides(rng: np.random.Generator, people: int, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of those who enrol as mentors and as mentees, cohort after cohort. The people of a cohort
    come from some twenty departments for each role, which are not the same."""
    places = enrolled(sizes)
    cohort = np.repeat(np.arange(len(sizes)), places)
    order = rng.permutation(DEPARTMENTS)
    junior = np.arange(people // 2, people)
    senior = np.arange(people // 200, people // 2)
    found = []
    for side, shift in ((junior, 0), (senior, DEPARTMENTS // 3)):
        some = rng.choice(side, places.sum(), replace=False)
        some = some[np.argsort((order[some % DEPARTMENTS] + shift) % DEPARTMENTS, kind="stable")]
        found.append(some[np.lexsort([rng.random(len(some)), cohort])])
    return found[0], found[1]
